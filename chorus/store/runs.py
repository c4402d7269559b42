"""Runs with their lease, what happened in them, and what they ask of a person."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.canon import FindingStatus, Severity
from chorus.domain.estimate import Precedent, Totals
from chorus.domain.llm_call import Outcome
from chorus.domain.run import (
    Lease,
    LiveDraft,
    Method,
    OpenRun,
    ReviewItem,
    ReviewKind,
    ReviewStatus,
    Run,
    RunEvent,
    RunSettings,
    RunStatus,
    RunSummary,
    Stage,
)
from chorus.domain.story import Origin
from chorus.errors import LeaseLost, NotFound
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.progress import progress_columns
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

LEASE_S = 15.0
EVENT_CHANNEL = "chorus_run"
DRAFT_CHANNEL = "chorus_draft"
"""Where Postgres tells of a run's new events and of its growing draft; what it tells is the run's id."""
_TOLD = ", ".join(name for name in RunEvent.model_fields if name != "id")
_RECORD = Fixed(
    text(f"""
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('run_event:' || :run_id, 0)))
    INSERT INTO run_event ({_TOLD})
    SELECT {_TOLD} FROM turn, json_populate_recordset(NULL::run_event, :events) WITH ORDINALITY AS event
    ORDER BY ordinality
    RETURNING id, pg_notify('{EVENT_CHANNEL}', :run_id)
