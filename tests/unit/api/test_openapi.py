"""The OpenAPI document: what it promises holds for its own examples."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from chorus.api.app import create_app

OPENAPI = create_app().openapi()


def examples() -> Iterator[Any]:
    """Every example of a JSON answer, with the schema it stands for."""
    for path, methods in OPENAPI["paths"].items():
        for method, route in methods.items():
            for status, answer in route["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                is_file = content.get("schema", {}).get("format") == "binary"
                if content and status < "300" and path != "/health" and not is_file:
                    yield pytest.param(content, id=f"{method} {path} {status}")


@pytest.mark.parametrize("content", [each for each in examples() if "event" not in str(each.id)])
def test_every_good_answer_has_an_example_that_fits_its_schema(content: dict[str, Any]) -> None:
    assert content["example"]
    jsonschema.validate(content["example"], {**content["schema"], "components": OPENAPI["components"]})


def bodies() -> Iterator[Any]:
    """Every body that may be sent, with its schema and its examples."""
    for path, methods in OPENAPI["paths"].items():
        for method, route in methods.items():
            for content in route.get("requestBody", {}).get("content", {}).values():
                yield pytest.param(content["schema"], id=f"{method} {path}")


@pytest.mark.parametrize("schema", list(bodies()))
def test_every_body_has_an_example_that_is_accepted(schema: dict[str, Any]) -> None:
    whole = {**schema, "components": OPENAPI["components"]}
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps([schema.get("$ref"), schema.get("anyOf")]))
    examples = [*schema.get("examples", []), *(e for n in names for e in whole["components"]["schemas"][n]["examples"])]
    assert examples
    for example in examples:
        jsonschema.validate(example, whole)
