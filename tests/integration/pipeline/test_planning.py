"""Planning against a real endpoint and database: long books, the gates, and outlines that people change."""

import json

import pytest
from sqlalchemy import text

from chorus.domain.outline_draft import SceneDraft, add_scene, edit_scene, move_scene, remove_scene
from chorus.domain.run import Method, ReviewKind, ReviewMode, Run, RunStatus, Stage
from chorus.domain.story import OutlineCause, SceneStatus
from chorus.errors import Conflict, InvalidInput
from chorus.studio import Studio
from tests.endpoint.faults import Kind
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open

PREMISE = "A lighthouse keeper finds a letter in a bottle."


async def planned(studio: Studio, **settings: object) -> Run:
    """A story whose run waits at its outline."""
    chosen = {"words": 80, "review": ReviewMode.OUTLINE, **settings}
    run = await studio.start_run(PREMISE, settings=studio.default_settings(**chosen))
    assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
    return run


@pytest.mark.parametrize(("scenes", "setup_calls"), [(4, 5), (12, 5), (24, 7), (96, 13)])
async def test_a_plan_takes_few_questions_none_of_which_grows_with_the_book(
    studio_at: Open, scenes: int, setup_calls: int
) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await planned(studio, scenes=scenes)
            async with studio.store.reading() as tx:
                outline = await tx.stories.load_outline(run.story_id)
                calls = await tx.calls.list_of(run.story_id)
                versions = await tx.outlines.list_versions(run.story_id)
    assert [scene.number for scene in outline.scenes] == list(range(1, scenes + 1))
    assert len(endpoint.calls) == setup_calls
    assert scenes != 24 or setup_calls + len(outline.chapters) <= 14
    assert len({scene.brief.purpose for scene in outline.scenes}) == scenes
    assert [version.cause for version in versions] == [OutlineCause.PLAN]
    asked = [call.request["messages"][-1]["content"] for call in calls if call.node == "generate_outline"]
    assert max(map(len, asked)) < 6_000
    plants = [thread for scene in outline.scenes for thread in scene.brief.plants]
    payoffs = [thread for scene in outline.scenes for thread in scene.brief.payoffs]
    assert sorted(plants) == sorted(payoffs)


async def test_the_plan_of_a_long_book_does_not_depend_on_which_answer_comes_first(studio_at: Open) -> None:
    outlines = []
    for faults in ([], [None] * 5 + [Kind.HTTP_500]):  # the first part is answered last
        with EndpointServer(faults=faults) as endpoint:
            async with studio_at(endpoint.base_url) as studio:
                run = await planned(studio, scenes=30)
                async with studio.store.reading() as tx:
                    outline = await tx.stories.load_outline(run.story_id)
        outlines.append([(scene.title, scene.brief) for scene in outline.scenes])
    assert outlines[0] == outlines[1]


async def test_an_outline_is_edited_at_its_gate_and_the_story_follows_it(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await planned(studio, scenes=3)
            asked = len(endpoint.calls)
            draft = (await studio.load_outline(run.story_id)).draft
            new = SceneDraft(title="The boat", purpose="A boat comes in the night.", cast=("Nobody Known",))
            wanted = add_scene(move_scene(remove_scene(draft, 2), 3, 0), new, 1)
            edited = await studio.edit_outline(run.story_id, wanted, note="Shorter.")
            assert (edited.change.added, edited.change.removed, edited.version) == ((3,), (2,), 2)
            assert [doubt.kind.value for doubt in edited.doubts] == ["unknown_cast"]
            assert len(endpoint.calls) == asked  # an edit asks nobody
            named = edit_scene((await studio.load_outline(run.story_id)).draft, 3, cast=())
            await studio.edit_outline(run.story_id, named)
            await studio.approve(run.id)
            summary = await studio.work_on(run.id)
            versions = await studio.list_outline_versions(run.story_id)
            async with studio.store.reading() as tx:
                outline = await tx.stories.load_outline(run.story_id)
                drafts = [c for c in await tx.calls.list_of(run.story_id) if c.node == "draft_scene"]
            first = await studio.load_outline(run.story_id)
    assert (summary.status, summary.scenes, summary.scenes_planned) == (RunStatus.COMPLETE, 3, 3)
    assert outline.scenes[2].title == "The boat"
    assert "boat comes in the night" in json.dumps([c.request for c in drafts if c.scene_number == 3])
    assert [(v.number, v.cause, v.note) for v in versions] == [
        (1, OutlineCause.PLAN, ""),
        (2, OutlineCause.EDIT, "Shorter."),
        (3, OutlineCause.EDIT, ""),
    ]
    assert first.version == 3


async def test_what_is_written_is_touched_only_by_whoever_asks_for_it(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=3, words=80))
            before = await studio.load_manuscript(whole.story_id)
            draft = (await studio.load_outline(whole.story_id)).draft
            wanted = edit_scene(draft, 2, purpose="A boat comes in the night.")
            for displacing in (remove_scene(draft, 2), move_scene(draft, 2, 0)):
                with pytest.raises(Conflict, match=r"^Scenes? .* written already, and would move or go"):
                    await studio.edit_outline(whole.story_id, displacing)
            renamed = await studio.edit_outline(whole.story_id, edit_scene(draft, 2, title="Renamed"))
            assert renamed.change.retitled == (2,)
            edited = await studio.edit_outline(whole.story_id, wanted, rewrite=True)
            assert edited.change.touched == (2,)
            async with studio.store.reading() as tx:
                run = await tx.runs.load(whole.run_id)
                scenes = (await tx.stories.load_outline(whole.story_id)).scenes
            assert (run.status, run.stage) == (RunStatus.PAUSED, Stage.SCENES)
            assert [s.status is SceneStatus.APPROVED for s in scenes] == [True, False, False]
            await studio.work_on(whole.run_id)
            after = await studio.load_manuscript(whole.story_id)
            back = await studio.restore_outline(whole.story_id, 1, rewrite=True)
            assert back.change.edited == (2,)
            asked = len(endpoint.calls)
            await studio.work_on(whole.run_id)
            again = await studio.load_manuscript(whole.story_id)
    texts = [[s.text for c in m.chapters for s in c.scenes] for m in (before, after, again)]
    assert texts[0][0] == texts[1][0]
    assert texts[0][1] != texts[1][1]
    assert texts[2] == texts[0]  # the first outline again, and every answer is known
    assert len(endpoint.calls) == asked


