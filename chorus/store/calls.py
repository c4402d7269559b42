"""The ledger: one row for each attempt at the endpoint, and what the metrics pages read of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Double, Uuid, bindparam, case, func, literal_column, or_, select, text, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.budget import Amount, Budget, Scope, Shortfall, Spending, shortfall
from chorus.domain.llm_call import AnswerAddress, LLMCall, Outcome, RecordedAnswer
from chorus.domain.metrics import CallFilter
from chorus.domain.nodes import JUDGING
from chorus.domain.trace import Span
from chorus.domain.value import Value
from chorus.errors import NotFound
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.metrics import fitting, those
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

LONGEST_CALL_S = 900.0
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
    "waits",
    "started_at",
    "ended_at",
)
_CLOSED = {"id", *_CLOSING}
_CLOSE = Fixed(
    text(f"""
    UPDATE llm_call SET {", ".join(f"{name} = given.{name}" for name in _CLOSING)}
    FROM json_populate_recordset(NULL::llm_call, CAST(:rows AS json)) AS given
    WHERE llm_call.id = given.id
    RETURNING llm_call.id
""")  # noqa: S608 - names of fields
)
_WHOLE = insert(t.llm_call)
_KEEP_WHOLE = _WHOLE.on_conflict_do_update(
    index_elements=["id"], set_={name: _WHOLE.excluded[name] for name in _CLOSING}
)
_FAMILY = union_all(
    select(bindparam("story_id", type_=Uuid())),
    select(func.unnest(t.story.c.ancestors)).where(t.story.c.id == bindparam("story_id")),
)
"""A story and those it was forked from: what one of them was answered holds for it."""
_IS_ANSWER = or_(*(t.llm_call.c.outcome == outcome for outcome in Outcome if outcome.is_answer))
_ADDRESS = [name for name in AnswerAddress.model_fields if name != "story_id"]
_ANSWER = Fixed(
    select(t.llm_call)
    .where(
        t.llm_call.c.story_id.in_(_FAMILY), *(t.llm_call.c[name] == bindparam(name) for name in _ADDRESS), _IS_ANSWER
    )
    .order_by(t.llm_call.c.started_at, t.llm_call.c.id)
    .limit(1)
)
_KEPT = Fixed(
    select(t.llm_call)
    .where(
        text("llm_call.node_path IN ('generate_world', 'generate_profiles')"),  # as the index has it
        *(t.llm_call.c[name] == bindparam(name) for name in _ADDRESS),
        _IS_ANSWER,
        t.llm_call.c.started_at
        > func.now() - bindparam("kept_s", type_=Double()) * literal_column("interval '1 second'"),
    )
    .order_by(t.llm_call.c.started_at.desc(), t.llm_call.c.id)
    .limit(1)
)
_ANSWERED = Fixed(select(t.llm_call.c.node_path).where(t.llm_call.c.story_id.in_(_FAMILY), _IS_ANSWER).distinct())
_ABANDON = Fixed(
    text("""
    UPDATE llm_call
    SET outcome = 'cancelled', error = 'the process that asked has ended', ended_at = now(), usage_estimated = true,
        prompt_tokens = (
            SELECT coalesce(ceil(sum(octet_length(message ->> 'content')) / 4.0), 0)
            FROM jsonb_array_elements(request -> 'messages') AS message
        )
    WHERE run_id = :run_id AND outcome = 'in_flight'
