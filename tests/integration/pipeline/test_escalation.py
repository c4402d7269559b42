"""What a run does when the gateway has done what it could: put off, ask a person, or fail; and how it goes on."""

from collections import Counter
from functools import partial

import pytest

from chorus.domain.canon import MemoryKind
from chorus.domain.run import ReviewKind, ReviewStatus, RunStatus
from chorus.domain.story import SceneStatus
from chorus.embedded import EmbeddedEmbedder
from chorus.errors import EmbeddedError
from chorus.llm import open_gateway
from chorus.llm.resilience import Patience
from tests.endpoint.faults import Fault, Kind
from tests.endpoint.server import Call, EndpointServer
from tests.integration.pipeline.conftest import Notes, Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def test_a_scene_that_cannot_be_catalogued_does_not_stop_the_story(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(broken=("DigestAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(
                PREMISE, settings=studio.default_settings(scenes=2, words=60), watcher=notes
            )
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(summary.story_id)).scenes
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 2)
    assert [scene.summary for scene in scenes] == ["", ""]
    put_off = [event.scene_number for event in notes.events if event.kind == "catalogue_put_off"]
    assert put_off == [1, 2, 1, 2]


async def test_what_was_put_off_is_catalogued_before_the_chapters_are_put_together(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(broken=("DigestAnswer",)) as endpoint:

        def mend(_event: object) -> None:
            if "stage" in notes.kinds and notes.events[-1].data.get("stage") == "integration":
                endpoint.broken = ()

        notes._on_event = mend
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(
                PREMISE, settings=studio.default_settings(scenes=2, words=60), watcher=notes
            )
            async with studio.store.reading() as tx:
                outline = await tx.stories.load_outline(summary.story_id)
                facts = await tx.canon.list_facts(summary.story_id)
                memories = await tx.memories.list_of(summary.story_id)
                pending = await tx.memories.count_pending(EmbeddedEmbedder.name, summary.story_id)
    assert notes.kinds.count("catalogued") == 2
    assert all(scene.summary and scene.status is SceneStatus.APPROVED for scene in outline.scenes)
    assert facts
    assert {m.scene_number for m in memories if m.kind is MemoryKind.SCENE_SUMMARY} == {1, 2}
    assert len({(m.scene_number, m.kind, m.text) for m in memories}) == len(memories)
    assert pending == 0
    assert all(chapter.summary for chapter in outline.chapters)


async def test_answers_that_cannot_be_used_wait_for_a_person_and_then_others_are_asked_for(studio_at: Open) -> None:
    with EndpointServer(broken=("OutlineAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            paused = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            asked = len(endpoint.calls)
            again = await studio.work_on(paused.run_id)  # nobody has answered: nothing is bought
            assert (again.status, len(endpoint.calls)) == (RunStatus.PAUSED, asked)
            endpoint.broken = ()
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
            async with studio.store.reading() as tx:
                assert await tx.runs.list_questions(story_id=paused.story_id, status=ReviewStatus.OPEN) == []
    assert paused.status is RunStatus.PAUSED
    assert (question.kind, question.details["path"]) == (ReviewKind.FAILURE, "generate_outline")
    assert done.status is RunStatus.COMPLETE


@pytest.mark.parametrize("said", ["No.", ""])
async def test_a_draft_without_prose_is_asked_for_anew_when_somebody_says_try_again(studio_at: Open, said: str) -> None:
    """Both answers are no use, whether the model said too little or nothing: nobody hears them a second time."""
    with EndpointServer(says={"": [said] * 40}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            paused = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            endpoint.says_no_more()
            again = await studio.work_on(paused.run_id)  # nobody has answered
            assert again.status is RunStatus.PAUSED
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id)
    assert (question.kind, question.details["path"]) == (ReviewKind.FAILURE, "scene/1/draft_scene")
    assert done.status is RunStatus.COMPLETE


async def test_going_on_after_an_outage_buys_no_answer_again(studio_at: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint goes away when a node asks for the second time; its first answer was heard and holds."""
    short = Patience(failures=3, first_wait_s=0.01)
    monkeypatch.setattr("chorus.studio.open_gateway", partial(open_gateway, patience=short))
    with EndpointServer(says={"OutlineAnswer": ["no JSON at all"]}) as endpoint:
        endpoint.faults = lambda _number: Fault(Kind.HTTP_503) if len(_outlines(endpoint)) > 1 else None
        async with studio_at(endpoint.base_url) as studio:
            away = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            endpoint.faults = ()
            await studio.approve(away.run_id)
            done = await studio.work_on(away.run_id)
    assert (away.status, done.status) == (RunStatus.PAUSED, RunStatus.COMPLETE)
    answered = Counter(call.prompt_hash for call in _outlines(endpoint) if call.outcome == "ok")
    assert list(answered.values()) == [1, 1]


def _outlines(endpoint: EndpointServer) -> list[Call]:
    return [call for call in endpoint.calls if call.schema_name == "OutlineAnswer"]


async def test_three_failures_alike_ask_a_person_whether_to_go_on_without(studio_at: Open) -> None:
    notes = Notes()
    with EndpointServer(broken=("DigestAnswer",)) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=6, words=60)
            paused = await studio.write_story(PREMISE, settings=settings, watcher=notes)
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=paused.story_id)
            digests = [call for call in endpoint.calls if call.schema_name == "DigestAnswer"]
            again = await studio.work_on(paused.run_id)
            assert len([call for call in endpoint.calls if call.schema_name == "DigestAnswer"]) == len(digests)
            await studio.approve(paused.run_id)
            done = await studio.work_on(paused.run_id, notes)
    assert (paused.status, again.status) == (RunStatus.PAUSED, RunStatus.PAUSED)
    assert notes.kinds.count("catalogue_put_off") >= 3
    assert len(digests) == 3 * 3, "three scenes, each asked for with two words of what was wrong"
    assert question.kind is ReviewKind.FAILURE
    assert question.question.startswith("digest_scene has failed 3 times in a row in the same way.")
    assert question.details["path"] == "scene/3/digest_scene/1"
    assert (done.status, done.scenes) == (RunStatus.COMPLETE, 6)


@pytest.mark.parametrize("kind", [Kind.HTTP_503, Kind.HTML])
@pytest.mark.parametrize(("heard", "status"), [(0, RunStatus.FAILED), (2, RunStatus.PAUSED)])
async def test_an_endpoint_that_goes_away_for_good_is_told_from_one_that_was_never_there(
    studio_at: Open, heard: int, status: RunStatus, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Patience(failures=3, first_wait_s=0.01)
    monkeypatch.setattr("chorus.studio.open_gateway", partial(open_gateway, patience=short))
    faults = [None] * heard + [Fault(kind)] * 200
    with EndpointServer(faults=faults) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            ended = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            async with studio.store.reading() as tx:
                questions = await tx.runs.list_questions(story_id=ended.story_id)
            endpoint.faults = ()
            await studio.approve(ended.run_id)
            done = await studio.work_on(ended.run_id)
    assert (ended.status, len(questions)) == (status, int(status is RunStatus.PAUSED))
    assert done.status is RunStatus.COMPLETE


async def test_a_story_is_written_without_an_embedder(studio_at: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()

    async def embed(_self: EmbeddedEmbedder, _texts: object) -> list[list[float]]:
        raise EmbeddedError("the package of the embedder is not there")

    monkeypatch.setattr(EmbeddedEmbedder, "embed", embed)
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(
                PREMISE, settings=studio.default_settings(scenes=4, words=60), watcher=notes
            )
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 4)
    assert {"recall_missed", "embedding_put_off"} <= set(notes.kinds)


async def test_troubles_on_the_way_are_events_in_plain_words_and_no_secret_is_in_them(studio_at: Open) -> None:
    notes = Notes()
    faults = [None, None, Kind.HTTP_503, Kind.BROKEN_JSON, None, Kind.RATE_LIMIT, Kind.ECHO_KEY]
    with EndpointServer(faults=faults) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            summary = await studio.write_story(
                PREMISE, settings=studio.default_settings(scenes=1, words=60), watcher=notes
            )
    assert summary.status is RunStatus.COMPLETE
    told = [event.message for event in notes.events if event.kind == "trouble"]
    assert any("is in trouble; it is asked again" in message for message in told)
    assert any("gave no readable JSON; it is told what was wrong" in message for message in told)
    assert "canary" not in str(told)
    assert notes.kinds[-1] == "run_complete"