async def test_a_person_chooses_the_concept_and_nothing_is_bought_twice(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60, concepts=3, choose_concept="ask")
            run = await studio.start_run(PREMISE, settings=settings)
            assert (await studio.work_on(run.id)).status is RunStatus.PAUSED
            async with studio.store.reading() as tx:
                (question,) = await tx.runs.list_questions(story_id=run.story_id)
            assert question.kind is ReviewKind.CONCEPT
            assert [c.selected for c in await studio.list_concepts(run.story_id)] == [False] * 3
            with pytest.raises(InvalidInput, match="1 to 3"):
                await studio.choose_concept(run.story_id, 4)
            await studio.choose_concept(run.story_id, 1)
            chosen = await studio.choose_concept(run.story_id, 3)
            summary = await studio.work_on(run.id)
            story_title = (await studio.load_manuscript(run.story_id)).title
            with pytest.raises(Conflict, match="another concept"):
                await studio.choose_concept(run.story_id, 1)
    assert summary.status is RunStatus.COMPLETE
    assert story_title
    told = [call for call in endpoint.calls if chosen.logline in str(call.body["messages"])]
    assert told
    asked = [c for c in endpoint.calls if "Propose 3 different concepts" in str(c.body["messages"])]
    assert len(asked) == 1


async def test_a_finished_story_goes_on_with_more_scenes(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            before = await studio.load_manuscript(whole.story_id)
            more = Run(story_id=whole.story_id, settings=studio.default_settings(scenes=4, words=60))
            async with studio.store.transaction() as tx:
                await tx.runs.add(more)
            summary = await studio.work_on(more.id)
            after = await studio.load_manuscript(whole.story_id)
            versions = await studio.list_outline_versions(whole.story_id)
            async with studio.store.reading() as tx:
                outline = await tx.stories.load_outline(whole.story_id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 4)
    texts = [[s.text for c in m.chapters for s in c.scenes] for m in (before, after)]
    assert texts[1][:2] == texts[0]
    assert outline.scenes[2].brief.entry == (outline.scenes[1].brief.exit or outline.scenes[1].brief.purpose)
    assert [version.cause for version in versions] == [OutlineCause.PLAN, OutlineCause.MORE]


def plan_of(*events: str) -> str:
    """A model's plan of scenes."""
    scenes = [
        {"title": "", "event": event, "place": "", "time": "", "cast": [], "beats": ["A step.", "A word."], "exit": ""}
        for event in events
    ]
    return json.dumps({"chapter_titles": ["One"], "scenes": scenes, "threads": []})


async def test_what_is_planned_after_the_last_scene_tells_nothing_that_was_told(studio_at: Open) -> None:
    told = "A keeper finds a sealed letter in a green bottle."
    says = [plan_of(told, "The storm drowns the supply boat."), plan_of(told, "The lamp is lit again at last.")]
    with EndpointServer(says={"OutlineAnswer": says}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story(PREMISE, settings=studio.default_settings(scenes=2, words=60))
            run = await studio.continue_story(whole.story_id, 2)
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(whole.story_id)).scenes
                events = await tx.runs.list_events(run.id)
    assert scenes[0].brief.purpose == told
    assert len({scene.brief.purpose for scene in scenes}) == 4
    assert [event.data["scenes"] for event in events if event.kind == "outline_repaired"] == [[1, 3]]


async def test_what_goes_on_for_long_has_questions_of_its_own(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            imported = await studio.import_manuscript("# The Lamp\n\nIlan Stone lit the lamp. The sea was quiet.\n")
            chosen = {"words": 60, "method": Method.PLAN}
            run = await studio.continue_story(imported.story_id, 7, chosen=chosen)
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            planned = await studio.load_outline(imported.story_id)
    scenes = planned.draft.scenes
    plants = {thread: scene.number or 0 for scene in scenes for thread in scene.plants}
    payoffs = {thread: scene.number or 0 for scene in scenes for thread in scene.payoffs}
    assert plants
    assert plants.keys() == payoffs.keys()
    assert all(1 < plants[thread] < payoffs[thread] for thread in plants)
    assert not {"open_thread", "unplanted"} & {doubt.kind.value for doubt in planned.doubts}


async def test_an_imported_story_goes_on(studio_at: Open) -> None:
    text = (
        "# The Lamp\n\n## One\n\nIlan Stone lit the lamp. The sea was quiet.\n\n## Two\n\nMara came by boat at dawn.\n"
    )
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            imported = await studio.import_manuscript(text)
            more = Run(story_id=imported.story_id, settings=studio.default_settings(scenes=3, words=60))
            async with studio.store.transaction() as tx:
                await tx.runs.add(more)
            summary = await studio.work_on(more.id)
            manuscript = await studio.load_manuscript(imported.story_id)
            async with studio.store.reading() as tx:
                events = await tx.runs.list_events(more.id)
    assert (summary.status, summary.scenes) == (RunStatus.COMPLETE, 3)
    assert next(s.text for c in manuscript.chapters for s in c.scenes).startswith("Ilan Stone lit the lamp.")
    assert not [event for event in events if event.kind == "outline_doubt"], "two scenes have no plan and need none"
    planning = [c for c in endpoint.calls if "Plan scenes 3 to 3 of 3" in str(c.body["messages"])]
    assert "Mara came by boat" in str(planning[0].body["messages"])


async def test_language_style_and_what_to_avoid_are_told_in_the_same_words(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            run = await studio.start_run(
                PREMISE,
                language="German",
                style_sample="Das Meer war still.",
                avoid=["Zufälle", " ", "Träume"],
                settings=studio.default_settings(scenes=1, words=60),
            )
            await studio.work_on(run.id)
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(run.story_id)
    for call in calls:
        told = call.request["messages"][-1]["content"]
        if call.node in ("generate_concepts", "name_cast", "generate_outline", "draft_scene", "coherence_check"):
            assert "Write in German." in told
            assert "“Das Meer war still.”" in told
            assert "Avoid: Zufälle; Träume." in told
        if call.node == "integrate_chapters":
            assert "German" in told


@pytest.mark.parametrize(("fresh", "kept_s", "again"), [(False, 3600, 0), (True, 3600, 2), (False, 0, 2)])
async def test_a_world_and_a_cast_made_lately_for_the_same_question_are_taken(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch, *, fresh: bool, kept_s: int, again: int
) -> None:
    monkeypatch.setenv("WORLD_CACHE_TTL_S", str(kept_s))
    monkeypatch.setenv("CHARACTER_CACHE_TTL_S", str(kept_s))
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=1, words=60, fresh=fresh)
            first = await studio.write_story(PREMISE, settings=settings)
            asked = len(endpoint.calls)
            second = await studio.write_story(PREMISE, settings=settings)
            async with studio.store.reading() as tx:
                worlds = [
                    [(e.name, e.description) for e in await tx.stories.list_world(run.story_id)]
                    for run in (first, second)
                ]
    names = [str(call.schema_name) for call in endpoint.calls[asked:]]
    assert sum(name in ("WorldAnswer", "ProfilesAnswer") for name in names) == again
    assert worlds[0] == worlds[1], "the test endpoint gives the same answer to the same question"


async def test_what_is_kept_is_asked_for_again_after_its_time_and_for_another_question(studio_at: Open) -> None:
    """Without any setting: a world for an hour, profiles for half of that; by temperature and by model."""
    world, profiles = {"WorldAnswer"}, {"ProfilesAnswer"}
    with EndpointServer(models=("test-model", "another-model")) as endpoint:
        async with studio_at(endpoint.base_url) as studio:

            async def asked_anew(*, minutes: int = 0, **settings: object) -> set[str]:
                async with studio.store.transaction() as tx:
                    older = text("UPDATE llm_call SET started_at = started_at - :minutes * interval '1 minute'")
                    await tx.connection.execute(older, {"minutes": minutes})
                before = len(endpoint.calls)
                await planned(studio, scenes=1, **settings)
                return {str(call.schema_name) for call in endpoint.calls[before:]} & (world | profiles)

            assert await asked_anew() == world | profiles
            assert await asked_anew() == set()
            assert await asked_anew(minutes=29) == set()
            assert await asked_anew(minutes=2) == profiles
            assert await asked_anew(minutes=30) == world | profiles
            assert await asked_anew() == set()
            assert await asked_anew(temperature=1.5) == world | profiles
            assert await asked_anew(models={"story_architect": "another-model"}) == world | profiles
