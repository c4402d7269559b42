import io
import subprocess
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from tests.epubcheck import epubcheck_command
from tests.unit.export.books import LAMP, SHORT, exported, hostile_books
from tests.unit.export.test_round_trip import Book

_XHTML = "{http://www.w3.org/1999/xhtml}"
MANY: Book = (
    "你好 <World>: السلام עולם 🔥 " + "x" * 200,
    [
        ("第一章", [("場面", "これは長い文章です。\n\n一行\n二行"), ("]]>", "\x01\ufffe a\x0bb ]]> &amp;")]),
        ("Zwei", []),
    ],
)


def opened(book: Book, language: str = "English") -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(exported(book, "epub", language)))


def test_the_mimetype_comes_first_and_is_not_packed() -> None:
    first = opened(LAMP).infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")


def test_the_navigation_leads_to_every_chapter() -> None:
    book = opened(LAMP)
    nav = etree.fromstring(book.read("EPUB/nav.xhtml"))
    links = [(link.get("href"), link.text) for link in nav.iter(f"{_XHTML}a")][:2]
    assert links == [("chapter-001.xhtml", "The Harbour"), ("chapter-002.xhtml", "Chapter 2")]
    assert {f"EPUB/{href}" for href, _ in links} <= set(book.namelist())


def test_hostile_text_makes_no_element_and_no_attribute() -> None:
    for hostile in hostile_books():
        book = opened(hostile)
        for name in book.namelist():
            if name.endswith((".xhtml", ".svg", ".opf")):
                tree = etree.fromstring(book.read(name))
                tags = {etree.QName(element).localname for element in tree.iter(etree.Element)}
                assert not tags & {"script", "iframe", "object", "embed", "form", "input", "foreignObject"}
                names = {str(key) for element in tree.iter(etree.Element) for key in element.attrib}
                assert not any(key.startswith("on") for key in names)


@pytest.mark.timeout(300)  # a Java machine has to wake up
def test_epubcheck_finds_nothing_to_say(tmp_path: Path) -> None:
    command = epubcheck_command()
    books = [(SHORT, "Klingon"), (MANY, "Arabic"), hostile_sample()]
    for n, (book, language) in enumerate(books):
        file = tmp_path / f"{n}.epub"
        file.write_bytes(exported(book, "epub", language))
        said = subprocess.run([*command, "--failonwarnings", str(file)], capture_output=True, check=False, text=True)
        assert said.returncode == 0, said.stdout + said.stderr


def hostile_sample() -> tuple[Book, str]:
    """Every hundredth payload and every naughty string, in one book."""
    naughty, payloads = hostile_books()
    return (
        "<i>Hostile</i>",
        [*naughty[1], ("Empty", []), *((title, scenes[::100]) for title, scenes in payloads[1])],
    ), "English"
