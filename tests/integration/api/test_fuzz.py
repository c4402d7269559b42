"""Whatever is sent: no 5xx, no status and no body that the OpenAPI document does not promise."""

import json
import random
import time
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.figures import show
from tests.integration.api.conftest import NOBODY

TEXTS = [
    "",
    "x",
    "\x00",
    "a\x00b",
    "é" * 50,
    "%",
    "'; DROP TABLE run; --",
    "\u202e",
    "9" * 40,
    "null",
    "../..",
    "x" * 5_000,
]
NUMBERS = [0, 1, -1, 2**31, 2**63, -(2**63), 10**30, 1.5, 1e308, True, "12", None]
JUNK: list[Any] = [*TEXTS, *NUMBERS, [], {}, [1], {"a": 1}]


def query(dice: random.Random, parameters: list[dict[str, Any]], known: list[str]) -> dict[str, str]:
    chosen = [each for each in parameters if each["in"] == "query" and (each.get("required") or dice.random() < 0.4)]
    values = [*map(str, [*TEXTS[:-1], *NUMBERS]), *known, "ok", "queued", "scene", "scene_generator"]
    return {each["name"]: dice.choice(values) for each in chosen}


def body(dice: random.Random, openapi: dict[str, Any], route: dict[str, Any]) -> bytes | None:
    if "requestBody" not in route:
        return None
    name = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = openapi["components"]["schemas"][name]
    sent = dict(schema["examples"][0])
    for _ in range(dice.randrange(3)):
        sent[dice.choice([*schema["properties"], "unknown"])] = dice.choice(JUNK)
    if dice.random() < 0.2:
        sent.pop(dice.choice(list(sent)))
    return json.dumps(sent if dice.random() < 0.9 else dice.choice(JUNK)).encode()


def fuzz(client: httpx.Client, seed: int, cases: int) -> set[int]:
    dice = random.Random(seed)  # noqa: S311 - a seed, not a secret
    openapi = client.get("/api/openapi.json").json()
    run = client.post("/api/stories", json={"premise": "A keeper."}).json()
    known = [run["run_id"], run["story_id"], str(NOBODY)]
    routes = [(p, m, r) for p, methods in openapi["paths"].items() for m, r in methods.items() if "events" not in p]
    statuses = set()
    for _ in range(cases):
        path, method, route = dice.choice(routes)
        for name in ("story_id", "run_id"):
            path = path.replace(f"{{{name}}}", dice.choice([*known, "x", "%00", "%F0%9F%98%80", "1" * 300]))
        params = query(dice, route.get("parameters", []), known)
        sent = body(dice, openapi, route)
        headers = {"Content-Type": "application/json"} if sent else {}
        answer = client.request(method.upper(), path, params=params, content=sent, headers=headers)
        where = (seed, method, path, params, (sent or b"")[:200], answer.text[:300])
        assert answer.status_code < 500, where
        promised = route["responses"].get(str(answer.status_code))
        assert promised or answer.status_code == 404, where
        if promised:
            schema = promised["content"]["application/json"]["schema"]
            jsonschema.validate(answer.json(), {**schema, "components": openapi["components"]})
        statuses.add(answer.status_code)
    return statuses


def test_anything_may_be_sent(client: httpx.Client) -> None:
    assert fuzz(client, seed=7, cases=250) >= {200, 202, 404, 422}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_anything_may_be_sent_for_long(client: httpx.Client) -> None:
    began_s = time.monotonic()
    statuses = {status for seed in range(20) for status in fuzz(client, seed, cases=500)}
    took_s = round(time.monotonic() - began_s)
    show("10,000 requests of any kind", [{"statuses": sorted(statuses), "of 500 and above": 0, "seconds": took_s}])
