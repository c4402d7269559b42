"""Tells an OpenTelemetry collector of a run's calls when work on it ends, as far as it was not told before.

What was told is kept as an event of the run, so a call is told once, whichever process made it, and again only if the
collector did not answer. A collector that is away costs a run nothing but a line in the log.
"""

import asyncio
import json
import logging
import urllib.request
from typing import Any
from uuid import UUID

from chorus import __version__
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.run import RunEvent
from chorus.metrics.otlp import trace_of
from chorus.metrics.otlp_histograms import metrics_of
from chorus.store import Database

TOLD = "telemetry"
PATIENCE_S = 5.0
AT_ONCE = 500
_log = logging.getLogger(__name__)


class Collector:
    """An OTLP endpoint that takes JSON over HTTP."""

    def __init__(self, store: Database, endpoint: str) -> None:
        self._store = store
        self._endpoint = endpoint.rstrip("/")

    async def tell(self, run_id: UUID) -> None:
        """Tell of every call of a run that has ended and was not told of yet."""
        try:
            while calls := await self._untold(run_id):
                await asyncio.to_thread(self._post, "traces", trace_of(calls))
                await asyncio.to_thread(self._post, "metrics", metrics_of(calls))
                await self._note(run_id, calls)
        except (OSError, ValueError) as error:
            _log.warning("the collector at OTEL_EXPORTER_OTLP_ENDPOINT was not told: %s", error)

    async def _untold(self, run_id: UUID) -> list[LLMCall]:
        async with self._store.reading() as tx:
            events = await tx.runs.list_events_of_kind(run_id, TOLD)
            told = {call_id for event in events for call_id in event.data.get("calls", [])}
            calls = await tx.calls.list_of_run(run_id)
        return [call for call in calls if call.outcome is not Outcome.IN_FLIGHT and str(call.id) not in told][:AT_ONCE]

    async def _note(self, run_id: UUID, calls: list[LLMCall]) -> None:
        data = {"calls": [str(call.id) for call in calls]}
        message = f"The collector was told of {len(calls)} calls."
        event = RunEvent(run_id=run_id, story_id=calls[0].story_id, kind=TOLD, message=message, data=data)
        async with self._store.transaction() as tx:
            await tx.runs.record(event)

    def _post(self, signal: str, document: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310 - the settings say where, and want http or https
            f"{self._endpoint}/v1/{signal}",
            json.dumps(document).encode(),
            {"Content-Type": "application/json", "User-Agent": f"chorus/{__version__}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            answer.read()
