"""A story as an EPUB 3: cover, title page, navigation, a document for each chapter."""

from datetime import UTC
from functools import cache
from pathlib import Path

from chorus.domain.language import language_tag, reads_right_to_left
from chorus.domain.story import Story
from chorus.domain.wording import wording_of
from chorus.export.archive import packed
from chorus.export.book import Book, BookChapter
from chorus.export.cover import HEIGHT, WIDTH, cover_svg
from chorus.export.prose_markup import chapter_markup, safe

_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_ACCESS = (
    ("accessMode", "textual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", "Text alone, in reading order, with headings for chapters and scenes."),
)


def to_ebook(book: Book, story: Story) -> bytes:
    """Set a book as EPUB: ``h1`` chapters, ``h2`` scenes. The same story gives the same bytes."""
    cover = cover_svg(story.id, book.title)
    pages = [(_file(chapter), _chapter(book, chapter)) for chapter in book.chapters] or [("blank.xhtml", _blank(book))]
    members = [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", _CONTAINER),
        ("EPUB/package.opf", _package(book, story, [name for name, _ in pages])),
        ("EPUB/nav.xhtml", _navigation(book, pages[0][0])),
        ("EPUB/book.css", _style()),
        ("EPUB/cover.svg", f'<?xml version="1.0" encoding="utf-8"?>\n{cover}\n'),
        ("EPUB/cover.xhtml", _cover(book)),
        ("EPUB/title.xhtml", _title_page(book)),
        *((f"EPUB/{name}", page) for name, page in pages),
    ]
    return packed((name, content.encode()) for name, content in members)


def _file(chapter: BookChapter) -> str:
    return f"chapter-{chapter.number:03}.xhtml"


def _package(book: Book, story: Story, pages: list[str]) -> str:
    tag = language_tag(book.language)
    changed = story.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    access = "\n".join(f'<meta property="schema:{name}">{said}</meta>' for name, said in _ACCESS)
    items = "\n".join(
        f'<item id="p{n}" href="{page}" media-type="application/xhtml+xml"/>' for n, page in enumerate(pages)
    )
    spine = "\n".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    progression = ' page-progression-direction="rtl"' if reads_right_to_left(tag) else ""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="{tag}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{story.id}</dc:identifier>
<dc:title>{safe(book.title)}</dc:title>
<dc:language>{tag}</dc:language>
<meta property="dcterms:modified">{changed}</meta>
<meta name="cover" content="cover-image"/>
{access}
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="css" href="book.css" media-type="text/css"/>
<item id="cover-image" href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="title" href="title.xhtml" media-type="application/xhtml+xml"/>
{items}
</manifest>
<spine{progression}>
<itemref idref="cover"/>
<itemref idref="title"/>
<itemref idref="nav"/>
{spine}
</spine>
</package>
"""


def _page(book: Book, title: str, body: str, kind: str = "bodymatter") -> str:
    tag = language_tag(book.language)
    direction = "rtl" if reads_right_to_left(tag) else "ltr"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{tag}" xml:lang="{tag}" \
dir="{direction}">
<head><meta charset="utf-8"/><title>{safe(title)}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>
<body epub:type="{kind}">
{body}
</body>
</html>
"""


def _cover(book: Book) -> str:
    image = f'<img src="cover.svg" alt="{safe(book.title)}" width="{WIDTH}" height="{HEIGHT}"/>'
    return _page(book, book.title, f'<section epub:type="cover" class="cover">{image}</section>', "cover")


def _title_page(book: Book) -> str:
    heading = f'<h1 dir="auto">{safe(book.title)}</h1>'
    return _page(
        book, book.title, f'<section epub:type="titlepage" class="title-page">{heading}</section>', "frontmatter"
    )


def _blank(book: Book) -> str:
    return _page(book, book.title, '<section epub:type="chapter"><p>…</p></section>')


def _chapter(book: Book, chapter: BookChapter) -> str:
    markup = f'<section epub:type="chapter" class="chapter">\n{chapter_markup(chapter, 1)}\n</section>'
    return _page(book, chapter.title, markup)


def _navigation(book: Book, first: str) -> str:
    entries = "\n".join(map(_entry, book.chapters)) or f'<li><a href="{first}">{safe(book.title)}</a></li>'
    words = wording_of(book.language)
    toc = (
        f'<nav epub:type="toc" role="doc-toc" class="contents"><h1>{words["Contents"]}</h1>\n'
        f"<ol>\n{entries}\n</ol></nav>"
    )
    landmarks = (
        '<nav epub:type="landmarks" hidden="hidden"><ol>'
        f'<li><a epub:type="cover" href="cover.xhtml">{words["Cover"]}</a></li>'
        f'<li><a epub:type="bodymatter" href="{first}">{words["Beginning"]}</a></li></ol></nav>'
    )
    return _page(book, book.title, f"{toc}\n{landmarks}", "frontmatter")


def _entry(chapter: BookChapter) -> str:
    """A chapter; where it is the whole book, its scenes stand below it."""
    scenes = "" if chapter.has_heading else "\n".join(_scene_links(chapter))
    below = f"\n<ol>\n{scenes}\n</ol>" if scenes else ""
    return f'<li><a href="{_file(chapter)}" dir="auto">{safe(chapter.title)}</a>{below}</li>'


def _scene_links(chapter: BookChapter) -> list[str]:
    return [
        f'<li><a href="{_file(chapter)}#scene-{scene.number}" dir="auto">{safe(scene.title)}</a></li>'
        for scene in chapter.scenes
        if not scene.is_numbered
    ]


@cache
def _style() -> str:
    return Path(__file__).with_name("ebook.css").read_text(encoding="utf-8")
