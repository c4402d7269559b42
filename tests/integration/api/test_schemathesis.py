"""Whatever is sent by whomever: no 5xx, no answer the OpenAPI document does not promise, no 2xx without the role."""

import time
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chorus.api.app import create_app
from chorus.api.door import needed_for
from chorus.settings import AccessConfig, Role
from tests.figures import show
from tests.integration.api.conftest import ApiServer, config_of

SCHEMA = schemathesis.openapi.from_dict(create_app().openapi())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TOKENS = {role: f"{role.value}-of-the-house-canary" for role in Role}
MANUSCRIPT = "# The Lamp\n\n## One\n\nThe keeper found a letter in a bottle.\n\n## Two\n\nThe sea was quiet.\n"
DESIGN = {"name": "Cool", "premises": ["A lamp."], "arms": [{"name": "a"}, {"name": "b"}]}
CASES = st.one_of(
    SCHEMA.as_strategy(generation_mode=GenerationMode.POSITIVE),
    SCHEMA.as_strategy(generation_mode=GenerationMode.NEGATIVE),
)


@pytest.fixture
def guarded(database_url: str) -> Any:
    """The API of a house with a token for each role, and with something of each kind in it."""
    access = AccessConfig(tokens=tuple((role, SecretStr(token)) for role, token in TOKENS.items()), hosts=())
    with ApiServer(config_of(database_url).model_copy(update={"access": access})) as server:
        yield server.url


def furnish(url: str) -> dict[str, list[str]]:
    """Put something into the house; ids by the parameter that names them."""
    told = {"Authorization": f"Bearer {TOKENS[Role.ADMIN]}"}
    with httpx.Client(base_url=url, headers=told, timeout=30, trust_env=False) as client:
        run = client.post("/api/stories", json={"premise": "A keeper."}).json()
        imported = client.post("/api/stories/import", json={"text": MANUSCRIPT}).json()
        experiment = client.post("/api/experiments", json=DESIGN).json()
    return {
        "story_id": [run["story_id"], imported["story_id"]],
        "run_id": [run["run_id"]],
        "experiment_id": [experiment["experiment_id"]],
        "scene": ["1", "2"],
        "revision": ["1"],
    }


def send_anything(url: str, cases: int, *, derandomize: bool) -> Counter[int]:
    known = furnish(url)
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=cases,
        deadline=None,
        derandomize=derandomize,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=CASES, role=st.sampled_from([None, *Role]), at_home=st.booleans(), pick=st.integers(0, 7))
    def send(case: Case[Any], role: Role | None, at_home: bool, pick: int) -> None:
        if at_home and not case.path.endswith("/events"):  # which would not end
            for name, ids in known.items():
                if case.path_parameters and name in case.path_parameters:
                    case.path_parameters[name] = ids[pick % len(ids)]
        told = {"Authorization": f"Bearer {TOKENS[role]}" if role else "Bearer nobody"}
        answer = case.call(base_url=url, headers=told, timeout=60)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code < 300 and case.path != "/health":
            assert role, (case.method, case.path)
            assert role.may(needed_for(case.method)), (role, case.method, case.path)

    send()
    return statuses


def test_anything_may_be_sent_by_anybody(guarded: str) -> None:
    assert send_anything(guarded, 500, derandomize=True).keys() >= {200, 401, 403, 404, 422}


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_anything_may_be_sent_for_long(guarded: str) -> None:
    began_s = time.monotonic()
    statuses = send_anything(guarded, 10_000, derandomize=False)
    took_s = round(time.monotonic() - began_s)
    rows = [{"status": status, "answers": count} for status, count in sorted(statuses.items())]
    show(f"10,000 requests of any kind in {took_s} s", rows)
