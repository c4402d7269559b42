"""Every route x role, before the real application: the role that each needs is written down here, by hand."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from chorus.access import COOKIE, session_of
from chorus.api.app import create_app
from chorus.domain.canon import Fact, FactStatus
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import ReviewItem, ReviewKind
from chorus.domain.story import Character, WorldElement, WorldElementKind
from chorus.settings import AccessConfig, Role
from chorus.store import Database
from tests.databases import count_rows
from tests.integration.api.conftest import NOBODY, ApiServer, add_story, config_of

OPEN = "GET /health"
NEEDED = {
    Role.VIEWER: """
        GET /api/experiments
        POST /api/experiments/estimate
        GET /api/experiments/{experiment_id}
        GET /api/experiments/{experiment_id}/pair
        GET /api/experiments/{experiment_id}/results
        GET /api/experiments/{experiment_id}/votes
        GET /api/llm-calls
        GET /api/llm-calls/{call_id}
        GET /api/memories/search
        GET /api/memories/status
        GET /api/metrics
        GET /api/metrics/{table}.csv
        GET /api/queue
        GET /api/review-items
        GET /api/review-items/{review_id}
        GET /api/runs
        GET /api/runs/{run_id}
        GET /api/runs/{run_id}/events
        GET /api/runs/{run_id}/events/list
        GET /api/runs/{run_id}/otlp
        GET /api/runs/{run_id}/spans
        GET /api/saved-views
        GET /api/stories
        POST /api/stories/estimate
        GET /api/stories/{story_id}
        GET /api/stories/{story_id}/bible
        GET /api/stories/{story_id}/canon-changes
        POST /api/stories/{story_id}/characters/{character_id}/preview
        GET /api/stories/{story_id}/concepts
        GET /api/stories/{story_id}/export
        GET /api/stories/{story_id}/facts
        GET /api/stories/{story_id}/facts/planned
        POST /api/stories/{story_id}/facts/{fact_id}/preview
        GET /api/stories/{story_id}/findings
        GET /api/stories/{story_id}/manuscript
        GET /api/stories/{story_id}/memories
        GET /api/stories/{story_id}/outline
        POST /api/stories/{story_id}/outline/preview
        GET /api/stories/{story_id}/outline/versions
        GET /api/stories/{story_id}/proposals
        GET /api/stories/{story_id}/relationships
        POST /api/stories/{story_id}/relationships/preview
        GET /api/stories/{story_id}/report
        GET /api/stories/{story_id}/scenes
        GET /api/stories/{story_id}/scenes/{scene}
        POST /api/stories/{story_id}/scenes/{scene}/preview
        GET /api/stories/{story_id}/scenes/{scene}/revisions
        GET /api/stories/{story_id}/scenes/{scene}/revisions/{revision}
        GET /api/stories/{story_id}/scenes/{scene}/revisions/{revision}/diff
        GET /api/stories/{story_id}/states
        POST /api/stories/{story_id}/world/{element_id}/preview
        GET /api/workers
    """,
    Role.EDITOR: """
        POST /api/experiments
        POST /api/experiments/{experiment_id}/cancel
        POST /api/experiments/{experiment_id}/judge
        POST /api/experiments/{experiment_id}/run
        POST /api/experiments/{experiment_id}/stop
        POST /api/experiments/{experiment_id}/votes
        POST /api/memories/reembed
        POST /api/review-items/{review_id}
        POST /api/runs/{run_id}/cancel
        POST /api/runs/{run_id}/pause
        POST /api/runs/{run_id}/resume
        PUT /api/saved-views
        DELETE /api/saved-views
        POST /api/stories
        POST /api/stories/import
        POST /api/stories/import/file
        POST /api/stories/{story_id}/canon
        POST /api/stories/{story_id}/canon-changes/{change_id}/restore
        PATCH /api/stories/{story_id}/characters/{character_id}
        POST /api/stories/{story_id}/concept
        POST /api/stories/{story_id}/continue
        PATCH /api/stories/{story_id}/facts/{fact_id}
        DELETE /api/stories/{story_id}/facts/{fact_id}
        POST /api/stories/{story_id}/fork
        PUT /api/stories/{story_id}/outline
        POST /api/stories/{story_id}/outline/versions/{version}/restore
        POST /api/stories/{story_id}/proposals
        POST /api/stories/{story_id}/redo
        PUT /api/stories/{story_id}/relationships
        POST /api/stories/{story_id}/rollback
        POST /api/stories/{story_id}/scenes/{scene}/lock
        POST /api/stories/{story_id}/scenes/{scene}/restore
        POST /api/stories/{story_id}/scenes/{scene}/revisions
        POST /api/stories/{story_id}/scenes/{scene}/unlock
        PATCH /api/stories/{story_id}/world/{element_id}
    """,
    Role.ADMIN: "DELETE /api/stories/{story_id}",
}
TABLE = {
    route.strip(): role for role, routes in NEEDED.items() for route in routes.strip().splitlines() if route.strip()
}
TOKENS = {role: f"{role.value}-of-the-house-canary" for role in Role}
MANUSCRIPT = "# The Lamp\n\n## One\n\nMara held a silver key.\n\n## Two\n\nThe sea was quiet.\n"
DESIGN = {"name": "Cool", "premises": ["A lamp."], "arms": [{"name": "a"}, {"name": "b"}]}
ASKED = {"GET /api/memories/search": {"q": "a key"}, "GET /api/saved-views": {"page": "metrics"}}


@pytest.fixture
def house(database_url: str) -> Iterator[ApiServer]:
    """The API of a house with a token for each role."""
    access = AccessConfig(tokens=tuple((role, SecretStr(token)) for role, token in TOKENS.items()), hosts=())
    with ApiServer(config_of(database_url).model_copy(update={"access": access})) as server:
        yield server


def visitor(house: ApiServer, role: Role | None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
    return httpx.Client(base_url=house.url, headers=headers, timeout=60, trust_env=False)


async def furnish(house: ApiServer, store: Database) -> dict[str, Any]:
    """Put something of each kind into the house; ids by the parameter that names them."""
    with visitor(house, Role.ADMIN) as client:
        story_id = client.post("/api/stories/import", json={"text": MANUSCRIPT}).json()["story_id"]
        experiment = client.post("/api/experiments", json=DESIGN).json()
        client.put("/api/saved-views", json={"page": "metrics", "name": "Mine"})
        run = await add_story(store)
        client.post(f"/api/runs/{run.id}/cancel")
    item = ReviewItem(story_id=run.story_id, run_id=run.id, kind=ReviewKind.OUTLINE, question="Good?")
    mara, ilan = (Character(story_id=story_id, number=n, name=name) for n, name in enumerate(("Mara", "Ilan"), 1))
    lamp = WorldElement(story_id=story_id, number=1, kind=WorldElementKind.OBJECT, name="Lamp", description="It burns.")
    call = LLMCall(
        story_id=run.story_id, run_id=run.id, agent="scene_generator", node="n", node_path="n", prompt_version="1",
        prompt_hash="h", model="m", settings={}, settings_hash="s", endpoint="e", request={}, outcome=Outcome.OK,
    )  # fmt: skip
    async with store.transaction() as tx:
        scene = await tx.stories.load_scene(story_id, 1)
        fact = Fact(
            story_id=story_id, scene_id=scene.id, revision_id=scene.revision_id, number=1, subject="the key",
            statement="It is of silver.", evidence="a silver key", valid_from=1, status=FactStatus.ESTABLISHED,
        )  # fmt: skip
        await tx.stories.add_characters([mara, ilan])
        await tx.stories.add_world([lamp])
        await tx.canon.add_facts([fact])
        await tx.runs.ask(item)
        await tx.calls.close(call)
    return {
        "story_id": story_id, "experiment_id": experiment["experiment_id"], "run_id": run.id, "review_id": item.id,
        "call_id": call.id, "fact_id": fact.id, "character_id": mara.id, "scene": 1, "revision": 1, "version": 1,
        "element_id": lamp.id,
        "table": "groups", "other": ilan.id, "change_id": NOBODY,
    }  # fmt: skip


def foreseen(known: dict[str, Any]) -> dict[str, Any]:
    """Bodies with which a viewer has something foreseen."""
    outline = {"chapters": [{"number": 1, "title": "One", "scenes": [{"number": 1}, {"number": 2}]}]}
    return {
        "POST /api/experiments/estimate": DESIGN,
        "POST /api/stories/estimate": {"premise": "A keeper."},
        "POST /api/stories/{story_id}/characters/{character_id}/preview": {"want": "To be left in peace."},
        "POST /api/stories/{story_id}/facts/{fact_id}/preview": {"statement": None},
        "POST /api/stories/{story_id}/outline/preview": outline,
        "POST /api/stories/{story_id}/relationships/preview": {
            "who": str(known["character_id"]), "whom": str(known["other"]), "kind": "sister", "scene": 1,
        },
        "POST /api/stories/{story_id}/scenes/{scene}/preview": {"text": "Mara held an iron key."},
        "POST /api/stories/{story_id}/world/{element_id}/preview": {"description": "It is dark."},
    }  # fmt: skip


def test_the_table_has_every_route() -> None:
    paths = create_app().openapi()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == {*TABLE, OPEN}


async def test_every_route_asks_for_its_role(house: ApiServer, store: Database, database_url: str) -> None:
    known = await furnish(house, store)
    bodies = foreseen(known)

    def ask(client: httpx.Client, route: str, ids: dict[str, Any]) -> httpx.Response:
        method, path = route.split()
        url = re.sub(r"\{(\w+)\}", lambda name: str(ids[name[1]]), path)
        return client.request(method, url, params=ASKED.get(route), json=bodies.get(route))

    before = count_rows(database_url)
    with visitor(house, None) as anybody, visitor(house, Role.VIEWER) as viewer:
        for route, needed in TABLE.items():
            assert ask(anybody, route, known).status_code == 401, route
            answer = ask(viewer, route, known)
            if needed is Role.VIEWER:
                assert answer.status_code == 200, (route, answer.text)
            else:
                assert answer.status_code == 403, (route, answer.text)
    assert count_rows(database_url) == before
    with visitor(house, Role.EDITOR) as editor, visitor(house, Role.ADMIN) as admin:
        assert ask(editor, "DELETE /api/stories/{story_id}", known).status_code == 403
        nowhere = {**known, **{name: NOBODY for name in known if name.endswith("_id")}}
        for route, needed in TABLE.items():
            statuses = {ask(editor, route, nowhere).status_code, ask(admin, route, nowhere).status_code}
            assert 401 not in statuses, route
            assert (403 in statuses) is (needed is Role.ADMIN), (route, statuses)
        assert ask(admin, "DELETE /api/stories/{story_id}", known).status_code == 204
        assert ask(admin, "GET /api/stories/{story_id}", known).status_code == 404


def test_who_has_signed_in_reads_the_documentation_and_nothing_else(house: ApiServer) -> None:
    session = {COOKIE: session_of(TOKENS[Role.VIEWER])}
    with httpx.Client(base_url=house.url, trust_env=False, cookies=session, timeout=60) as client:
        assert "/api/stories" in client.get("/api/docs").text
        assert client.get("/api/openapi.json").json()["paths"]
        assert client.get("/api/stories").status_code == 401
        assert client.post("/api/stories", json={"premise": "A keeper."}).status_code == 401


def test_a_stranger_hears_of_the_health_what_names_nothing(house: ApiServer) -> None:
    with visitor(house, None) as anybody, visitor(house, Role.VIEWER) as viewer:
        told, known = anybody.get("/health").json()["parts"], viewer.get("/health").json()["parts"]
    assert [part["name"] for part in told] == [part["name"] for part in known]
    assert all(part["said"] == part["condition"] and not (part["version"] or part["remedy"]) for part in told)
    assert any(part["version"] for part in known)


def test_who_asks_too_often_from_afar_has_to_wait(database_url: str) -> None:
    tokens = ((Role.VIEWER, SecretStr(TOKENS[Role.VIEWER])),)
    access = AccessConfig(tokens=tokens, hosts=(), requests_per_minute=5)
    config = config_of(database_url).model_copy(update={"access": access})
    with ApiServer(config) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        afar, told = {"X-Forwarded-For": "203.0.113.7"}, {"Authorization": f"Bearer {TOKENS[Role.VIEWER]}"}
        answers = [client.get("/api/stories", headers=afar) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
        assert answers[-1].json()["error"]["code"] == "too_many_requests"
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        of_token = [client.get("/api/stories", headers={**afar, **told}).status_code for _ in range(7)]
        assert of_token == [200] * 5 + [429] * 2  # a token has a pace of its own
        assert client.get("/api/stories", headers=told).status_code == 200  # and this machine has none
