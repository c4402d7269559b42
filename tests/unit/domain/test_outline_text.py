"""An outline as text: what is written down reads back the same, and what a person types is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.domain.outline_draft import ChapterDraft, OutlineDraft, SceneDraft
from chorus.domain.outline_text import outline_text, read_outline
from chorus.errors import InvalidInput

_SPECIAL = st.sampled_from(
    ["# A", "- b", "with: Ann", "\\c", "words: many", "3 coins", "* d", "Wer war es?", "何が", ""]
)
_TEXT = _SPECIAL | st.text(st.characters(categories=("L", "N", "P")), max_size=12)
_LINE = _TEXT.map(lambda text: " ".join(text.split()))
_NAME = st.sampled_from(["Ilan", "Mara Voss", "Élodie"])
_TOLD = _LINE.filter(bool)
_SCENES = st.builds(
    SceneDraft,
    number=st.none() | st.integers(1, 40),
    title=st.sampled_from(["", "The bottle", "3 coins", "Ende: gut", "# odd"]),
    purpose=_LINE,
    beats=st.lists(_TOLD, max_size=3).map(tuple),
    cast=st.lists(_NAME, max_size=2, unique=True).map(tuple),
    place=_LINE,
    story_time=_LINE,
    entry=_LINE,
    exit=_LINE,
    plants=st.lists(_TOLD, max_size=2).map(tuple),
    payoffs=st.lists(_TOLD, max_size=2).map(tuple),
    target_words=st.sampled_from([0, 700]),
    locked=st.booleans(),
)
_CHAPTERS = st.builds(
    ChapterDraft,
    number=st.none() | st.integers(1, 9),
    title=st.sampled_from(["Autumn", "2 Rivers", "", "# odd"]),
    scenes=st.lists(_SCENES, max_size=3).map(tuple),
)


@given(st.lists(_CHAPTERS, min_size=1, max_size=3).map(lambda chapters: OutlineDraft(chapters=tuple(chapters))))
def test_what_is_written_down_reads_back_the_same(draft: OutlineDraft) -> None:
    assert read_outline(outline_text(draft, "The Lamp")) == draft


def test_what_a_person_types_is_understood() -> None:
    draft = read_outline(
        "# The Lamp\n\n## 1 Autumn\n### 2 The bottle [locked]\nIlan finds\na letter.\n* he climbs down\n"
        "with: Ilan,  Mara Voss\nat: the shore\nopens: Who wrote it?\nopens: Why?\nwords: 900\n\n"
        "### + New\nMara leaves.\n"
        "## Winter\n"
    )
    autumn, winter = draft.chapters
    first, second = autumn.scenes
    assert (autumn.number, autumn.title, winter.number, winter.title) == (1, "Autumn", None, "Winter")
    assert (first.number, first.title, first.locked, first.purpose) == (2, "The bottle", True, "Ilan finds a letter.")
    assert (first.beats, first.cast, first.plants) == (
        ("he climbs down",),
        ("Ilan", "Mara Voss"),
        ("Who wrote it?", "Why?"),
    )
    assert (first.place, first.target_words) == ("the shore", 900)
    assert (second.number, second.title, second.purpose) == (None, "New", "Mara leaves.")


def test_scenes_without_a_chapter_make_one() -> None:
    assert [len(chapter.scenes) for chapter in read_outline("### 1 A\nx\n### 2 B\ny\n").chapters] == [2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Once upon a time\n", "Line 1"),
        ("## 1 A\nSome prose.\n", "Line 2"),
        ("### 1 A\nwords: many\n", "must be a number"),
        ("### 1 A\nwords: 9999\n", "target_words"),
    ],
)
def test_what_makes_no_sense_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_outline(text)
