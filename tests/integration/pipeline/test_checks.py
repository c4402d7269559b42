"""What checking costs and leads to: clean scenes, silly answers, faults that code sees, checks that cannot be had."""

import asyncio
import json
from collections import Counter
from random import Random

import pytest

from chorus.domain.canon import FaultKind, Finding, Severity
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import Continuity, ReviewItem, ReviewKind, ReviewMode, Run, RunStatus, RunSummary
from chorus.domain.story import CharacterRole, Revision, RevisionCause, SceneStatus
from chorus.studio import Studio
from tests.endpoint import words
from tests.endpoint.server import EndpointServer
from tests.figures import show
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
MOST_CALLS_A_SCENE = 9
CONSISTENT = '{"consistent": true, "findings": []}'


async def rows_of(
    studio: Studio, summary: RunSummary
) -> tuple[list[LLMCall], list[Finding], list[ReviewItem], dict[int, list[Revision]]]:
    async with studio.store.reading() as tx:
        scenes = (await tx.stories.load_outline(summary.story_id)).scenes
        return (
            await tx.calls.list_of(summary.story_id),
            await tx.canon.list_findings(summary.story_id),
            await tx.runs.list_questions(story_id=summary.story_id),
            {scene.number: await tx.stories.list_revisions(scene.id) for scene in scenes},
        )


SERIAL, PARALLEL = Continuity.SERIAL, Continuity.PARALLEL
SOAKED = [(2, SERIAL), (3, SERIAL), (1, PARALLEL), (3, PARALLEL)]


@pytest.mark.parametrize(
    ("seed", "continuity"),
    [(1, SERIAL), (2, PARALLEL), *(pytest.param(*each, marks=pytest.mark.soak) for each in SOAKED)],
)
async def test_silly_answers_cost_nine_calls_a_scene_at_most(
    studio_at: Open, seed: int, continuity: Continuity
) -> None:
    with EndpointServer(silly=seed) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=5, words=80, continuity=continuity, concurrency=3)
            summary = await studio.write_story(PREMISE, settings=settings)
            calls, findings, questions, _ = await rows_of(studio, summary)
            manuscript = await studio.load_manuscript(summary.story_id)
    paid = Counter(call.scene_number for call in calls if call.scene_number)
    show(
        f"Silly answers, seed {seed}, {continuity}",
        [{"status": summary.status, "calls": len(calls), "findings": len(findings), "questions": len(questions)}],
    )
    assert summary.status is RunStatus.COMPLETE or (summary.status is RunStatus.PAUSED and questions)
    assert max(paid.values()) <= MOST_CALLS_A_SCENE
    texts = {scene.revision_id: scene.text for chapter in manuscript.chapters for scene in chapter.scenes}
    assert all(f.quote in texts[f.revision_id] for f in findings if f.revision_id in texts)
    serious = {f.scene_id for f in findings if f.severity is Severity.MAJOR and f.revision_id in texts}
    assert serious <= {item.scene_id for item in questions}, "what is left is asked about"


@pytest.mark.parametrize("most_revisions", [0, 1])
async def test_what_a_model_finds_in_the_last_text_is_asked_about(studio_at: Open, most_revisions: int) -> None:
    """No further text may be written, and code sees nothing: the finding counts all the same."""
    text = " ".join(f"Ann counted {number} gulls over the grey water and waited." for number in range(1, 25))
    found = {
        "category": "character",
        "severity": "major",
        "problem": "She has been somebody else all along.",
        "quote": "Ann counted 3 gulls over the grey water",
        "earlier_quote": "Ann is the protagonist.",
    }
    verdict = json.dumps({"consistent": False, "findings": [found]})
    says = {"": [text] * 4, "CheckAnswer": [verdict] * 4}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(
                scenes=1, words=240, most_revisions=most_revisions, review=ReviewMode.OUTLINE
            )
            paused = await studio.write_story(PREMISE, settings=settings)
            async with studio.store.transaction() as tx:
                lead, *_ = await tx.stories.list_characters(paused.story_id)
                named = lead.model_copy(update={"name": "Ann", "role": CharacterRole.PROTAGONIST})
                await tx.stories.save_characters([named])
                (scene,) = (await tx.stories.load_outline(paused.story_id)).scenes
                brief = scene.brief.model_copy(update={"cast": ("Ann",)})
                await tx.stories.save_scene(scene.model_copy(update={"brief": brief}))
            await studio.approve(paused.run_id)
            summary = await studio.work_on(paused.run_id)
            _, findings, questions, _ = await rows_of(studio, summary)
    assert summary.status is RunStatus.COMPLETE
    assert [f.origin for f in findings if f.severity is Severity.MAJOR] == ["model"] * (1 + most_revisions)
    assert [(item.kind, item.details["findings"]) for item in questions] == [(ReviewKind.FINDING, 1)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [4, *(pytest.param(each, marks=pytest.mark.soak) for each in (5, 6, 7))])
