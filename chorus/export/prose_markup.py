"""Prose as HTML that is XHTML at the same time, for web pages and EPUBs: everything is escaped here."""

import unicodedata
from html import escape

from chorus.export.book import BookChapter, BookScene, printable

_DROPPED = ("LATIN", "GREEK", "CYRILLIC")


def safe(text: str) -> str:
    """Escape text for content and quoted attributes."""
    return escape(printable(text), quote=True)


def chapter_markup(chapter: BookChapter, level: int) -> str:
    """A chapter: its heading at ``level`` and its scenes at the level below; without a heading, scenes at ``level``."""
    heading = ""
    if chapter.has_heading:
        numeral = f' data-numeral="{chapter.numeral}"' if chapter.numeral else ""
        heading = f'<h{level} class="chapter-title" dir="auto"{numeral}>{safe(chapter.title)}</h{level}>\n'
    below = level + 1 if chapter.has_heading else level
    return heading + "\n".join(_scene(scene, below, opens=n == 0) for n, scene in enumerate(chapter.scenes))


def _scene(scene: BookScene, level: int, *, opens: bool) -> str:
    heading = ""
    if scene.has_heading:
        kind = "scene-break" if scene.is_numbered else "scene-title"
        said = f"<span>{safe(scene.title)}</span>" if scene.is_numbered else safe(scene.title)
        heading = f'<h{level} class="{kind}" dir="auto">{said}</h{level}>\n'
    first, *rest = scene.paragraphs or [[]]
    opening = ' class="opening"' if opens and _takes_drop_cap(first) else ' class="first"'
    prose = [_paragraph(first, opening)] if first else []
    prose += [_paragraph(lines, "") for lines in rest]
    return f'<section class="scene" id="scene-{scene.number}">\n{heading}{"\n".join(prose)}\n</section>'


def _paragraph(lines: list[str], attribute: str) -> str:
    return f'<p dir="auto"{attribute}>{"<br/>".join(map(safe, lines))}</p>'


def _takes_drop_cap(lines: list[str]) -> bool:
    """A paragraph that is long enough and begins with a letter of a script that has capitals."""
    text = "".join(lines).lstrip("\"'“”‘’«»„¿¡—– ")
    name = unicodedata.name(text[0], "") if text else ""
    return len(text) > 120 and len(lines) == 1 and name.startswith(_DROPPED) and text[0].isupper()
