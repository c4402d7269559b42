"""What is asked of the ledger: which calls, by what, and what they add up to."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chorus.domain.llm_call import Outcome
from chorus.domain.value import Text, Value


class GroupedBy(StrEnum):
    """What calls are told apart by."""

    AGENT = "agent"
    NODE = "node"
    MODEL = "model"
    STORY = "story"
    RUN = "run"
    PROMPT_VERSION = "prompt_version"
    OUTCOME = "outcome"


class CallFilter(Value):
    """Which calls are meant: all that fit every part; an empty part fits all. ``until`` is not part of the range."""

    since: datetime | None = None
    until: datetime | None = None
    story_id: UUID | None = None
    run_id: UUID | None = None
    agents: tuple[Text, ...] = ()
    nodes: tuple[Text, ...] = ()
    models: tuple[Text, ...] = ()
    prompt_versions: tuple[Text, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


class CallFigures(Value):
    """Calls of one group summed up; ``calls`` is n. Times in ms, of all calls whose time is known, also of failed ones.

    ``cost_usd`` is the sum of known prices, None if none is known; ``unpriced`` calls had tokens and no price.
    ``tokens_per_s``: completion tokens by the time they took, of calls that were answered well.
    """

    group: str
    label: str = ""
    calls: int
    failed: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cost_usd: float | None
    unpriced: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    ttft_p99_ms: float | None
    tokens_per_s: float | None


class CallBucket(Value):
    """The calls of one agent that began within one stretch of time."""

    began_at: datetime
    agent: str
    calls: int
    failed: int
    tokens: int
    cost_usd: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    ttft_p50_ms: float | None = None
    ttft_p95_ms: float | None = None


class FailureBucket(Value):
    """The calls that ended badly in one way and began within one stretch of time."""

    began_at: datetime
    outcome: Outcome
    calls: int


class Sums(Value):
    """What calls add up to: in all (None if there are none), by group, and by stretches of time and agent.

    The group with the most tokens is first, and there may be more ``in_all`` than are told; stretches of ``stretch_s``
    seconds are in order.
    """

    total: CallFigures | None
    groups: tuple[CallFigures, ...]
    stretch_s: float
    buckets: tuple[CallBucket, ...]
    failures: tuple[FailureBucket, ...] = ()
    in_all: int = 0


class StoryCost(Value):
    """What the calls of a story cost, as far as is known; ``unpriced``: calls of which nobody knows the price."""

    cost_usd: float | None = None
    unpriced: int = 0

    def plus(self, cost_usd: float | None, unpriced: int) -> "StoryCost":
        """The same with more calls."""
        known = [part for part in (self.cost_usd, cost_usd) if part is not None]
        return StoryCost(cost_usd=sum(known) if known else None, unpriced=self.unpriced + unpriced)


class Foreseen(Value):
    """A finished run: what was estimated, and what it took."""

    run_id: UUID
    title: str
    foreseen_tokens: float
    high_tokens: float
    tokens: int
    foreseen_s: float
    high_s: float
    active_s: float
    foreseen_usd: float | None
    cost_usd: float | None


class Choices(Value):
    """What the ledger has that a filter can name."""

    agents: tuple[str, ...]
    nodes: tuple[str, ...]
    models: tuple[str, ...]
    prompt_versions: tuple[str, ...]
