import itertools

import pytest
from lxml import etree

from chorus.export.cover import MOST_LINES, cover_svg
from tests.unit.export.books import STORY_ID


def lines(title: str) -> list[str]:
    drawn = etree.fromstring(cover_svg(STORY_ID, title))
    return [str(line.text) for line in drawn.iter("{*}tspan")]


@pytest.mark.parametrize(
    "title", ["The Lamplighter’s Daughter", "A", "Incomprehensibilities of the Heart", "灯台の灯が消えた夜"]
)
def test_a_title_is_broken_between_words(title: str) -> None:
    assert " ".join(lines(title)).split() == title.split()


@pytest.mark.parametrize("title", ["x" * 400, "word " * 200, "<script>alert(1)</script> & “quoted”"])
def test_any_title_has_room(title: str) -> None:
    told = lines(title)
    assert 0 < len(told) <= MOST_LINES
    assert title.replace(" ", "").startswith("".join(itertools.chain(*told)).replace(" ", "").removesuffix("…"))
