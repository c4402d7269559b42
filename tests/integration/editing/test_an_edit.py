"""One fact is changed in a story of twelve scenes: who used it is known, only chosen scenes change, all comes back."""

from uuid import UUID

from chorus.domain.canon import Fact
from chorus.domain.edit import EditEffects, Verdict
from chorus.domain.run import RunStatus
from chorus.studio import Studio
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open
from tests.integration.pipeline.test_rollback import what_is_known

PREMISE = "A lighthouse keeper finds a key in a bottle."
OTHERWISE = "Nothing of the kind was ever there."


async def texts_of(studio: Studio, story_id: UUID) -> dict[int, str]:
    manuscript = await studio.load_manuscript(story_id)
    return {scene.number: scene.text for chapter in manuscript.chapters for scene in chapter.scenes}


async def prompts_of(studio: Studio, story_id: UUID) -> dict[int, str]:
    """What the draft of each scene was asked with, by the ledger."""
    async with studio.store.reading() as tx:
        calls = await tx.calls.list_of(story_id)
    drafts = (call for call in calls if call.node == "draft_scene")
    return {call.scene_number or 0: str(call.request["messages"][-1]["content"]) for call in drafts}


async def check_chapters(studio: Studio, story_id: UUID, redone: list[int], known: dict[str, object]) -> None:
    """The chapters of redone scenes, and no others, are called and summed up by what stands there now."""
    async with studio.store.reading() as tx:
        outline = await tx.stories.load_outline(story_id)
    before = known["chapters"]
    assert isinstance(before, list)
    of_redone = {scene.chapter_id for scene in outline.scenes if scene.number in redone}
    pairs = zip(outline.chapters, before, strict=True)
    assert {chapter.id for chapter, told in pairs if (chapter.title, chapter.summary) != told} == of_redone
    assert (await studio.load_report(story_id)).stale_chapters == ()


async def fact_that_was_told(studio: Studio, story_id: UUID, scene: int, prompts: dict[int, str]) -> Fact:
    """The fact of a scene that most later scenes were told, but not all."""
    async with studio.store.reading() as tx:
        facts = [fact for fact in await tx.canon.list_facts(story_id) if fact.valid_from == scene and fact.evidence]
    told = {fact.id: sum(fact.statement in prompts[n] for n in prompts if n > scene) for fact in facts}
    return max(facts, key=lambda fact: told[fact.id])


def check_reasons(effects: EditEffects, fact: Fact, prompts: dict[int, str], summary: str) -> None:
    """Listed is who was told the fact, in one of its shapes; who is not listed was not."""
    listed = {use.scene_number: use.reasons for use in effects.uses}
    for number, prompt in prompts.items():
        told = fact.statement in prompt
        assert (number in listed) >= (told and number > 3)
        assert number not in listed or told or fact.evidence in prompt or summary in prompt
    assert all(reasons for reasons in listed.values())


async def test_only_what_used_the_fact_is_listed_and_only_what_is_chosen_is_redone(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=12, words=60))
            story_id = whole.story_id
            before, known = await texts_of(studio, story_id), await what_is_known(studio, story_id)
            prompts = await prompts_of(studio, story_id)
            fact = await fact_that_was_told(studio, story_id, 3, prompts)
            edited = before[3].replace(fact.evidence, OTHERWISE)

            foreseen = await studio.preview_edit(story_id, 3, edited)
            assert await what_is_known(studio, story_id) == known
            effects = await studio.edit_scene(story_id, 3, edited)
            assert (effects.facts, effects.uses) == (foreseen.facts, foreseen.uses)
            assert fact.statement in {change.before.statement for change in effects.changed_facts if change.before}
            assert all(change.verdict is Verdict.RETRACTED for change in effects.changed_facts)
            async with studio.store.reading() as tx:
                summary = (await tx.stories.load_scene(story_id, 3)).summary
            check_reasons(effects, fact, prompts, summary)
            assert await texts_of(studio, story_id) == before | {3: edited}

            asked = len(endpoint.calls)
            chosen = [use.scene_number for use in effects.uses][:2]
            assert 2 <= len(effects.uses) < 9
            run = await studio.redo_scenes(story_id, chosen, "Let it rain.")
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            redone = await texts_of(studio, story_id)
            assert {n for n in redone if redone[n] != (before | {3: edited})[n]} == set(chosen)
            bought = endpoint.calls[asked:]
            await check_chapters(studio, story_id, chosen, known)
            assert len(bought) <= 9 * len(chosen)
            assert "Let it rain." in (await prompts_of(studio, story_id))[chosen[0]]

            for number in (3, *chosen):
                versions = await studio.list_revisions(story_id, number)
                await studio.restore(story_id, number, next(v.number for v in versions if v.text == before[number]))
            assert await texts_of(studio, story_id) == before
            assert await what_is_known(studio, story_id) == known

            asked = len(endpoint.calls)
            back = await studio.roll_back(story_id, 6)
            assert back
            assert back.id == whole.run_id
            await studio.work_on(back.id)
            assert await what_is_known(studio, story_id) == known
            assert len(endpoint.calls) == asked
