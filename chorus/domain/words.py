"""How long a text is, in words, whether its script puts spaces between them or not."""

import re
from functools import lru_cache

from chorus.domain.language import language_tag

_SIGN = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Kana and Han: each sign counts, as every word processor counts them."""
_UNSPACED = re.compile(r"[\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u104f\u1780-\u17d3]+")
"""Thai, Lao, Burmese and Khmer: words follow each other without a space."""
LETTERS_OF_A_WORD = 5
"""Of such a word, with its vowel signs, on average."""
_TOKENS_OF_A_WORD = {
    "en": 1.6,
    "zh": 1.8, "ja": 1.8,
    "ar": 4.0, "fa": 4.0, "he": 4.0, "ur": 4.0, "yi": 4.0, "el": 4.0, "hy": 6.0, "ka": 6.0,
    "ru": 3.5, "uk": 3.5, "be": 3.5, "bg": 3.5, "sr": 3.5, "mk": 3.5, "kk": 4.5, "mn": 4.5, "ko": 4.0,
    "th": 5.0, "lo": 6.0, "my": 8.0, "km": 8.0,
    "hi": 5.0, "mr": 6.0, "ne": 6.0, "bn": 6.0, "gu": 8.0, "pa": 6.0,
    "ta": 8.0, "te": 8.0, "kn": 8.0, "ml": 9.0, "si": 8.0,
    "am": 8.0, "fi": 3.0, "hu": 3.0, "tr": 3.0, "et": 3.0,
}  # fmt: skip
_OF_ANOTHER = 2.4


def count_words(text: str) -> int:
    """Count what a reader would call words; where nothing stands between them, what a word processor would."""
    signs = len(_SIGN.findall(text))
    if signs:
        text = _SIGN.sub(" ", text)
    unspaced = sum(-(-len(run) // LETTERS_OF_A_WORD) for run in _UNSPACED.findall(text))
    if unspaced:
        text = _UNSPACED.sub(" ", text)
    return signs + unspaced + sum(any(character.isalnum() for character in token) for token in text.split())


@lru_cache(maxsize=64)
def tokens_of_a_word(language: str) -> float:
    """How many tokens a word of a language may take, with some to spare."""
    return _TOKENS_OF_A_WORD.get(language_tag(language).split("-", maxsplit=1)[0], _OF_ANOTHER)
