"""Manuscripts from elsewhere: text becomes chapters and scenes. Leaves to ``studio`` to make a story of them."""

from chorus.importing.manuscript import ParsedChapter, ParsedManuscript, ParsedScene, read_manuscript

__all__ = ["ParsedChapter", "ParsedManuscript", "ParsedScene", "read_manuscript"]
