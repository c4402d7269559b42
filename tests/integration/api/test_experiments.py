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
    assert client.post(f"{here}/cancel").status_code == 200
    for wrong in (
        {"arms": [{"name": "a", "settings": {"unknown": 1}}]},
        {"repeats": 100, "premises": list("abcdefghijk")},
    ):
        assert client.post("/api/experiments", json={**design, **wrong}).status_code == 422
