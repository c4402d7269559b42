"""A manuscript becomes chapters and scenes. Leaves headings to ``markdown`` and texts without any to ``plain``.

The ``#`` is the title; where there are several, they are chapters. Each heading of the lowest level is one scene,
with or without text; the headings above it are its chapter. Text that stands before the first scene of its chapter is a
scene of its own, with the chapter's title. Where no heading is left below the title, the rules of ``plain`` hold.
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from chorus.domain.value import Text, Value, storable
from chorus.domain.words import count_words
from chorus.errors import InvalidInput
from chorus.importing.blocks import Document, lines_of
from chorus.importing.markdown import Heading, find_headings, unshield
from chorus.importing.plain import split_chapters, split_scenes

UNTITLED = "Untitled"


class ParsedScene(Value):
    """A scene as it stands in the manuscript; ``text`` may be empty where a heading has none."""

    title: Text
    text: Text


class ParsedChapter(Value):
    """A chapter with its scenes in order."""

    title: Text
    scenes: tuple[ParsedScene, ...]


class ParsedManuscript(Value):
    """What was read; scenes are numbered from 1 through all chapters."""

    title: Text
    chapters: tuple[ParsedChapter, ...]

    @property
    def scenes(self) -> tuple[ParsedScene, ...]:
        """All scenes in story order."""
        return tuple(scene for chapter in self.chapters for scene in chapter.scenes)

    @property
    def words(self) -> int:
        """Words in all scenes."""
        return sum(count_words(scene.text) for scene in self.scenes)


def read_manuscript(text: str, title: str | None = None, file_name: str | None = None) -> ParsedManuscript:
    """Read a Markdown or plain-text manuscript; ``title`` is taken before the manuscript's own, ``file_name`` after it.

    Raises:
        InvalidInput: there is no text in it.
    """
    lines = _lines(text)
    if not any(line.strip() for line in lines):
        raise InvalidInput("The manuscript is empty: give a Markdown or text file that has a story in it.")
    headings = find_headings(lines)
    unshielded = [unshield(line) for line in lines]
    return _manuscript(unshielded if _has_parts(headings) else lines, headings, title, file_name)


def read_document(document: Document, title: str | None = None, file_name: str | None = None) -> ParsedManuscript:
    """Read a manuscript whose headings are known.

    Raises:
        InvalidInput: there is no text in it.
    """
    lines, headings = lines_of(document)
    if not lines:
        raise InvalidInput("The manuscript is empty: give one that has a story in it.")
    return _manuscript(lines, headings, title, file_name)


def _manuscript(
    lines: list[str], headings: list[Heading], title: str | None, file_name: str | None
) -> ParsedManuscript:
    own_title = _own_title(headings)
    name = _one_line(title) or (own_title.title if own_title else "") or _from_file_name(file_name) or UNTITLED
    below = [heading for heading in headings if heading is not own_title]
    chapters = _by_headings(lines, below, own_title, name) if below else _plain(lines, own_title, name)
    return ParsedManuscript(title=name, chapters=tuple(chapters))


def _has_parts(headings: list[Heading]) -> bool:
    return any(heading is not _own_title(headings) for heading in headings)


def _lines(text: str) -> list[str]:
    clean = storable(text.lstrip("\ufeff"))
    return re.sub(r"\r\n?|\f", "\n", clean).split("\n")


def _own_title(headings: list[Heading]) -> Heading | None:
    """The heading that is the title: the one ``#``, if it is the only one."""
    highest = [heading for heading in headings if heading.level == 1]
    return highest[0] if len(highest) == 1 else None


def _one_line(text: str | None) -> str:
    return " ".join(storable(text or "").split())


def _from_file_name(file_name: str | None) -> str:
    stem = PurePath(file_name or "").stem
    return _one_line(stem.replace("_", " ")) if any(c.isalnum() for c in stem) else ""


@dataclass
class _Opened:
    """A chapter being filled; level 0 is the story itself, before its first chapter heading."""

    title: str
    level: int = 0
    scenes: list[ParsedScene] = field(default_factory=list)

    def add(self, title: str, body: list[str], *, even_empty: bool = False) -> None:
        text = "\n".join(body).strip()
        if text or even_empty:
            self.scenes.append(ParsedScene(title=title, text=text))


def _by_headings(lines: list[str], below: list[Heading], own_title: Heading | None, name: str) -> list[ParsedChapter]:
    """Group what stands under each heading into chapters; ``below`` has every heading but the title."""
    lowest = max(heading.level for heading in below)
    marks = sorted([*below, *([own_title] if own_title else [])], key=lambda heading: heading.start)
    ends = [*(mark.start for mark in marks[1:]), len(lines)]
    opened = [_Opened(name)]
    opened[0].add(name, lines[: marks[0].start])
    path: list[Heading] = []
    for mark, end in zip(marks, ends, strict=True):
        body = lines[mark.end : end]
        if mark is own_title:
            path = []
            opened.append(_Opened(name))
            opened[-1].add(name, body)
        elif mark.level == lowest:
            if lowest == 1:
                opened.append(_Opened(mark.title, 1))
            opened[-1].add(mark.title, body, even_empty=True)
        else:
            path = [*(above for above in path if above.level < mark.level), mark]
            opened.append(_Opened(": ".join(heading.title for heading in path), mark.level))
            opened[-1].add(mark.title, body)
    return _closed(opened)


def _closed(opened: list[_Opened]) -> list[ParsedChapter]:
    """Leave out what only holds chapters: the story itself, and a part whose chapters carry its title."""
    levels = [*(chapter.level for chapter in opened[1:]), 0]
    return [
        ParsedChapter(title=chapter.title, scenes=tuple(chapter.scenes))
        for chapter, next_level in zip(opened, levels, strict=True)
        if chapter.scenes or (chapter.level and next_level <= chapter.level)
    ]


def _plain(lines: list[str], own_title: Heading | None, name: str) -> list[ParsedChapter]:
    """Divide a text that has no headings but its title's."""
    if own_title:
        lines = [*lines[: own_title.start], "", *lines[own_title.end :]]
    whole = "\n".join(lines).strip()
    if not whole:
        raise InvalidInput("The manuscript has a title but no text: put the story below it.")
    chapters: list[ParsedChapter] = []
    count = 0
    for title, body in split_chapters(lines):
        texts = split_scenes(body)
        titles = [f"Scene {count + n}" for n in range(1, len(texts) + 1)] if len(texts) > 1 else [title or name]
        scenes = tuple(ParsedScene(title=t, text=text) for t, text in zip(titles, texts, strict=False))
        if scenes:
            chapters.append(ParsedChapter(title=title or name, scenes=scenes))
            count += len(scenes)
    return chapters or [ParsedChapter(title=name, scenes=(ParsedScene(title=name, text=whole),))]
