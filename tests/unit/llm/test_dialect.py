import json

import pytest

from chorus.llm.dialect import Dialect, Format, SchemaWish, with_grammar
from tests.integration.llm.asking import a_prompt

WISH = SchemaWish("Plan", {"type": "object", "properties": {"a": {"type": "string"}}}, strict=True)


@pytest.mark.parametrize(
    ("error", "changed"),
    [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", {"limit_name"}),
        ("Unsupported value: 'temperature' does not support 0.7", {"temperature"}),
        ("stream_options is not a known field", {"stream_options"}),
        ("'stop' is not supported with this model", {"stop"}),
        ("response_format of type json_schema is not supported", {"format"}),
        ("Bad Request", {"format"}),
    ],
)
def test_a_refused_parameter_is_left_out(error: str, changed: set[str]) -> None:
    before = Dialect()
    after = before.concede(error, structured=True)
    assert after is not None
    assert {name for name in Dialect.__slots__ if getattr(before, name) != getattr(after, name)} == changed


def test_other_complaints_are_not_conceded_to() -> None:
    assert Dialect().concede("messages: content is too long for the model", structured=True) is None
    assert Dialect().concede("Bad Request", structured=False) is None


def test_concessions_come_to_an_end() -> None:
    dialect: Dialect | None = Dialect()
    steps = 0
    error = "max_completion_tokens stream_options temperature stop response_format"
    while dialect is not None:
        dialect, steps = dialect.concede(error, structured=True), steps + 1
    assert steps == 7


@pytest.mark.parametrize("form", Format)
def test_each_format_asks_for_the_schema_in_its_way(form: Format) -> None:
    body = Dialect(format=form).body(a_prompt(), "m", 0.5, WISH)
    spoken = str(body["messages"])
    assert ("JSON schema" in spoken) == (form is not Format.JSON_SCHEMA)
    assert body.get("response_format", {}).get("type", "none") == form
    assert body["temperature"] == 0.5
    assert body["max_tokens"] == 400


def test_a_server_of_ours_is_given_a_grammar_on_one_line() -> None:
    body = with_grammar(Dialect().body(a_prompt(), "m", 0.5, WISH))
    head, schema = body["grammar"].split(" %json ")
    assert head == "%llguidance {}\nstart:"
    assert json.loads(schema).items() > WISH.schema.items()
    assert "response_format" not in body
    humbler = Dialect(format=Format.JSON_OBJECT).body(a_prompt(), "m", 0.5, WISH)
    assert with_grammar(humbler) == humbler
