import pytest

from chorus.agents.parts import parts_of

PROSE = "The lamp burned. Nobody had lit it."


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"## The Lamp\n\n{PROSE}\n\n## The Tide\n\n{PROSE}", ["The Lamp", "The Tide"]),
        (f"**Scene 1: The Lamp**\n\n{PROSE}\n\nScene 2: The Tide\n\n{PROSE}", ["The Lamp", "The Tide"]),
        (f"# My Story\n\n## One\n\n{PROSE}\n\n## Two\n\n## Three\n\n{PROSE}", ["One", "Three"]),
    ],
)
def test_scenes_are_found_by_their_headings(text: str, titles: list[str]) -> None:
    parts = parts_of(text, 3)
    assert [part.title for part in parts] == titles
    assert {part.text for part in parts} == {PROSE}


def test_more_scenes_than_were_asked_for_become_the_last_one() -> None:
    parts = parts_of("\n\n".join(f"## T{n}\n\nText {n} here." for n in range(1, 5)), 2)
    assert [part.title for part in parts] == ["T1", "T2"]
    assert parts[1].text == "Text 2 here.\n\nText 3 here.\n\nText 4 here."


def test_a_story_without_headings_is_divided_evenly() -> None:
    paragraphs = [f"Paragraph {n} has six words." for n in range(6)]
    parts = parts_of("\n\n".join(paragraphs), 3)
    assert [part.words for part in parts] == [10, 10, 10]
    assert "\n\n".join(part.text for part in parts) == "\n\n".join(paragraphs)
    assert [part.words for part in parts_of("\n\n".join(paragraphs[:2]), 5)] == [5, 5]


@pytest.mark.parametrize("text", ["", "## Only a title", "…"])
def test_no_prose_is_no_part(text: str) -> None:
    assert parts_of(text, 3) == []
