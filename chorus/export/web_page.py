"""A story as one web page that needs nothing else: title page, contents, chapters and scenes, to read or to print."""

from functools import cache
from pathlib import Path

from chorus.domain.language import language_tag, reads_right_to_left
from chorus.domain.wording import wording_of
from chorus.export.book import Book, BookChapter
from chorus.export.prose_markup import chapter_markup, safe

_NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def to_web_page(book: Book) -> str:
    """Set a book as HTML: ``h1`` title, ``h2`` chapters, ``h3`` scenes; ``h2`` scenes where there is one chapter."""
    tag = language_tag(book.language)
    chapters = "\n".join(map(_chapter, book.chapters))
    return f"""<!DOCTYPE html>
<html lang="{tag}" dir="{"rtl" if reads_right_to_left(tag) else "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_NOTHING_ELSE}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Chorus">
<title>{safe(book.title)}</title>
<style>
{_style()}</style>
</head>
<body>
<header class="title-page"><h1 dir="auto">{safe(book.title)}</h1></header>
{_contents(book)}<main>
{chapters}
</main>
</body>
</html>
"""


def _chapter(chapter: BookChapter) -> str:
    return f'<section class="chapter" id="chapter-{chapter.number}">\n{chapter_markup(chapter, 2)}\n</section>'


def _contents(book: Book) -> str:
    """Links to the chapters, or to the scenes of a book without chapters if they are called something."""
    entries = [(f"chapter-{chapter.number}", chapter.title) for chapter in book.chapters]
    if book.is_whole:
        scenes = book.chapters[0].scenes
        entries = [(f"scene-{scene.number}", scene.title) for scene in scenes if not scene.is_numbered]
    if len(entries) < 2:
        return ""
    links = "\n".join(f'<li><a href="#{anchor}" dir="auto">{safe(title)}</a></li>' for anchor, title in entries)
    said = wording_of(book.language)["Contents"]
    return f'<nav class="contents" aria-label="{said}"><h2>{said}</h2>\n<ol>\n{links}\n</ol></nav>\n'


@cache
def _style() -> str:
    return Path(__file__).with_name("web_page.css").read_text(encoding="utf-8")
