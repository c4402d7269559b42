"""Stories to export, and what is read back of them."""

import json
from datetime import UTC, datetime
from uuid import UUID

from chorus.domain.story import Outline, Story
from chorus.export import StoryBundle, find_exporter
from chorus.export.book import printable
from chorus.importing import ParsedManuscript, read_source
from tests.conftest import data_file
from tests.unit.export.test_round_trip import Book, manuscript

STORY_ID = UUID("3f2a91bc-0000-4000-8000-000000000001")
TEXT = " ".join(["The lamp burned low, and nobody in the harbour had thought of the oil before the storm."] * 2)

LAMP: Book = (
    "The Lamplighter’s Daughter",
    [
        ("The Harbour", [("The Harbour", f"{TEXT}\n\n“Who is there?”"), ("Green Glass", "A verse\nof two lines.")]),
        ("Chapter 2", [("Scene 3", TEXT), ("Scene 4", "The end — or not?")]),
    ],
)
SHORT: Book = ("A Tale", [("A Tale", [("Dusk", "It burned."), ("Dawn", "It went out.")])])


def bundle(book: Book, language: str = "English") -> StoryBundle:
    told = manuscript(book).model_copy(update={"language": language, "story_id": STORY_ID})
    moment = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)
    story = Story(id=STORY_ID, title=told.title, language=language, created_at=moment, updated_at=moment)
    return StoryBundle(story=story, manuscript=told, outline=Outline(chapters=(), scenes=()))


def exported(book: Book, name: str, language: str = "English") -> bytes:
    return find_exporter(name).render(bundle(book, language))


def read_back(book: Book, name: str) -> ParsedManuscript:
    return read_source(exported(book, name), file_name=f"book.{name}")


def words(text: str) -> list[str]:
    return printable(text).split()


def hostile_books() -> list[Book]:
    """The naughty strings and the XSS payloads, each as a title and as a text; ten to a chapter."""
    naughty = json.loads(data_file("blns.json").read_text(encoding="utf-8"))
    payloads = data_file("xss_payloads.txt").read_text(encoding="utf-8").splitlines()
    books: list[Book] = []
    for title, strings in (("<b>Naughty</b> & “quoted”", naughty), ("<script>alert(1)</script>", payloads)):
        told = [string for string in strings if words(string)]
        scenes = [(" ".join(words(string)), string) for string in told]
        chapters = [(scenes[n][0], scenes[n : n + 200]) for n in range(0, len(scenes), 200)]
        books.append((title, chapters))
    return books
