"""Names settled in code: what a model calls a person or a place, brought back to the one name it has."""

import re
from collections.abc import Iterable, Sequence

from chorus.domain.story import Character, CharacterRole

FEWEST_PEOPLE = 2
_THING = re.compile(
    r"['’]s\b|\b(?:boat|ship|sea|coast|lantern|lamp|light|lighthouse|house|home|letter|key|door|book|map|storm|wind|town|"
    r"village|island|tower|river|forest|mirror|clock|box|ring|sword)$",
    re.IGNORECASE,
)
"""What is whose, or no person by its last word, is not taken for somebody who has only no name yet."""
_NOBODY = re.compile(
    r"(?:tsunami|hurricane|typhoon|tornado|earthquake|tides?|waves|darkness|seas?|lighthouse|lantern|lamp|boat|ship|"
    r"narrator|reader|author|protagonist|antagonist|villain|unknown|nobody|someone|somebody|stranger)",
    re.IGNORECASE,
)
"""What is nobody's name, unless the premise has it as one."""
SPARE_NAMES = ("Mara", "Tobias", "Ilse", "Corin", "Wren", "Anselm", "Petra", "Lucan")
_TITLES = re.compile(
    r"^(?:the|a|an|mr|mrs|ms|dr|old|young|captain|king|queen|prince|princess|sir|lady|aunt|uncle)\.?\s+", re.I
)


def tidy_name(text: str) -> str:
    """Take a name out of what was given for one: no brackets, nothing after a comma or dash, at most 60 characters."""
    name = re.split(r"\s*(?:[,;:(\[{/|\n]|\s[-–—]\s)", text.strip(), maxsplit=1)[0]
    return re.sub(r"\s+", " ", name).strip("\"'“”‘’.*_# ")[:60].strip()


def distinct(names: Iterable[str]) -> list[str]:
    """Tidy names, dropping the empty ones and those that somebody before already has."""
    kept: list[str] = []
    for name in map(tidy_name, names):
        if any(letter.isalpha() for letter in name) and not any(_same(name, other) for other in kept):
            kept.append(name)
    return kept


def settle_people(given: Sequence[str], places: Sequence[str], known: str) -> list[tuple[str, str]]:
    """Make people of what was named: at least two, each with a name of their own, as (name, what they were called).

    A place is nobody, nor is a force of nature or a part in the play. Whoever is only described, in words that
    ``known`` has as common ones (“the lost brother”), gets a name and keeps the description as an alias; a common word
    (“lighthouse”) is a thing.
    """
    spare = (name for name in SPARE_NAMES if not any(name in other for other in given))
    people: list[tuple[str, str]] = []
    for name in given:
        if match(name, places) or (_NOBODY.fullmatch(name) and name not in known):
            continue
        if not _is_common(name, known):
            people.append((name, ""))
        elif len(_words(name)) > 1 and not _THING.search(name):
            people.append((next(spare, name), name))
    while len(people) < FEWEST_PEOPLE:
        people.append((next(spare), ""))
    return people


def _is_common(name: str, known: str) -> bool:
    """Whether a name is a description: it has an article, or a text has all its words as common ones."""
    if re.match(r"(?:the|a|an)\s", name, re.IGNORECASE):
        return True
    return all(
        re.search(rf"\b{re.escape(word)}\b", known) and not re.search(rf"(?<=[a-z,;] ){word.capitalize()}\b", known)
        for word in _words(name)
    )


def match(name: str, known: Sequence[str]) -> str | None:
    """Find which of the known names is meant; None if none or several could be."""
    tidy = tidy_name(name)
    exact = [other for other in known if _same(tidy, other)]
    if exact:
        return exact[0]
    words = _words(tidy)
    close = [other for other in known if words and (words <= _words(other) or _words(other) <= words)]
    return close[0] if len(close) == 1 else None


def mentioned(text: str, characters: Sequence[Character]) -> list[Character]:
    """The characters whose name, or a telling part of it, stands in a text."""
    return [character for character in characters if is_named(text, character.name, character.aliases)]


def is_named(text: str, name: str, aliases: Iterable[str] = ()) -> bool:
    """Whether a text has a name, one of its aliases, or a telling part of it."""
    names = [name, *aliases, *(word for word in _TITLES.sub("", name).split() if len(word) > 2)]
    return any(re.search(rf"\b{re.escape(each)}\b", text) for each in names)


def settle_roles(roles: Sequence[str]) -> list[CharacterRole]:
    """Make exactly one protagonist: the first who was called one, else the first of all."""
    lead = roles.index("protagonist") if "protagonist" in roles else 0
    settled = [CharacterRole(role) for role in roles]
    rest = [CharacterRole.ALLY if role is CharacterRole.PROTAGONIST else role for role in settled]
    return [CharacterRole.PROTAGONIST if i == lead else role for i, role in enumerate(rest)]


def _same(name: str, other: str) -> bool:
    return _TITLES.sub("", name).casefold() == _TITLES.sub("", other).casefold()


def _words(name: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w+", _TITLES.sub("", name)) if len(word) > 1}
