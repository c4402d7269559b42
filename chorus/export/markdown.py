"""A story as a Markdown book: the title, its chapters, its scenes, and nothing that is not the author's.

Reading such a file with ``importing`` gives the same chapters, scenes and texts: prose that Markdown would read as a
heading gets a backslash.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chorus.export.book import Book

_BLOCKS = MarkdownIt("commonmark").disable(["inline", "text_join", "html_block", "reference"])
_MARKDOWN = MarkdownIt("commonmark")
_SHIELDED = re.compile(r"^ {0,3}\\+(?:#{1,6}(?:[ \t]|$)|=+[ \t]*$|-+[ \t]*$|`{3}|~{3})")
_INDENT = re.compile(r"^ {0,3}")
_MARKUP = re.compile(r"([\\`*_\[\]<>&#~!])")


def to_markdown(book: Book) -> str:
    """Set a book as Markdown: ``#`` title, ``##`` chapters, ``###`` scenes; without chapters, ``##`` scenes."""
    parts = [_heading(1, book.title)]
    for chapter in book.chapters:
        if chapter.has_heading:
            parts.append(_heading(2, chapter.title))
        for scene in chapter.scenes:
            if scene.has_heading:
                parts.append(_heading(2 if book.is_whole else 3, scene.title))
            parts.append(shield(scene.text))
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(level: int, title: str) -> str:
    """Write a heading that reads back as ``title``, with backslashes only where they are needed."""
    line = f"{'#' * level} {title}"
    tokens = _MARKDOWN.parse(line)
    children = tokens[1].children or [] if len(tokens) > 1 else []
    is_plain = [(child.type, child.content) for child in children] == [("text", title)]
    return line if is_plain else f"{'#' * level} {_MARKUP.sub(r'\\\1', title)}"


def shield(text: str) -> str:
    """Put a backslash before what Markdown would read as a heading or an open fence; importing undoes it."""
    lines = re.sub(r"\r\n?", "\n", text).strip().split("\n")
    lines = [_backslashed(line) if _SHIELDED.match(line) else line for line in lines]
    while exposed := _exposed(lines):
        for number in exposed:
            lines[number] = _backslashed(lines[number])
    return "\n".join(lines)


def _backslashed(line: str) -> str:
    return _INDENT.sub(lambda indent: indent.group() + "\\", line, count=1)


def _exposed(lines: list[str]) -> list[int]:
    tokens = _BLOCKS.parse("\n".join(lines))
    found = [number for token in tokens if token.level == 0 if (number := _exposed_line(token, lines)) is not None]
    return sorted(set(found))


def _exposed_line(token: Token, lines: list[str]) -> int | None:
    start, end = token.map or (0, 0)
    if token.type == "heading_open":
        return start if token.markup.startswith("#") else end - 1
    if token.type == "fence" and end == len(lines):
        closed = end - start > 1 and re.fullmatch(rf" {{0,3}}{token.markup[0]}{{{len(token.markup)},}}\s*", lines[-1])
        return None if closed else start
    return None