""")  # noqa: S608 - names of fields
)
_EVENTS_OF_KIND = Fixed(
    select(t.run_event)
    .where(t.run_event.c.run_id == bindparam("run_id"), t.run_event.c.kind == bindparam("of_kind"))
    .order_by(t.run_event.c.id)
)
_ENTER = Fixed(update(t.run).where(t.run.c.id == bindparam("run_id")).values(stage=bindparam("stage")))
_RUN = Fixed(select(t.run).where(t.run.c.id == bindparam("run_id")))
_EXTEND = Fixed(
    update(t.run)
    .where(t.run.c.id == bindparam("run_id"), t.run.c.fence == bindparam("held"))
    .values(
        lease_until=func.now() + timedelta(seconds=LEASE_S),
        active_s=t.run.c.active_s + bindparam("worked_s", type_=Double()),
    )
    .returning(t.run.c.requested)
)
_FINISH = Fixed(
    update(t.run)
    .where(t.run.c.id == bindparam("run_id"))
    .values(
        status=bindparam("status"),
        error=bindparam("error"),
        lease_owner=None,
        lease_until=None,
        requested=None,
        active_s=t.run.c.active_s + bindparam("worked_s", type_=Double()),
        finished_at=case((bindparam("is_end", type_=Boolean()), func.now()), else_=None),
    )
)
_SIBLINGS = Fixed(
    select(t.run.c.id)
    .where(
        t.run.c.story_id == select(t.run.c.story_id).where(t.run.c.id == bindparam("run_id")).scalar_subquery(),
    )
    .order_by(t.run.c.id)
    .with_for_update(key_share=True)
)
_DRAFTS = delete(t.live_draft).where(t.live_draft.c.run_id == bindparam("run_id"))
_DROP_DRAFTS = Fixed(_DRAFTS)
_DROP_DRAFT = Fixed(_DRAFTS.where(t.live_draft.c.scene_number == bindparam("scene_number")))


class Runs:
    """Everything that is known of runs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, run: Run) -> None:
        """Keep a new run."""
        await add_all(self._connection, t.run, [run])

    async def load(self, run_id: UUID) -> Run:
        """Read a run, or raise NotFound."""
        run = await fetch_one(self._connection, _RUN, Run, run_id=run_id)
        if run is None:
            raise NotFound(f"There is no run {run_id}: `chorus runs` lists them.")
        return run

    async def load_to_change(self, run_id: UUID) -> Run:
        """Read a run and keep everybody else from changing it until this transaction ends; raises as ``load`` does."""
        locked = select(t.run.c.id).where(t.run.c.id == run_id).with_for_update(key_share=True)
        await self._connection.execute(locked)
        return await self.load(run_id)

    async def find_latest(self, story_id: UUID) -> Run | None:
        """Read the newest run of a story, if there is one."""
        query = select(t.run).where(t.run.c.story_id == story_id).order_by(t.run.c.created_at.desc()).limit(1)
        return await fetch_one(self._connection, query, Run)

    async def list_to_change(self, story_id: UUID) -> list[Run]:
        """Read the runs of a story, the newest first, and keep everybody else from changing them meanwhile."""
        run = t.run.c
        await self._connection.execute(
            select(run.id).where(run.story_id == story_id).order_by(run.id).with_for_update(key_share=True)
        )
        query = select(t.run).where(run.story_id == story_id).order_by(run.created_at.desc())
        return await fetch_all(self._connection, query, Run)

    # --- one writer

    async def claim(
        self, run_id: UUID, owner: str, *, from_owner: str | None = None, for_workers: bool = False
    ) -> Lease | None:
        """Become the one writer of a run; None while somebody else is, or if there is nothing to do.

        A story has one writer: while one of its runs is at work, no other one is. A lease is free when it has run out,
        or when it is ``from_owner``'s, whom the caller knows to be dead. Workers claim only what was handed to them;
        whoever else claims a run takes it away from them.
        """
        await _SIBLINGS.run(self._connection, run_id=run_id)  # two runs of a story are not taken up at once
        given = {"run_id": run_id, "owner": owner, "from_owner": from_owner}
        rows = await _claiming(for_workers=for_workers).rows(self._connection, **given)
        if not rows:
            return None
        await self.drop_drafts(run_id)  # what a dead owner has left
        return Lease(run_id=run_id, story_id=rows[0]["story_id"], fence=rows[0]["fence"], owner=owner)

    async def extend(self, lease: Lease, active_s: float) -> RunStatus | None:
        """Keep a lease for another while, add the time worked, and return what a person asked for meanwhile.

        Needs no transaction under the lease: two that hold the row and then both change it would wait for each other.

        Raises:
            LeaseLost: another process has taken the run over.
        """
        given = {"run_id": lease.run_id, "held": lease.fence, "worked_s": active_s}
        rows = await _EXTEND.rows(self._connection, **given)
        if not rows:
            raise LeaseLost("Another process has taken this run over, so this one stops; nothing is lost.")
        return RunStatus(rows[0]["requested"]) if rows[0]["requested"] else None

    async def enter(self, lease: Lease, stage: Stage) -> None:
        """Note which stage a run has come to."""
        await _ENTER.run(self._connection, run_id=lease.run_id, stage=stage)

    async def finish(self, lease: Lease, status: RunStatus, active_s: float, error: str | None = None) -> None:
        """Give a run its end, or its pause, and its lease back."""
        is_end = status not in (RunStatus.PAUSED, RunStatus.QUEUED)
        given = {"run_id": lease.run_id, "status": status, "error": error, "worked_s": active_s, "is_end": is_end}
        await _FINISH.run(self._connection, **given)
        await self.drop_drafts(lease.run_id)

    async def holds_lease(self, run_id: UUID) -> bool:
        """Whether the lease of a run has not run out."""
        run = t.run.c
        return bool(await self._connection.scalar(select(run.lease_until >= func.now()).where(run.id == run_id)))

    async def settle(self, run_id: UUID, status: RunStatus) -> None:
        """Give a run that nobody works on another status; who has worked on it may write no more."""
        run = t.run.c
        values: dict[str, Any] = {
            "status": status,
            "fence": run.fence + 1,
            "lease_owner": None,
            "lease_until": None,
            "requested": None,
            "error": None,
            "finished_at": func.now() if status.is_over else None,
        }
        await self._connection.execute(update(t.run).where(run.id == run_id).values(**values))
        await self.drop_drafts(run_id)

    async def change_settings(self, run_id: UUID, settings: RunSettings) -> None:
        """Let a run be asked for something else from now on."""
        changed = update(t.run).where(t.run.c.id == run_id).values(settings=settings.model_dump(mode="json"))
        await self._connection.execute(changed)

    async def keep_estimate(self, run_id: UUID, estimate: dict[str, Any]) -> None:
        """Keep what a run is expected to take."""
        await self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(estimate=estimate))

    async def return_to(self, run_id: UUID, stage: Stage) -> None:
        """Pause a run that nobody works on at an earlier stage."""
        await self.settle(run_id, RunStatus.PAUSED)
        await self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(stage=stage))

    async def dispatch(self, run_id: UUID, priority: int) -> None:
        """Hand a run that nobody works on to the workers; ``tx.jobs.enqueue`` lets one of them know."""
        await self.settle(run_id, RunStatus.QUEUED)
        values = {"dispatched": True, "priority": priority}
        await self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(**values))

    async def request(self, run_id: UUID, wish: RunStatus) -> None:
        """Ask whoever works on a run to pause or cancel it."""
        await self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(requested=wish))

    # --- what happened

    async def record(self, event: RunEvent) -> RunEvent:
        """Keep an event, as ``record_all`` does."""
        return (await self.record_all([event]))[0]

    async def record_all(self, events: Sequence[RunEvent]) -> list[RunEvent]:
        """Keep events of one run and wake who listens for them; the answer has their ids.

        The events of a run are committed in the order of their ids: until this transaction ends, no other one draws an
        id for this run. So whoever has read up to an id misses nothing that comes later.
        """
        if not events:
            return []
        told = f"[{','.join(event.model_dump_json() for event in events)}]"
        kept = await _RECORD.rows(self._connection, run_id=str(events[0].run_id), events=told)
        return [event.model_copy(update={"id": row["id"]}) for event, row in zip(events, kept, strict=True)]

    async def list_events(self, run_id: UUID, after: int = 0, limit: int = 1000, offset: int = 0) -> list[RunEvent]:
        """List events with an id above ``after``, the oldest first."""
        event = t.run_event.c
        query = select(t.run_event).where(event.run_id == run_id, event.id > after).order_by(event.id)
        return await fetch_all(self._connection, query.limit(limit).offset(offset), RunEvent)

    async def list_events_of_kind(self, run_id: UUID, kind: str) -> list[RunEvent]:
        """List every event of one kind, the oldest first."""
        return await fetch_all(self._connection, _EVENTS_OF_KIND, RunEvent, run_id=run_id, of_kind=kind)

    async def list_events_about(self, story_id: UUID, kind: str) -> list[RunEvent]:
        """List every event of one kind in the runs of a story, the oldest first."""
        event = t.run_event.c
        query = select(t.run_event).where(event.story_id == story_id, event.kind == kind).order_by(event.id)
        return await fetch_all(self._connection, query, RunEvent)

    async def list_latest_events(self, run_id: UUID, limit: int = 50) -> list[RunEvent]:
        """List the newest events, the newest first."""
        event = t.run_event.c
        query = select(t.run_event).where(event.run_id == run_id).order_by(event.id.desc()).limit(limit)
        return await fetch_all(self._connection, query, RunEvent)

    # --- what is being written

    async def save_draft(self, draft: LiveDraft) -> None:
        """Keep how far a scene has come, and wake who listens for it."""
        row = {**row_of(draft), "updated_at": func.clock_timestamp()}
        keep = upsert(t.live_draft).values(row)
        grown = keep.on_conflict_do_update(index_elements=["run_id", "scene_number"], set_=row)
        wake = func.pg_notify(DRAFT_CHANNEL, str(draft.run_id))
        await self._connection.execute(grown.returning(wake))

    async def find_draft(self, run_id: UUID) -> LiveDraft | None:
        """Read the scene that is being written, as far as it has come; of several the one that grew last."""
        draft = t.live_draft
        query = select(draft).where(draft.c.run_id == run_id).order_by(draft.c.updated_at.desc()).limit(1)
        return await fetch_one(self._connection, query, LiveDraft)

    async def list_drafts(self, run_id: UUID) -> list[LiveDraft]:
        """Read every scene that is being written, as far as it has come, in story order."""
        draft = t.live_draft
        query = select(draft).where(draft.c.run_id == run_id).order_by(draft.c.scene_number)
        return await fetch_all(self._connection, query, LiveDraft)

    async def drop_drafts(self, run_id: UUID, scene_number: int | None = None) -> None:
        """Forget what was being written, in one scene or in all."""
        if scene_number is None:
            await _DROP_DRAFTS.run(self._connection, run_id=run_id)
        else:
            await _DROP_DRAFT.run(self._connection, run_id=run_id, scene_number=scene_number)

    # --- how far they are

    async def list_summaries(
        self, limit: int = 100, offset: int = 0, *, story_id: UUID | None = None, status: RunStatus | None = None
    ) -> list[RunSummary]:
        """List runs, the newest first."""
        page = select(t.run).order_by(t.run.c.created_at.desc(), t.run.c.id).limit(limit).offset(offset)
        if story_id:
            page = page.where(t.run.c.story_id == story_id)
        if status:
            page = page.where(t.run.c.status == status)
        return await fetch_all(self._connection, _summaries(page), RunSummary)

    async def list_open(self, limit: int = 100) -> list[OpenRun]:
        """List the runs that are worked on, then those that wait, in the order in which they will be taken."""
        run = t.run.c
        query = (
            select(
                *(run.id.label("run_id"), run.story_id, t.story.c.title, run.status, run.stage, run.dispatched),
                *(
                    run.lease_owner,
                    func.coalesce(run.lease_until >= func.now(), False).label("is_held"),
                    run.created_at,
                ),
            )
            .join(t.story, t.story.c.id == run.story_id)
            .where(run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]))
            .order_by(run.status.desc(), run.priority.desc(), run.created_at)
            .limit(limit)
        )
        return await fetch_all(self._connection, query, OpenRun)

    async def summarise(self, run_id: UUID) -> RunSummary:
        """Sum up one run, or raise NotFound."""
        found = await fetch_one(self._connection, _summary(), RunSummary, run_id=run_id)
        if found is None:
            raise NotFound(f"There is no run {run_id}: `chorus runs` lists them.")
        return found

    async def list_precedents(self, model: str | None = None, limit: int = 50) -> list[Precedent]:
        """List what the newest runs that wrote a whole book took; with ``model``, those whose prose it wrote."""
        rows = await _precedents(of_model=bool(model)).rows(self._connection, model=model, most=limit)
        return [
            Precedent(settings=RunSettings.model_validate(row["settings"]), took=Totals.of(row))
            for row in rows
            if row["llm_calls"] and row["prompt_tokens"] and row["completion_tokens"]
        ]

    # --- questions to a person

    async def ask(self, item: ReviewItem) -> None:
        """Keep a question."""
        await add_all(self._connection, t.review_item, [item])

    async def list_questions(
        self,
        *,
        story_id: UUID | None = None,
        status: ReviewStatus | None = ReviewStatus.OPEN,
        limit: int | None = None,
        offset: int = 0,
        newest_first: bool = False,
    ) -> list[ReviewItem]:
        """List questions, the oldest first; ``newest_first``: those that were answered last, or asked last."""
        item = t.review_item.c
        oldest = (item.created_at, item.id)
        newest = (func.coalesce(item.resolved_at, item.created_at).desc(), item.id)
        query = select(t.review_item).order_by(*(newest if newest_first else oldest)).limit(limit).offset(offset)
        if story_id:
            query = query.where(item.story_id == story_id)
        if status:
            query = query.where(item.status == status)
        return await fetch_all(self._connection, query, ReviewItem)

    async def load_question(self, item_id: UUID) -> ReviewItem:
        """Read a question, or raise NotFound."""
        query = select(t.review_item).where(t.review_item.c.id == item_id)
        item = await fetch_one(self._connection, query, ReviewItem)
        if item is None:
            raise NotFound(f"There is no question {item_id}: `chorus review list` lists them.")
        return item

    async def approve(self, run_id: UUID) -> None:
        """Answer every open question of a run with yes, as resuming it does."""
        await self._resolve(t.review_item.c.run_id == run_id, {"decision": "approved", "by": "resume"})

    async def answer_questions(self, run_id: UUID, kind: ReviewKind, resolution: dict[str, Any]) -> None:
        """Answer what a run asks in one kind of question."""
        of_kind = (t.review_item.c.run_id == run_id) & (t.review_item.c.kind == kind)
        await self._resolve(of_kind, resolution)

    async def withdraw_questions(self, run_id: UUID) -> None:
        """Take back the questions of a run that is cancelled."""
        await self._resolve(t.review_item.c.run_id == run_id, {"decision": "withdrawn", "by": "cancel"})

    async def withdraw_questions_about(self, scene_ids: Sequence[UUID]) -> None:
        """Take back the questions about scenes that will be written again.

        What was said to their old texts says nothing of the new ones: no run has asked whether these are good.
        """
        item = t.review_item.c
        await self._resolve(item.scene_id.in_(scene_ids), {"decision": "withdrawn", "by": "rollback"})
        gates = update(t.review_item).where(item.scene_id.in_(scene_ids), item.kind == ReviewKind.SCENE)
        await self._connection.execute(gates.values(run_id=None))

    async def hand_on_findings(self, scene_id: UUID, revision_id: UUID) -> None:
        """Let open questions about findings in a scene's earlier texts be about the one that holds now.

        Where no serious finding was handed on to it (``Canon.carry_findings``), they are taken back.
        """
        finding = t.finding.c
        still = select(finding.id).where(
            finding.revision_id == revision_id,
            finding.status == FindingStatus.OPEN,
            finding.severity == Severity.MAJOR,
        )
        moved = t.review_item.c.details.op("||")(func.jsonb_build_object("revision_id", str(revision_id)))
        handed_on = update(t.review_item).where(_asks_of_old_text(scene_id, revision_id), still.exists())
        await self._connection.execute(handed_on.values(details=moved))
        await self.withdraw_findings(scene_id, revision_id)

    async def withdraw_findings(self, scene_id: UUID, revision_id: UUID) -> None:
        """Take back the questions about findings in a scene's texts other than the one that holds now."""
        withdrawn = {"decision": "withdrawn", "by": "a newer text"}
        await self._resolve(_asks_of_old_text(scene_id, revision_id), withdrawn)

    async def _resolve(self, which: ColumnElement[bool], resolution: dict[str, Any]) -> None:
        answered = {"status": ReviewStatus.RESOLVED, "resolution": resolution, "resolved_at": func.now()}
        still_open = update(t.review_item).where(which, t.review_item.c.status == ReviewStatus.OPEN)
        await self._connection.execute(still_open.values(**answered))

    async def answer(self, item_id: UUID, resolution: dict[str, Any]) -> None:
        """Keep a person's answer to a question."""
        answered = {"status": ReviewStatus.RESOLVED, "resolution": resolution, "resolved_at": func.now()}
        await self._connection.execute(update(t.review_item).where(t.review_item.c.id == item_id).values(**answered))


