"""Bytes as text: UTF-8, or UTF-16 with its mark, or what a declaration says, or else what older programs write."""

import codecs
import re

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9._-]{2,30})""")
_WINDOWS = "cp1252"


def decode(raw: bytes) -> str:
    """Decode text; what cannot be decoded becomes U+FFFD."""
    if raw.startswith(_UTF16):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode(_declared(raw) or _WINDOWS, errors="replace")


def is_guessed(raw: bytes) -> bool:
    """Whether text is neither UTF-8 nor UTF-16, so that ``decode`` has to take it for Windows-1252."""
    if raw.startswith(_UTF16):
        return False
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _declared(raw) is None
    return False


def _declared(raw: bytes) -> str | None:
    """The encoding that an XML declaration or a page's head names, if Python knows it as one of text."""
    head = raw[:1024]
    found = _DECLARED.search(head) if head.lstrip()[:1] == b"<" else None
    if not found:
        return None
    try:
        "".encode(found[1].decode())
    except LookupError:
        return None
    return found[1].decode()
