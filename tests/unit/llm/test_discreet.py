from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.llm.discreet import DiscreetEar

KEY = "sk-canary-0123456789abcdef"


def heard(pieces: list[str], *keys: str) -> list[str]:
    passed: list[str] = []
    ear = DiscreetEar(passed.append, keys)
    for piece in pieces:
        ear.hear(piece)
    ear.hear_out()
    return passed


@given(cuts=st.lists(st.integers(0, 80), max_size=10))
def test_a_key_is_never_passed_on_however_it_is_cut(cuts: list[int]) -> None:
    text = f"The lamp {KEY} went out, sk-can and sk-canary-01 stayed. {KEY}"
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    passed = heard([text[a:b] for a, b in pairwise(edges)], KEY)
    assert "".join(passed) == text.replace(KEY, "***")
    assert "" not in passed, "an empty piece would mean: from the start again"


@pytest.mark.parametrize("keys", [(), ("none",), (KEY,)])
def test_prose_is_not_held_up(keys: tuple[str, ...]) -> None:
    pieces = ["The lamp ", "burned ", "low."]
    assert heard(pieces, *keys) == pieces
