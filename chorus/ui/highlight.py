"""The words of a query, marked where a text has them, in whatever form: "burns" for "burning", "gave" for "give"."""

import re

from chorus.continuity.stop_words import STOP_WORDS
from chorus.memory import forms_of
from chorus.ui.markup import paragraphs, safe

_WORD = re.compile(r"\w+")
_SHORTEST = 3
_SMALL = STOP_WORDS["en"][1]
"""They stand everywhere and say nothing, unless nothing else was asked; not other languages': "die" means much."""
_STEM = 4


def highlighted(text: str, query: str) -> str:
    """Set a text in paragraphs with the query's words marked."""
    asked = {word.casefold() for word in _WORD.findall(query) if len(word) >= _SHORTEST}
    asked = asked - _SMALL or asked
    wanted = asked.union(*map(forms_of, asked))
    if not wanted:
        return paragraphs(text)
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return "".join(f'<p dir="auto">{_marked(block, wanted)}</p>' for block in blocks if block)


def _marked(text: str, wanted: set[str]) -> str:
    parts, last = [], 0
    for word in _WORD.finditer(text):
        if any(_fits(word.group().casefold(), each) for each in wanted):
            parts += [safe(text[last : word.start()]), f"<mark>{safe(word.group())}</mark>"]
            last = word.end()
    return "".join([*parts, safe(text[last:])]).replace("\n", "<br>")


def _fits(word: str, wanted: str) -> bool:
    """Whether two words are forms of one: the same, or the same but for an ending of up to three letters."""
    if word == wanted:
        return True
    shared = 0
    for a, b in zip(word, wanted, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _STEM and max(len(word), len(wanted)) - shared <= 3
