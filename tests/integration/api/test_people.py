"""People, lists in pages, what a story would take and how far memories are, over a real socket."""

import httpx

from chorus.domain.story import Character, CharacterState
from chorus.store import Database
from tests.integration.api.conftest import NOBODY, add_story


async def test_ties_are_foreseen_set_and_listed_and_states_are_shown(
    aclient: httpx.AsyncClient, store: Database
) -> None:
    run = await add_story(store)
    mara, ilan = (
        Character(story_id=run.story_id, number=number, name=name) for number, name in enumerate(("Mara", "Ilan"), 1)
    )
    async with store.transaction() as tx:
        await tx.stories.add_characters([mara, ilan])
        states = [
            CharacterState(story_id=run.story_id, character_id=who.id, scene_number=1, place=place)
            for who, place in ((mara, "the harbour"), (ilan, "the tower"))
        ]
        await tx.canon.add_states(states)
    await aclient.post(f"/api/runs/{run.id}/cancel")
    here = f"/api/stories/{run.story_id}"
    wanted = {"who": str(mara.id), "whom": str(ilan.id), "kind": "sister", "scene": 1}
    foreseen = await aclient.post(f"{here}/relationships/preview", json=wanted)
    assert (foreseen.status_code, (await aclient.get(f"{here}/relationships")).json()) == (200, [])
    assert (await aclient.put(f"{here}/relationships", json=wanted)).json() == foreseen.json()
    (tie,) = (await aclient.get(f"{here}/relationships")).json()
    assert (tie["character_id"], tie["other_id"], tie["kind"]) == (str(mara.id), str(ilan.id), "sister")
    assert (await aclient.put(f"{here}/relationships", json={**wanted, "whom": str(mara.id)})).status_code == 422

    first = await aclient.get(f"{here}/states", params={"limit": 1})
    second = await aclient.get(first.headers["Link"].split(">")[0].lstrip("<"))
    assert {row["place"] for row in first.json() + second.json()} == {"the harbour", "the tower"}
    assert "Link" not in second.headers
    assert (await aclient.get(f"{here}/states", params={"as_of": 0})).json() == []
    assert (await aclient.get(f"/api/stories/{NOBODY}/states")).status_code == 404


async def test_every_list_comes_in_pages(aclient: httpx.AsyncClient) -> None:
    paths = (await aclient.get("/api/openapi.json")).json()["paths"]
    asked = {path: methods["get"] for path, methods in paths.items() if "get" in methods}
    answered = {
        path: get["responses"]["200"].get("content", {}).get("application/json", {}) for path, get in asked.items()
    }
    lists = [path for path, answer in answered.items() if answer.get("schema", {}).get("type") == "array"]
    whole = {path for path in lists if "limit" not in {each["name"] for each in asked[path]["parameters"]}}
    assert whole == {"/api/memories/search", "/api/stories/{story_id}/scenes/{scene}/revisions/{revision}/diff"}


async def test_what_a_story_would_take_and_how_far_memories_are(aclient: httpx.AsyncClient) -> None:
    foreseen = (await aclient.post("/api/stories/estimate", json={"premise": "A keeper.", "scenes": 4})).json()
    assert 0 < foreseen["llm_calls"]["p50"] <= foreseen["llm_calls"]["p90"]
    assert (await aclient.get("/api/stories")).json() == []
    made = (await aclient.post("/api/stories/import", json={"text": "# Lamp\n\n## One\n\nIt burned."})).json()
    status = await aclient.get("/api/memories/status", params={"story_id": made["story_id"]})
    assert status.json()["pending"] >= 0
    assert (await aclient.get("/api/memories/status", params={"story_id": str(NOBODY)})).status_code == 404
