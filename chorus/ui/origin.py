"""Where each paragraph of a text comes from: the oldest of its forebears in which it stands. Drawn by nobody here."""

import re
from collections.abc import Sequence

from chorus.domain.llm_call import LLMCall
from chorus.domain.story import Revision

_BREAK = re.compile(r"\n\s*\n")


def split(text: str) -> list[str]:
    """A text at its paragraph breaks; what stands before the first and after the last may be empty."""
    return _BREAK.split(text)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text, without those that are empty."""
    return [block.strip() for block in split(text) if block.strip()]


def forebears(revision: Revision, revisions: Sequence[Revision]) -> list[Revision]:
    """A revision and those it was made from, the newest first."""
    by_id = {each.id: each for each in revisions}
    line = [revision]
    while line[-1].parent_id and (parent := by_id.get(line[-1].parent_id)) and parent not in line:
        line.append(parent)
    return line


def origins(revision: Revision, revisions: Sequence[Revision]) -> list[tuple[str, Revision]]:
    """Each paragraph of a revision, with the text of its line from which on it stands as it is, word for word."""
    blocks = paragraphs_of(revision.text)
    since = [revision] * len(blocks)
    standing = set(range(len(blocks)))
    for older in forebears(revision, revisions)[1:]:
        there = set(paragraphs_of(older.text))
        standing = {place for place in standing if blocks[place] in there}
        for place in standing:
            since[place] = older
    return list(zip(blocks, since, strict=True))


def author_of(revision: Revision, revisions: Sequence[Revision], calls: Sequence[LLMCall]) -> LLMCall | None:
    """The call whose answer a text is, or the one that its nearest forebear is."""
    by_id = {call.id: call for call in calls}
    return next((by_id[each.call_id] for each in forebears(revision, revisions) if each.call_id in by_id), None)
