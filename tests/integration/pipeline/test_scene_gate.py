"""The gate for every scene: who is asked about what, in a story that goes on, in a fork, and after going back."""

from uuid import UUID

from chorus.domain.canon import Fact
from chorus.domain.run import ReviewKind, ReviewMode, ReviewStatus, RunStatus
from chorus.domain.story import SceneStatus
from chorus.editing.reviews import Decision
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."
MANUSCRIPT = "# The Lamp\n\n## One\n\nMara lit the lamp on the pier.\n\n## Two\n\nThe bread rose in the oven.\n"


async def asked_about(studio: Studio, run_id: UUID) -> list[int]:
    """Work on a run until it is complete, saying yes each time; the numbers of the scenes that it asked about."""
    numbers: list[int] = []
    while (summary := await studio.work_on(run_id)).status is RunStatus.PAUSED:
        async with studio.store.reading() as tx:
            (item,) = await tx.runs.list_questions(story_id=summary.story_id)
            scenes = (await tx.stories.load_outline(summary.story_id)).scenes
        assert (item.kind, item.run_id) == (ReviewKind.SCENE, run_id)
        numbers.append(next(scene.number for scene in scenes if scene.id == item.scene_id))
        await studio.approve(run_id)
    assert summary.status is RunStatus.COMPLETE
    return numbers


async def test_a_story_that_goes_on_and_a_fork_are_asked_about_what_is_new(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60, review=ReviewMode.SCENES)
            run = await studio.start_run(PREMISE, settings=settings)
            assert await asked_about(studio, run.id) == [1, 2]
            more = await studio.continue_story(run.story_id, 1)
            assert await asked_about(studio, more.id) == [3]
            fork = await studio.fork(run.story_id, 2)
            assert fork.run
            assert await asked_about(studio, fork.run.id) == [3]


async def test_nobody_is_asked_about_scenes_that_were_imported(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            run = await studio.continue_story(story_id, 1, chosen={"words": 60, "review": ReviewMode.SCENES})
            assert await asked_about(studio, run.id) == [3]


async def test_after_going_back_what_is_written_again_is_asked_about_again(studio_at: Open) -> None:
    """Also what was never answered but taken back: nobody has said yes to it."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=3, words=60, review=ReviewMode.SCENES)
            run = await studio.start_run(PREMISE, settings=settings)
            assert await asked_about(studio, run.id) == [1, 2, 3]
            await studio.roll_back(run.story_id, 1)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            await studio.roll_back(run.story_id, 1)  # the question about scene 2 is taken back
            async with studio.store.reading() as tx:
                assert await tx.runs.list_questions(story_id=run.story_id, status=ReviewStatus.OPEN) == []
            asked = len(endpoint.calls)
            assert await asked_about(studio, run.id) == [2, 3]
            assert len(endpoint.calls) == asked, "and nothing is paid for again"


async def test_what_another_process_has_edited_is_what_the_next_scene_is_told(studio_at: Open) -> None:
    """Two studios on one database: what one writes the other one reads, whatever it had at hand."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as writer, studio_at(endpoint.base_url) as editor:
            settings = writer.default_settings(scenes=2, words=60, review=ReviewMode.SCENES)
            paused = await writer.write_story(PREMISE, settings=settings)
            text = (await writer.load_manuscript(paused.story_id)).chapters[0].scenes[0].text
            await editor.edit_scene(paused.story_id, 1, f"{text} By then the gulls had gone.")
            await writer.approve(paused.run_id)
            await writer.work_on(paused.run_id)
            async with editor.store.reading() as tx:
                calls = await tx.calls.list_of(paused.story_id)
    (second,) = [c for c in calls if (c.node, c.scene_number) == ("draft_scene", 2)]
    assert "By then the gulls had gone." in second.request["messages"][-1]["content"]


async def statuses(studio: Studio, story_id: UUID) -> tuple[list[SceneStatus], set[int], list[Fact]]:
    """How the scenes stand, which of them have canon, and what waits as a proposal."""
    async with studio.store.reading() as tx:
        scenes = (await tx.stories.load_outline(story_id)).scenes
        canon = {fact.valid_from for fact in await tx.canon.list_facts(story_id)}
    return [scene.status for scene in scenes], canon, await studio.list_proposals(story_id)


async def test_nothing_in_a_text_is_canon_before_a_person_has_approved_it(studio_at: Open) -> None:
    """In review it has its place in the book; refused, another one is written; approved, its facts are canon."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=150, review=ReviewMode.SCENES)
            run = await studio.start_run(PREMISE, settings=settings)
            await studio.work_on(run.id)
            assert await statuses(studio, run.story_id) == ([SceneStatus.IN_REVIEW, SceneStatus.QUEUED], set(), [])
            first = (await studio.load_manuscript(run.story_id)).chapters[0].scenes[0]
            assert first.text
            async with studio.store.reading() as tx:
                (item,) = await tx.runs.list_questions(story_id=run.story_id)
            answered = await studio.answer_review(item.id, Decision.REDRAFT, note="darker", dispatch=False)
            assert (await statuses(studio, run.story_id))[0][0] is SceneStatus.REJECTED
            assert answered.run
            await studio.work_on(answered.run.id)
            assert await statuses(studio, run.story_id) == ([SceneStatus.IN_REVIEW, SceneStatus.QUEUED], set(), [])
            again = (await studio.load_manuscript(run.story_id)).chapters[0].scenes[0]
            assert again.revision_id != first.revision_id
            await studio.approve(run.id)
            await studio.work_on(run.id)
            assert await statuses(studio, run.story_id) == ([SceneStatus.APPROVED, SceneStatus.IN_REVIEW], {1}, [])
            await studio.edit_scene(run.story_id, 2, "He came in from the rain and put the letter on the table.")
            assert (await statuses(studio, run.story_id))[0] == [SceneStatus.APPROVED] * 2, "what a person wrote stands"
            await studio.approve(run.id)
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE


async def test_a_text_that_is_approved_has_the_canon_of_one_that_nobody_was_asked_about(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            books = []
            for review in (ReviewMode.NONE, ReviewMode.SCENES):
                run = await studio.start_run(
                    PREMISE, settings=studio.default_settings(scenes=3, words=60, review=review)
                )
                await asked_about(studio, run.id)
                async with studio.store.reading() as tx:
                    facts = await tx.canon.list_facts(run.story_id)
                    states = await tx.canon.list_states(run.story_id, 3)
                    memories = await tx.memories.list_of(run.story_id)
                    scenes = (await tx.stories.load_outline(run.story_id)).scenes
                    texts = [await tx.stories.load_revision(s.revision_id) for s in scenes if s.revision_id]
                books.append(
                    (
                        [(f.statement, f.status, f.valid_from, f.valid_to) for f in facts],
                        sorted((s.scene_number, s.place, s.condition) for s in states),
                        sorted((m.scene_number, m.kind, m.number, m.text, m.valid_to or 0) for m in memories),
                        [text.checked for text in texts],
                    )
                )
            assert books[0] == books[1]
            assert books[0][0]
