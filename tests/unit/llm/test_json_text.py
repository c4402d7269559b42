import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chorus.llm.json_text import NoJson, find_json, without_thoughts

VALUE = {"title": "The {Tide}", "beats": ['He said "no".', "[later]"], "n": 3}
GOOD = json.dumps(VALUE)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n\n{GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```\nDone.",
        f"Here {{you}} are [sic]:\n{GOOD}\nEnjoy!",
        f'The value {{"of": "x"}} first, then {GOOD}',
        GOOD[:-1] + ",}",
        GOOD.replace(']"]', ']",]'),
        GOOD.replace('"n"', "n"),
        GOOD.replace("3}", "3 // three\n}"),
        f"```json\n{GOOD[:-1]},}}\n```",
    ],
)
def test_json_is_found_whatever_stands_around_it(text: str) -> None:
    if "first, then" in text:
        assert find_json(text) in (VALUE, {"of": "x"})
    else:
        assert find_json(text) == VALUE


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(), JSON, min_size=1), st.text(alphabet="abc .,!\n"))
def test_any_json_is_found_in_any_plain_words(value: dict[str, object], words: str) -> None:
    assert find_json(f"{words}\n{json.dumps(value)}\n{words}") == value


@given(st.integers(1, len(GOOD) - 1))
def test_a_value_that_breaks_off_is_never_completed_by_guessing(length: int) -> None:
    with pytest.raises(NoJson):
        find_json(GOOD[:length])


def test_quotes_that_were_not_escaped_are_mended() -> None:
    assert find_json('{"text": "She said "go" and went.", "n": 1}')["n"] == 1


@pytest.mark.parametrize("text", ["", "I would rather not.", "null", "{}{"])
def test_words_alone_are_no_json(text: str) -> None:
    if text == "{}{":
        assert find_json(text) == {}
    else:
        with pytest.raises(NoJson):
            find_json(text)


def test_a_flood_of_brackets_takes_no_time() -> None:
    began_s = time.perf_counter()
    for text in ("[[" * 50_000, '{"a":' * 50_000, "{" * 100_000):
        with pytest.raises(NoJson):
            find_json(text)
    assert time.perf_counter() - began_s < 2


def test_thinking_aloud_is_dropped() -> None:
    assert without_thoughts("<think>\nhm {x}\n</think>\n\nOnce.") == "Once."
    assert without_thoughts("Once <think> she stopped.") == "Once <think> she stopped."
