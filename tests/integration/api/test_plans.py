"""The plan over HTTP: what is shown can be changed and sent back."""

from copy import deepcopy
from typing import Any

import httpx


def test_an_outline_is_shown_changed_and_brought_back(client: httpx.Client) -> None:
    text = "# The Lamp\n\n## One\n\nThe keeper found a letter.\n\n## Two\n\nThe sea was quiet.\n"
    story = client.post("/api/stories/import", json={"text": text}).json()["story_id"]
    url = f"/api/stories/{story}/outline"
    shown = client.get(url).json()
    assert (shown["version"], [c["title"] for c in shown["draft"]["chapters"]]) == (0, ["The Lamp"])
    wanted: dict[str, Any] = deepcopy(shown["draft"])
    wanted["chapters"][0]["scenes"].append({"title": "Three", "purpose": "A boat comes.", "target_words": 300})
    foreseen = client.post(f"{url}/preview", json=wanted).json()
    assert (foreseen["added"], foreseen["touched"]) == ([3], [])
    edited = client.put(url, json={**wanted, "note": "One more."}).json()
    assert (edited["version"], edited["change"]["added"]) == (2, [3])
    run = client.get(f"/api/runs/{edited['run_id']}").json()
    assert (run["status"], run["scenes_planned"]) == ("paused", 3)
    assert edited["outline"]["chapters"][0]["scenes"][2]["number"] == 3
    planned = deepcopy(shown["draft"])
    planned["chapters"][0]["scenes"][0]["purpose"] = "The keeper finds a letter."
    foreseen = client.post(f"{url}/preview", json=planned).json()
    assert (foreseen["touched"], foreseen["displaced"]) == ([1], [])
    assert foreseen["uses"][0]["reasons"] == ["Its own plan is another: what happens, its length."]
    del wanted["chapters"][0]["scenes"][0]
    refused = client.put(url, json=wanted)
    assert refused.status_code == 409
    assert "Scenes 1, 2 are written already" in refused.json()["error"]["message"]
    assert [v["cause"] for v in client.get(f"{url}/versions").json()] == ["plan", "edit"]
    back = client.post(f"{url}/versions/1/restore", json={}).json()
    assert (back["version"], back["change"]["removed"]) == (3, [3])
    assert client.get(url).json()["draft"] == shown["draft"]


def test_a_story_without_concepts_has_none_to_choose(client: httpx.Client) -> None:
    run = client.post("/api/stories", json={"premise": "A keeper.", "choose_concept": "ask", "avoid": ["gore"]}).json()
    url = f"/api/stories/{run['story_id']}"
    assert client.get(url).json()["avoid"] == ["gore"]
    assert client.get(f"{url}/concepts").json() == []
    refused = client.post(f"{url}/concept", json={"number": 1})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")
    assert client.put(f"{url}/outline", json={"chapters": []}).status_code == 422
