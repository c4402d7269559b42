"""Whatever can be has a word: a value without one would be an error on a page."""

from enum import StrEnum

import pytest

from chorus.ui import words

WORDED = {
    name: table
    for name, table in vars(words).items()
    if isinstance(table, dict) and table and all(isinstance(key, StrEnum) for key in table)
}


@pytest.mark.parametrize("name", WORDED)
def test_every_value_has_its_word(name: str) -> None:
    kinds = {type(key) for key in WORDED[name]}
    assert set(WORDED[name]) == {value for kind in kinds for value in kind}
