"""What the pages read, each answer kept for a moment so that many open tabs cost the database no more than one.

An answer is never older than its ttl; errors are not kept, so a database that comes back is seen at once.
"""

import asyncio
from uuid import UUID

import streamlit as st

from chorus.domain.canon import Fact, Finding
from chorus.domain.endpoint import Traffic
from chorus.domain.experiment import ExperimentCard
from chorus.domain.llm_call import LLMCall
from chorus.domain.metrics import CallFilter, Choices, Foreseen, GroupedBy, StoryCost, Sums
from chorus.domain.report import StoryReport
from chorus.domain.run import (
    LiveDraft,
    OpenRun,
    ReviewItem,
    ReviewKind,
    ReviewStatus,
    Run,
    RunEvent,
    RunStatus,
    RunSummary,
)
from chorus.domain.saved_view import SavedView
from chorus.domain.story import (
    Chapter,
    Character,
    CharacterState,
    Manuscript,
    Origin,
    Outline,
    Relationship,
    Revision,
    Scene,
    Story,
    WorldElement,
)
from chorus.domain.trace import REUSED, Reuse, Span, reuses_of
from chorus.domain.value import Value
from chorus.domain.worker import Queue, Worker
from chorus.experiments.outcome import Outcome
from chorus.store import CallPoint, StoryCard, Transaction
from chorus.studio import Studio
from chorus.ui.backend import backend
from chorus.ui.chronology import count_mentions

TITLES_LIMIT = 3_000
"""How many stories a filter offers by name; whichever a link names comes on top of them."""
SHELF_SIZE = 24
EVENT_LIMIT = 40
OPEN_LIMIT = 50
QUESTION_LIMIT = 15
POINT_LIMIT = 500
ADDING_S = 1.0
"""How long whoever looks at metrics waits for days to be added up."""
RUN_LIMIT = 200
EXPERIMENT_LIMIT = 100


class Shelf(Value):
    """One page of the library; ``first`` is the place of its first card among those ``found``, from 1.

    ``stories`` and ``words`` are all but those of experiments, which are ``tried``; ``costs`` those of the cards.
    """

    stories: int
    words: int
    tried: int
    found: int
    first: int
    cards: tuple[StoryCard, ...]
    costs: dict[UUID, StoryCost]


class Progress(Value):
    """A story as its page shows it. ``run`` and ``summary`` are None for an imported story."""

    story: Story
    run: Run | None
    summary: RunSummary | None
    chapters: tuple[Chapter, ...]
    scenes: tuple[Scene, ...]
    events: tuple[RunEvent, ...]
    drafts: tuple[LiveDraft, ...] = ()
    questions: tuple[ReviewItem, ...] = ()


class SceneFile(Value):
    """One scene with all its texts, the oldest first, and everything that led to them."""

    story: Story
    chapter: Chapter
    scene: Scene
    scenes: int
    revisions: tuple[Revision, ...]
    calls: tuple[LLMCall, ...]
    findings: tuple[Finding, ...]
    run: Run | None = None

    @property
    def current(self) -> Revision | None:
        """The text that readers see."""
        return next((revision for revision in self.revisions if revision.id == self.scene.revision_id), None)


class Codex(Value):
    """What holds in a story at the end of scene ``as_of``."""

    story: Story
    world: tuple[WorldElement, ...]
    cast: tuple[Character, ...]
    ties: tuple[Relationship, ...]
    scenes: tuple[Scene, ...]
    states: tuple[CharacterState, ...]
    facts: tuple[Fact, ...]
    as_of: int


class Mentions(Value):
    """How often each of a cast is named, by name, in each of these scenes."""

    scenes: tuple[int, ...]
    counted: dict[str, tuple[int, ...]]


class Question(Value):
    """A question with what a person needs to answer it.

    ``text``: what it is about; ``current``: what readers see now; ``others``: texts that findings quote, by scene.
    """

    item: ReviewItem
    story: Story
    run: Run | None
    scene: Scene | None
    outline: Outline | None
    text: Revision | None
    current: Revision | None
    findings: tuple[Finding, ...]
    others: dict[int, str]


class Questions(Value):
    """One page of questions; ``more``: there is another one after it."""

    asked: tuple[Question, ...]
    more: bool


class Staff(Value):
    """Who works, on what, and what waits."""

    workers: tuple[Worker, ...]
    queue: Queue
    runs: tuple[OpenRun, ...]
    traffic: Traffic = Traffic()


