"""Making up for what stories did not wait for: vectors that are missing, words to gather, days of calls to add up."""

import asyncio
import logging
from datetime import timedelta

from chorus.errors import ChorusError
from chorus.studio import Studio

PAUSE_S = 300.0
_log = logging.getLogger(__name__)


async def keep_repairing(studio: Studio) -> None:
    """Look every few minutes, whatever becomes of the embedder; several workers at once do no harm."""
    while True:
        for repair in (_embed, _gather, _add_up, _prune):
            try:
                await repair(studio)
            except ChorusError as error:
                _log.info("What was put off waits longer: %s", error)
            except Exception:  # noqa: BLE001 - a worker lives on
                _log.exception("A repair failed")
        await asyncio.sleep(PAUSE_S)


async def _embed(studio: Studio) -> None:
    if mended := await studio.embed_what_was_left():
        _log.info("%s memories that were found only by their words have their vectors", mended)


async def _gather(studio: Studio) -> None:
    await studio.gather_memories()


async def _add_up(studio: Studio) -> None:
    await studio.add_up_calls()


async def _prune(studio: Studio) -> None:
    if days := studio.config.system.keep_texts_days:
        await studio.prune_calls(timedelta(days=days))
