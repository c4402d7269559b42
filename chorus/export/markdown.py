"""A story as a Markdown book: the title, its chapters, its scenes, and nothing that is not the author's.

Reading such a file with ``importing`` gives the same chapters, scenes and texts: prose that Markdown would read as a
heading gets a backslash, and a heading that only repeats its chapter's is left out where that can be undone.
A scene that has no text yet is left out, and so is a chapter that has none but such scenes.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chorus.domain.story import Manuscript, ManuscriptChapter, ManuscriptScene, SceneStatus
from chorus.domain.value import storable

_BLOCKS = MarkdownIt("commonmark").disable(["inline", "text_join", "html_block", "reference"])
_MARKDOWN = MarkdownIt("commonmark")
_SHIELDED = re.compile(r"^ {0,3}\\+(?:#{1,6}(?:[ \t]|$)|=+[ \t]*$|-+[ \t]*$|`{3}|~{3})")
_INDENT = re.compile(r"^ {0,3}")
_MARKUP = re.compile(r"([\\`*_\[\]<>&#~!])")


def to_markdown(manuscript: Manuscript) -> str:
    """Set a story as Markdown: ``#`` title, ``##`` chapters, ``###`` scenes; ``##`` scenes where there is one chapter.

    One chapter that is called as the story is no chapter to a reader.
    """
    chapters = [_written(chapter) for chapter in manuscript.chapters if _is_told(chapter)]
    title = _one_line(manuscript.title) or "Untitled"
    is_whole = len(chapters) == 1 and _one_line(chapters[0].title) == title
    parts = [_heading(1, title)]
    mark_all = _headings_left(chapters) == 0
    for chapter in chapters:
        if not is_whole:
            parts.append(_heading(2, _one_line(chapter.title) or f"Chapter {chapter.number}"))
        for scene in chapter.scenes:
            if mark_all or not _repeats(chapter, scene):
                parts.append(_heading(2 if is_whole else 3, _one_line(scene.title) or f"Scene {scene.number}"))
            parts.append(shield(scene.text))
    return "\n\n".join(part for part in parts if part) + "\n"


def unwritten(manuscript: Manuscript) -> int:
    """Count the scenes that a book leaves out because they have no text yet."""
    scenes = [scene for chapter in manuscript.chapters for scene in chapter.scenes]
    return len(scenes) - sum(_is_written(scene) for scene in scenes)


def _written(chapter: ManuscriptChapter) -> ManuscriptChapter:
    return chapter.model_copy(update={"scenes": tuple(filter(_is_written, chapter.scenes))})


def _is_told(chapter: ManuscriptChapter) -> bool:
    """A chapter without any scene, planned or written, is a heading its author wrote too."""
    return not chapter.scenes or any(map(_is_written, chapter.scenes))


def _is_written(scene: ManuscriptScene) -> bool:
    """A scene that is approved without text is a heading its author wrote."""
    return bool(scene.text.strip()) or scene.status is SceneStatus.APPROVED


def _repeats(chapter: ManuscriptChapter, scene: ManuscriptScene) -> bool:
    """Whether a scene opens its chapter under the chapter's own title: then its text follows that title at once."""
    same = _one_line(scene.title) == _one_line(chapter.title) != ""
    return same and scene is chapter.scenes[0] and bool(scene.text.strip())


def _headings_left(chapters: list[ManuscriptChapter]) -> int:
    return sum(not _repeats(chapter, scene) for chapter in chapters for scene in chapter.scenes)


def _one_line(text: str) -> str:
    return " ".join(storable(text).split())


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
