"""What happened when in a run: its calls in time, what held each back, and which of them the run waited for."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from chorus.domain.run import RunEvent
from chorus.domain.value import Value

SLACK = timedelta(milliseconds=20)
"""A call that ended so shortly after another began may still be what that one waited for."""
REUSED = "answer_reused"
"""The kind of the events that tell of an answer used again."""


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
        return place_of(self.scene_number, self.node_path)

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


class Reuse(Value):
    """A recorded answer that a run used again: nothing was asked and nothing paid."""

    call_id: UUID
    scene_number: int | None
    node: str
    path: str
    kept: bool
    """Whether it was another story's, given to it a little while before."""
    at: datetime

    @property
    def place(self) -> str:
        """Where in the story it belongs, as for a span."""
        return place_of(self.scene_number, self.path)


_OF_A_REUSE = {"call_id", "node", "path", "kept"}


def reuses_of(events: Sequence[RunEvent]) -> tuple[Reuse, ...]:
    """Read out of a run's events which answers it used again."""
    return tuple(
        Reuse(scene_number=event.scene_number, at=event.created_at, **{name: event.data[name] for name in _OF_A_REUSE})
        for event in events
        if event.data.keys() >= _OF_A_REUSE
    )


class Step(Value):
    """That calls of one node began when those of another had ended."""

    before: str
    after: str
    times: int
    critical: int
    """How often the run as a whole waited for it."""


def place_of(scene_number: int | None, node_path: str) -> str:
    """Where in the story a question belongs: a scene, or what comes before and after all scenes."""
    if scene_number:
        return f"Scene {scene_number}"
    return "Chapters" if node_path.startswith("chapter/") else "Plan"


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


def followed(spans: Sequence[Span]) -> dict[UUID, Span]:
    """For each call the one that it came after: the last of its own scene that had ended when it was wanted.

    If there is none in its scene, the last of all. The first calls of a run came after nothing and are not in it.
    """
    everywhere = sorted(spans, key=lambda span: span.end)
    of_place: dict[str, list[Span]] = {}
    for span in everywhere:
        of_place.setdefault(span.place, []).append(span)
    before = {}
    for span in spans:
        found = _last_before(span, of_place[span.place]) or _last_before(span, everywhere)
        if found:
            before[span.id] = found
    return before


def steps(spans: Sequence[Span]) -> list[Step]:
    """What followed what, node by node, the most frequent first; a node that followed itself was asked again."""
    known = {span.id: span for span in spans}
    joints = list(pairwise(critical_path(spans)))
    counted: dict[tuple[str, str], list[int]] = {}
    before = followed(spans) | {after: known[earlier] for earlier, after in joints}
    waited_for = {after for _, after in joints}
    for span in spans:
        if span.id not in before:
            continue
        tally = counted.setdefault((before[span.id].node, span.node), [0, 0])
        tally[0] += 1
        tally[1] += span.id in waited_for
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1][0], entry[0]))
    return [Step(before=a, after=b, times=times, critical=critical) for (a, b), (times, critical) in ordered]


def _last_before(span: Span, by_end: Sequence[Span]) -> Span | None:
    """The last that had ended when a call was wanted, if it began before it."""
    place = bisect_right(by_end, span.wanted_at + SLACK, key=lambda other: other.end)
    for other in reversed(by_end[max(0, place - 8) : place]):
        if other.id != span.id and other.started_at < span.started_at:
            return other
    return None
