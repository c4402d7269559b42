"""How long a way is, where a story's world says so in plain words: “two hours by boat from the harbour”.

Only English words are read, and only where the sentence leaves no doubt which two places are meant.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from chorus.domain.prose import sentences
from chorus.domain.story import WorldElement, WorldElementKind

type Ways = Mapping[frozenset[str], int]
"""Minutes between two places, by their names."""

_PLACES = frozenset({WorldElementKind.PLACE, WorldElementKind.SETTING})
_UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
_COUNTS = {
    "half an": 0.5,
    "half a": 0.5,
    "an": 1,
    "a": 1,
    **{
        word: number
        for number, word in enumerate(
            ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
        )
    },
}
_WAY = re.compile(
    r"(?<!for )(?<!after )(?<!every )(?<!once )"
    rf"\b(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})[ -](?P<unit>{'|'.join(_UNITS)})s?\b['’]?"
    r"(?: [\w'’-]+){0,4}? (?:away|apart|between|from(?! (?:now|then|today|that))|to reach|to get to)\b",
    re.IGNORECASE,
)


def list_ways(world: Sequence[WorldElement]) -> Ways:
    """Read from the world how long one is on the way between two of its places; the shortest that is told."""
    places = [element.name for element in world if element.kind in _PLACES]
    ways: dict[frozenset[str], int] = {}
    for ends, minutes in (way for element in world for way in _told(element, places)):
        ways[ends] = min(minutes, ways.get(ends, minutes))
    return ways


def _told(element: WorldElement, places: Sequence[str]) -> Iterator[tuple[frozenset[str], int]]:
    for start, end in sentences(element.description):
        sentence = element.description[start:end]
        said = list(_WAY.finditer(sentence))
        ends = frozenset(name for name in places if name == element.name or _is_said(sentence, name))
        if len(said) == 1 and len(ends) == 2:
            yield ends, _minutes(said[0])


def _is_said(sentence: str, place: str) -> bool:
    """Whether a sentence has the whole name of a place; its article may be missing."""
    bare = re.sub(r"^the\s+", "", place.strip(), flags=re.IGNORECASE)
    return bool(bare and re.search(rf"\b{re.escape(bare)}\b", sentence, re.IGNORECASE))


def _minutes(way: re.Match[str]) -> int:
    count = way["count"].lower()
    return round((int(count) if count.isdigit() else _COUNTS[count]) * _UNITS[way["unit"].lower()])
