"""A story as a PDF, set by Typst: a title page, contents with page numbers, running heads, an outline and tags.

Text goes in as data, so nothing of it is read as markup. Fonts come from packages, never from the machine, so that a
story gives the same pages everywhere; characters that none of them has are shown as U+FFFD and listed on the last page.
"""

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts
import noto_cjk_sans_otc
import typst

from chorus.domain.language import UNKNOWN, language_tag, reads_right_to_left
from chorus.domain.story import Story
from chorus.domain.wording import wording_of
from chorus.export.book import Book, BookChapter, BookScene, printable

_TEMPLATE = Path(__file__).with_name("book.typ")
_FOLDERS = tuple(Path(package.__file__ or "").parent for package in (manimgx_fonts, noto_cjk_sans_otc))
_SPECIMEN = b"""#let book = json(bytes(sys.inputs.book))
#set document(title: "Specimen")
#set text(font: ("Libertinus Serif", "Noto Sans", ..book.faces))
#book.text.join(" ")"""
_REGION = 2
_HAN = {"ja": "JP", "ko": "KR", "zh-Hant": "TC", "zh-TW": "TC", "zh-HK": "HK"}
MOST_LISTED = 60
MOST_SOUGHT = 300


def to_pdf(book: Book, story: Story) -> bytes:
    """Set a book as PDF, tagged for screen readers (PDF/UA) wherever that can be. The same story, the same bytes."""
    made = int(story.updated_at.timestamp())
    try:
        return _compiled(_TEMPLATE.read_bytes(), _data(book, []), made)
    except typst.TypstError:
        data = _data(book, _unshowable(book))
    try:
        return _compiled(_TEMPLATE.read_bytes(), data, made)
    except typst.TypstError:
        return _compiled(_TEMPLATE.read_bytes(), data, made, is_tagged=False)


def _compiled(template: bytes, data: dict[str, Any], made: int, *, is_tagged: bool = True) -> bytes:
    """Set a document; tagged ones are refused with a TypstError where a character has no sign in any font."""
    return typst.compile(
        template,
        sys_inputs={"book": json.dumps(data)},
        font_paths=_typefaces(),
        ignore_system_fonts=True,
        format="pdf",
        timestamp=made,
        pdf_standards=["ua-1"] if is_tagged else [],
    )


@cache
def _typefaces() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in _FOLDERS])


def _data(book: Book, missing: list[str]) -> dict[str, Any]:
    tag = language_tag(book.language)
    parts = tag.split("-")
    shown = str.maketrans(dict.fromkeys(missing, "\ufffd"))
    return {
        "title": book.title.translate(shown),
        "lang": parts[0] if tag != UNKNOWN else "en",
        "region": parts[-1] if len(parts) > 1 and len(parts[-1]) == _REGION else None,
        "rtl": reads_right_to_left(tag),
        "faces": _faces(tag),
        "whole": book.is_whole,
        "contents": sum(chapter.has_heading for chapter in book.chapters) > 1,
        "contents-title": wording_of(book.language)["Contents"],
        "chapters": [_chapter(chapter, shown) for chapter in book.chapters],
        "missing": _named(missing),
    }


def _faces(tag: str) -> list[str]:
    """Which of the Han faces comes first: the same character looks different in Tokyo and Taipei."""
    return [f"Noto Sans CJK {_HAN.get(tag) or _HAN.get(tag.split('-', maxsplit=1)[0], 'SC')}"]


def _named(missing: list[str]) -> str:
    names = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in missing[:MOST_LISTED]]
    return ", ".join(names) + (f" and {len(missing) - MOST_LISTED} more" if len(missing) > MOST_LISTED else "")


def _chapter(chapter: BookChapter, shown: dict[int, str]) -> dict[str, Any]:
    return {
        "title": chapter.title.translate(shown),
        "heading": chapter.has_heading,
        "numeral": chapter.numeral,
        "scenes": [_scene(scene, shown) for scene in chapter.scenes],
    }


def _scene(scene: BookScene, shown: dict[int, str]) -> dict[str, Any]:
    return {
        "title": scene.title.translate(shown),
        "heading": scene.has_heading,
        "numbered": scene.is_numbered,
        "paragraphs": [[line.translate(shown) for line in lines] for lines in scene.paragraphs],
    }


# --- which characters there are no signs for


def _unshowable(book: Book) -> list[str]:
    """The characters of a book that no font has, in order: found by asking the typesetter for ever smaller sets."""
    used = sorted({c for text in book.texts for c in printable(text) if not c.isascii()})
    found: list[str] = []
    waiting = [used]
    while waiting:
        characters = waiting.pop()
        if not characters or _can_show(characters, book):
            continue
        if len(characters) == 1 or len(found) > MOST_SOUGHT:
            found += characters
        else:
            middle = len(characters) // 2
            waiting += [characters[middle:], characters[:middle]]
    return found


def _can_show(characters: list[str], book: Book) -> bool:
    data = {"faces": _faces(language_tag(book.language)), "text": characters}
    try:
        _compiled(_SPECIMEN, data, 0)
    except typst.TypstError:
        return False
    return True
