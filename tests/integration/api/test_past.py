"""Edits and what they touch, restores, locks, forks and answers, over a real socket."""

from uuid import UUID

import httpx

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.run import ReviewItem, ReviewKind
from chorus.domain.story import SceneStatus
from chorus.store import Database
from tests.integration.api.conftest import NOBODY, add_story

MANUSCRIPT = "# The Lamp\n\n## One\n\nMara held a silver key. It was late.\n\n## Two\n\nThe sea was quiet.\n"
EDITED = "Mara held an iron key. It was late."


async def known(store: Database, client: httpx.AsyncClient) -> str:
    """A story with one fact in its first scene; the address of the story."""
    story_id = (await client.post("/api/stories/import", json={"text": MANUSCRIPT})).json()["story_id"]
    async with store.transaction() as tx:
        scene = await tx.stories.load_scene(story_id, 1)
        evidence = "Mara held a silver key."
        fact = Fact(
            story_id=scene.story_id, scene_id=scene.id, revision_id=scene.revision_id, number=1, subject="the key",
            statement="The key is of silver.", evidence=evidence, span_start=0, span_end=len(evidence), valid_from=1,
            status=FactStatus.ESTABLISHED,
        )  # fmt: skip
        await tx.canon.add_facts([fact])
    return f"/api/stories/{story_id}"


async def test_a_scene_is_edited_compared_and_restored(aclient: httpx.AsyncClient, store: Database) -> None:
    story = await known(store, aclient)
    here = f"{story}/scenes/1"
    foreseen = (await aclient.post(f"{here}/preview", json={"text": EDITED})).json()
    assert [change["verdict"] for change in foreseen["facts"]] == ["restated"]
    assert (foreseen["revision"], foreseen["style_only"]) == (None, False)
    answer = await aclient.post(f"{here}/revisions", json={"text": EDITED, "note": "Silver is too soft."})
    assert (answer.status_code, answer.json()["revision"]["text"]) == (201, EDITED)
    stale = {"text": "Other.", "base_revision_id": foreseen["base_revision_id"]}
    assert (await aclient.post(f"{here}/revisions", json=stale)).status_code == 409
    rows = (await aclient.get(f"{here}/revisions")).json()
    assert [(row["number"], row["cause"], row["note"]) for row in rows] == [
        (1, "import", ""),
        (2, "edit", "Silver is too soft."),
    ]
    pieces = (await aclient.get(f"{here}/revisions/1/diff")).json()
    assert "".join(p["text"] for p in pieces if p["kind"] != "removed") == EDITED
    (fact,) = (await aclient.get(f"{story}/facts")).json()
    assert fact["statement"] == "The key is of iron."
    assert (await aclient.post(f"{here}/lock")).json()["locked"] is True
    assert (await aclient.post(f"{here}/restore", json={"revision": 1})).status_code == 409
    assert (await aclient.post(f"{here}/unlock")).json()["locked"] is False
    assert (await aclient.post(f"{here}/restore", json={"revision": 1})).json()["revision"]["number"] == 3
    assert (await aclient.get(f"{here}/revisions/3")).json()["text"].startswith("Mara held a silver key.")
    assert (await aclient.get(f"{here}/revisions/9")).status_code == 404


async def test_a_fact_is_changed_and_taken_back(aclient: httpx.AsyncClient, store: Database) -> None:
    story = await known(store, aclient)
    (fact,) = (await aclient.get(f"{story}/facts")).json()
    there = f"{story}/facts/{fact['id']}"
    effects = (await aclient.patch(there, json={"statement": "The key is of bone."})).json()
    assert effects["facts"][0]["after"]["statement"] == "The key is of bone."
    assert (await aclient.delete(there)).status_code == 200
    assert (await aclient.get(f"{story}/facts")).json() == []
    changes = (await aclient.get(f"{story}/canon-changes")).json()
    assert [change["after"]["status"] for change in changes] == ["established", "retracted"]
    for change, said in zip(reversed(changes), ("The key is of bone.", "The key is of silver."), strict=True):
        effects = (await aclient.post(f"{story}/canon-changes/{change['id']}/restore")).json()
        assert effects["facts"][0]["after"]["statement"] == said
    assert (await aclient.post(f"{story}/canon-changes/{NOBODY}/restore")).status_code == 404
    assert (await aclient.delete(f"{story}/facts/{NOBODY}")).status_code == 404


async def test_what_is_planned_is_no_canon_yet(aclient: httpx.AsyncClient, store: Database) -> None:
    story = await known(store, aclient)
    assert (await aclient.get(f"{story}/facts/planned")).json() == []
    async with store.transaction() as tx:
        scenes = (await tx.stories.load_outline(UUID(story.rpartition("/")[2]))).scenes
        brief = scenes[-1].brief.model_copy(update={"exit": "The key lies in the sea.", "cast": ("Mara",)})
        await tx.stories.save_scene(scenes[-1].model_copy(update={"brief": brief, "status": SceneStatus.QUEUED}))
    (planned,) = (await aclient.get(f"{story}/facts/planned")).json()
    assert (planned["status"], planned["statement"]) == ("planned", "The key lies in the sea.")
    assert (planned["subject"], planned["valid_from"]) == ("Mara", scenes[-1].number)
    assert planned["id"] not in {fact["id"] for fact in (await aclient.get(f"{story}/facts")).json()}


async def test_a_story_is_forked_and_a_question_answered(aclient: httpx.AsyncClient, store: Database) -> None:
    story = await known(store, aclient)
    made = (await aclient.post(f"{story}/fork", json={"after": 1, "title": "Another"})).json()
    assert (made["title"], made["forked_after"], made["run"]) == ("Another", 1, None)
    assert len((await aclient.get(f"/api/stories/{made['story_id']}/scenes")).json()) == 1
    assert (await aclient.post(f"{story}/fork", json={"after": 9})).status_code == 422
    run = await add_story(store)
    item = ReviewItem(story_id=run.story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Good?")
    async with store.transaction() as tx:
        await tx.runs.ask(item)
    there = f"/api/review-items/{item.id}"
    assert (await aclient.get(there)).json()["status"] == "open"
    assert (await aclient.post(there, json={"decision": "redraft"})).status_code == 422
    assert (await aclient.post(there, json={"decision": "edit", "base_revision_id": "none"})).status_code == 422
    answered = (await aclient.post(there, json={"decision": "accept", "base_revision_id": str(NOBODY)})).json()
    assert answered["item"]["status"] == "resolved"
    assert answered["run"]["run_id"] == str(run.id)
    assert (await aclient.post(there, json={"decision": "accept"})).status_code == 409
