"""Manuscripts from elsewhere: files become chapters and scenes. Leaves to ``studio`` to make a story of them."""

from chorus.importing.language import detect_language
from chorus.importing.manuscript import ParsedChapter, ParsedManuscript, ParsedScene, read_manuscript
from chorus.importing.source import FORMATS, load_file, read_source
from chorus.importing.text import is_guessed

__all__ = [
    "FORMATS",
    "ParsedChapter",
    "ParsedManuscript",
    "ParsedScene",
    "detect_language",
    "is_guessed",
    "load_file",
    "read_manuscript",
    "read_source",
]
