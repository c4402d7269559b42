"""Importing an exported story gives the same chapters, scenes and texts, whatever stands in them."""

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from chorus.domain.story import Manuscript, ManuscriptChapter, ManuscriptScene, Origin, SceneStatus
from chorus.domain.words import count_words
from chorus.errors import InvalidInput
from chorus.export import book_of, to_markdown
from chorus.export.book import printable
from chorus.importing import ParsedManuscript, read_manuscript

DATA = Path(os.environ.get("CHORUS_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
Book = tuple[str, list[tuple[str, list[tuple[str, str]]]]]

_HEADING_LIKE = [
    "# a",
    "## b ##",
    "#",
    " # d",
    "===",
    "---",
    "```",
    "~~~~",
    "```py",
    "\\# c",
    "\\\\---",
    "\\```",
    "#tag",
]
_OTHER = [
    "Plain words.",
    "Setext",
    "- x",
    "* * *",
    "***",
    ">q",
    "    code",
    "\t# e",
    "",
    "",
    "<!-- x",
    "<script>",
    "1. one",
]
_LINES = st.sampled_from([*_HEADING_LIKE, *_OTHER, "[r]: /u"])
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")
_TEXT = st.one_of(st.lists(_LINES, max_size=8).map("\n".join), st.text(_CHARACTERS, max_size=40)).map(str.strip)
_TITLE = st.one_of(
    st.sampled_from(["T", "*x*", "1.", "a # b #", "&amp;", "<b>", "`", "\\", "[a](b)", "a_b_c", "~~x~~"]),
    st.text(_CHARACTERS, min_size=1, max_size=12),
).map(lambda t: " ".join(t.split()) or "x")
_SCENES = st.lists(st.tuples(_TITLE, _TEXT), min_size=1, max_size=3)
_BOOKS = st.tuples(_TITLE, st.lists(st.tuples(_TITLE, _SCENES), min_size=1, max_size=3))


def manuscript(book: Book) -> Manuscript:
    title, given_chapters = book
    chapters, number = [], 0
    for chapter_number, (chapter, scenes) in enumerate(given_chapters, 1):
        made = []
        for scene, text in scenes:
            number += 1
            made.append(
                ManuscriptScene(
                    number=number,
                    title=scene,
                    status=SceneStatus.APPROVED,
                    text=text,
                    words=count_words(text),
                    revision_id=uuid4(),
                )
            )
        chapters.append(ManuscriptChapter(number=chapter_number, title=chapter, scenes=tuple(made)))
    return Manuscript(
        story_id=uuid4(), title=title, premise="p", language="English", origin=Origin.IMPORTED, chapters=tuple(chapters)
    )


def as_book(read: ParsedManuscript) -> Book:
    return read.title, [(c.title, [(s.title, s.text) for s in c.scenes]) for c in read.chapters]


@given(_BOOKS)
@example(("T", [("T", [("T", "intro"), ("s", "x")])]))
@example(("T", [("T", [("T", "x")])]))
@example(("T", [("A", [("A", "x")]), ("B", [("B", "y")])]))
@example(("T", [("T", [("a", "x")]), ("T", [("b", "y")])]))
@example(("T", [("A", [("A", "")]), ("B", [("s", "")])]))
@example(("T", [("A", []), ("B", [("s", "x")])]))
@example(("T", [("T", [("s", "```\n# x"), ("t", "y\n---\n```")])]))
def test_export_then_import_changes_nothing(book: Book) -> None:
    assert as_book(read_manuscript(to_markdown(book_of(manuscript(book))))) == book


@given(st.lists(_LINES, min_size=1, max_size=14).map("\n".join))
def test_import_then_export_then_import_changes_nothing(text: str) -> None:
    try:
        read = read_manuscript(text, title="A Title")
    except InvalidInput:
        reject()
    again = read_manuscript(to_markdown(book_of(manuscript(as_book(read)))))
    assert as_book(again) == as_book(read)


def test_the_naughty_strings_survive_as_texts_and_as_titles() -> None:
    path = DATA / "blns.json"
    if not path.exists():
        pytest.skip(f"there is no {path.name} in CHORUS_DATA ({DATA})")
    strings = [
        " ".join(s.replace("\x00", "").replace("\ufeff", "").split())
        for s in json.loads(path.read_text(encoding="utf-8"))
    ]
    scenes = [
        (" ".join(printable(string).split()), string)
        for string in strings
        if printable(string).strip() and not any(c in string for c in "\r\f")
    ]
    book: Book = ("Naughty", [("One", scenes[::2]), ("Two", scenes[1::2])])
    assert as_book(read_manuscript(to_markdown(book_of(manuscript(book))))) == book
