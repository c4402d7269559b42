"""The test endpoint's own answers: fit for any schema, whole sentences, and the same for the same request."""

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from chorus.llm.structured import shape_of
from tests.endpoint.answers import Answerer


class Inner(BaseModel):
    name: str = Field(min_length=3, max_length=20)
    tags: list[Literal["a", "b", "c"]] = Field(min_length=2, max_length=4)
    weight: float = Field(gt=0, lt=1)
    child: "Inner | None" = None


class Outer(BaseModel):
    title: str
    count: int = Field(ge=3, le=7)
    inners: list[Inner] = Field(min_length=4, max_length=4)
    either: Inner | str | None
    sure: bool
    evidence: str


def body(wish: str, model: type[BaseModel] | None = None) -> dict[str, Any]:
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": wish}]}
    if model is not None:
        wanted = shape_of(model).wish
        asked["response_format"] = {"json_schema": {"name": wanted.name, "schema": wanted.schema}}
    return asked


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_values_fit_the_schema(wish: str) -> None:
    value = Outer.model_validate_json(Answerer(body(wish, Outer)).answer())
    assert len(value.inners) == 4


def test_the_same_request_has_the_same_answer_and_another_has_another() -> None:
    assert Answerer(body("x", Outer)).answer() == Answerer(body("x", Outer)).answer()
    assert Answerer(body("x", Outer)).answer() != Answerer(body("y", Outer)).answer()
    assert Answerer(body("x")).answer() != Answerer(body("y")).answer()


@pytest.mark.parametrize("words", [60, 300, 1500])
def test_prose_has_about_the_words_asked_for_in_whole_sentences(words: int) -> None:
    text = Answerer(body(f"Write a scene of {words} words with Mara Voss.")).answer()
    assert words <= len(text.split()) <= words + 40
    assert text.endswith((".", ".”"))
    assert "Mara" in text
    sentences = text.replace("\n\n", " ").split(". ")
    assert len(set(sentences)) == len(sentences)


def test_quotes_come_out_of_the_prompt() -> None:
    wish = "Here is the scene. The brass key lay under the third stair, where nobody looked. Find facts."
    assert Outer.model_validate_json(Answerer(body(wish, Outer)).answer()).evidence in wish
