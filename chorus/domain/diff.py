"""What differs between two texts, told in words: sentences are matched first, then the words of those that changed."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from chorus.domain.prose import sentences
from chorus.domain.value import Value

MOST_PAIRS = 2_000_000
"""Where more words than this stand against each other (all with all), they count as exchanged: it would take long."""
_WORD = re.compile(r"\w+(?:['’\-]\w+)*\s*|[^\w\s]+\s*|\s+")


class PieceKind(StrEnum):
    """Where a piece of text stands."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(Value):
    """A run of text that is in both texts, only in the first, or only in the second."""

    kind: PieceKind
    text: str


def diff_prose(before: str, after: str) -> tuple[Piece, ...]:
    """Tell two texts apart: SAME and REMOVED pieces make up the first one, SAME and ADDED ones the second."""
    old, new = _sentences(before), _sentences(after)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(_same("".join(old[a:b])))
        else:
            pieces += _diff_words("".join(old[a:b]), "".join(new[c:d]))
    return tuple(_joined(_without_islands(pieces)))


def follow(pieces: Sequence[Piece], start: int, end: int) -> tuple[int, int]:
    """Where what stood at a span of the first text stands in the second; what replaced its words counts as they did."""
    first, last = 0, 0
    old = new = 0
    for place, piece in enumerate(pieces):
        size = len(piece.text)
        if piece.kind is PieceKind.ADDED:
            new += size
            continue
        same = piece.kind is PieceKind.SAME
        if old <= start < old + size or start >= old + size:
            first = new + (min(start - old, size) if same else 0)
        if old < end:
            last = new + (min(end - old, size) if same else _added_after(pieces, place))
        old, new = old + size, new + (size if same else 0)
    return first, max(first, last)


def is_touched(pieces: Sequence[Piece], start: int, end: int) -> bool:
    """Whether anything within a span of the first text was removed, or put into it."""
    place = 0
    for piece in pieces:
        size = len(piece.text) if piece.kind is not PieceKind.ADDED else 0
        if piece.kind is PieceKind.REMOVED and place < end and place + size > start:
            return True
        if piece.kind is PieceKind.ADDED and start < place < end:
            return True
        place += size
    return False


def substitutions(pieces: Sequence[Piece]) -> Iterator[tuple[str, str]]:
    """What was put in the place of what: (words removed, words added), without the white space around them."""
    for first, second in pairwise(pieces):
        if (first.kind, second.kind) == (PieceKind.REMOVED, PieceKind.ADDED):
            yield first.text.strip(), second.text.strip()


def _added_after(pieces: Sequence[Piece], place: int) -> int:
    following = pieces[place + 1] if place + 1 < len(pieces) else None
    return len(following.text) if following and following.kind is PieceKind.ADDED else 0


def _sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space after it."""
    starts = [start for start, _ in sentences(text)]
    edges = [0, *starts[1:], len(text)] if starts else [0, len(text)]
    return [text[a:b] for a, b in pairwise(edges) if a < b]


def _diff_words(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        yield Piece(kind=PieceKind.REMOVED, text=before)
        yield Piece(kind=PieceKind.ADDED, text=after)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield _same("".join(old[a:b]))
            continue
        if a < b:
            yield Piece(kind=PieceKind.REMOVED, text="".join(old[a:b]))
        if c < d:
            yield Piece(kind=PieceKind.ADDED, text="".join(new[c:d]))


def _same(text: str) -> Piece:
    return Piece(kind=PieceKind.SAME, text=text)


def _without_islands(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """What is the same between two changes but holds no word, a comma say, counts as changed with them."""
    for place, piece in enumerate(pieces):
        alone = piece.kind is PieceKind.SAME and 0 < place < len(pieces) - 1
        if alone and not any(character.isalnum() for character in piece.text) and "\n\n" not in piece.text:
            yield Piece(kind=PieceKind.REMOVED, text=piece.text)
            yield Piece(kind=PieceKind.ADDED, text=piece.text)
        else:
            yield piece


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Put what is of a kind together; of what changed at one place, what was removed comes first."""
    waiting: dict[PieceKind, str] = {}
    for piece in pieces:
        if (piece.kind is PieceKind.SAME) != (PieceKind.SAME in waiting):
            yield from _told(waiting)
            waiting = {}
        waiting[piece.kind] = waiting.get(piece.kind, "") + piece.text
    yield from _told(waiting)


def _told(waiting: dict[PieceKind, str]) -> Iterator[Piece]:
    for kind in PieceKind:
        if waiting.get(kind):
            yield Piece(kind=kind, text=waiting[kind])
