"""Chorus: a premise becomes a finished, consistent, multi-chapter story, written by a crew of LLM agents.

From Python: ``async with open_studio() as studio: await studio.write_story(...)``.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
