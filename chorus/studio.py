"""The composition root: which parts there are, how they are wired, and the commands that touch two or more of them."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from chorus.agents import ContinuityEditor, SceneGenerator, StoryArchitect
from chorus.domain.budget import Scope, Unit
from chorus.domain.canon import MemoryKind
from chorus.domain.estimate import Estimate
from chorus.domain.report import StoryReport
from chorus.domain.run import OF_A_RUN, Lease, Run, RunSettings, RunStatus, RunSummary, budget_field
from chorus.domain.search import Grouping, Hits, MemoryFilter, Weights
from chorus.domain.story import Manuscript, Story
from chorus.domain.value import Value, now, storable
from chorus.editing import Editing, Planning
from chorus.embedded import SILENT, SLOT_TOKENS, EmbeddedEmbedder, EmbeddedModel, EmbeddedPostgres, Progress
from chorus.errors import DatabaseUnavailable, InvalidInput, NotAllowed, SchemaMismatch
from chorus.experiments.commands import Experimenting
from chorus.export import StoryBundle
from chorus.importing import ParsedManuscript, read_source
from chorus.llm import Endpoint, Gateway, configured_endpoint, open_embedder, open_gateway
from chorus.logs import bound
from chorus.memory import Embedder, Recall
from chorus.pipeline import steer
from chorus.pipeline.claim import PATIENCE_S, claim, this_process
from chorus.pipeline.desk import Crew, Desk
from chorus.pipeline.estimate import estimate_run, foretell
from chorus.pipeline.fleet import StoreFleet
from chorus.pipeline.ledger import StoreLedger
from chorus.pipeline.manuscript import begin, kept_alive, story_of
from chorus.pipeline.rollback import roll_back
from chorus.pipeline.stop import Stop
from chorus.pipeline.telemetry import Collector
from chorus.pipeline.watcher import NOBODY, Watcher
from chorus.settings import ChorusConfig, headers_of, load_config
from chorus.store import Database, SchemaState, schema_state, upgrade

LONGEST_PREMISE = 20_000
LONGEST_LANGUAGE = 60
LONGEST_STYLE = 2_000
LONGEST_STYLE_SAMPLE = 10_000
LONGEST_POINT = 200
MOST_POINTS = 20
LONGEST_QUERY = 4_000
MOST_HITS = 200
OUTAGE_S = 60.0
OUTAGES_ENDURED = 5
FRUITFUL_S = 3.0
"""So long between two outages, and work goes on in spite of them."""


class ImportSummary(Value):
    """What ``import`` prints."""

    story_id: UUID
    title: str
    scenes: int
    words: int


class Studio(Editing, Planning, Experimenting):
    """Everything that can be done with stories. Made by ``open_studio``."""

    def __init__(
        self, config: ChorusConfig, store: Database, gateway: Gateway, embedder: Embedder, postgres: EmbeddedPostgres
    ) -> None:
        """Hold the parts; nothing is started here."""
        self.config = config
        self.store = store
        self.gateway = gateway
        self._embedder = embedder
        self._recall = Recall(store, embedder)
        self._postgres = postgres
        self._reviving = asyncio.Lock()
        self._collector = _collector_of(config, store)

    def for_reading(self) -> "Studio":
        """This studio as a viewer has it: whatever would change something is refused (NotAllowed)."""
        return Studio(self.config, self.store.for_reading(), self.gateway, self._embedder, self._postgres)

    # --- runs

    async def start_run(  # noqa: PLR0913 - what a story is asked to be, by name
        self,
        premise: str,
        *,
        title: str | None = None,
        language: str = "English",
        style: str = "",
        style_sample: str = "",
        avoid: Sequence[str] = (),
        settings: RunSettings | None = None,
        dispatch: bool = False,
        priority: int = 0,
    ) -> Run:
        """Keep a new story and a queued run for it; ``dispatch`` hands it to the workers, the highest priority first.

        Raises:
            InvalidInput: the premise is empty or too long.
        """
        text = storable(premise).strip()
        if not text:
            raise InvalidInput("The premise is empty: say in a sentence or two what the story is about.")
        if len(text) > LONGEST_PREMISE:
            raise InvalidInput(
                f"The premise has {len(text):,} characters, and at most {LONGEST_PREMISE:,} are read: shorten it, "
                "or import a finished text with `chorus import`."
            )
        story = Story(
            title=storable(title or "").strip()[:200],
            premise=text,
            language=storable(language).strip()[:LONGEST_LANGUAGE] or "English",
            style=storable(style).strip()[:LONGEST_STYLE],
            style_sample=storable(style_sample).strip()[:LONGEST_STYLE_SAMPLE],
            avoid=tuple(point.strip()[:LONGEST_POINT] for point in map(storable, avoid) if point.strip())[:MOST_POINTS],
        )
        asked = settings or self.default_settings()
        foreseen = (await self.estimate(asked)).model_dump(mode="json")
        run = Run(story_id=story.id, settings=asked, priority=priority, estimate=foreseen)
        async with self.store.transaction() as tx:
            await tx.stories.add(story)
            await tx.runs.add(run)
            return await steer.dispatch(tx, run.id) if dispatch else run

    async def estimate(self, settings: RunSettings) -> Estimate:
        """Foresee tokens, cost and time of a run, from earlier ones where there are some; kept with each run."""
        return await estimate_run(self.store, self.config, settings)

    async def foretell(self, run: Run) -> Run:
        """Keep with a run of a story that is there already what it will take."""
        return await foretell(self.store, self.config, run)

    def default_settings(self, **chosen: object) -> RunSettings:
        """The settings of a run as configured, with what was ``chosen`` in place of it."""
        configured: dict[str, object] = {
            "concurrency": self.config.system.scene_concurrency,
            "temperature": self.config.llm.temperature,
            "context_tokens": self._context_tokens(),
        }
        for scope, unit in product(OF_A_RUN, Unit):
            configured[budget_field(scope, unit)] = getattr(self.config.system, f"{scope}_budget_{unit.lower()}")
        return RunSettings.model_validate({**configured, **chosen})

    def _context_tokens(self) -> int:
        """As configured; of what the embedded model reads half at most, for scene and answer need the other half."""
        asked = self.config.llm.context_tokens
        return asked if configured_endpoint(self.config, "scene_generator") else min(asked, SLOT_TOKENS // 2)

    async def work_on(
        self, run_id: UUID, watcher: Watcher = NOBODY, *, for_workers: bool = False, stop: Stop | None = None
    ) -> RunSummary:
        """Claim a run and work on it in this process until it is over or paused; goes on where it stood.

        ``for_workers``: only if it was handed to the workers, and at once or not at all. ``stop`` may end it in order.

        Raises:
            NotFound: there is no such run.
            Conflict: it is over, or another process works on it.
            DatabaseUnavailable: the database is away for good; what was committed is kept.
        """
        from chorus.pipeline.runner import work  # brings LangGraph along, which takes a second

        lease, outages, stop = None, 0, stop or Stop()
        patience_s = 0.0 if for_workers else PATIENCE_S
        while True:
            began_s = time.monotonic()
            try:
                lease = lease or await claim(self.store, run_id, for_workers=for_workers, patience_s=patience_s)
                async with self.store.transaction() as tx:
                    run = await tx.runs.load(run_id)
                if run.lease_owner == lease.owner:  # else the end was written before the database went away
                    with bound(run_id=run.id, story_id=run.story_id):
                        try:
                            await work(self._desk(run, lease, watcher, stop))
                        finally:
                            if self._collector:
                                await self._collector.tell(run_id)
                return await self.summarise(run_id)
            except DatabaseUnavailable:
                outages = 1 if time.monotonic() - began_s > FRUITFUL_S else outages + 1
                if outages > OUTAGES_ENDURED:
                    raise
                await self.revive_database()

    async def catalogue_once_more(self, run_id: UUID) -> None:
        """Read the scenes that a run could not catalogue once more, if that was planned, within its own budget.

        The run is over and stays as it is; raises NotFound, if it is gone.
        """
        from chorus.pipeline.late import catalogue_once_more

        async with self.store.reading() as tx:
            run = await tx.runs.load(run_id)
        lease = Lease(run_id=run.id, story_id=run.story_id, fence=run.fence, owner=this_process())
        with bound(run_id=run.id, story_id=run.story_id):
            await catalogue_once_more(self._desk(run, lease, NOBODY, Stop()))
            if self._collector:
                await self._collector.tell(run_id)

    async def write_story(
        self, premise: str, *, title: str | None = None, settings: RunSettings | None = None, watcher: Watcher = NOBODY
    ) -> RunSummary:
        """Start a run and work on it; raises as ``start_run`` and ``work_on`` do."""
        run = await self.start_run(premise, title=title, settings=settings)
        return await self.work_on(run.id, watcher)

    async def dispatch(self, run_id: UUID, *, priority: int | None = None) -> Run:
        """Hand a queued, paused or failed run to the workers; raises as ``steer.dispatch`` does."""
        async with self.store.transaction() as tx:
            return await steer.dispatch(tx, run_id, priority)

    async def grant(
        self, run_id: UUID, *, tokens: int | None = None, usd: float | None = None, scope: Scope = Scope.RUN
    ) -> Run:
        """Give a paused run another budget for all of it, each call, each scene or the day; as ``steer.grant`` does."""
        async with self.store.transaction() as tx:
            return await steer.grant(tx, run_id, tokens=tokens, usd=usd, scope=scope)

    async def pause(self, run_id: UUID) -> Run:
        """Pause a run: at once, or as soon as who works on it has heard; raises as ``steer.pause`` does."""
        async with self.store.transaction() as tx:
            return await steer.pause(tx, run_id)

    async def cancel(self, run_id: UUID) -> Run:
        """End a run for good, as quickly as ``pause``; raises as ``steer.cancel`` does."""
        async with self.store.transaction() as tx:
            return await steer.cancel(tx, run_id)

    async def approve(self, run_id: UUID) -> None:
        """Answer every open question of a run with yes, as resuming it does."""
        async with self.store.transaction() as tx:
            await tx.runs.load(run_id)
            await tx.runs.approve(run_id)

    async def roll_back(self, story_id: UUID, to_scene: int) -> Run | None:
        """Take a story back to the end of a scene; its run is paused there and goes on when it is resumed.

        Raises:
            NotFound: there is no such story.
            InvalidInput: it has no such scene.
            Conflict: it is being written.
        """
        async with self.store.transaction() as tx:
            return await roll_back(tx, story_id, to_scene)

    async def withdraw(self, run_id: UUID) -> bool:
        """Remove the story of a run that failed before any answer came; says whether it was such a one."""
        async with self.store.transaction() as tx:
            summary = await tx.runs.summarise(run_id)
            heard = summary.completion_tokens or summary.scenes_planned
            begun = heard or await tx.stories.list_concepts(summary.story_id)
            if summary.status is not RunStatus.FAILED or begun:
                return False
            await tx.stories.remove(summary.story_id)
            return True

    async def summarise(self, run_id: UUID) -> RunSummary:
        """Sum up one run."""
        async with self.store.transaction() as tx:
            return await tx.runs.summarise(run_id)

    # --- stories

    async def import_manuscript(
        self,
        manuscript: str | bytes | Path | ParsedManuscript,
        *,
        title: str | None = None,
        language: str | None = None,
        file_name: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportSummary:
        """Make a story of a manuscript: chapters, scenes and memories, without any LLM.

        As ``begin_import`` and then ``finish_import``.

        Raises:
            NotFound: there is no file at that path.
            InvalidInput: it is no manuscript, or there is no text in it.
        """
        imported = await self.begin_import(manuscript, title=title, language=language, file_name=file_name)
        await self.finish_import(imported.story_id, progress=progress)
        return imported

    async def begin_import(
        self,
        manuscript: str | bytes | Path | ParsedManuscript,
        *,
        title: str | None = None,
        language: str | None = None,
        file_name: str | None = None,
    ) -> ImportSummary:
        """Keep a manuscript as a story, in one transaction; from then on it is found by its words.

        It is given as Markdown or plain text, as a file's bytes (``file_name`` helps to tell its format), as a path, or
        read already. Without a ``language`` its own is told from the text. Where an import of the same manuscript was
        stopped before, it goes on with that story instead. Raises as ``import_manuscript`` does.
        """
        if not isinstance(manuscript, ParsedManuscript):
            manuscript = await asyncio.to_thread(read_source, manuscript, title, file_name)
        imported = story_of(manuscript, language)
        async with self.store.transaction() as tx:
            story_id = await begin(imported, tx)
        return ImportSummary(
            story_id=story_id,
            title=imported.story.title,
            scenes=len(imported.outline.scenes),
            words=imported.words,
        )

    async def finish_import(self, story_id: UUID, *, progress: Callable[[int, int], None] | None = None) -> None:
        """Give an imported story its vectors, batch by batch, told to ``progress`` as (done, total)."""
        async with kept_alive(self.store, story_id):
            await self.embed_memories(story_id, progress=progress)

    async def search_memory(  # noqa: PLR0913 - a name for each filter, as the CLI and HTTP have them
        self,
        query: str,
        story_id: UUID | None = None,
        k: int = 10,
        as_of: int | None = None,
        kinds: Sequence[MemoryKind] = (),
        *,
        group: Grouping = Grouping.PASSAGE,
        character: str | None = None,
        place: str | None = None,
        chapter: int | None = None,
        weights: Weights | None = None,
    ) -> Hits:
        """Find memories by words and by meaning, the best first; grouped by scene, each scene once.

        ``weights`` rearrange what the legs find; the query's vector is computed once and kept. Where the embedder does
        not answer, memories are found by their words, and the hits say why (``words_only``).

        Raises:
            InvalidInput: the query is empty, or ``k`` is out of range.
            NotFound: there is no such story.
        """
        wanted = storable(query).strip()[:LONGEST_QUERY]
        if not wanted:
            raise InvalidInput("The query is empty: say what to look for.")
        if not 1 <= k <= MOST_HITS:
            raise InvalidInput(f"k is {k}: choose a number from 1 to {MOST_HITS}.")
        if story_id:
            async with self.store.transaction() as tx:
                await tx.stories.load(story_id)
        within = MemoryFilter(
            story_id=story_id, as_of=as_of, kinds=tuple(kinds), character=character, place=place, chapter=chapter
        )
        return await self._recall.search(wanted, k=k, within=within, group=group, weights=weights, words_will_do=True)

    async def embed_memories(
        self,
        story_id: UUID | None = None,
        *,
        progress: Callable[[int, int], None] | None = None,
        within_s: float = math.inf,
    ) -> int:
        """Give the memories of a story, or all, the vectors of today's embedder; return how many had none.

        It may be stopped at any time, as it stops by itself after ``within_s``, and goes on where it stood. Until a
        memory has its new vector it is found by its words; ``progress`` hears of (done, total).
        """
        total = await self.count_pending_memories(story_id)
        tell = (lambda done: progress(done, max(done, total))) if progress else None
        return await self._recall.embed_pending(story_id, progress=tell, within_s=within_s)

    async def embed_what_was_left(self) -> int:
        """Give the memories of stories that nobody works on the vectors they never got; return how many there were.

        Those that have another model's vectors are ``embed_memories``'s.
        """
        async with self.store.reading() as tx:
            stories = await tx.memories.list_stories_left()
        return sum([await self._recall.embed_pending(story_id) for story_id in stories])

    async def gather_memories(self) -> None:
        """Gather the words of what was written lately, so that searches across all stories stay quick."""
        await self._recall.gather()

    async def add_up_calls(self, within_s: float = math.inf) -> int:
        """Add up the days of calls that are over, so that metrics need not read every call; return how many.

        It may be stopped at any time, and several may do it at once. A day is begun only ``within_s``. Who may only
        read adds nothing up, and reads call by call.
        """
        until_s = time.monotonic() + within_s
        async with self.store.reading() as tx:
            days = await tx.rollups.list_open()
        done = 0
        with suppress(NotAllowed):
            for day in days:
                if time.monotonic() > until_s:
                    break
                async with self.store.transaction() as tx:
                    done += await tx.rollups.roll(day)
        return done

    async def prune_calls(self, older_than: timedelta) -> int:
        """Empty prompts and answers of old calls of finished runs; their figures stay. Return how many there were.

        It may be stopped at any time and goes on where it stood.
        """
        before, after, done = now() - older_than, datetime.min.replace(tzinfo=UTC), 0
        while True:
            async with self.store.transaction() as tx:
                emptied = await tx.retention.prune(before, after)
            if not emptied:
                return done
            done, after = done + len(emptied), max(emptied)

    async def count_pending_memories(self, story_id: UUID | None = None) -> int:
        """Count the memories that are found by their words only, because their vectors are still to come."""
        async with self.store.reading() as tx:
            return await tx.memories.count_pending(self._recall.model, story_id)

    async def load_report(self, story_id: UUID) -> StoryReport:
        """Look a story over as it stands: threads, arcs, lengths, findings left."""
        from chorus.pipeline.report import load_report

        async with self.store.transaction() as tx:
            return await load_report(tx, story_id)

    async def load_bundle(self, story_id: UUID) -> StoryBundle:
        """Gather everything of a story that may be exported, as it stands at one moment; raises NotFound."""
        from chorus.pipeline.report import load_report

        async with self.store.transaction() as tx:
            return StoryBundle(
                story=await tx.stories.load(story_id),
                manuscript=await tx.stories.load_manuscript(story_id),
                outline=await tx.stories.load_outline(story_id),
                characters=tuple(await tx.stories.list_characters(story_id)),
                relationships=tuple(await tx.stories.list_relationships(story_id)),
                world=tuple(await tx.stories.list_world(story_id)),
                facts=tuple(await tx.canon.list_facts(story_id)),
                report=await load_report(tx, story_id),
            )

    async def load_manuscript(self, story_id: UUID) -> Manuscript:
        """Read a story as a reader meets it."""
        async with self.store.transaction() as tx:
            return await tx.stories.load_manuscript(story_id)

    async def tell_of_judging(self, story_ids: Sequence[UUID]) -> None:
        """Tell the collector, if there is one, what a judge was asked about some stories."""
        if self._collector:
            for story_id in story_ids:
                await self._collector.tell_of_judging(story_id)

    # --- the parts

    def _desk(self, run: Run, lease: Lease, watcher: Watcher, stop: Stop) -> Desk:
        temperature = run.settings.temperature
        crew = Crew(
            architect=StoryArchitect(self.gateway, temperature),
            generator=SceneGenerator(self.gateway, temperature),
            editor=ContinuityEditor(self.gateway),
        )
        system = self.config.system
        kept_s = {"generate_world": system.world_cache_ttl_s, "generate_profiles": system.character_cache_ttl_s}
        return Desk(self.store, lease, run, crew, self._recall, watcher, stop, kept_s, self.revive_database)

    async def revive_database(self) -> None:
        """Return when the database answers again; the embedded one is started, unless it was stopped on purpose.

        Raises:
            DatabaseUnavailable: it does not come back.
        """
        async with self._reviving:
            if self.config.uses_embedded_database and not self._postgres.was_stopped():
                await asyncio.to_thread(self._postgres.ensure)
            await self.store.wait_until_up(OUTAGE_S)

    async def aclose(self) -> None:
        """Give everything back that this process holds; what is embedded runs on."""
        await self.gateway.aclose()
        await self.store.close()


def _collector_of(config: ChorusConfig, store: Database) -> Collector | None:
    system = config.system
    if system.otlp_endpoint is None:
        return None
    headers = headers_of(system.otlp_headers.get_secret_value()) if system.otlp_headers else {}
    return Collector(store, system.otlp_endpoint, headers, prose=system.otlp_prose)


@asynccontextmanager
async def open_studio(
    config: ChorusConfig | None = None, *, progress: Progress = SILENT, again: bool = False
) -> AsyncIterator[Studio]:
    """Wire everything up; ``config`` defaults to the environment's.

    The embedded database is started and brought up to date; any other one must be up to date. The embedded model is
    started when an agent first needs it. ``progress`` hears of downloads and waits. What opens it ``again`` by itself
    leaves a database alone that somebody has stopped.

    Raises:
        ConfigError: a setting is wrong.
        StoreError: the database does not answer, or its tables are not this version's.
        EmbeddedError: a part that Chorus runs itself does not start.
    """
    config = config or load_config()
    postgres = EmbeddedPostgres(config.system.home)
    url = config.database.url
    if url is None:
        if again and postgres.was_stopped():
            raise DatabaseUnavailable("The database was stopped; any command of Chorus starts it again.")
        url = await asyncio.to_thread(postgres.ensure, progress)
    await asyncio.to_thread(_prepare_tables, config, url)
    store = Database(url, config.database.db_schema)

    async def embedded_endpoint() -> Endpoint:
        model = EmbeddedModel(config.system.home, config.llm.gguf)
        running = await asyncio.to_thread(model.ensure, progress)
        key = SecretStr(running.api_key) if running.api_key else None
        return Endpoint(running.base_url, key, running.model, takes_grammar=True)

    gateway = open_gateway(
        config,
        StoreLedger(store),
        embedded=embedded_endpoint,
        fleet=StoreFleet(store),
        count_tokens=EmbeddedEmbedder().count_tokens,
    )
    embedder: Embedder = open_embedder(config.embedding) if config.embedding.api_base else EmbeddedEmbedder()
    studio = Studio(config, store, gateway, embedder, postgres)
    try:
        yield studio
    finally:
        await studio.aclose()


def _prepare_tables(config: ChorusConfig, url: str) -> None:
    schema = config.database.db_schema
    state = schema_state(url, schema)
    if state is SchemaState.CURRENT:
        return
    if config.uses_embedded_database:
        upgrade(url, schema)
        return
    wrong = {
        SchemaState.MISSING: "has no tables of Chorus yet: run `chorus db upgrade`.",
        SchemaState.OLDER: "was made by an older Chorus: run `chorus db upgrade`.",
        SchemaState.NEWER: "was made by a newer Chorus: update this one.",
    }
    raise SchemaMismatch(f"The database {wrong[state]}")
