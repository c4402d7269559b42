"""Whom a query names, and by what else they are called: "Lizzy" asks for Elizabeth as well.

Pure: who there is, and what stems their names have, is read elsewhere.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chorus.continuity.lexicon import TITLES
from chorus.store import QueryTerm

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_SHORTEST = 3
"""Letters of a part of a name that stands for the whole."""


@dataclass(frozen=True)
class Person:
    """A character by all names; ``parts`` are words that may stand for them, ``own`` those that nobody else has."""

    name: str
    names: tuple[str, ...]
    parts: tuple[str, ...]
    own: tuple[str, ...]


def people_of(cast: Iterable[tuple[str, Sequence[str]]]) -> list[Person]:
    """Make people of the (name, aliases) of one story."""
    called = [tuple(dict.fromkeys([name, *aliases])) for name, aliases in cast]
    parts = [_parts(names) for names in called]
    whose = Counter(part.casefold() for each in parts for part in each)
    return [
        Person(names[0], names, tuple(each), tuple(part for part in each if whose[part.casefold()] == 1))
        for names, each in zip(called, parts, strict=True)
    ]


def named_in(query: str, people: Iterable[Person]) -> list[Person]:
    """Find the people that a query names, by a whole name or by a part of one."""
    asked = _plain(query)
    return [person for person in people if any(_plain(each) in asked for each in (*person.names, *person.parts))]


def kin_of(
    query: str, terms: Sequence[QueryTerm], named: Iterable[Person], stems: Mapping[str, Sequence[str]]
) -> tuple[list[QueryTerm], dict[str, list[str]]]:
    """Find what else is meant by a query that names people: all its terms, and for a term the stems of other names.

    ``stems``: of every word that is some person's own. A name that is a stop word ("Will") becomes a term if it has its
    capital in the query.
    """
    words = {word.casefold(): word for word in _WORD.findall(query)}
    known = {term.term: term for term in terms}
    kin: dict[str, list[str]] = {}
    for person in named:
        said = [part for part in person.own if part.casefold() in words]
        told = [
            stem
            for part in said
            for stem in stems.get(part, ())
            if stem in known or words[part.casefold()][0].isupper()
        ]
        known |= {stem: QueryTerm(stem) for stem in told if stem not in known}
        if told:
            kin[told[0]] = [stem for part in person.own if part not in said for stem in stems.get(part, ())]
    return list(known.values()), kin


def _parts(names: Sequence[str]) -> list[str]:
    """The words that may stand for somebody: no titles, and of names of several words those with a capital."""
    found = []
    for name in names:
        words = [word for word in _WORD.findall(name) if word.casefold() not in TITLES and len(word) >= _SHORTEST]
        found += words if len(words) == 1 else [word for word in words if not word[0].islower()]
    return list({part.casefold(): part for part in found}.values())


def _plain(text: str) -> str:
    """A text's words with a space around each, so that only whole words are found in it."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