async def test_silly_answers_end_no_long_book_and_nothing_that_follows_it(studio_at: Open, seed: int) -> None:
    """A plan by a spine, going on, writing again, reading the canon: each ends, or waits for a person."""
    with EndpointServer(silly=seed) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=13, words=60, continuity=PARALLEL, concurrency=4)
            run = await studio.start_run(PREMISE, settings=settings)
            await _to_its_end(studio, run)
            await _to_its_end(studio, await studio.continue_story(run.story_id, 2))
            await _to_its_end(studio, await studio.redo_scenes(run.story_id, [2, 5]))
            await _to_its_end(studio, await studio.read_canon(run.story_id, again=[1, 3]))
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(run.story_id)).scenes
                calls = await tx.calls.list_of(run.story_id)
    paid = Counter((call.run_id, call.scene_number) for call in calls if call.scene_number)
    show(f"A long book of silly answers, seed {seed}", [{"calls": len(calls), "most for a scene": max(paid.values())}])
    assert [scene.number for scene in scenes if scene.revision_id] == list(range(1, 16))
    assert max(paid.values()) <= MOST_CALLS_A_SCENE


async def _to_its_end(studio: Studio, run: Run) -> None:
    """Work on a run and say "go on" whenever it asks; it has an end."""
    for _ in range(8):
        summary = await studio.work_on(run.id)
        if summary.status is RunStatus.COMPLETE:
            return
        async with studio.store.reading() as tx:
            questions = await tx.runs.list_questions(story_id=run.story_id)
        assert summary.status is RunStatus.PAUSED, summary.error
        assert run.id in {item.run_id for item in questions}
        await studio.approve(run.id)
    pytest.fail("the run asks for ever")


