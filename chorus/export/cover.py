"""A cover made of type: the title on a cloth that belongs to the story, the same one every time."""

import unicodedata
from hashlib import blake2b
from uuid import UUID

from chorus.export.prose_markup import safe

WIDTH, HEIGHT = 1200, 1800
MOST_LINES = 7
SIZES = (150, 124, 104, 88)
SMALLEST = 74

# (cloth, print): every pair has a contrast of at least 7:1
CLOTHS = (
    ("#5b1f24", "#f6e3c8"),
    ("#1f3a4d", "#f2e6cf"),
    ("#2f4a35", "#f1ead2"),
    ("#4a2a4f", "#f4e2dc"),
    ("#6b3a16", "#fbead0"),
    ("#23304f", "#efe2c4"),
    ("#3d3a34", "#efe6d6"),
    ("#14504c", "#f0ead6"),
)


def cloth_of(story_id: UUID) -> tuple[str, str]:
    """The colours of a story's cloth and of the print on it."""
    mark = blake2b(story_id.bytes, digest_size=2).digest()
    return CLOTHS[mark[0] % len(CLOTHS)]


def cover_svg(story_id: UUID, title: str) -> str:
    """Draw the cover as SVG: a frame, the title in lines, an ornament drawn as a path that no font needs to have."""
    cloth, ink = cloth_of(story_id)
    lines, size = _fitted(title)
    leading = size * 1.18
    top = HEIGHT * 0.42 - leading * (len(lines) - 1) / 2
    text = "".join(
        f'<tspan x="{WIDTH // 2}" y="{top + n * leading:.0f}">{safe(line)}</tspan>' for n, line in enumerate(lines)
    )
    middle, low = WIDTH // 2, HEIGHT - 330
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{safe(title)}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{cloth}"/>'
        f'<rect x="70" y="70" width="{WIDTH - 140}" height="{HEIGHT - 140}" fill="none" stroke="{ink}" '
        'stroke-width="4"/>'
        f'<rect x="92" y="92" width="{WIDTH - 184}" height="{HEIGHT - 184}" fill="none" stroke="{ink}" '
        'stroke-width="1.5" opacity="0.7"/>'
        f'<text font-family="Georgia, \'Palatino Linotype\', \'Noto Serif\', serif" font-size="{size}" fill="{ink}" '
        f'text-anchor="middle">{text}</text>'
        f'<path d="M{middle - 150} {low} H{middle - 34} M{middle + 34} {low} H{middle + 150}" stroke="{ink}" '
        f'stroke-width="3" fill="none"/><path d="M{middle} {low - 26} L{middle + 18} {low} L{middle} {low + 26} '
        f'L{middle - 18} {low} Z" fill="{ink}"/></svg>'
    )


def _fitted(title: str) -> tuple[list[str], int]:
    """Break a title into lines between words, in the largest size in which they fit."""
    longest = max(map(_width, title.split()), default=0)
    for size in SIZES:
        lines = _broken(title, _room(size))
        if longest <= _room(size) and len(lines) <= MOST_LINES and len(lines) * size * 1.18 < HEIGHT * 0.5:
            return lines, size
    lines = _broken(title, _room(SMALLEST))
    return (lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]}…"]), SMALLEST


def _room(size: int) -> int:
    """How many Latin letters of a size a line has room for."""
    return int((WIDTH - 300) / (size * 0.52))


def _broken(title: str, width: int) -> list[str]:
    """Break at words; a word that is too long for a line is broken where it has to be."""
    lines, line = [], ""
    for piece in (piece for word in title.split() for piece in _pieces(word, width)):
        joined = f"{line} {piece}".strip()
        if line and _width(joined) > width:
            lines.append(line)
            line = piece
        else:
            line = joined
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    pieces, piece = [], ""
    for character in word:
        if piece and _width(piece + character) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def _width(text: str) -> int:
    """How many Latin letters a text is wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)
