"""Letting a model judge the experiments that wait for it."""

import asyncio
import logging

from chorus.errors import ChorusError
from chorus.studio import Studio

PAUSE_S = 4.0
_log = logging.getLogger(__name__)


async def keep_judging(studio: Studio) -> None:
    """Look every few seconds, whatever becomes of the database; each experiment is at one worker at a time."""
    while True:
        try:
            while await studio.judge_what_is_asked():
                pass
        except ChorusError as error:
            _log.info("Judging waits: %s", error)
        except Exception:  # noqa: BLE001 - a worker lives on
            _log.exception("A judging failed")
        await asyncio.sleep(PAUSE_S)
