"""In which order a story happens, as its scenes say it, and how often its people are named. Drawn by nobody here."""

import re
from collections.abc import Sequence

from chorus.domain.story import Character, Scene

_DAY = re.compile(r"\b(day|night|week|month|year)\s+(\d{1,4}|[a-z]+)\b", re.IGNORECASE)
_NUMBERS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_ORDINALS = dict(
    zip(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        range(1, 13),
        strict=True,
    )
)
_DAYS_OF = {"day": 1.0, "night": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
_HOURS = {
    "dawn": 5,
    "sunrise": 6,
    "morning": 8,
    "noon": 12,
    "midday": 12,
    "afternoon": 15,
    "dusk": 18,
    "sunset": 18,
    "evening": 19,
    "night": 22,
    "midnight": 23.9,
}


def moment(told: str) -> float | None:
    """The day that a scene's time names, with the hour as its fraction; None if it names none."""
    text = told.casefold()
    found = _DAY.search(text)
    number = None
    if found:
        word = found.group(2)
        number = int(word) if word.isdigit() else _NUMBERS.get(word)
    if found and number is not None:
        day = number * _DAYS_OF[found.group(1)]
    else:
        ordinal = next(
            (n for word, n in _ORDINALS.items() if re.search(rf"\b{word} (day|night|morning)\b", text)), None
        )
        if ordinal is None:
            return None
        day = float(ordinal)
    hour = next((hour for word, hour in _HOURS.items() if re.search(rf"\b{word}\b", text)), 12)
    return day + hour / 24


def story_order(scenes: Sequence[Scene]) -> list[int]:
    """The place of each scene in the order of events, from 1; one whose time cannot be read follows the one before."""
    at, last = [], float("-inf")
    for scene in scenes:
        named = moment(scene.brief.story_time)
        last = named if named is not None else last
        at.append(last)
    order = sorted(range(len(scenes)), key=lambda place: (at[place], place))
    places = [0] * len(scenes)
    for place, index in enumerate(order, 1):
        places[index] = place
    return places


def count_mentions(character: Character, texts: Sequence[str]) -> list[int]:
    """How often each text names a character, by any of the names, whole words only."""
    first, *_ = character.name.split() or [character.name]
    names = {character.name, *character.aliases, *([first] if len(first) > 2 else [])}
    longest = sorted(filter(None, names), key=len, reverse=True)
    if not longest:
        return [0] * len(texts)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
    return [len(pattern.findall(text)) for text in texts]
