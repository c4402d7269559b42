"""A person answers what is asked, and the run goes on without buying anything twice."""

from uuid import UUID

import pytest

from chorus.cli.reviewing import base_of
from chorus.domain.canon import Finding, FindingCategory, FindingStatus, Severity
from chorus.domain.run import ReviewItem, ReviewKind, ReviewMode, ReviewStatus, RunStatus
from chorus.editing import Decision
from chorus.errors import Conflict, InvalidInput
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.editing.test_an_edit import texts_of
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def open_question(studio: Studio, story_id: UUID) -> ReviewItem:
    async with studio.store.reading() as tx:
        (item,) = await tx.runs.list_questions(story_id=story_id)
    return item


async def test_a_scene_is_drafted_again_until_a_person_accepts_it(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60, review=ReviewMode.SCENES)
            run = await studio.start_run(PREMISE, settings=settings)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            first = (await texts_of(studio, run.story_id))[1]
            item = await open_question(studio, run.story_id)
            again = await studio.answer_review(item.id, Decision.REDRAFT, note="Let it rain.", dispatch=False)
            assert again.run
            assert again.item.status is ReviewStatus.OPEN
            assert (await studio.work_on(again.run.id)).status is RunStatus.COMPLETE
            second = (await texts_of(studio, run.story_id))[1]
            assert second != first
            accepted = await studio.answer_review(item.id, Decision.ACCEPT)
            assert accepted.run
            assert (accepted.run.id, accepted.run.status, accepted.run.dispatched) == (run.id, RunStatus.QUEUED, True)
            with pytest.raises(Conflict, match="answered"):
                await studio.answer_review(item.id, Decision.ACCEPT)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            texts = await texts_of(studio, run.story_id)
            assert (texts[1], bool(texts[2])) == (second, True)
            item = await open_question(studio, run.story_id)
            edited = await studio.answer_review(item.id, Decision.EDIT, text="It rained.", dispatch=False)
            assert edited.item.status is ReviewStatus.RESOLVED
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            assert (await texts_of(studio, run.story_id))[2] == "It rained."
    asked = [call.prompt_hash for call in endpoint.calls]
    assert len(asked) == len(set(asked))


async def test_an_edit_from_a_file_is_no_edit_of_a_text_that_came_later(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=1, words=60, review=ReviewMode.SCENES)
            run = await studio.start_run(PREMISE, settings=settings)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            item = await open_question(studio, run.story_id)
            first = (await studio.load_review(item.id)).revision_id
            assert await base_of(studio, item.id) == first
            await studio.edit_scene(run.story_id, 1, "Somebody else was here.")
            for made_from in (None, 1):
                with pytest.raises(Conflict, match="--revision 2"):
                    await base_of(studio, item.id, made_from)
            newest = (await studio.load_revision(run.story_id, 1, 2)).id
            assert await base_of(studio, item.id, 2) == newest != first


async def test_a_budget_is_raised(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=1, words=60, budget_tokens=2_500)
            run = await studio.start_run(PREMISE, settings=settings)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            item = await open_question(studio, run.story_id)
            with pytest.raises(InvalidInput, match="not about a scene"):
                await studio.answer_review(item.id, Decision.REDRAFT)
            answered = await studio.answer_review(item.id, Decision.ACCEPT, budget_tokens=900_000)
            assert answered.run
            assert answered.run.settings.budget_tokens == 900_000
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE


