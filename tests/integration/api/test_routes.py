"""Every route and every way to be refused, over a real socket."""

import json
from uuid import UUID

import httpx
import pytest

from chorus.api.app import create_app
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import ReviewItem, ReviewKind, RunStatus
from chorus.store import Database
from tests.databases import count_rows
from tests.integration.api.conftest import NOBODY, ApiServer, add_story, config_of
from tests.unit.importing.files import epub, page

MANUSCRIPT = "# The Lamp\n\n## One\n\nThe keeper found a letter in a bottle.\n\n## Two\n\nThe sea was quiet.\n"


def error_of(answer: httpx.Response) -> dict[str, str]:
    """The one shape of every error."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "kind", "message"}
    assert "\n" not in body["error"]["message"]
    assert "Traceback" not in answer.text
    error: dict[str, str] = body["error"]
    return error


def test_health_says_each_part_and_its_version(client: httpx.Client) -> None:
    answer = client.get("/health")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ok")
    parts = {part["name"]: part for part in body["parts"]}
    assert parts.keys() >= {"database", "pgvector", "tables", "studio", "model", "embedder", "workers"}
    assert parts["database"]["version"].startswith("Postgres ")
    assert "canary-key" not in answer.text


def test_a_story_is_started_and_found_again(client: httpx.Client) -> None:
    answer = client.post("/api/stories", json={"premise": "A keeper.", "title": "Lamp", "scenes": 3, "priority": 5})
    run = answer.json()
    assert (answer.status_code, run["status"], run["title"]) == (202, "queued", "Lamp")
    detail = client.get(answer.headers["Location"]).json()
    assert (detail["run_id"], detail["settings"]["scenes"], detail["priority"]) == (run["run_id"], 3, 5)
    story = client.get(f"/api/stories/{run['story_id']}").json()
    assert (story["story_id"], story["run"]["run_id"]) == (run["story_id"], run["run_id"])
    assert [row["story_id"] for row in client.get("/api/stories").json()] == [run["story_id"]]
    assert [row["run_id"] for row in client.get("/api/runs", params={"status": "queued"}).json()] == [run["run_id"]]
    assert client.get("/api/runs", params={"status": "failed"}).json() == []


def test_a_run_is_paused_resumed_and_cancelled(client: httpx.Client) -> None:
    run = client.post("/api/stories", json={"premise": "A keeper."}).json()
    here = f"/api/runs/{run['run_id']}"
    assert [client.post(f"{here}/{word}").json()["status"] for word in ("pause", "resume", "cancel")] == [
        "paused",
        "queued",
        "cancelled",
    ]
    refused = client.post(f"{here}/resume")
    assert (refused.status_code, error_of(refused)["code"]) == (409, "conflict")


def test_a_budget_of_any_scope_is_set_and_raised(client: httpx.Client) -> None:
    wish = {"premise": "A keeper.", "budget_tokens_per_scene": 900, "budget_usd_per_day": 2.5}
    run = client.post("/api/stories", json=wish).json()
    here = f"/api/runs/{run['run_id']}"
    client.post(f"{here}/pause")
    resumed = client.post(f"{here}/resume", json={"budget_tokens": 50_000, "budget_for": "scene"}).json()
    assert resumed["settings"]["budget_tokens_per_scene"] == 50_000
    assert resumed["settings"]["budget_usd_per_day"] == 2.5
    assert client.post(f"{here}/resume", json={"budget_tokens": 1, "budget_for": "week"}).status_code == 422


def test_a_manuscripts_file_is_imported(client: httpx.Client) -> None:
    book = epub({"a": page("<h1>Dawn</h1><p>A grebe dived.</p>")})
    here = "/api/stories/import/file"
    answer = client.post(here, params={"name": "a.epub", "title": "T\x00itle"}, content=book)
    assert (answer.status_code, answer.json()["words"]) == (201, 3)
    hits = client.get("/api/memories/search", params={"q": "grebes", "story_id": answer.json()["story_id"]}).json()
    assert hits[0]["text"] == "A grebe dived."
    assert client.post(here, content=b"PK\x03\x04 no archive").status_code == 422
    assert client.post(here).status_code == 422


def test_a_manuscript_is_imported_read_and_searched(client: httpx.Client) -> None:
    answer = client.post("/api/stories/import", json={"text": MANUSCRIPT})
    story_id = answer.json()["story_id"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/stories/{story_id}")
    manuscript = client.get(f"/api/stories/{story_id}/manuscript").json()
    assert [scene["number"] for chapter in manuscript["chapters"] for scene in chapter["scenes"]] == [1, 2]
    scenes = client.get(f"/api/stories/{story_id}/scenes").json()
    assert [(scene["number"], scene["chapter_number"], scene["status"]) for scene in scenes] == [
        (1, 1, "approved"),
        (2, 1, "approved"),
    ]
    hits = client.get("/api/memories/search", params={"q": "a letter", "story_id": story_id, "k": 5}).json()
    assert hits[0]["scene_number"] == 1
    assert hits[0].keys() >= {"story_id", "scene_number", "kind", "text", "score", "rank", "vector_rank"}
    grouped = client.get("/api/memories/search", params={"q": "a letter", "story_id": story_id, "group": "scene"})
    assert grouped.status_code == 200
    among = {"q": "a letter", "story_id": story_id, "chapter": 1, "kind": ["passage", "fact"]}
    narrowed = client.get("/api/memories/search", params=among)
    assert {hit["kind"] for hit in narrowed.json()} == {"passage"}
    for name in ("character", "place"):
        nobody = client.get("/api/memories/search", params={"q": "a letter", name: "\x00 nobody"})
        assert (nobody.status_code, nobody.json()) == (200, [])


def test_what_a_search_weighs_is_said_with_it(client: httpx.Client) -> None:
    story_id = client.post("/api/stories/import", json={"text": MANUSCRIPT}).json()["story_id"]
    asked = {"q": "a letter", "story_id": story_id, "group": "scene"}

    def found(**weights: float) -> dict[int, tuple[float, dict[str, float]]]:
        hits = client.get("/api/memories/search", params={**asked, **weights}).json()
        assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
        return {hit["scene_number"]: (hit["score"], hit["parts"]) for hit in hits}

    plain, weighed = found(), found(recency=2)
    for scene, (score, parts) in weighed.items():
        assert parts == plain[scene][1]  # each part is as it was, and weighs more
        assert score - plain[scene][0] == pytest.approx(2 * parts["recency"], abs=1e-4)
    assert plain[2][1]["recency"] > plain[1][1]["recency"]
    refused = client.get("/api/memories/search", params={**asked, "recency": -1})
    assert refused.status_code == 422


async def test_lists_come_in_pages(aclient: httpx.AsyncClient, store: Database) -> None:
    for number in range(5):
        await add_story(store, f"T{number}")
    seen: list[str] = []
    where: str | None = "/api/stories?limit=2"
    while where:
        answer = await aclient.get(where)
        seen += [story["title"] for story in answer.json()]
        where = answer.links.get("next", {}).get("url")
    assert seen == [f"T{number}" for number in reversed(range(5))]


async def test_calls_and_questions_are_filtered(aclient: httpx.AsyncClient, store: Database) -> None:
    run, other = await add_story(store), await add_story(store)
    async with store.transaction() as tx:
        for index, (owner, outcome) in enumerate([(run, Outcome.OK), (run, Outcome.TIMEOUT), (other, Outcome.OK)]):
            await tx.calls.close(
                LLMCall(
                    story_id=owner.story_id,
                    run_id=owner.id,
                    agent="scene_generator",
                    node="draft_scene",
                    node_path=f"scene/{index}/draft_scene",
                    prompt_version="1",
                    prompt_hash="h",
                    model="m",
                    settings={},
                    settings_hash="s",
                    endpoint="e",
                    request={},
                    outcome=outcome,
                )
            )
        item = ReviewItem(story_id=run.story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Good?")
        await tx.runs.ask(item)
    assert len((await aclient.get("/api/llm-calls")).json()) == 3
    assert len((await aclient.get("/api/llm-calls", params={"story_id": str(run.story_id)})).json()) == 2
    late = (await aclient.get("/api/llm-calls", params={"run_id": str(run.id), "outcome": "timeout"})).json()
    assert [call["outcome"] for call in late] == ["timeout"]
    assert "request" not in late[0]
    assert (await aclient.get("/api/llm-calls", params={"agent": "story_architect"})).json() == []
    questions = (
        await aclient.get("/api/review-items", params={"story_id": str(run.story_id), "status": "open"})
    ).json()
    assert [question["review_id"] for question in questions] == [str(item.id)]
    assert (await aclient.get("/api/review-items", params={"story_id": str(other.story_id)})).json() == []


BAD = [
    ("GET", "/api/stories/nonsense", None, 422, "invalid_input"),
    ("GET", f"/api/stories/{NOBODY}", None, 404, "not_found"),
    ("GET", f"/api/stories/{NOBODY}/manuscript", None, 404, "not_found"),
    ("GET", f"/api/stories/{NOBODY}/scenes", None, 404, "not_found"),
    ("GET", f"/api/runs/{NOBODY}", None, 404, "not_found"),
    ("GET", f"/api/runs/{NOBODY}/events", None, 404, "not_found"),
    ("GET", f"/api/runs/{NOBODY}/events?after=-1", None, 422, "invalid_input"),
    ("GET", f"/api/runs/{NOBODY}/events?after=99999999999999999999", None, 422, "invalid_input"),
    ("POST", f"/api/runs/{NOBODY}/pause", None, 404, "not_found"),
    ("POST", f"/api/runs/{NOBODY}/resume", None, 404, "not_found"),
    ("POST", f"/api/runs/{NOBODY}/cancel", None, 404, "not_found"),
    ("GET", "/api/stories?limit=0", None, 422, "invalid_input"),
    ("GET", "/api/stories?offset=99999999999999999999", None, 422, "invalid_input"),
    ("GET", "/api/runs?status=asleep", None, 422, "invalid_input"),
    ("GET", "/api/runs?story_id=%00", None, 422, "invalid_input"),
    ("GET", "/api/llm-calls?agent=nobody", None, 422, "invalid_input"),
    ("GET", "/api/memories/search", None, 422, "invalid_input"),
    ("GET", "/api/memories/search?q=%00", None, 422, "invalid_input"),
    ("GET", "/api/memories/search?q=x&k=1000", None, 422, "invalid_input"),
    ("GET", "/api/memories/search?q=x&as_of=3000000000", None, 422, "invalid_input"),
    ("GET", f"/api/memories/search?q=x&story_id={NOBODY}", None, 404, "not_found"),
    ("POST", "/api/stories", {}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "   "}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "x" * 20_001}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "\x00"}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "x", "scenes": 0}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "x", "scenes": 10_000}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "x", "scenes": True}, 422, "invalid_input"),
    ("POST", "/api/stories", {"premise": "x", "unknown": 1}, 422, "invalid_input"),
    ("POST", "/api/stories/import", {"text": "\x00"}, 422, "invalid_input"),
    ("GET", "/api/nothing", None, 404, "not_found"),
    ("DELETE", "/api/stories", None, 405, "method_not_allowed"),
]


def test_what_cannot_be_done_is_said_in_one_shape(client: httpx.Client, database_url: str) -> None:
    before = count_rows(database_url)
    for method, path, body, status, code in BAD:
        answer = client.request(method, path, json=body)
        assert (answer.status_code, error_of(answer)["code"]) == (status, code), (method, path, body)
        assert error_of(answer)["message"]
    assert count_rows(database_url) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"\xff\xfe", 422),
        (b'{"premise": "\\ud800"}', 422),
        (b'{"premise": "x", "budget_usd": Infinity}', 422),
        (b'{"premise": "x", "budget_tokens": ' + b"9" * 5_000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b'{"premise": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_hostile_bodies_are_refused(client: httpx.Client, body: bytes, status: int) -> None:
    answer = client.post("/api/stories", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    error_of(answer)


def test_a_manuscript_may_be_larger_than_other_bodies(client: httpx.Client) -> None:
    answer = client.post("/api/stories/import", json={"text": MANUSCRIPT, "title": "x" * 201})
    assert answer.status_code == 422
    assert client.post("/api/stories/import", json={"text": "A word." + " " * 1_200_000}).status_code == 201


def test_answers_carry_what_keeps_a_browser_safe(client: httpx.Client) -> None:
    for path in ("/health", "/api/stories", "/api/nothing", "/api/docs"):
        headers = client.get(path, headers={"Origin": "https://elsewhere.example"}).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_the_server_starts_and_says_so_without_a_database() -> None:
    with (
        ApiServer(config_of("postgresql://nobody@127.0.0.1:9/nothing")) as server,
        httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client,
    ):
        health = client.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unavailable")
        for path in ("/api/stories", f"/api/runs/{NOBODY}/events"):
            answer = client.get(path)
            assert (answer.status_code, error_of(answer)["code"]) == (503, "database_unavailable")
            assert answer.headers["Retry-After"] == "1"
        assert client.get("/api/openapi.json").status_code == 200


def test_the_documentation_is_complete(client: httpx.Client) -> None:
    openapi = client.get("/api/openapi.json").json()
    assert openapi == json.loads(json.dumps(create_app().openapi()))
    page = client.get("/api/docs").text
    for path, methods in openapi["paths"].items():
        assert path in page
        for method, route in methods.items():
            where = f"{method} {path}"
            assert route["description"], where
            assert {"500", "503"} <= route["responses"].keys(), where
            assert path == "/health" or "422" in route["responses"], where
            assert "{" not in path or "404" in route["responses"], where
            for status, answer in route["responses"].items():
                if status >= "400" and path != "/health":
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (where, status)


def test_ids_are_named_for_what_they_are(client: httpx.Client) -> None:
    run = client.post("/api/stories", json={"premise": "A keeper."}).json()
    rows = [*client.get("/api/stories").json(), *client.get("/api/runs").json(), run]
    assert all("id" not in row and UUID(row["story_id"]) for row in rows)
    assert RunStatus(run["status"]) is RunStatus.QUEUED
