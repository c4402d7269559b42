"""Experiments over HTTP: begun once, shown, stopped and taken away."""

import httpx


def test_an_experiment_is_begun_shown_and_taken_away(client: httpx.Client) -> None:
    arms = [{"name": "cool", "settings": {"temperature": 0.2}}, {"name": "warm", "settings": {"temperature": 1.1}}]
    design = {"name": "Cool or warm", "premises": ["A lantern."], "arms": arms}
    begun = client.post("/api/experiments", json=design)
    assert begun.status_code == 201, begun.text
    here = begun.headers["Location"]
    assert client.post("/api/experiments", json=design).headers["Location"] == here
    assert [row["trials"] for row in client.get("/api/experiments").json()] == [2]
    assert client.get(here).json()["status"] == "planned"
    assert len(client.get(f"{here}/results", params={"format": "csv"}).text.splitlines()) == 3
    assert "Cool or warm" in client.get(f"{here}/results", params={"format": "html"}).text
    handed_over = client.post(f"{here}/run", json={"at_once": 1})
    assert (handed_over.status_code, handed_over.json()["at_once"]) == (202, 1), handed_over.text
    assert [trial["status"] for trial in handed_over.json()["trials"]].count("running") == 1
    too_early = client.post(f"{here}/judge", json={"model": "any"})
    assert (too_early.status_code, "nothing to judge" in too_early.text) == (422, True), too_early.text
    assert client.post(f"{here}/stop").json()["at_once"] is None
    assert client.post(f"{here}/run").json()["at_once"] == 2
    assert client.post(f"{here}/cancel").json()["at_once"] is None
    for wrong in (
        {"arms": [{"name": "a", "settings": {"unknown": 1}}]},
        {"repeats": 100, "premises": list("abcdefghijk")},
    ):
        assert client.post("/api/experiments", json={**design, **wrong}).status_code == 422
