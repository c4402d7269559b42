"""Stories as files for elsewhere. Leaves reading the story to whoever asks, and where the file goes too."""

from chorus.export.book import Book, book_of, unwritten
from chorus.export.bundle import StoryBundle
from chorus.export.file_name import file_stem
from chorus.export.formats import EXPORTERS, Exporter, find_exporter
from chorus.export.json_document import to_json
from chorus.export.markdown import to_markdown

__all__ = [
    "EXPORTERS",
    "Book",
    "Exporter",
    "StoryBundle",
    "book_of",
    "file_stem",
    "find_exporter",
    "to_json",
    "to_markdown",
    "unwritten",
]
