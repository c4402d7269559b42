"""Whatever is sent by whomever: no 5xx, no answer the OpenAPI document does not promise, no 2xx without the role."""

import time
from collections import Counter
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chorus.api.app import create_app
from chorus.settings import AccessConfig, Role
from tests.figures import show
from tests.integration.api.conftest import ApiServer, config_of
from tests.integration.api.test_roles import TABLE

type Operation = APIOperation[Any, Any, Any, Any]

ROUTES: list[Operation] = [
    cast("Any", found).ok() for found in schemathesis.openapi.from_dict(create_app().openapi()).get_all_operations()
]
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


class Visitor:
    """Sends requests of any kind, as whoever is told, and looks at what comes back."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self._url = url
        self._session = session
        self._known = furnish(url)
        self.statuses: Counter[int] = Counter()

    def visit(self, route: Operation, cases: int, *, derandomize: bool) -> None:
        """Send so many requests to a route, right ones and wrong ones."""

        @settings(
            max_examples=cases,
            deadline=None,
            derandomize=derandomize,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(
            st.one_of(*(route.as_strategy(generation_mode=mode) for mode in GenerationMode)),
            st.sampled_from([*reversed(Role), None]),  # what stands first is drawn most: one who is let in, at home
            st.sampled_from([True, False]),
            st.integers(0, 7),
        )
        def send(case: Case[Any], role: Role | None, at_home: bool, pick: int) -> None:
            if at_home and not case.path.endswith("/events"):  # which would not end
                self._lead_home(case, pick)
            self._send(case, role)

        send()

    def _lead_home(self, case: Case[Any], pick: int) -> None:
        for name, ids in self._known.items():
            if case.path_parameters and name in case.path_parameters:
                case.path_parameters[name] = ids[pick % len(ids)]

    def _send(self, case: Case[Any], role: Role | None) -> None:
        told = {"Authorization": f"Bearer {TOKENS[role]}" if role else "Bearer nobody"}
        answer = case.call(base_url=self._url, session=self._session, headers=told, timeout=60)
        self.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code < 300 and case.path != "/health":
            assert role, (case.method, case.path)
            assert role.may(TABLE[f"{case.method} {case.path}"]), (role, case.method, case.path)


def send_anything(url: str, cases: int, *, derandomize: bool) -> Counter[int]:
    """Send so many requests, as many to one route as to any other."""
    with requests.Session() as session:
        session.trust_env = False
        visitor = Visitor(url, session)
        for route in ROUTES:
            visitor.visit(route, -(-cases // len(ROUTES)), derandomize=derandomize)
    return visitor.statuses


@pytest.mark.timeout(400)
def test_anything_may_be_sent_by_anybody(guarded: str) -> None:
    statuses = send_anything(guarded, 500, derandomize=True)
    assert statuses.keys() >= {200, 401, 403, 404, 422}
    assert statuses.total() >= 500


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_anything_may_be_sent_for_long(guarded: str) -> None:
    began_s = time.monotonic()
    statuses = send_anything(guarded, 10_000, derandomize=False)
    took_s = round(time.monotonic() - began_s)
    rows = [{"status": status, "answers": count} for status, count in sorted(statuses.items())]
    show(f"10,000 requests of any kind in {took_s} s", rows)