def _asks_of_old_text(scene_id: UUID, revision_id: UUID) -> ColumnElement[bool]:
    item = t.review_item.c
    old = item.details["revision_id"].astext != str(revision_id)
    of_scene = and_(item.scene_id == scene_id, item.kind == ReviewKind.FINDING)
    return and_(of_scene, item.status == ReviewStatus.OPEN, old)


@cache
def _claiming(*, for_workers: bool) -> Fixed:
    """Claim a run for an owner, if it is open to him, its lease is free, and no other run of its story is at work."""
    run, other = t.run.c, t.run.alias("other").c
    at_work = (other.status == RunStatus.RUNNING) & (other.lease_until >= func.now())
    alone = ~select(other.id).where(other.story_id == run.story_id, other.id != run.id, at_work).exists()
    if for_workers:
        open_to = and_(run.dispatched, or_(run.status == RunStatus.QUEUED, run.status == RunStatus.RUNNING))
    else:
        open_to = and_(run.status != RunStatus.COMPLETE, run.status != RunStatus.CANCELLED)
    held_by = or_(run.lease_owner == bindparam("owner"), run.lease_owner == bindparam("from_owner"))
    free = or_(run.lease_until.is_(None), run.lease_until < func.now(), held_by)
    return Fixed(
        update(t.run)
        .where(run.id == bindparam("run_id"), free, open_to, alone)
        .values(
            fence=run.fence + 1,
            lease_owner=bindparam("owner"),
            lease_until=func.now() + timedelta(seconds=LEASE_S),
            started_at=func.coalesce(run.started_at, func.now()),
            status=RunStatus.RUNNING,
            dispatched=for_workers,
            requested=run.requested if for_workers else None,
            finished_at=None,
            error=None,
        )
        .returning(run.story_id, run.fence)
    )