async def test_a_book_whose_scenes_miss_their_length_has_its_own(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that is off by up to a third, now above and now below; the book is within 5 %."""
    whole = words.prose

    def off(dice: Random, wanted: int, who: list[str] | None = None) -> str:
        return whole(dice, round(wanted * dice.uniform(0.67, 1.33)), who)

    monkeypatch.setattr(words, "prose", off)
    with EndpointServer(says={"CheckAnswer": [CONSISTENT] * 40}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=12, words=200))
    assert summary.status is RunStatus.COMPLETE
    assert abs(summary.words - 2400) <= 0.05 * 2400


async def test_a_clean_scene_costs_three_calls(studio_at: Open) -> None:
    with EndpointServer(says={"CheckAnswer": [CONSISTENT] * 4}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=4, words=120))
            calls, findings, questions, texts = await rows_of(studio, summary)
    assert Counter(call.scene_number for call in calls if call.scene_number) == dict.fromkeys((1, 2, 3, 4), 3)
    assert [f for f in findings if f.severity is Severity.MAJOR] == []
    assert questions == []
    assert [text.checked for written in texts.values() for text in written] == [True] * 4


async def test_a_scene_of_the_wrong_length_is_written_again_once_before_anybody_reads_it(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words.prose
    drafts: list[int] = []

    def short(dice: Random, wanted: int, who: list[str] | None = None) -> str:
        drafts.append(wanted)
        return whole(dice, wanted // 2 if len(drafts) % 2 else wanted, who)

    monkeypatch.setattr(words, "prose", short)
    with EndpointServer(says={"CheckAnswer": [CONSISTENT] * 3}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=3, words=120))
            calls, findings, questions, texts = await rows_of(studio, summary)
    assert Counter(call.scene_number for call in calls if call.scene_number) == dict.fromkeys((1, 2, 3), 4)
    assert [[text.cause for text in written] for written in texts.values()] == [
        [RevisionCause.DRAFT, RevisionCause.REVISION]
    ] * 3
    assert [f.revision_id for f in findings if f.kind is FaultKind.LENGTH] == [w[0].id for w in texts.values()]
    assert questions == []
    assert abs(summary.words - 360) <= 0.05 * 360


async def test_a_run_that_is_stopped_after_a_second_text_goes_on_with_that(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second text is too short as well: what is known by then does not undo that it was written."""
    whole = words.prose
    monkeypatch.setattr(words, "prose", lambda dice, wanted, who=None: whole(dice, wanted // 2, who))
    with EndpointServer(latency_s=0.1, says={"CheckAnswer": [CONSISTENT] * 3}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await studio.start_run(PREMISE, settings=studio.default_settings(scenes=1, words=120))
            written = asyncio.Semaphore(0)
            notes = Notes(lambda event: written.release() if event.kind == "revision" else None)
            working = asyncio.create_task(studio.work_on(run.id, notes))
            await written.acquire()
            await written.acquire()
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.work_on(run.id)
            calls, _, _, texts = await rows_of(studio, summary)
    assert summary.status is RunStatus.COMPLETE
    assert [text.checked for text in texts[1]] == [None, True]
    bought = Counter(call.node for call in calls if call.scene_number and call.outcome is Outcome.OK)
    assert bought == {"draft_scene": 1, "revise_scene": 1, "coherence_check": 1, "digest_scene": 1}


async def test_later_scenes_make_up_for_what_earlier_ones_lack(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words.prose
    asked: list[int] = []

    def off(dice: Random, wanted: int, who: list[str] | None = None) -> str:
        asked.append(wanted)
        return whole(dice, round(0.92 * wanted), who)

    monkeypatch.setattr(words, "prose", off)
    with EndpointServer(says={"CheckAnswer": [CONSISTENT] * 6}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=6, words=200))
            _, _, _, texts = await rows_of(studio, summary)
    assert [len(written) for written in texts.values()] == [1] * 6, "each scene is near enough as it is"
    assert asked[-1] > asked[0], "what is missing is asked of those that follow"
    assert abs(summary.words - 1200) <= 0.05 * 1200


async def test_a_model_that_is_deaf_to_lengths_is_not_asked_for_ever(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words.prose
    monkeypatch.setattr(words, "prose", lambda dice, _wanted, who=None: whole(dice, 60, who))
    with EndpointServer(says={"CheckAnswer": [CONSISTENT] * 5}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=5, words=120))
            calls, findings, _, texts = await rows_of(studio, summary)
    paid = Counter(call.scene_number for call in calls if call.scene_number)
    assert paid == {1: 4, 2: 4, 3: 3, 4: 3, 5: 3}
    kept = {f.revision_id for f in findings if f.kind is FaultKind.LENGTH}
    assert {written[-1].id for written in texts.values()} <= kept, "it is still said"


async def test_a_check_that_cannot_be_had_is_not_a_check(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(broken=("CheckAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=80)
            summary = await studio.write_story(PREMISE, settings=settings, watcher=notes)
            _, _, questions, texts = await rows_of(studio, summary)
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(summary.story_id)).scenes
    assert summary.status is RunStatus.COMPLETE
    assert notes.kinds.count("check_missed") == 2
    assert [text.checked for written in texts.values() for text in written] == [False, False]
    assert [(item.kind, item.scene_id) for item in questions] == [
        (ReviewKind.FINDING, scene.id) for scene in scenes if scene.status is SceneStatus.APPROVED
    ]


async def test_prompt_text_in_the_prose_is_seen_by_code_and_put_right(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words.prose
    said: list[int] = []

    def leaking(dice: Random, wanted: int, who: list[str] | None = None) -> str:
        said.append(wanted)
        text = whole(dice, wanted, who)
        return f"{text} As an AI language model, I hope this helps." if len(said) == 1 else text

    monkeypatch.setattr(words, "prose", leaking)
    with EndpointServer(says={"CheckAnswer": [CONSISTENT]}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=120))
            _, findings, questions, texts = await rows_of(studio, summary)
            manuscript = await studio.load_manuscript(summary.story_id)
    (leak, *_) = [f for f in findings if f.kind is FaultKind.LEAK and f.severity is Severity.MAJOR]
    assert (leak.origin, leak.severity, leak.revision_id) == ("code", Severity.MAJOR, texts[1][0].id)
    assert "AI" not in manuscript.chapters[0].scenes[0].text
    assert questions == []