""")
)


class CallPoint(Value):
    """One call as a chart shows it."""

    id: UUID
    story_id: UUID
    run_id: UUID | None
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
        """Keep an attempt that is about to be sent, or has just been."""
        await add_all(self._connection, t.llm_call, [call])

    async def open_within(self, call: LLMCall, budget: Budget) -> Shortfall | None:
        """Keep an attempt that is about to be sent if what it sets aside fits into a budget; else say what is short.

        One after another for each run and each day: what one call sets aside the next one sees.
        """
        for scope in (scope for scope in budget.scopes() if scope is not Scope.CALL):
            key = {Scope.DAY: "day", Scope.JUDGING: "judging"}.get(scope, str(call.run_id))
            await self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        spending: dict[Scope, Spending] = {
            scope: await self._spending(scope, call) for scope in budget.scopes() if scope is not Scope.CALL
        }
        short = shortfall(budget, spending, Amount(tokens=call.reserved_tokens, usd=call.reserved_usd))
        if short is None:
            await self.open(call)
        return short

    async def abandon(self, run_id: UUID) -> None:
        """Close what a process of this run left in flight when it ended; what was asked counts, by a guess."""
        await _ABANDON.run(self._connection, run_id=run_id)

    async def _spending(self, scope: Scope, call: LLMCall) -> Spending:
        """What a scope has used, and what its calls in flight have set aside; those of a dead process, not for ever.

        Nobody knows what a call that was not heard out has cost: all that was set aside for it counts as used.
        """
        row = t.llm_call.c
        flying = row.outcome == Outcome.IN_FLIGHT
        unanswered = row.usage_estimated & ~_IS_ANSWER
        told = row.prompt_tokens + row.completion_tokens
        tokens = case((unanswered, func.greatest(told, row.reserved_tokens)), else_=told)
        usd = case((unanswered, func.greatest(row.cost_usd, row.reserved_usd)), else_=row.cost_usd)
        alive = row.started_at > func.now() - timedelta(seconds=LONGEST_CALL_S)
        sums = select(
            _sum(tokens, ~flying),
            _sum(usd, ~flying),
            _sum(row.reserved_tokens, flying, alive),
            _sum(row.reserved_usd, flying, alive),
        )
        if scope is Scope.JUDGING:
            sums = sums.where(row.run_id.is_(None), row.node.in_(JUDGING), row.story_id.in_(_beside(call.story_id)))
        elif scope is Scope.DAY:
            sums = sums.where(row.started_at >= func.date_trunc("day", func.now(), "UTC"))
        else:
            sums = sums.where(row.run_id == call.run_id)
        if scope is Scope.SCENE:
            sums = sums.where(row.scene_number.is_not_distinct_from(call.scene_number))
        used, used_usd, tokens_ahead, usd_ahead = (await self._connection.execute(sums)).one()
        return Spending(used=Amount(tokens=used, usd=used_usd), reserved=Amount(tokens=tokens_ahead, usd=usd_ahead))

    async def close(self, *calls: LLMCall) -> None:
        """Write how attempts ended: complete their rows, or insert one whole that was never opened."""
        rows = f"[{','.join(call.model_dump_json(include=_CLOSED) for call in calls)}]"
        closed = {call_id for (call_id,) in await _CLOSE.tuples(self._connection, rows=rows)}
        for call in calls:
            if call.id not in closed:
                await self._connection.execute(_KEEP_WHOLE, row_of(call))

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        """Find the first answer recorded under an address."""
        call_found = await fetch_one(self._connection, _ANSWER, LLMCall, **dict(address))
        return RecordedAnswer.from_call(call_found) if call_found else None

    async def find_kept(self, address: AnswerAddress, kept_s: int) -> RecordedAnswer | None:
        """Find the newest answer that any story got to this question in the last ``kept_s`` seconds."""
        asked = {name: getattr(address, name) for name in _ADDRESS}
        found = await fetch_one(self._connection, _KEPT, LLMCall, **asked, kept_s=float(kept_s))
        return RecordedAnswer.from_call(found) if found else None

    async def list_answered_paths(self, story_id: UUID) -> set[str]:
        """List the paths of nodes under which there is an answer for a story, or for one it was forked from."""
        return {row["node_path"] for row in await _ANSWERED.rows(self._connection, story_id=story_id)}

    async def was_answered(self, run_id: UUID) -> bool:
        """Whether any attempt of a run was heard out."""
        query = select(t.llm_call.c.id).where(t.llm_call.c.run_id == run_id, _IS_ANSWER).limit(1)
        return await self._connection.scalar(query) is not None

    async def list_of(self, story_id: UUID) -> list[LLMCall]:
        """List every attempt for a story, the oldest first."""
        query = select(t.llm_call).where(t.llm_call.c.story_id == story_id).order_by(t.llm_call.c.started_at)
        return await fetch_all(self._connection, query, LLMCall)

    async def list_of_run(self, run_id: UUID) -> list[LLMCall]:
        """List every attempt of a run, the oldest first."""
        query = select(t.llm_call).where(t.llm_call.c.run_id == run_id).order_by(t.llm_call.c.started_at)
        return await fetch_all(self._connection, query, LLMCall)

    async def list_without_run(self, story_id: UUID) -> list[LLMCall]:
        """List the attempts for a story that no run made, the oldest first."""
        call = t.llm_call.c
        query = select(t.llm_call).where(call.story_id == story_id, call.run_id.is_(None)).order_by(call.started_at)
        return await fetch_all(self._connection, query, LLMCall)

    async def list_of_scene(self, story_id: UUID, scene_number: int, limit: int = 100) -> list[LLMCall]:
        """List the newest attempts for one scene, the oldest of them first."""
        call = t.llm_call.c
        newest = select(t.llm_call).where(call.story_id == story_id, call.scene_number == scene_number)
        newest = newest.order_by(call.started_at.desc(), call.id).limit(limit)
        return list(reversed(await fetch_all(self._connection, newest, LLMCall)))

    async def list_page(self, wanted: CallFilter, limit: int, offset: int = 0) -> list[LLMCall]:
        """List the wanted attempts, the newest first."""
        call = t.llm_call.c
        query = select(t.llm_call).where(*fitting(wanted)).order_by(call.started_at.desc(), call.id)
        return await fetch_all(self._connection, query.limit(limit).offset(offset), LLMCall)

    async def load(self, call_id: UUID) -> LLMCall:
        """Read one attempt with all that was said, or raise NotFound."""
        found = await fetch_one(self._connection, select(t.llm_call).where(t.llm_call.c.id == call_id), LLMCall)
        if found is None:
            raise NotFound(f"There is no call {call_id}.")
        return found

    async def list_spans(self, run_id: UUID, limit: int = 2000) -> list[Span]:
        """List the first calls of a run in time, without what was said."""
        columns = [t.llm_call.c[name] for name in Span.model_fields]
        query = select(*columns).where(t.llm_call.c.run_id == run_id).order_by(t.llm_call.c.started_at).limit(limit)
        return await fetch_all(self._connection, query, Span)

    async def list_points(self, wanted: CallFilter, limit: int = 2000) -> list[CallPoint]:
        """List the newest wanted calls as a chart shows them, the oldest of them first."""
        call = t.llm_call.c
        shown = [call[name] for name in CallPoint.model_fields if name in call]
        newest = select(*shown, t.story.c.title.label("story_title")).join(t.story).where(*those(wanted))
        newest = newest.order_by(call.started_at.desc(), call.id).limit(limit)
        return list(reversed(await fetch_all(self._connection, newest, CallPoint)))


def _sum(column: Any, *conditions: Any) -> Any:
    return func.coalesce(func.sum(column).filter(*conditions), 0)


def _beside(story_id: UUID) -> Any:
    """The stories of the experiment that a story belongs to."""
    one, other = t.trial.alias("one"), t.trial.c
    same = select(one.c.experiment_id).where(one.c.story_id == story_id)
    return select(other.story_id).where(other.experiment_id.in_(same))
