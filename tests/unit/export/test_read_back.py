"""Importing an exported book gives the same title, chapters, scenes and words, in every format that can be imported."""

import pytest
from hypothesis import example, given, settings

from tests.unit.export.books import LAMP, SHORT, exported, hostile_books, read_back, words
from tests.unit.export.test_round_trip import _BOOKS, Book

FORMATS = ("html", "epub", "docx")


def in_words(book: Book) -> object:
    title, chapters = book
    return words(title), [(words(chapter), [(words(s), words(t)) for s, t in scenes]) for chapter, scenes in chapters]


def as_read(book: Book, name: str) -> object:
    read = read_back(book, name)
    return in_words((read.title, [(c.title, [(s.title, s.text) for s in c.scenes]) for c in read.chapters]))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("book", [LAMP, SHORT])
def test_a_book_comes_back_as_it_was(book: Book, name: str) -> None:
    read = read_back(book, name)
    assert (read.title, [(c.title, [(s.title, s.text) for s in c.scenes]) for c in read.chapters]) == (*book,)


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_comes_back_as_it_was(name: str) -> None:
    for book in hostile_books():
        assert as_read(book, name) == in_words(book)


@pytest.mark.parametrize("name", ["html", "epub"])
@given(_BOOKS)
@example(("T", [("T", [("T", "intro"), ("s", "x")])]))
@example(("T", [("T", [("T", "x")])]))
@example(("T", [("A", [("A", "x")]), ("B", [("B", "y")])]))
@example(("T", [("T", [("a", "x")]), ("T", [("b", "y")])]))
@example(("T", [("A", []), ("B", [("s", "x")])]))
@example(("T", [("T", [("T", "x")]), ("B", [("s", "y")])]))
def test_any_book_comes_back_in_words(name: str, book: Book) -> None:
    assert as_read(book, name) == in_words(book)


@settings(max_examples=10, deadline=None)  # a template of Word's is taken apart for each
@given(_BOOKS)
@example(("T", [("T", [("T", "intro"), ("s", "x")])]))
@example(("T", [("A", []), ("B", [("s", "x")])]))
def test_any_book_comes_back_from_word(book: Book) -> None:
    assert as_read(book, "docx") == in_words(book)


@pytest.mark.parametrize("name", ["md", "html", "epub", "docx", "pdf"])
def test_the_same_story_gives_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = exported(LAMP, name)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert exported(LAMP, name) == first