class Trace(Value):
    """A run and its calls in time, and the answers it used again."""

    summary: RunSummary
    spans: tuple[Span, ...]
    reuses: tuple[Reuse, ...] = ()


class Ledger(Sums):
    """What the calls that are meant add up to, what was foreseen of it, and the newest of them."""

    foreseen: tuple[Foreseen, ...]
    points: tuple[CallPoint, ...]


@st.cache_data(ttl=5, max_entries=1, show_spinner="Opening the library…")
def titles() -> dict[UUID, str]:
    """The titles of the stories that are no experiment's, the latest first."""

    async def ask(studio: Studio) -> dict[UUID, str]:
        async with studio.store.reading() as tx:
            return await tx.stories.list_titles(TITLES_LIMIT)

    return backend().run(ask)


@st.cache_data(ttl=30, max_entries=200, show_spinner=False)
def title_of(story_id: UUID) -> str:
    """The title of a story. Raises NotFound."""

    async def ask(studio: Studio) -> str:
        async with studio.store.reading() as tx:
            return (await tx.stories.load(story_id)).title

    return backend().run(ask)


@st.cache_data(ttl=2, max_entries=64, show_spinner="Opening the library…")
def shelf(words: str, status: RunStatus | Origin | None, page: int, *, tried: bool = False) -> Shelf:
    """One page of the library, from 1, the latest stories first; those of experiments stand apart (``tried``)."""

    async def ask(studio: Studio) -> Shelf:
        async with studio.store.transaction() as tx:
            stories, written = await tx.stories.measure_library()
            of_trials = await tx.stories.count_cards(tried=True)
            wanted = words.strip() or status or tried
            found = await tx.stories.count_cards(words=words, status=status, tried=tried) if wanted else stories
            offset = SHELF_SIZE * min(page - 1, max(0, found - 1) // SHELF_SIZE)
            cards = await tx.stories.list_cards(SHELF_SIZE, offset, words=words, status=status, tried=tried)
            return Shelf(
                stories=stories,
                words=written,
                tried=of_trials,
                found=found,
                first=offset + 1,
                cards=tuple(cards),
                costs=await tx.metrics.costs([card.id for card in cards]),
            )

    return backend().run(ask)


@st.cache_data(ttl=5.0, max_entries=200, show_spinner=False)
def standing(story_id: UUID) -> StoryReport:
    """How a story stands. Raises NotFound."""
    return backend().run(lambda studio: studio.load_report(story_id))


@st.cache_data(ttl=0.9, max_entries=200, show_spinner=False)
def progress(story_id: UUID) -> Progress:
    """How far a story is. Raises NotFound."""

    async def ask(studio: Studio) -> Progress:
        async with studio.store.transaction() as tx:
            story = await tx.stories.load(story_id)
            outline = await tx.stories.load_outline(story_id)
            run = await tx.runs.find_latest(story_id)
            asked = await tx.runs.list_questions(story_id=story_id) if run and run.status is RunStatus.PAUSED else []
            return Progress(
                story=story,
                run=run,
                summary=await tx.runs.summarise(run.id) if run else None,
                chapters=outline.chapters,
                scenes=outline.scenes,
                events=tuple(await tx.runs.list_latest_events(run.id, EVENT_LIMIT)) if run else (),
                drafts=tuple(await tx.runs.list_drafts(run.id)) if run and run.status is RunStatus.RUNNING else (),
                questions=tuple(item for item in asked if run and item.run_id == run.id),
            )

    return backend().run(ask)


@st.cache_data(ttl=3, max_entries=1, show_spinner=False)
def staff() -> Staff:
    """Who works, and what waits."""

    async def ask(studio: Studio) -> Staff:
        async with studio.store.transaction() as tx:
            return Staff(
                workers=tuple(await tx.jobs.list_workers()),
                queue=await tx.jobs.queue(),
                runs=tuple(await tx.runs.list_open(OPEN_LIMIT)),
                traffic=await tx.endpoints.load_traffic(),
            )

    return backend().run(ask)


@st.cache_data(ttl=2, max_entries=32, show_spinner="Opening the manuscript…")
def manuscript(story_id: UUID) -> Manuscript:
    """A story as a reader meets it. Raises NotFound."""
    return backend().run(lambda studio: studio.load_manuscript(story_id))


@st.cache_data(ttl=5, max_entries=32, show_spinner="Opening the codex…")
def codex(story_id: UUID, as_of: int | None) -> Codex:
    """What holds in a story at the end of a scene, None: of the last one that is written. Raises NotFound."""

    async def ask(studio: Studio) -> Codex:
        async with studio.store.transaction() as tx:
            story = await tx.stories.load(story_id)
            outline = await tx.stories.load_outline(story_id)
            written = [scene.number for scene in outline.scenes if scene.revision_id]
            at = max(written, default=0) if as_of is None else min(as_of, len(outline.scenes))
            return Codex(
                story=story,
                world=tuple(await tx.stories.list_world(story_id)),
                cast=tuple(await tx.stories.list_characters(story_id)),
                ties=tuple(await tx.stories.list_relationships(story_id)),
                scenes=outline.scenes,
                states=tuple(await tx.canon.list_states(story_id, at)),
                facts=tuple(await tx.canon.list_facts(story_id, at)),
                as_of=at,
            )

    return backend().run(ask)


@st.cache_data(ttl=30, max_entries=16, show_spinner="Counting the names…")
def mentions(story_id: UUID) -> Mentions:
    """How often each of the cast is named in each scene, in story order. Raises NotFound."""

    async def ask(studio: Studio) -> Mentions:
        async with studio.store.transaction() as tx:
            manuscript = await tx.stories.load_manuscript(story_id)
            cast = await tx.stories.list_characters(story_id)
        scenes = [scene for chapter in manuscript.chapters for scene in chapter.scenes]
        texts = [scene.text for scene in scenes]
        return Mentions(
            scenes=tuple(scene.number for scene in scenes),
            counted={one.name: tuple(await asyncio.to_thread(count_mentions, one, texts)) for one in cast},
        )

    return backend().run(ask)


@st.cache_data(ttl=2, max_entries=16, show_spinner=False)
def questions(story_id: UUID | None, status: ReviewStatus, page: int) -> Questions:
    """What a person is asked, with where it comes from and both quotes in their places; a page of it, from 1.

    Open questions come the oldest first, answered ones the last answer first.
    """

    async def ask(studio: Studio) -> Questions:
        async with studio.store.transaction() as tx:
            if story_id:
                await tx.stories.load(story_id)
            items = await tx.runs.list_questions(
                story_id=story_id,
                status=status,
                limit=QUESTION_LIMIT + 1,
                offset=QUESTION_LIMIT * (page - 1),
                newest_first=status is not ReviewStatus.OPEN,
            )
            asked = [await _question(tx, item) for item in items[:QUESTION_LIMIT]]
            return Questions(asked=tuple(asked), more=len(items) > QUESTION_LIMIT)

    return backend().run(ask)


@st.cache_data(ttl=5, max_entries=1, show_spinner=False)
def proposing() -> list[tuple[UUID, str, int]]:
    """The stories with facts that wait for a person's word."""

    async def ask(studio: Studio) -> list[tuple[UUID, str, int]]:
        async with studio.store.transaction() as tx:
            return await tx.canon.list_proposing(OPEN_LIMIT)

    return backend().run(ask)


async def _question(tx: Transaction, item: ReviewItem) -> Question:
    story = await tx.stories.load(item.story_id)
    run = await tx.runs.load(item.run_id) if item.run_id else None
    outline = await tx.stories.load_outline(item.story_id)
    scene = next((scene for scene in outline.scenes if scene.id == item.scene_id), None)
    text = current = await tx.stories.load_revision(scene.revision_id) if scene and scene.revision_id else None
    about = item.details.get("revision_id")
    if about and item.kind is ReviewKind.FINDING:
        text = await tx.stories.load_revision(UUID(str(about)))
    findings = await tx.canon.list_findings(item.story_id, text.id) if text else []
    others: dict[int, str] = {}
    for number in {finding.other_scene for finding in findings if finding.other_scene}:
        other = next((each for each in outline.scenes if each.number == number), None)
        if other and other.revision_id:
            others[number] = (await tx.stories.load_revision(other.revision_id)).text
    return Question(
        item=item,
        story=story,
        run=run,
        scene=scene,
        outline=outline if item.kind is ReviewKind.OUTLINE else None,
        text=text,
        current=current,
        findings=tuple(findings),
        others=others,
    )


@st.cache_data(ttl=2, max_entries=32, show_spinner="Opening the scene…")
def scene_file(story_id: UUID, number: int) -> SceneFile:
    """One scene with its texts and what led to them. Raises NotFound."""

    async def ask(studio: Studio) -> SceneFile:
        async with studio.store.transaction() as tx:
            story = await tx.stories.load(story_id)
            scene = await tx.stories.load_scene(story_id, number)
            outline = await tx.stories.load_outline(story_id)
            findings = await tx.canon.list_findings(story_id)
            return SceneFile(
                story=story,
                chapter=next(chapter for chapter in outline.chapters if chapter.id == scene.chapter_id),
                scene=scene,
                scenes=len(outline.scenes),
                revisions=tuple(await tx.stories.list_revisions(scene.id)),
                calls=tuple(await tx.calls.list_of_scene(story_id, number)),
                findings=tuple(finding for finding in findings if finding.scene_id == scene.id),
                run=await tx.runs.find_latest(story_id),
            )

    return backend().run(ask)


@st.cache_data(ttl=3, max_entries=16, show_spinner=False)
def experiments(asked: UUID | None = None) -> list[ExperimentCard]:
    """The newest experiments, and the one that a link asked for."""

    async def ask(studio: Studio) -> list[ExperimentCard]:
        async with studio.store.reading() as tx:
            newest = await tx.experiments.list_cards(EXPERIMENT_LIMIT)
            there = asked is None or any(card.id == asked for card in newest)
            return newest if there else [*newest, *await tx.experiments.list_cards(1, only=asked)]

    return backend().run(ask)


@st.cache_data(ttl=10, max_entries=4, show_spinner=False)
def saved_views(page: str) -> list[SavedView]:
    """The views of a page that are kept under a name."""

    async def ask(studio: Studio) -> list[SavedView]:
        async with studio.store.reading() as tx:
            return await tx.saved_views.list_of(page)

    return backend().run(ask)


@st.cache_data(ttl=3, max_entries=16, show_spinner="Comparing the arms…")
def outcome(experiment_id: UUID) -> Outcome:
    """What came of an experiment so far. Raises NotFound."""
    return backend().run(lambda studio: studio.read_outcome(experiment_id))


@st.cache_data(ttl=2, max_entries=16, show_spinner="Following the run…")
def trace(run_id: UUID) -> Trace:
    """What happened when in a run. Raises NotFound."""

    async def ask(studio: Studio) -> Trace:
        async with studio.store.reading() as tx:
            return Trace(
                summary=await tx.runs.summarise(run_id),
                spans=tuple(await tx.calls.list_spans(run_id)),
                reuses=reuses_of(await tx.runs.list_events_of_kind(run_id, REUSED)),
            )

    return backend().run(ask)


@st.cache_data(ttl=30, max_entries=64, show_spinner=False)
def call(call_id: UUID) -> LLMCall:
    """One call with all that was said. Raises NotFound."""

    async def ask(studio: Studio) -> LLMCall:
        async with studio.store.reading() as tx:
            return await tx.calls.load(call_id)

    return backend().run(ask)


@st.cache_data(ttl=3, max_entries=1, show_spinner=False)
def runs() -> list[RunSummary]:
    """The newest runs."""

    async def ask(studio: Studio) -> list[RunSummary]:
        async with studio.store.reading() as tx:
            return await tx.runs.list_summaries(RUN_LIMIT)

    return backend().run(ask)


@st.cache_data(ttl=30, max_entries=1, show_spinner=False)
def choices() -> Choices:
    """What the calls can be filtered by."""

    async def ask(studio: Studio) -> Choices:
        async with studio.store.reading() as tx:
            return await tx.metrics.choices()

    return backend().run(ask)


@st.cache_data(ttl=5, max_entries=32, show_spinner="Adding the calls up…")
def ledger(wanted: CallFilter, by: GroupedBy) -> Ledger:
    """What the calls that are meant add up to. Raises NotFound."""

    async def ask(studio: Studio) -> Ledger:
        await studio.add_up_calls(within_s=ADDING_S)
        async with studio.store.transaction() as tx:
            if wanted.story_id:
                await tx.stories.load(wanted.story_id)
            sums = await tx.metrics.sums(wanted, by)
            return Ledger(
                **dict(sums),
                foreseen=tuple(await tx.metrics.foreseen(wanted)),
                points=tuple(await tx.calls.list_points(wanted, POINT_LIMIT)),
            )

    return backend().run(ask)