@cache
def _summary() -> Fixed:
    return Fixed(_summaries(select(t.run).where(t.run.c.id == bindparam("run_id"))))


@cache
def _precedents(*, of_model: bool) -> Fixed:
    run, call = t.run.c, t.llm_call.c
    by_crew = func.coalesce(run.settings["method"].astext, Method.CREW.value) == Method.CREW.value
    newest = select(t.run).where(run.status == RunStatus.COMPLETE, run.active_s > 0, by_crew, *_whole_book())
    if of_model:
        wrote = select(call.id).where(
            call.run_id == run.id, call.node == "draft_scene", call.model == bindparam("model")
        )
        newest = newest.where(wrote.exists())
    newest = newest.order_by(run.created_at.desc()).limit(bindparam("most", type_=Integer()))
    summaries = _summaries(newest).subquery("summary")
    return Fixed(select(summaries, run.settings).join(t.run, run.id == summaries.c.run_id))


def _whole_book() -> list[ColumnElement[bool]]:
    """What holds for a run that began its story and wrote all of it: no redo, reading, fork, or going on with one."""
    run, other = t.run.c, t.run.alias("before").c
    before = select(other.id).where(other.story_id == run.story_id, other.created_at < run.created_at)
    own = select(t.story.c.id).where(
        t.story.c.id == run.story_id, t.story.c.origin == Origin.WRITTEN, func.cardinality(t.story.c.ancestors) == 0
    )
    return [
        run.settings["redo"].astext.is_(None),
        func.coalesce(run.settings["read_canon"].astext, "false") == "false",
        ~before.exists(),
        own.exists(),
    ]


