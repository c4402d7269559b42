"""Somebody or something in the world is changed: the facts that follow and the scenes that were told are listed."""

import pytest

from chorus.domain.edit import Verdict
from chorus.domain.story import Character, SceneBrief, WorldElement, WorldElementKind
from chorus.errors import Conflict, InvalidInput, NotFound
from tests.endpoint.server import EndpointServer
from tests.integration.editing.tales import fact_saying, tell
from tests.integration.pipeline.conftest import Open

MILL = "The mill was silent."


async def test_what_gets_another_name_is_called_so_in_plans_and_facts_and_comes_back(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        story_id = await tell(studio, MILL, "The sea was cold by the mill.", "The lamp was lit.")
        mill = WorldElement(story_id=story_id, number=1, kind=WorldElementKind.PLACE, name="mill", description="Old.")
        lamp = mill.model_copy(update={"id": story_id, "number": 2, "name": "lamp"})
        async with studio.store.transaction() as tx:
            await tx.stories.add_world([mill, lamp])
            second = await tx.stories.load_scene(story_id, 3)
            await tx.stories.save_scene(second.model_copy(update={"brief": SceneBrief(purpose="p", place="Mill")}))
        wanted = {"name": "brewery", "description": "It has been empty for years."}
        foreseen = await studio.preview_world_element(story_id, mill.id, wanted)
        assert (await fact_saying(studio, story_id, MILL)).subject == "mill"
        effects = await studio.edit_world_element(story_id, mill.id, wanted, note="A better place.")
        assert effects == foreseen
        (change,) = effects.facts
        assert change.before
        assert change.after
        assert (change.verdict, change.before.subject, change.after.subject) == (Verdict.RESTATED, "mill", "brewery")
        assert [use.scene_number for use in effects.uses] == [1, 2, 3]
        assert effects.uses[2].reasons == ("It happens there: mill.",)
        assert effects.details == (
            "mill is called brewery in every plan and fact; texts keep the old name",
            "brewery's description has changed",
        )
        async with studio.store.reading() as tx:
            assert [each.name for each in await tx.stories.list_world(story_id)] == ["brewery", "lamp"]
            assert (await tx.stories.load_scene(story_id, 3)).brief.place == "brewery"
        assert (await fact_saying(studio, story_id, MILL)).subject == "brewery"
        hits = await studio.search_memory("empty for years", story_id, k=1)
        assert hits[0].text == "brewery: It has been empty for years."

        with pytest.raises(InvalidInput, match="Something else is called Lamp"):
            await studio.edit_world_element(story_id, mill.id, {"name": " Lamp"})
        with pytest.raises(InvalidInput, match="not number"):
            await studio.edit_world_element(story_id, mill.id, {"number": 7})
        with pytest.raises(NotFound):
            await studio.edit_world_element(story_id, story_id.__class__(int=9), {"name": "x"})

        (noted,) = await studio.list_changes(story_id)
        await studio.restore_canon(story_id, noted.id)
        async with studio.store.reading() as tx:
            assert (await tx.stories.list_world(story_id))[0] == mill
        assert (await fact_saying(studio, story_id, MILL)).subject == "mill"


async def test_the_facts_about_whoever_gets_another_name_are_listed(studio_at: Open) -> None:
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        story_id = await tell(studio, "Old Mara was brave. The key was silver.", "Old Mara was tired.")
        mara = Character(story_id=story_id, number=1, name="Mara")
        async with studio.store.transaction() as tx:
            await tx.stories.add_characters([mara])
            key = await fact_saying(studio, story_id, "The key was silver.")
            await tx.canon.save_fact(key.model_copy(update={"known_by": ("Mara",)}))
        effects = await studio.edit_character(story_id, mara.id, {"name": "Nora"})
        assert {change.before.statement: change.reason for change in effects.facts if change.before} == {
            "Old Mara was brave.": "it is about Nora now",
            "The key was silver.": "who knows it is called Nora now",
            "Old Mara was tired.": "it is about Nora now",
        }
        assert (await studio.preview_character(story_id, mara.id, {"want": "To rest."})).facts == ()


async def test_the_scenes_that_were_told_of_something_are_listed(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story("A key.", settings=studio.default_settings(scenes=3, words=60))
            async with studio.store.reading() as tx:
                world = await tx.stories.list_world(whole.story_id)
                manifests = await tx.history.list_manifests(whole.story_id)
                scenes = {scene.id: scene for scene in (await tx.stories.load_outline(whole.story_id)).scenes}
            for element in world:
                told = {
                    scenes[scene_id].number
                    for scene_id, manifest in manifests.items()
                    for item in manifest["items"]
                    if item["included"] and item["source"] == f"world: {element.name}"
                }
                effects = await studio.preview_world_element(whole.story_id, element.id, {"description": "Gone."})
                listed = {use.scene_number: use.reasons for use in effects.uses}
                assert told <= listed.keys()
                assert all(listed[number] == (f"It was told what {element.name} is.",) for number in told)
            await studio.start_run("Another.")
            async with studio.store.transaction() as tx:
                await tx.runs.return_to(whole.run_id, (await tx.runs.load(whole.run_id)).stage)
                assert await tx.runs.claim(whole.run_id, "somebody:1:1")
            with pytest.raises(Conflict):
                await studio.edit_world_element(whole.story_id, world[0].id, {"description": "Gone."})
