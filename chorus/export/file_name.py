"""A file name for a title, whatever the title is."""

import re
import unicodedata

LONGEST_BYTES = 100
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)$")


def file_stem(title: str) -> str:
    """Make a title into the stem of a file name: lower-case letters, digits and hyphens, of any script, never empty."""
    plain = unicodedata.normalize("NFKC", title).lower()
    kept = "".join(c if c.isalnum() or unicodedata.category(c).startswith("M") else _gap(c) for c in plain)
    stem = re.sub(r"-{2,}", "-", kept).encode()[:LONGEST_BYTES].decode(errors="ignore").strip("-")
    stem = stem if any(c.isalnum() for c in stem) else "story"
    return f"{stem}-story" if _RESERVED.match(stem) else stem


def _gap(character: str) -> str:
    """Apostrophes and invisible characters close up, everything else parts words."""
    invisible = unicodedata.category(character) in ("Cf", "Cs")
    return "" if character in "'’ʼ" or invisible else "-"
