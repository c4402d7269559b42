"""A manuscript in whatever form it comes; what is in it tells its format, and where that leaves it open, its name."""

import re
from pathlib import Path, PurePath

from chorus.errors import InvalidInput, NotFound
from chorus.importing.archive import Archive
from chorus.importing.blocks import Document
from chorus.importing.epub import read_epub
from chorus.importing.manuscript import ParsedManuscript, read_document, read_manuscript
from chorus.importing.page import blocks_of
from chorus.importing.text import decode
from chorus.importing.trees import children, parse_page
from chorus.importing.word import read_word

LARGEST_FILE_BYTES = 100_000_000
FORMATS = (".md", ".txt", ".docx", ".epub", ".html")
_CHOOSE = "give a manuscript as .md, .txt, .docx, .epub or .html"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {b"%PDF": "a PDF", b"{\\rtf": "a Rich Text file", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture"}
_PAGE = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_PACKED = (".docx", ".epub")


def read_source(source: str | bytes | Path, title: str | None = None, file_name: str | None = None) -> ParsedManuscript:
    """Read a manuscript from text, bytes or a path; ``title`` is taken before its own, ``file_name`` after it.

    Raises:
        NotFound: there is no file of that name.
        InvalidInput: it cannot be read, is no manuscript, or has no text in it.
    """
    if isinstance(source, str):
        return read_manuscript(source, title, file_name)
    if isinstance(source, Path):
        return read_source(load_file(source), title, file_name or source.name)
    name = PurePath(file_name).name if file_name else "The file"
    suffix = PurePath(file_name or "").suffix.lower()
    _refuse_other_kinds(source, name, suffix)
    if source.startswith((_ZIP, _EMPTY_ZIP)):
        return read_document(_unpacked(source, name), title, file_name)
    if suffix in (".html", ".htm", ".xhtml") or _PAGE.match(source[:4096]):
        return read_document(_page(source, name), title, file_name)
    return read_manuscript(decode(source), title, file_name)


def load_file(path: Path) -> bytes:
    """Read a file that can be a manuscript."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have that name"
        raise InvalidInput(f"{path} cannot be read: {reason}.") from error
    return raw


def _refuse_other_kinds(raw: bytes, name: str, suffix: str) -> None:
    if len(raw) > LARGEST_FILE_BYTES:
        raise InvalidInput(f"{name} has more than {LARGEST_FILE_BYTES // 1_000_000} MB: that is no manuscript.")
    if not raw.strip():
        raise InvalidInput(f"{name} is empty: {_CHOOSE} that has a story in it.")
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise InvalidInput(f"{name} is protected by a password: save a copy without one and import that.")
        raise InvalidInput(f"{name} is of an old kind of Word: save it as .docx and import that.")
    other = next((kind for magic, kind in _OTHERS.items() if raw.startswith(magic)), None)
    if other:
        raise InvalidInput(f"{name} is {other}: {_CHOOSE}.")
    if suffix in _PACKED and not raw.startswith((_ZIP, _EMPTY_ZIP)):
        raise InvalidInput(f"{name} is broken or no {suffix} file at all: save it anew in the program it comes from.")
    if b"\x00" in raw[:1024] and not raw.startswith((b"\xff\xfe", b"\xfe\xff", _ZIP, _EMPTY_ZIP)):
        raise InvalidInput(f"{name} is no text file: {_CHOOSE}.")
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff", _ZIP, _EMPTY_ZIP)) and _is_noise(raw[:4096]):
        raise InvalidInput(f"{name} is no text file: {_CHOOSE}.")


def _is_noise(raw: bytes) -> bool:
    """Whether one byte in fifty is a control character that no writer types."""
    return sum(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in raw) > len(raw) / 50


def _unpacked(raw: bytes, name: str) -> Document:
    with Archive(raw, name) as archive:
        if "META-INF/container.xml" in archive:
            return read_epub(archive)
        if "[Content_Types].xml" in archive and not any(part.startswith(("xl/", "ppt/")) for part in archive.members):
            return read_word(archive)
    raise InvalidInput(f"{name} is a zip, but neither a Word document nor an EPUB: {_CHOOSE}.")


def _page(raw: bytes, name: str) -> Document:
    page = parse_page(raw)
    if page is None:
        raise InvalidInput(f"{name} is empty: {_CHOOSE} that has a story in it.")
    body = next(iter(children(page, "body")), page)
    return Document(blocks=tuple(blocks_of(body)))
