"""What happened when in a run: its calls in time, what held each back, and which of them the run waited for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from chorus.domain.value import Value

SLACK = timedelta(milliseconds=20)
"""A call that ended so shortly after another began may still be what that one waited for."""


class Span(Value):
    """One call as a trace shows it: it was wanted ``waited_ms`` before it began."""

    id: UUID
    scene_number: int | None
    agent: str
    node: str
    node_path: str
    attempt: int
    model: str
    outcome: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_usd: Decimal | None
    ttft_ms: float | None
    latency_ms: float | None
    waits: dict[str, float]
    started_at: datetime
    ended_at: datetime | None

    @property
    def end(self) -> datetime:
        """When it ended; one that never did ended as it began."""
        if self.latency_ms is not None:
            return self.started_at + timedelta(milliseconds=self.latency_ms)
        return self.ended_at or self.started_at

    @property
    def wanted_at(self) -> datetime:
        """When it would have begun if nothing had held it back."""
        return self.started_at - timedelta(milliseconds=sum(self.waits.values()))

    @property
    def place(self) -> str:
        """Where in the story it belongs: a scene, or what comes before and after all scenes."""
        if self.scene_number:
            return f"Scene {self.scene_number}"
        return "Chapters" if self.node_path.startswith("chapter/") else "Plan"

    @property
    def kind(self) -> str:
        """What of a series it is: the first question, a re-ask, one with more room, or another attempt."""
        if "/reask/" in self.node_path:
            return "re-ask"
        if self.node_path.endswith("/longer"):
            return "more room"
        if self.node_path.endswith("/again"):
            return "other words"
        return "retry" if self.attempt > 1 else ""


def critical_path(spans: Sequence[Span]) -> list[UUID]:
    """The chain of calls whose lengths add up to the run's: each is the last that ended before the next was wanted."""
    ordered = sorted(spans, key=lambda span: (span.end, span.started_at))
    path: list[UUID] = []
    before = None
    for span in reversed(ordered):
        if before is None or (span.end <= before.wanted_at + SLACK and span.started_at < before.started_at):
            path.append(span.id)
            before = span
    return path[::-1]


def stretches(spans: Sequence[Span]) -> list[tuple[str, list[Span]]]:
    """The calls by place in the story, in the order in which places were first come to."""
    places: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.wanted_at):
        places.setdefault(span.place, []).append(span)
    return list(places.items())
