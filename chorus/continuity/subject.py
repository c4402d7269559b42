"""What the checks look at, and what they find: a text with all it must agree with, and faults with two quotes."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from chorus.continuity.echoes import runs_of
from chorus.domain.canon import FaultKind, FindingCategory, Severity
from chorus.domain.language import language_tag
from chorus.domain.prose import sentences
from chorus.domain.story import Character
from chorus.domain.value import Value

_QUOTED = re.compile(r"“[^”\n]*(?:”|$)|\"[^\"\n]*(?:\"|$)|„[^“”\n]*[“”]|«[^»\n]*»|(?<!\w)‘[^’\n]*’(?!\w)", re.MULTILINE)


class Dead(Value):
    """Somebody who is dead when the scene begins: the words that say so, and in which scene."""

    name: str
    quote: str
    scene: int | None = None


class Subject(Value):
    """A scene's text, and what it must agree with; ``lore`` is all else that is known, whose names are no strangers."""

    text: str
    language: str = "English"
    target_words: int = 0
    in_past: bool = False
    """Whether it is to be told in the past tense."""
    cast: tuple[Character, ...] = ()
    present: tuple[str, ...] = ()
    dead: tuple[Dead, ...] = ()
    lore: str = ""
    brief: tuple[str, ...] = ()
    """The sentences of the scene's brief."""
    before: str = ""
    """The scene before it, as far as that is known; ``after`` the one after it, if that is written already."""
    after: str = ""
    asked: tuple[str, ...] = ()
    """The wording of the questions that the text answers."""

    @cached_property
    def tag(self) -> str:
        """The language's code: ``en``, ``de``, ``und``."""
        return language_tag(self.language).split("-", maxsplit=1)[0]

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """The spans of its sentences."""
        return sentences(self.text)

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Its runs of words."""
        return runs_of(self.text)

    @cached_property
    def quoted(self) -> list[tuple[int, int]]:
        """The spans of what is said aloud."""
        return [match.span() for match in _QUOTED.finditer(self.text)]

    def is_quoted(self, place: int) -> bool:
        """Whether a place in the text is within what is said aloud."""
        at = bisect_right(self.quoted, place, key=lambda span: span[0])
        return at > 0 and place < self.quoted[at - 1][1]

    def sentence_at(self, place: int) -> tuple[int, int]:
        """The sentence a place in the text belongs to."""
        return next(((s, e) for s, e in self.sentences if place < e), (0, len(self.text)))


class Fault(NamedTuple):
    """What a check found; ``quote`` stands in the text, ``other_quote`` in what it does not agree with."""

    kind: FaultKind
    category: FindingCategory
    severity: Severity
    description: str
    quote: str
    other_quote: str = ""
    other_scene: int | None = None