async def test_a_finding_is_waved_through_or_edited_away(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            texts = await texts_of(studio, whole.story_id)
            one, two = [await contradiction_in(studio, whole.story_id, scene, texts[scene][:20]) for scene in (1, 2)]
            asked = await studio.load_review(one.id)
            planted = next(q for q in asked.findings if q.finding.description == "planted 1")
            assert (asked.scene_number, asked.text) == (1, texts[1])
            assert texts[1].startswith(planted.before + planted.finding.quote + planted.after)
            with pytest.raises(InvalidInput, match="why"):
                await studio.answer_review(one.id, Decision.DISMISS)
            waved = await studio.answer_review(one.id, Decision.DISMISS, note="It is a dream.")
            assert waved.run is None
            assert waved.item.resolution == {"decision": "dismiss", "by": "person", "note": "It is a dream."}
            await studio.answer_review(two.id, Decision.EDIT, text="All was well.")
            async with studio.store.reading() as tx:
                ends = {f.description: f.status for f in await tx.canon.list_findings(whole.story_id)}
    assert (ends["planted 1"], ends["planted 2"]) == (FindingStatus.DISMISSED, FindingStatus.RESOLVED)


async def test_an_edit_from_a_question_overwrites_no_newer_text(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=1, words=60))
            text = (await texts_of(studio, whole.story_id))[1]
            item = await contradiction_in(studio, whole.story_id, 1, text[:20])
            shown = await studio.load_review(item.id)
            newer = await studio.edit_scene(whole.story_id, 1, f"{text} It rained.")
            assert newer.revision
            with pytest.raises(Conflict, match="changed since"):
                await studio.answer_review(item.id, Decision.EDIT, text="It snowed.", base=shown.revision_id)
            assert (await texts_of(studio, whole.story_id))[1] == newer.revision.text
            again = await studio.load_review(item.id)
            assert (again.revision_id, again.text) == (newer.revision.id, newer.revision.text)
            await studio.answer_review(item.id, Decision.EDIT, text="It snowed.", base=again.revision_id)
            assert (await texts_of(studio, whole.story_id))[1] == "It snowed."


async def test_a_question_goes_with_the_text_it_is_about(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=3, words=60))
            story_id, texts = whole.story_id, await texts_of(studio, whole.story_id)
            redone, edited, mended = [
                await contradiction_in(studio, story_id, scene, texts[scene][:20]) for scene in (1, 2, 3)
            ]
            run = await studio.redo_scenes(story_id, [1], "Let it rain.")
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            await studio.edit_scene(story_id, 2, f"{texts[2]} It rained.")  # what is wrong still stands there
            await studio.edit_scene(story_id, 3, "All was well.")
            async with studio.store.reading() as tx:
                scenes = {scene.number: scene for scene in (await tx.stories.load_outline(story_id)).scenes}
                left = {item.id: item for item in await tx.runs.list_questions(story_id=story_id)}
                gone = [await tx.runs.load_question(item.id) for item in (redone, mended)]
            assert left[edited.id].details["revision_id"] == str(scenes[2].revision_id)
            assert {redone.id, mended.id}.isdisjoint(left)
            assert all(item.resolution == {"decision": "withdrawn", "by": "a newer text"} for item in gone)
            back = await studio.list_revisions(story_id, 3)
            await studio.restore(story_id, 3, back[0].number)
            assert mended.id not in {item.id for item in await questions_of(studio, story_id)}


async def questions_of(studio: Studio, story_id: UUID) -> list[ReviewItem]:
    async with studio.store.reading() as tx:
        return await tx.runs.list_questions(story_id=story_id)


async def contradiction_in(studio: Studio, story_id: UUID, number: int, quote: str) -> ReviewItem:
    """Plant a finding with a question about it."""
    async with studio.store.transaction() as tx:
        scene = await tx.stories.load_scene(story_id, number)
        assert scene.revision_id
        finding = Finding(
            story_id=story_id,
            scene_id=scene.id,
            revision_id=scene.revision_id,
            number=90,
            category=FindingCategory.DETAIL,
            severity=Severity.MAJOR,
            description=f"planted {number}",
            quote=quote,
        )
        await tx.canon.add_findings([finding])
        item = ReviewItem(
            story_id=story_id,
            scene_id=scene.id,
            kind=ReviewKind.FINDING,
            question="Is this so?",
            details={"revision_id": str(scene.revision_id)},
        )
        await tx.runs.ask(item)
    return item
