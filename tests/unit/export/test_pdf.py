import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.export.books import LAMP, SHORT, exported, hostile_books
from tests.unit.export.test_round_trip import Book

SCRIPTS: Book = (
    "Ships: 船 السفن",
    [("Один", [("1", "Привет. Ελληνικά. これは。한국어. नमस्ते. สวัสดี. שלום. السلام. ქართული. አማርኛ. 🔥 ❦ ⁂")])],
)


def text_of(raw: bytes, folder: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (poppler-utils)")
    (folder / "book.pdf").write_bytes(raw)
    said = subprocess.run(["pdftotext", "-layout", str(folder / "book.pdf"), "-"], capture_output=True, check=True)
    return said.stdout.decode()


@pytest.mark.parametrize("book", [LAMP, SHORT, SCRIPTS, ("T", [("A", []), ("B", [])]), ("T", [("T", [("T", "x")])])])
def test_every_book_is_set_and_tagged(book: Book) -> None:
    raw = exported(book, "pdf")
    assert raw.startswith(b"%PDF-")
    assert b"/Tabs" in raw or b"/MarkInfo" in raw
    assert b"/JavaScript" not in raw


def test_the_text_is_on_the_pages(tmp_path: Path) -> None:
    told = text_of(exported(LAMP, "pdf"), tmp_path)
    for words in ("The Lamplighter’s", "Contents", "The Harbour", "Green Glass", "“Who is there?”", "of two lines."):
        assert words.casefold() in told.casefold()


def test_the_scripts_of_the_world_have_signs(tmp_path: Path) -> None:
    raw = exported(SCRIPTS, "pdf")
    assert "stands in their place" not in text_of(raw, tmp_path)


def test_what_no_font_can_show_is_said_on_the_last_page(tmp_path: Path) -> None:
    told = text_of(exported(("T", [("One", [("a", "x \U00012000 \U000f0000 y")])]), "pdf"), tmp_path)
    assert "x\ufffd\ufffdy" in "".join(told.split())
    assert "U+12000 CUNEIFORM SIGN A" in told


def test_markup_of_the_typesetter_is_text(tmp_path: Path) -> None:
    markup = [
        r"#panic() $x^2$ *a*",
        "_b_ `c` @d <e> // f",
        r"\#let = g [h]",
        '#import "@preview/x:0.1.0"',
        "~ -- --- ...",
    ]
    told = text_of(exported((markup[0], [("#panic()", [("$a", "\n\n".join(markup))])]), "pdf"), tmp_path)
    assert [line for line in markup if line not in told] == []


def test_hostile_text_is_set() -> None:
    naughty, payloads = hostile_books()
    for title, chapters in (naughty, payloads):
        sample: Book = (title, [(chapter, scenes[::20]) for chapter, scenes in chapters])
        assert exported(sample, "pdf").startswith(b"%PDF-")
