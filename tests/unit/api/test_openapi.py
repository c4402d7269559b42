"""The OpenAPI document: what it promises holds for its own examples."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from chorus.api.app import create_app
from chorus.api.bodies import NewManuscript, NewStory

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


def test_examples_of_bodies_are_accepted() -> None:
    for body in (NewStory, NewManuscript):
        schema = OPENAPI["components"]["schemas"][body.__name__]
        assert schema["examples"]
        for example in schema["examples"]:
            body.model_validate(example)
            jsonschema.validate(example, {**schema, "components": OPENAPI["components"]})