def _summaries(runs: Select[Any]) -> Select[Any]:
    run = runs.subquery("run_page")
    scenes = select(*progress_columns()).where(t.scene.c.story_id == run.c.story_id).lateral("scenes")
    call = t.llm_call.c
    bought = call.outcome != Outcome.IN_FLIGHT
    calls = (
        select(
            func.count().label("llm_calls"),
            func.coalesce(func.sum(call.prompt_tokens), 0).label("prompt_tokens"),
            func.coalesce(func.sum(call.completion_tokens), 0).label("completion_tokens"),
            func.sum(call.cost_usd).label("known_cost"),
            func.count()
            .filter(bought, call.cost_usd.is_(None), call.prompt_tokens + call.completion_tokens > 0)
            .label("unpriced"),
        )
        .where(call.run_id == run.c.id)
        .lateral("calls")
    )
    since_lease = func.extract("epoch", func.now() - (run.c.lease_until - timedelta(seconds=LEASE_S)))
    working = func.coalesce(func.least(func.greatest(cast(since_lease, Double), 0), LEASE_S), 0)
    columns = [
        run.c.story_id,
        run.c.id.label("run_id"),
        t.story.c.title,
        run.c.status,
        func.coalesce(run.c.lease_until >= func.now(), False).label("is_held"),
        run.c.stage,
        scenes.c.scenes,
        scenes.c.scenes_planned,
        scenes.c.words,
        calls.c.llm_calls,
        calls.c.prompt_tokens,
        calls.c.completion_tokens,
        case((calls.c.unpriced > 0, None), else_=calls.c.known_cost).label("cost_usd"),
        (run.c.active_s + working).label("wall_s"),
        run.c.error,
        run.c.created_at,
    ]
    joined = run.join(t.story, t.story.c.id == run.c.story_id).join(scenes, true()).join(calls, true())
    return select(*columns).select_from(joined).order_by(run.c.created_at.desc(), run.c.id)
