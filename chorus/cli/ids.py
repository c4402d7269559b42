"""Ids as people type them: whole, or their first characters as the tables show them."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

from chorus.errors import InvalidInput, NotFound

SHORTEST = 4
PAGE = 500


class Shelf(Protocol):
    """What ids are looked up in: pages of the ids there are."""

    def __call__(self, limit: int, offset: int) -> Awaitable[Sequence[UUID]]:
        """List ids, page by page."""


def short(whole: UUID) -> str:
    """The beginning of an id, enough to type it."""
    return str(whole)[:8]


async def resolve(typed: str, noun: str, listing: str, shelf: Shelf) -> UUID:
    """Find the id that somebody typed; ``listing`` is the command that shows those there are.

    Raises:
        InvalidInput: it is no id, or the beginning of several.
        NotFound: no id begins so.
    """
    start = typed.strip().lower()
    try:
        return UUID(start)
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9a-f-]+", start) or not SHORTEST <= len(start) <= 36:
        raise InvalidInput(f"“{typed}” is no {noun} id: `{listing}` lists them.")
    found = [whole for whole in await every(shelf) if str(whole).startswith(start)]
    if not found:
        raise NotFound(f"There is no {noun} {typed}: `{listing}` lists them.")
    if len(found) > 1:
        raise InvalidInput(f"{len(found)} {noun} ids begin with {typed}: give more of it.")
    return found[0]


async def every[T](page: Callable[[int, int], Awaitable[Sequence[T]]]) -> list[T]:
    """Read all pages of a listing."""
    rows: list[T] = []
    while batch := await page(PAGE, len(rows)):
        rows += batch
        if len(batch) < PAGE:
            break
    return rows
