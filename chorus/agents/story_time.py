"""When a scene happens, as far as code can tell from a few words: day, hour, year, and if it goes back.

What cannot be told for certain is left open: a lint that guesses is a lint nobody reads.
"""

import re
from dataclasses import dataclass

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_NUMBER = rf"(\d{{1,4}}|{'|'.join(_NUMBERS)})"
_DAY = re.compile(rf"\b(?:day|tag|jour|d[ií]a|giorno)\s+{_NUMBER}\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.]([0-5]\d)\b(?:\s*(am|pm)\b)?", re.IGNORECASE)
_HOUR = re.compile(r"\b(1[0-2]|[1-9])\s*(am|pm)\b", re.IGNORECASE)
_HOUR_OF_24 = re.compile(r"\b([01]?\d|2[0-3])\s*(?:uhr(?:\s*([0-5]\d))?|h\s*([0-5]\d))(?!\w)", re.IGNORECASE)
_NOON = re.compile(
    r"(?<!before )(?<!after )(?<!towards )(?<!toward )(?<!until )(?<!around )(?<!near )"
    r"\b(?:noon|midday|mittags|midi|mezzogiorno|mediod[ií]a)\b",
    re.IGNORECASE,
)
_NOON_MINUTE = 12 * 60
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})\b")
_BACK = re.compile(
    r"\b(?:earlier|before|ago|flashback|memory|remember\w*|past|back then|childhood|previous\w*|prologue|dream\w*|"
    r"früher|zuvor|rückblick\w*|erinner\w*|avant|souvenir\w*|antes|recuerdo\w*|prima|ricordo\w*)\b",
    re.IGNORECASE,
)
_REMEMBERED = re.compile(
    r"\b(?:flashback|remember(?:s|ed|ing)?|recalls?|relives?|dreams?|rückblick\w*|erinner\w*|souvien\w*|recuerd\w*|ricord\w*)\b",
    re.IGNORECASE,
)
_MEANWHILE = re.compile(
    r"\b(?:meanwhile|at the same (?:time|moment|hour)|simultaneous\w*|inzwischen|zur selben zeit|pendant ce temps|"
    r"mientras tanto|nel frattempo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StoryTime:
    """When; None where the words do not say."""

    year: int | None = None
    day: int | None = None
    minute: int | None = None
    goes_back: bool = False
    meanwhile: bool = False

    def is_before(self, other: "StoryTime") -> bool:
        """Whether this is earlier for certain: by year, by day, or by the hour of the same named day."""
        for mine, theirs in ((self.year, other.year), (self.day, other.day)):
            if mine is not None and theirs is not None and mine != theirs:
                return mine < theirs
        if self.day is None or self.day != other.day or self.minute is None or other.minute is None:
            return False
        return self.minute < other.minute

    def is_same_moment(self, other: "StoryTime") -> bool:
        """Whether both are one moment for certain: the same hour of the same named day or year."""
        dated = (self.day is not None or self.year is not None) and (self.day, self.year) == (other.day, other.year)
        return dated and self.minute is not None and self.minute == other.minute


def story_time_of(text: str) -> StoryTime:
    """Read what a few words say of when."""
    day, year = _DAY.search(text), _YEAR.search(text)
    return StoryTime(
        year=int(year.group(1)) if year else None,
        day=_number(day.group(1)) if day else None,
        minute=_minute(text),
        goes_back=bool(_BACK.search(text)),
        meanwhile=bool(_MEANWHILE.search(text)),
    )


def looks_back(event: str) -> bool:
    """Whether an event is something remembered or dreamt; “before” alone says nothing."""
    return bool(_REMEMBERED.search(event))


def _minute(text: str) -> int | None:
    """Minutes since midnight."""
    clock = _CLOCK.search(text)
    if clock:
        return _hour(int(clock.group(1)), clock.group(3)) * 60 + int(clock.group(2))
    hour = _HOUR.search(text)
    if hour:
        return _hour(int(hour.group(1)), hour.group(2)) * 60
    of_24 = _HOUR_OF_24.search(text)
    if of_24:
        return int(of_24.group(1)) * 60 + int(of_24.group(2) or of_24.group(3) or 0)
    return _NOON_MINUTE if _NOON.search(text) else None


def _hour(hour: int, half: str | None) -> int:
    return hour if half is None or hour > 12 else hour % 12 + (12 if half.lower() == "pm" else 0)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]
