"""The ledger: one row for each attempt at the endpoint, and what the metrics pages read of them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.llm_call import AnswerAddress, LLMCall, Outcome, RecordedAnswer
from chorus.domain.value import Value
from chorus.settings import AgentName
from chorus.store import tables as t
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

Grouping = Literal["agent", "node", "model", "story", "outcome"]
_CLOSING = (
    "response_text",
    "finish_reason",
    "outcome",
    "error",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "usage_estimated",
    "ttft_ms",
    "latency_ms",
    "cost_usd",
    "ended_at",
)


class CallFigures(Value):
    """Calls of one group summed up; latencies in ms, None where no call has one."""

    group: str
    calls: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    ttft_p50_ms: float | None
    tokens_per_s: float | None


class CallPoint(Value):
    """One call as a chart shows it."""

    id: UUID
    story_id: UUID
    story_title: str
    scene_number: int | None
    agent: str
    node: str
    model: str
    outcome: str
    prompt_tokens: int
    completion_tokens: int
    ttft_ms: float | None
    latency_ms: float | None
    started_at: datetime


class Calls:
    """Every attempt, what was asked and what came back."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, call: LLMCall) -> None:
        """Keep an attempt that is about to be sent."""
        await add_all(self._connection, t.llm_call, [call])

    async def close(self, call: LLMCall) -> None:
        """Write how an attempt ended: complete its row, or insert it whole if it was never opened."""
        row = row_of(call)
        ending = {name: row[name] for name in _CLOSING}
        whole = insert(t.llm_call).values(row)
        await self._connection.execute(whole.on_conflict_do_update(index_elements=["id"], set_=ending))

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Find the first answer recorded under an address."""
        call = t.llm_call.c
        query = (
            select(t.llm_call)
            .where(
                call.story_id == address.story_id,
                call.node_path == address.node_path,
                call.prompt_hash == address.prompt_hash,
                call.model == address.model,
                call.settings_hash == address.settings_hash,
                call.take == address.take,
                call.outcome.in_([outcome for outcome in Outcome if outcome.is_answer]),
            )
            .order_by(call.started_at, call.id)
        )
        call_found = await fetch_one(self._connection, query, LLMCall)
        return RecordedAnswer.from_call(call_found) if call_found else None

    async def was_answered(self, run_id: UUID) -> bool:
        """Whether any attempt of a run was heard out."""
        call = t.llm_call.c
        answers = call.outcome.in_([outcome for outcome in Outcome if outcome.is_answer])
        query = select(call.id).where(call.run_id == run_id, answers).limit(1)
        return await self._connection.scalar(query) is not None

    async def list_of(self, story_id: UUID) -> list[LLMCall]:
        """List every attempt for a story, the oldest first."""
        query = select(t.llm_call).where(t.llm_call.c.story_id == story_id).order_by(t.llm_call.c.started_at)
        return await fetch_all(self._connection, query, LLMCall)

    async def list_page(
        self,
        limit: int,
        offset: int = 0,
        *,
        story_id: UUID | None = None,
        run_id: UUID | None = None,
        agent: AgentName | None = None,
        outcome: Outcome | None = None,
    ) -> list[LLMCall]:
        """List attempts, the newest first."""
        call = t.llm_call.c
        wanted = {"story_id": story_id, "run_id": run_id, "agent": agent, "outcome": outcome}
        query = select(t.llm_call).order_by(call.started_at.desc(), call.id).limit(limit).offset(offset)
        query = query.where(*(call[name] == value for name, value in wanted.items() if value is not None))
        return await fetch_all(self._connection, query, LLMCall)

    async def list_points(self, story_id: UUID | None = None, limit: int = 2000) -> list[CallPoint]:
        """List the newest calls as a chart shows them, the oldest of them first."""
        call = t.llm_call.c
        newest = select(t.llm_call, t.story.c.title.label("story_title")).join(t.story)
        newest = _of_story(newest, story_id).order_by(call.started_at.desc()).limit(limit)
        return list(reversed(await fetch_all(self._connection, newest, CallPoint)))

    async def figures(self, by: Grouping, story_id: UUID | None = None) -> list[CallFigures]:
        """Sum calls up by agent, node, model, story or outcome; the one with the most tokens first."""
        call = t.llm_call.c
        group: Any = t.story.c.title if by == "story" else call[by]
        keys = [t.story.c.id, t.story.c.title] if by == "story" else [group]
        tokens = func.sum(call.prompt_tokens + call.completion_tokens)
        query = _figures(group).group_by(*keys).order_by(tokens.desc(), group).limit(50)
        return await fetch_all(self._connection, _of_story(query, story_id), CallFigures)

    async def total(self, story_id: UUID | None = None) -> CallFigures | None:
        """Sum all calls up, or those of one story; None if there are none."""
        query = _figures(literal("all")).having(func.count() > 0)
        return await fetch_one(self._connection, _of_story(query, story_id), CallFigures)


def _figures(group: Any) -> Select[Any]:
    call = t.llm_call.c
    ok = call.outcome == Outcome.OK
    speed = func.sum(call.completion_tokens).filter(ok) * 1000.0 / func.nullif(func.sum(call.latency_ms).filter(ok), 0)
    return (
        select(
            group.label("group"),
            func.count().label("calls"),
            func.count().filter(~ok).label("failed"),
            func.sum(call.prompt_tokens).label("prompt_tokens"),
            func.sum(call.completion_tokens).label("completion_tokens"),
            func.sum(call.cached_tokens).label("cached_tokens"),
            _percentile(0.5, call.latency_ms).label("latency_p50_ms"),
            _percentile(0.95, call.latency_ms).label("latency_p95_ms"),
            _percentile(0.5, call.ttft_ms).label("ttft_p50_ms"),
            speed.label("tokens_per_s"),
        )
        .select_from(t.llm_call.join(t.story))
        .where(call.outcome != Outcome.IN_FLIGHT)
    )


def _of_story(query: Select[Any], story_id: UUID | None) -> Select[Any]:
    return query.where(t.llm_call.c.story_id == story_id) if story_id else query


def _percentile(share: float, column: Any) -> Any:
    return func.percentile_cont(share).within_group(column.asc())
