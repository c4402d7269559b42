"""What a reader still wants to know: questions that scenes open, by their text or by their plan, and others answer."""

from collections.abc import Sequence
from functools import lru_cache

from chorus.domain.story import SceneDigest


def open_questions(digests: Sequence[tuple[int, SceneDigest]]) -> list[tuple[int, str]]:
    """The questions that scenes opened and no later scene answered, as (scene number, question)."""
    still: list[tuple[int, str]] = []
    for number, digest in digests:
        if answered := [_words(text) for text in digest.paid_off]:
            still = [(n, q) for n, q in still if not any(len(_words(q) & a) >= len(_words(q)) / 2 for a in answered)]
        still += [(number, text) for text in digest.planted]
    return still


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in text.casefold().split() if len(word) > 3)
