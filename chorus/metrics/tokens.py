"""Words and sentences as the measures count them; in scripts without spaces each character is a word."""

import re

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’\-][^\W_{_UNSPACED}]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’»)]*\s+|(?<=[。！？])[」』”]*|\n{2,}")


def words_of(text: str) -> list[str]:
    """List the words of a text as they stand, without punctuation."""
    return _WORD.findall(text)


def folded_words(text: str) -> list[str]:
    """List the words of a text regardless of case and of which apostrophe is used."""
    return [word.replace("’", "'").casefold() for word in words_of(text)]


def sentences_of(text: str) -> list[str]:
    """List the sentences of a text that have a word in them."""
    return [part for part in _SENTENCE_END.split(text) if part and _WORD.search(part)]
