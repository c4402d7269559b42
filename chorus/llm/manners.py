"""How each endpoint and model is spoken to: learned from what it refused, remembered for this process and the next."""

import logging

from chorus.errors import StoreError
from chorus.llm.dialect import Dialect
from chorus.llm.fleet import Fleet

_log = logging.getLogger(__name__)


class Manners:
    """The dialects of all places; the fleet is asked once for each, and told when one has changed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._known: dict[str, Dialect] = {}

    async def towards(self, place: str) -> Dialect:
        """Give the dialect that a place is known to understand, or the richest one."""
        if place not in self._known:
            found = await self._found(place)
            self._known.setdefault(place, found or Dialect())
        return self._known[place]

    async def understood(self, place: str, dialect: Dialect) -> None:
        """Remember the dialect that got an answer."""
        if self._known.get(place) == dialect:
            return
        self._known[place] = dialect
        try:
            await self._fleet.keep_dialect(place, dialect)
        except StoreError as error:
            _log.warning("the dialect of %s is not kept: %s", place, error)

    async def _found(self, place: str) -> Dialect | None:
        try:
            return await self._fleet.find_dialect(place)
        except StoreError as error:
            _log.warning("the dialect of %s is not known: %s", place, error)
            return None
