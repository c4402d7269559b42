from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from chorus.domain.llm_call import Outcome
from chorus.llm.structured import reask_words, shape_of


class Mood(StrEnum):
    CALM = "calm"
    TENSE = "tense"


class Member(BaseModel):
    """Somebody in the scene."""

    name: str = Field(description="As in the profile.", max_length=40)
    mood: Mood = Mood.CALM
    title: str | None = None


class Walk(BaseModel):
    kind: Literal["walk"]
    to: str


class Talk(BaseModel):
    kind: Literal["talk"]
    about: str


class Plan(BaseModel):
    lead: Member = Field(description="Who it is about.")
    cast: list[Member] = Field(min_length=1, max_length=3)
    step: Annotated[Walk | Talk, Field(discriminator="kind")]


class Tree(BaseModel):
    name: str
    branches: list["Tree"] = []


class Loose(BaseModel):
    anything: dict[str, int]


def objects_in(node: Any) -> list[dict[str, Any]]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    own = [node] if isinstance(node, dict) and node.get("type") == "object" else []
    return own + [found for child in children for found in objects_in(child)]


@pytest.mark.parametrize("model", [Plan, Tree, Member])
def test_the_schema_keeps_to_what_strict_endpoints_take(model: type[BaseModel]) -> None:
    wish = shape_of(model).wish
    assert wish.strict
    for found in objects_in(wish.schema):
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])
    text = str(wish.schema)
    assert not any(f"'{word}'" in text for word in ("default", "oneOf", "allOf", "discriminator"))
    assert wish.schema["type"] == "object"


def test_a_field_called_title_stays_and_descriptions_stay() -> None:
    schema = shape_of(Plan).wish.schema
    assert "title" in schema["$defs"]["Member"]["properties"]
    assert schema["properties"]["lead"] == {
        "anyOf": [{"$ref": "#/$defs/Member"}],
        "description": "Who it is about.",
    }
    assert schema["$defs"]["Member"]["properties"]["name"]["maxLength"] == 40


def test_a_schema_with_free_keys_is_not_called_strict() -> None:
    assert not shape_of(Loose).wish.strict


def test_a_shape_is_prepared_once() -> None:
    assert shape_of(Plan) is shape_of(Plan)


def test_values_are_unpacked_and_checked() -> None:
    shape = shape_of(Tree)
    assert shape.parse('{"name": "oak", "branches": []}').value == Tree(name="oak")
    assert shape.parse('[{"name": "oak"}]').value == Tree(name="oak")
    assert shape.parse('{"tree": {"name": "oak"}}').value == Tree(name="oak")
    wrong = shape.parse('{"name": 5, "branches": [{"n": 1}]}')
    assert wrong.outcome is Outcome.SCHEMA_MISMATCH
    assert wrong.value is None
    assert {problem.split(":")[0] for problem in wrong.problems} == {"name", "branches.0.name"}
    assert shape.parse("Sorry?").outcome is Outcome.INVALID_JSON


def test_a_reask_does_not_grow_with_the_answer() -> None:
    short = reask_words(("name: missing",), "{}")
    long = reask_words(tuple(f"field {n}: {'x' * 1000}" for n in range(500)), "y" * 100_000)
    assert "name: missing" in short
    assert len(long) < 2000
