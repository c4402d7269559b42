"""Whatever file is given: a manuscript, or InvalidInput with one clear line."""

import io
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.errors import InvalidInput, NotFound
from chorus.importing import archive, read_source
from tests.unit.importing.files import epub, page, word, zipped

WORD = word(lambda document: document.add_paragraph("It burned low. " * 50))
BOOK = epub({"a": page("<h1>One</h1><p>It burned low.</p>")})
BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
LAUGHING = page("<p>&j;</p>").replace(
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://x.invalid/d">', BOMB + "]>"
)
STEALING = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]><html><body><p>&j; stays</p></body></html>'


def encrypted(raw: bytes) -> bytes:
    """The same zip with the flag of a password on every member."""
    changed = bytearray(raw)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(mark)
        while start >= 0:
            changed[start + at] |= 1
            start = changed.find(mark, start + 4)
    return bytes(changed)


PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
RIGHTS = {"META-INF__rights.xml": "<rights/>"}
LOCKED = {
    "META-INF__encryption.xml": '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>'
}


@pytest.mark.parametrize(
    ("name", "raw", "line"),
    [
        ("a.docx", b"", "a.docx is empty"),
        ("a.epub", b"\n ", "a.epub is empty"),
        ("a.docx", WORD[:2000], "a.docx is broken or cut off"),
        ("a.docx", b"# Plain text", "a.docx is broken or no .docx file"),
        ("a.epub", b"%PDF-1.7", "a.epub is a PDF"),
        ("a.md", b"{\\rtf1 x}", "a Rich Text file"),
        ("a.docx", PROTECTED, "a.docx is protected by a password"),
        ("a.doc", PROTECTED[:400], "of an old kind of Word"),
        ("a.docx", encrypted(WORD), "protected by a password"),
        ("a.epub", epub({"a": page("x")}, **RIGHTS), "copy-protected"),
        ("a.epub", epub({"a": page("x")}, **LOCKED), "copy-protected"),
        ("a.zip", zipped({"a.txt": "x"}), "neither a Word document nor an EPUB"),
        ("a.xlsx", zipped({"[Content_Types].xml": "<T/>", "xl/workbook.xml": "<w/>"}), "neither a Word document"),
        ("a.docx", zipped({"[Content_Types].xml": "<T/>"}), "broken or cut off"),
        ("a.docx", zipped({"[Content_Types].xml": "<T/>", "word/document.xml": "<w:p"}), "broken or cut off"),
        ("a.docx", zipped({"[Content_Types].xml": "<T/>", "word/document.xml": "<document/>"}), "broken or cut off"),
        ("a.epub", zipped({"META-INF/container.xml": "<container/>"}), "broken or cut off"),
        ("a.epub", epub({}, **{"META-INF__container.xml": '<c><rootfile full-path="../../x"/></c>'}), "broken"),
        ("a.epub", epub({}), "a title but no text"),
        ("a.epub", epub({"a": page("<p> </p>")}, title=""), "is empty"),
        ("a.docx", word(lambda _: None), "is empty"),
        ("a.epub", b"PK\x05\x06" + bytes(18), "neither a Word document nor an EPUB"),
        ("a.bin", b"\x7fELF\x00\x00", "is no text file"),
        ("a.html", b"<html></html>", "is empty"),
    ],
)  # fmt: skip
def test_what_is_no_manuscript_gets_one_clear_line(name: str, raw: bytes, line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_source(raw, file_name=name)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_content_tells_the_format_whatever_the_name_says() -> None:
    for raw in (WORD, BOOK, b"<!DOCTYPE html><p>It burned low."):
        assert "It burned low." in read_source(raw, file_name="a.txt").scenes[0].text
        assert "It burned low." in read_source(raw).scenes[0].text


@pytest.mark.parametrize("entry", ["OEBPS/book.opf", "OEBPS/a.xhtml", "META-INF/container.xml"])
def test_entities_are_never_expanded_and_nothing_is_fetched(entry: str) -> None:
    start = time.monotonic()
    for poison in (LAUGHING, STEALING):
        try:
            read = read_source(epub({"a": page("<p>x</p>")}, **{entry.replace("/", "__"): poison}))
        except InvalidInput:
            continue
        told = read.title + "".join(scene.text for scene in read.scenes)
        assert "hahaha" not in told
        assert "root:" not in told
    assert time.monotonic() - start < 5


def test_an_entity_in_a_word_document_is_never_expanded() -> None:
    main = STEALING.replace("<html>", "<document>").replace("</html>", "</document>").replace("p>", "t>")
    raw = zipped(
        {
            "[Content_Types].xml": "<T/>",
            "word/document.xml": main.replace("<t>", "<p><r><t>").replace("</t>", "</t></r></p>"),
        }
    )
    try:
        told = read_source(raw).scenes[0].text
    except InvalidInput:
        told = ""
    assert "root:" not in told


@pytest.mark.parametrize(
    "make",
    [lambda text: epub({"a": text}), lambda text: zipped({"[Content_Types].xml": "", "word/document.xml": text})],
)
def test_a_bomb_is_put_down_before_it_goes_off(make: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_MEMBER_BYTES", 1_000_000)
    raw = make("<p>" + " " * 5_000_000)
    assert len(raw) < 50_000
    with pytest.raises(InvalidInput, match="unpacks to more than 1 MB"):
        read_source(raw)


def test_many_members_that_are_large_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST_TOTAL_BYTES", 1_000_000)
    with pytest.raises(InvalidInput, match="unpacks to more than"):
        read_source(epub({f"p{n}": page("<p>" + "x" * 200_000 + "</p>") for n in range(10)}))


def test_a_zip_of_very_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 50)
    with pytest.raises(InvalidInput, match="more than 50 files"):
        read_source(zipped({str(n): "" for n in range(60)}))


@pytest.mark.parametrize("deep", ["<div>" * 100_000 + "x", "<b>" * 100_000 + "x", "<table><tr><td>" * 5_000 + "x"])
def test_deep_nesting_does_not_break_anything(deep: str) -> None:
    for raw in (epub({"a": page(deep)}), f"<html><body>{deep}".encode()):
        with suppress(InvalidInput):
            read_source(raw)


def test_a_link_to_itself_and_a_member_twice_are_read_once() -> None:
    held = io.BytesIO(BOOK)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(held, "a") as book:
        book.writestr("OEBPS/a.xhtml", page("<h1>Two</h1><p>Again.</p>"))
    assert len(read_source(held.getvalue()).scenes) == 1


@given(st.sampled_from([WORD, BOOK]), st.integers(0, 10_000_000), st.integers(0, 255), st.booleans())
def test_a_damaged_file_is_read_or_refused(raw: bytes, place: int, value: int, cut: bool) -> None:
    at = place % len(raw)
    damaged = raw[:at] if cut else raw[:at] + bytes([value]) + raw[at + 1 :]
    with suppress(InvalidInput):
        read_source(damaged, file_name="a.docx")


def test_a_path_is_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "lamp.docx").write_bytes(WORD)
    assert read_source(tmp_path / "lamp.docx").title == "lamp"
    with pytest.raises(NotFound, match="There is no file"):
        read_source(tmp_path / "none.docx")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_source(tmp_path)
