"""A story that came in one piece, taken apart into its scenes."""

import re
from itertools import pairwise

from chorus.agents.lines import tidy_title
from chorus.domain.prose import clean_prose
from chorus.domain.value import Value
from chorus.domain.words import count_words

_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+(?P<marked>[^\n]*)|\**(?P<named>(?:scene|chapter)\b[^\n]{0,80}))$", re.I | re.M
)


class Part(Value):
    """One scene of it."""

    title: str
    text: str
    words: int


def parts_of(text: str, wanted: int) -> list[Part]:
    """Take a story apart at its headings, into at most ``wanted`` scenes; one without any is divided evenly."""
    marks = list(_HEADING.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)] if marks else []
    told = [(mark["marked"] or mark["named"], text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    pieces = [(tidy_title(title), clean_prose(piece)) for title, piece in told]
    pieces = [(title, piece) for title, piece in pieces if count_words(piece)]
    if not pieces:
        pieces = [("", piece) for piece in _divided(clean_prose(text), wanted)]
    elif len(pieces) > wanted:
        rest = "\n\n".join(piece for _, piece in pieces[wanted - 1 :])
        pieces = [*pieces[: wanted - 1], (pieces[wanted - 1][0], rest)]
    return [
        Part(title=title or f"Scene {number}", text=piece, words=count_words(piece))
        for number, (title, piece) in enumerate(pieces, 1)
    ]


def _divided(text: str, wanted: int) -> list[str]:
    """Divide a text between its paragraphs into parts of about the same length."""
    paragraphs = [each for each in re.split(r"\n\s*\n", text) if count_words(each)]
    wanted = min(wanted, len(paragraphs))
    total = sum(map(count_words, paragraphs))
    ends, done = [0], 0
    for place, paragraph in enumerate(paragraphs, 1):
        done += count_words(paragraph)
        left = len(paragraphs) - place
        still = wanted - len(ends)
        if still and left >= still and (done >= total * len(ends) / wanted or left == still):
            ends.append(place)
    return ["\n\n".join(paragraphs[begin:end]) for begin, end in pairwise([*ends, len(paragraphs)]) if end > begin]
