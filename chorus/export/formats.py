"""The formats a story can be exported to; a new format is a module here and one line in ``EXPORTERS``."""

from collections.abc import Callable
from dataclasses import dataclass

from chorus.errors import InvalidInput
from chorus.export.bible import bible_of
from chorus.export.book import Book, book_of
from chorus.export.bundle import StoryBundle
from chorus.export.ebook import to_ebook
from chorus.export.json_document import to_json
from chorus.export.markdown import to_markdown
from chorus.export.web_page import to_web_page


@dataclass(frozen=True)
class Exporter:
    """One format: ``typeset`` gives the bytes of a book of a story."""

    suffix: str
    media_type: str
    is_text: bool
    typeset: Callable[[Book, StoryBundle], bytes]

    def render(self, bundle: StoryBundle) -> bytes:
        """The bytes of the file."""
        return self.typeset(book_of(bundle.manuscript), bundle)

    def render_bible(self, bundle: StoryBundle) -> bytes:
        """The bytes of the story's bible: what holds in it, and no prose."""
        return self.typeset(bible_of(bundle), bundle)


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _to_word(book: Book, bundle: StoryBundle) -> bytes:
    """What writes such files is loaded when somebody wants one."""
    from chorus.export.word import to_word

    return to_word(book, bundle.story)


def _to_pdf(book: Book, bundle: StoryBundle) -> bytes:
    """The typesetter is large, and loaded when somebody wants it."""
    from chorus.export.pdf import to_pdf

    return to_pdf(book, bundle.story)


EXPORTERS: dict[str, Exporter] = {
    "md": Exporter(".md", "text/markdown; charset=utf-8", True, lambda book, _: to_markdown(book).encode()),
    "html": Exporter(".html", "text/html; charset=utf-8", True, lambda book, _: to_web_page(book).encode()),
    "epub": Exporter(".epub", "application/epub+zip", False, lambda book, bundle: to_ebook(book, bundle.story)),
    "docx": Exporter(".docx", _WORD, False, _to_word),
    "pdf": Exporter(".pdf", "application/pdf", False, _to_pdf),
    "json": Exporter(".json", "application/json", True, lambda _, bundle: to_json(bundle).encode()),
}


def find_exporter(name: str) -> Exporter:
    """Return the exporter of a format, or raise InvalidInput that names those there are."""
    exporter = EXPORTERS.get(name.lower().lstrip("."))
    if exporter is None:
        raise InvalidInput(
            f"There is no export to “{name}”: choose {', '.join(list(EXPORTERS)[:-1])} or {list(EXPORTERS)[-1]}."
        )
    return exporter
