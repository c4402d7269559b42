"""A limit for whatever else may come in floods (run events, followers, jobs): the same arithmetic, the same rows."""

import asyncio

from chorus.domain.rate import Rate, Wish
from chorus.llm.fleet import Fleet


class Bucket:
    """At most so many of one thing in any window, in all processes that share a fleet."""

    def __init__(self, fleet: Fleet, name: str, rate: Rate) -> None:
        """Count under ``name``, e.g. ``api 192.0.2.7``."""
        self._fleet = fleet
        self._name = name
        self._rate = rate

    async def refused_for_s(self) -> float:
        """Let one through now, or say for how many seconds none may follow; 0 means that it is through."""
        grant = await self._fleet.take(self._name, Wish(events=self._rate.toll(), longest_wait_s=0.0))
        return 0.0 if grant.granted else grant.wait_s

    async def wait(self) -> None:
        """Let one through when its turn has come, first come, first served."""
        grant = await self._fleet.take(self._name, Wish(events=self._rate.toll()))
        await asyncio.sleep(grant.wait_s)
