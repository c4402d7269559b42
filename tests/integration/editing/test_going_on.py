"""An imported story: its canon is read as proposals, people settle them, and it goes on after its last scene."""

import json

import pytest

from chorus.domain.canon import FactStatus, MemoryKind
from chorus.domain.outline_draft import edit_scene
from chorus.domain.run import RunEvent, RunStatus
from chorus.errors import Conflict, InvalidInput
from tests.endpoint.server import EndpointServer
from tests.integration.editing.test_an_edit import texts_of
from tests.integration.pipeline.conftest import Open

MANUSCRIPT = """# The Lamp

## The harbour

Mara Voss came to the harbour at dusk. She carried a silver key. Nobody met her there, and the boats were gone.

## The tower

Ilan Reed kept the light in the tower. He had not spoken to anybody for three winters. That night he heard steps.
"""


def digest(quote: str) -> str:
    """A model's reading of a scene: one fact."""
    fact = {"subject": "it", "statement": f"{quote}.", "quote": quote}
    nothing: dict[str, list[str]] = {"characters": [], "newcomers": [], "planted": [], "paid_off": []}
    return json.dumps({"summary": f"{quote}.", "facts": [fact], **nothing})


async def test_an_imported_story_gets_a_canon_and_goes_on(studio_at: Open) -> None:
    says = [digest("Nobody met her there"), digest("Ilan Reed kept the light")]
    with EndpointServer(says={"DigestAnswer": says}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            before = await texts_of(studio, story_id)
            assert endpoint.calls == []
            reading = await studio.read_canon(story_id)
            assert (await studio.work_on(reading.id)).status is RunStatus.COMPLETE
            assert len(endpoint.calls) == 2

            proposed = await studio.list_proposals(story_id)
            assert {fact.valid_from for fact in proposed} == {1, 2}
            assert all(before[fact.valid_from][fact.span_start : fact.span_end] == fact.evidence for fact in proposed)
            edited = await studio.edit_scene(story_id, 1, before[1] + " It began to rain.")
            assert edited.style_only
            assert len(await studio.list_proposals(story_id)) == len(proposed)
            refused = await studio.refuse_facts(story_id, [(await studio.list_proposals(story_id))[0].id])
            approved = await studio.approve_facts(story_id)
            assert (len(refused), len(approved)) == (1, len(proposed) - 1)
            async with studio.store.reading() as tx:
                canon = await tx.canon.list_facts(story_id)
                told = {m.text for m in await tx.memories.list_of(story_id) if m.kind is MemoryKind.FACT}
            assert {fact.id for fact in canon} == {fact.id for fact in approved}
            assert {fact.statement for fact in approved} == told
            assert all(fact.status is FactStatus.ESTABLISHED for fact in canon)


async def test_whom_an_imported_story_meets_stands_somewhere_and_is_something_to_others(studio_at: Open) -> None:
    met = ["Mara Voss came to the harbour", "Ilan Reed kept the light"]
    people = [
        {
            "newcomers": [{"name": "Mara Voss", "description": "a traveller"}],
            "characters": [stands("Mara", "the quay")],
        },
        {
            "newcomers": [{"name": "Ilan Reed", "description": "a keeper"}],
            "characters": [stands("Ilan Reed", "the tower")],
            "ties": [{"name": "Ilan Reed", "other": "Mara Voss", "tie": "a stranger", "quote": "That night he heard"}],
        },
    ]
    says = [json.dumps({**json.loads(digest(quote)), **more}) for quote, more in zip(met, people, strict=True)]
    with EndpointServer(says={"DigestAnswer": says}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            await studio.work_on((await studio.read_canon(story_id)).id)
            async with studio.store.reading() as tx:
                cast = {character.id: character.name for character in await tx.stories.list_characters(story_id)}
                states = await tx.canon.list_states(story_id, 2)
                (tie,) = await tx.stories.list_relationships(story_id)
                told = [m.text for m in await tx.memories.list_of(story_id) if m.kind is MemoryKind.CHARACTER_STATE]
            assert {(cast[state.character_id], state.place) for state in states} == {
                ("Mara Voss", "the quay"),
                ("Ilan Reed", "the tower"),
            }
            assert (cast[tie.character_id], cast[tie.other_id], tie.kind) == ("Ilan Reed", "Mara Voss", "a stranger")
            assert told == ["Mara Voss: the quay.", "Ilan Reed: the tower."]


def stands(name: str, place: str) -> dict[str, object]:
    """How somebody stands, as a model tells it."""
    return {"name": name, "place": place, "condition": "", "goal": "", "alive": True}


async def test_a_long_reading_goes_on_where_it_stood(studio_at: Open) -> None:
    """A scene that was read stays read, however much has happened in the run before that."""
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            await studio.work_on((await studio.read_canon(story_id)).id)
            run = await studio.read_canon(story_id, again=[1])
            about = {"run_id": run.id, "story_id": story_id, "message": "It was so."}
            async with studio.store.transaction() as tx:
                await tx.runs.record_all([RunEvent(kind="trouble", **about) for _ in range(1_001)])
                await tx.runs.record(RunEvent(kind="canon_read", scene_number=1, **about))
            asked = len(endpoint.calls)
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            assert len(endpoint.calls) == asked


async def test_what_was_read_is_not_read_again(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            for _ in range(2):
                await studio.work_on((await studio.read_canon(story_id)).id)
                assert len(endpoint.calls) == 2


async def test_an_edited_scene_is_read_again_if_a_person_asks(studio_at: Open) -> None:
    quotes = ("Nobody met her there", "Ilan Reed kept the light", "A stranger sat in the tower")
    with EndpointServer(says={"DigestAnswer": [digest(quote) for quote in quotes]}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            await studio.work_on((await studio.read_canon(story_id)).id)
            kept = await studio.approve_facts(story_id)
            await studio.edit_scene(story_id, 2, "A stranger sat in the tower, and the light was out.")
            run = await studio.read_canon(story_id, again=[2])
            assert (await studio.work_on(run.id)).status is RunStatus.COMPLETE
            assert len(endpoint.calls) == 3
            assert [fact.evidence for fact in await studio.list_proposals(story_id)] == [quotes[2]]
            async with studio.store.reading() as tx:
                canon = [fact.evidence for fact in await tx.canon.list_facts(story_id)]
            assert ([fact.evidence for fact in kept], canon) == ([quotes[0], quotes[1]], [quotes[0]])


async def test_an_imported_story_goes_on_after_its_last_scene(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            chapter = (await studio.load_manuscript(story_id)).chapters[0].title
            with pytest.raises(InvalidInput, match="imported"):
                await studio.redo_scenes(story_id, [1])
            now = await texts_of(studio, story_id)
            more = await studio.continue_story(story_id, 2, chosen={"words": 60})
            assert (await studio.work_on(more.id)).status is RunStatus.COMPLETE
            texts = await texts_of(studio, story_id)
            assert {n: texts[n] for n in now} == now
            assert set(texts) == {1, 2, 3, 4}
            assert all(texts.values())
            assert (await studio.load_manuscript(story_id)).chapters[0].title == chapter
            await studio.lock(story_id, 4)
            with pytest.raises(Conflict, match="locked"):
                await studio.roll_back(story_id, 2)


async def test_imported_scenes_that_were_rolled_back_wait_for_a_plan(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            story_id = (await studio.import_manuscript(MANUSCRIPT)).story_id
            more = await studio.continue_story(story_id, 1, chosen={"words": 60})
            await studio.work_on(more.id)
            back = await studio.roll_back(story_id, 1)
            assert back
            asked = len(endpoint.calls)
            refused = await studio.work_on(back.id)
            assert refused.status is RunStatus.FAILED
            assert "Scene 2 was imported and never planned" in (refused.error or "")
            with pytest.raises(InvalidInput, match="never planned"):
                await studio.continue_story(story_id, 1)
            assert len(endpoint.calls) == asked
            draft = (await studio.load_outline(story_id)).draft
            planned = await studio.edit_outline(story_id, edit_scene(draft, 2, purpose="The keeper opens the door."))
            assert planned.run_id == back.id
            assert (await studio.work_on(back.id)).status is RunStatus.COMPLETE
            assert set(await texts_of(studio, story_id)) == {1, 2, 3}
