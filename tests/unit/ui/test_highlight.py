"""What is marked of a query in a text."""

import pytest

from chorus.ui.highlight import highlighted


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("who went down with the lamp?", ["went", "lamp"]),
        ("the lamps", ["lamp"]),
        ("with the", ["with", "the"]),
        ("did he die", []),
        ("", []),
    ],
)
def test_small_words_are_marked_only_if_nothing_else_was_asked(query: str, marked: list[str]) -> None:
    shown = highlighted("She went home with the lamp & a <key>.", query)
    assert [part.partition("</mark>")[0] for part in shown.split("<mark>")[1:]] == marked
    assert "&amp; a &lt;key&gt;" in shown
