import io
import zipfile

from docx import Document
from lxml import etree

from tests.unit.export.books import LAMP, SHORT, exported, hostile_books

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def styled(name: str, raw: bytes) -> list[str]:
    return [
        paragraph.text
        for paragraph in Document(io.BytesIO(raw)).paragraphs
        if paragraph.style and paragraph.style.name == name
    ]


def test_headings_are_words_own_styles() -> None:
    raw = exported(LAMP, "docx")
    assert styled("Title", raw) == ["The Lamplighter’s Daughter"]
    assert styled("Heading 1", raw) == ["The Harbour", "Chapter 2"]
    assert styled("Heading 2", raw) == ["Green Glass", "Scene 3", "Scene 4"]
    assert styled("Heading 1", exported(SHORT, "docx")) == ["Dusk", "Dawn"]


def test_the_contents_are_a_field_whose_entries_lead_to_headings() -> None:
    raw = exported(LAMP, "docx")
    body = etree.fromstring(zipfile.ZipFile(io.BytesIO(raw)).read("word/document.xml"))
    assert [text.text for text in body.iter(f"{_W}instrText")] == [r' TOC \o "1-1" \n \h \z ']
    links = [link.get(f"{_W}anchor") for link in body.iter(f"{_W}hyperlink")]
    marks = [mark.get(f"{_W}name") for mark in body.iter(f"{_W}bookmarkStart")]
    assert links == ["chapter-1", "chapter-2"]
    assert set(links) <= set(marks)
    assert len(marks) == len(set(marks))
    kinds = [mark.get(f"{_W}fldCharType") for mark in body.iter(f"{_W}fldChar")]
    assert kinds == ["begin", "separate", "end"]


def test_the_document_says_what_it_is() -> None:
    about = Document(io.BytesIO(exported(LAMP, "docx", "French"))).core_properties
    assert (about.title, about.language, about.author) == ("The Lamplighter’s Daughter", "fr", "")
    assert about.modified is not None
    assert about.modified.year == 2026


def test_hostile_text_is_text() -> None:
    for book in hostile_books():
        body = etree.fromstring(zipfile.ZipFile(io.BytesIO(exported(book, "docx"))).read("word/document.xml"))
        assert {etree.QName(element).namespace for element in body.iter(etree.Element)} == {_W[1:-1]}
