"""Every figure of the metrics page equals what pandas makes of the same rows, whatever is filtered (bar 1)."""

import math
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pandas as pd
import psycopg
import pytest
import pytest_asyncio

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.metrics import CallBucket, CallFigures, CallFilter, Foreseen, GroupedBy, Sums
from chorus.domain.run import Run, RunStatus
from chorus.domain.story import Story
from chorus.domain.value import Value
from chorus.store import Database, metrics
from chorus.store.metrics import MOST_BUCKETS, stretch_s

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
CALLS = 600
OVER_TIME = [name for name in CallBucket.model_fields if name not in {"began_at", "agent"}]
FIELDS = [name for name in CallFigures.model_fields if name not in ("group", "label")]


def draw(dice: random.Random, stories: list[Story], runs: list[Run]) -> LLMCall:
    run = dice.choice([*runs, None])
    outcome = dice.choice(
        [Outcome.OK] * 6 + [Outcome.TIMEOUT, Outcome.RATE_LIMITED, Outcome.TRUNCATED, Outcome.IN_FLIGHT]
    )
    agent, nodes = dice.choice([("scene_generator", ["draft_scene", "revise_scene"]), ("story_architect", ["outline"])])
    heard = outcome is not Outcome.TIMEOUT
    return LLMCall.model_validate(
        {
            "story_id": run.story_id if run else dice.choice(stories).id,
            "run_id": run.id if run else None,
            "agent": agent,
            "node": (node := dice.choice(nodes)),
            "node_path": node,
            "prompt_version": dice.choice(["a/1", "a/2", ""]),
            "prompt_hash": f"{dice.getrandbits(60):x}",
            "model": dice.choice(["large", "small", 'it\'s "odd" %s']),
            "settings": {},
            "settings_hash": "0",
            "request": {},
            "endpoint": "test",
            "outcome": outcome,
            "prompt_tokens": dice.randint(0, 3000) if heard else 0,
            "completion_tokens": dice.randint(0, 900) if heard else 0,
            "cached_tokens": dice.randint(0, 50),
            "reasoning_tokens": dice.randint(0, 50),
            "latency_ms": dice.lognormvariate(8, 1) if dice.random() < 0.9 else None,
            "ttft_ms": dice.lognormvariate(5, 1) if dice.random() < 0.7 else None,
            "cost_usd": Decimal(dice.randint(1, 10**6)) / 10**8 if dice.random() < 0.6 else None,
            "started_at": BEGIN + timedelta(seconds=dice.uniform(0, 9 * 86400)),
        }
    )


@pytest_asyncio.fixture
async def filled(database_url: str) -> AsyncIterator[tuple[Database, pd.DataFrame, list[Story], list[Run]]]:
    dice = random.Random(20261122)  # noqa: S311 - a seed is wanted
    store = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    stories = [Story(title="One"), Story(title="Two"), Story(title="One")]
    estimate = {"prompt_tokens": {"p50": 1000, "p90": 2000}, "completion_tokens": {"p50": 10, "p90": 20}}
    runs = [
        Run(story_id=story.id, status=RunStatus.COMPLETE, estimate=estimate, active_s=7.5)
        for story in (*stories, stories[0])
    ]
    async with store.transaction() as tx:
        for story in stories:
            await tx.stories.add(story)
        for run in runs:
            await tx.runs.add(run)
        for _ in range(CALLS):
            await tx.calls.open(draw(dice, stories, runs))
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT * FROM llm_call")
        names = [column.name for column in rows.description or []]
        frame = pd.DataFrame(rows.fetchall(), columns=names)
    frame = frame[frame["outcome"] != "in_flight"]
    yield store, frame, stories, runs
    await store.close()


def recomputed(frame: pd.DataFrame) -> dict[str, Any]:
    """The figures, from scratch."""
    ok = frame[frame["outcome"] == "ok"]
    timed = ok[ok["latency_ms"].notna()]
    cost = frame["cost_usd"].dropna().astype(float)
    tokens = frame["prompt_tokens"] + frame["completion_tokens"]
    return {
        "calls": len(frame),
        "failed": int((frame["outcome"] != "ok").sum()),
        **{
            name: int(frame[name].sum())
            for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
        },
        "cost_usd": float(cost.sum()) if len(cost) else None,
        "unpriced": int((frame["cost_usd"].isna() & (tokens > 0)).sum()),
        **{
            f"{name}_p{share}_ms": float(frame[f"{name}_ms"].dropna().quantile(share / 100))
            if frame[f"{name}_ms"].notna().any()
            else None
            for name, share in product(("latency", "ttft"), (50, 95, 99))
        },
        "tokens_per_s": 1000 * float(timed["completion_tokens"].sum() / timed["latency_ms"].sum())
        if len(timed)
        else None,
    }


def same(ours: Value, theirs: dict[str, Any], fields: Sequence[str] = FIELDS) -> bool:
    return all(
        mine is None if theirs[name] is None else mine is not None and math.isclose(mine, theirs[name], rel_tol=off)
        for name in fields
        for mine in [getattr(ours, name)]
        for off in [0.01 if "_p" in name and name.endswith("_ms") else 1e-9]
    )


def began_of(those: pd.DataFrame, size_s: float) -> "pd.Series[pd.Timestamp]":
    """When the stretch begins in which a call began; stretches are counted from a Monday."""
    monday = pd.Timestamp(2000, 1, 3, tz="UTC")
    return monday + (those["started_at"] - monday) // pd.Timedelta(seconds=size_s) * pd.Timedelta(seconds=size_s)


def buckets_of(those: pd.DataFrame, size_s: float) -> dict[Any, dict[Any, Any]]:
    """What the calls of each stretch and agent add up to, from scratch."""
    parts = those.assign(
        cost_usd=those["cost_usd"].astype(float),
        failed=those["outcome"] != "ok",
        tokens=those["prompt_tokens"] + those["completion_tokens"],
    ).groupby([began_of(those, size_s), "agent"])
    sums = {"calls": parts.size(), "failed": parts["failed"].sum(), "tokens": parts["tokens"].sum()}
    cost = parts["cost_usd"].sum(min_count=1)
    spread = {
        f"{name}_p{share}_ms": parts[f"{name}_ms"].quantile(share / 100)
        for name, share in product(("latency", "ttft"), (50, 95))
    }
    found = pd.DataFrame({**sums, "cost_usd": cost, **spread}).astype(object)
    return {key: dict(row) for key, row in found.where(found.notna(), None).to_dict("index").items()}


async def roll_some(store: Database, leave: int) -> None:
    """Add up the days that are over, but for every so manieth."""
    async with store.transaction() as tx:
        for number, day in enumerate(await tx.rollups.list_open()):
            if number % leave:
                assert await tx.rollups.roll(day)


def filters_of(stories: list[Story], runs: list[Run]) -> list[tuple[CallFilter, str]]:
    """Each filter, and the same for pandas."""
    late, early = BEGIN + timedelta(days=3), BEGIN + timedelta(days=5)
    return [
        (CallFilter(), "index == index"),
        (CallFilter(since=late), "started_at >= @late"),
        (CallFilter(until=early), "started_at < @early"),
        (CallFilter(since=late, until=early), "started_at >= @late and started_at < @early"),
        (CallFilter(story_id=stories[0].id), "story_id == @stories[0].id"),
        (CallFilter(run_id=runs[1].id), "run_id == @runs[1].id"),
        (CallFilter(agents=("scene_generator",)), "agent == 'scene_generator'"),
        (CallFilter(nodes=("draft_scene", "outline")), "node in ('draft_scene', 'outline')"),
        (CallFilter(models=('it\'s "odd" %s', "small")), "model in ('it\\'s \"odd\" %s', 'small')"),
        (CallFilter(prompt_versions=("a/2",)), "prompt_version == 'a/2'"),
        (CallFilter(outcomes=(Outcome.TIMEOUT, Outcome.OK)), "outcome in ('timeout', 'ok')"),
        (
            CallFilter(since=late, models=("small",), agents=("scene_generator",), outcomes=(Outcome.OK,)),
            "started_at >= @late and model == 'small' and agent == 'scene_generator' and outcome == 'ok'",
        ),
    ]


_KEYS = {GroupedBy.STORY: "story_id", GroupedBy.RUN: "run_id"}


async def test_every_figure_is_what_pandas_makes_of_the_rows(
    filled: tuple[Database, pd.DataFrame, list[Story], list[Run]],
) -> None:
    store, frame, stories, runs = filled
    await roll_some(store, leave=4)
    for wanted, condition in filters_of(stories, runs):
        late, early = BEGIN + timedelta(days=3), BEGIN + timedelta(days=5)
        those = frame.query(condition, engine="python", local_dict=locals())
        assert 0 < len(those) <= len(frame)
        async with store.reading() as tx:
            sums = {by: await tx.metrics.sums(wanted, by) for by in GroupedBy}
        total, size_s, buckets = (
            sums[GroupedBy.AGENT].total,
            sums[GroupedBy.AGENT].stretch_s,
            sums[GroupedBy.RUN].buckets,
        )
        assert total is not None
        assert same(total, recomputed(those)), condition
        for by, found in ((by, summed.groups) for by, summed in sums.items()):
            key = (
                those[_KEYS.get(by, by.value)]
                .astype(object)
                .where(those[_KEYS.get(by, by.value)].notna(), "")
                .astype(str)
            )
            theirs = {str(name): recomputed(part) for name, part in those.groupby(key)}
            assert {group.group for group in found} == set(theirs), (by, condition)
            assert all(same(group, theirs[group.group]) for group in found), (by, condition)
            spent = [group.prompt_tokens + group.completion_tokens for group in found]
            assert spent == sorted(spent, reverse=True)
        assert sum(bucket.calls for bucket in buckets) == len(those)
        assert sum(bucket.tokens for bucket in buckets) == total.prompt_tokens + total.completion_tokens
        assert len({bucket.began_at for bucket in buckets}) <= MOST_BUCKETS
        parts = buckets_of(those, size_s)
        assert [(bucket.began_at, bucket.agent) for bucket in buckets] == sorted(parts)
        assert all(same(each, parts[each.began_at, each.agent], OVER_TIME) for each in buckets), condition
        failed = those[those["outcome"] != "ok"].groupby([began_of(those, size_s), "outcome"]).size()
        told = {(each.began_at, each.outcome.value): each.calls for each in sums[GroupedBy.AGENT].failures}
        assert told == failed.to_dict(), condition
        assert all(summed.in_all == len(summed.groups) for summed in sums.values())


async def test_estimates_stand_beside_the_truth(
    filled: tuple[Database, pd.DataFrame, list[Story], list[Run]],
) -> None:
    store, frame, stories, runs = filled
    async with store.reading() as tx:
        found = await tx.metrics.foreseen(CallFilter(story_id=stories[0].id))
        assert await tx.metrics.foreseen(CallFilter(since=BEGIN + timedelta(days=99))) == []
    assert {each.run_id for each in found} == {run.id for run in runs if run.story_id == stories[0].id}
    await foreseen_is_of_the_runs_that_fit(store, frame, stories, runs)
    for each in found:
        of_run = frame[frame["run_id"] == each.run_id]
        assert each.tokens == (of_run["prompt_tokens"] + of_run["completion_tokens"]).sum()
        assert (each.foreseen_tokens, each.high_tokens, each.active_s) == (1010, 2020, 7.5)
        assert each.cost_usd is None


async def foreseen_is_of_the_runs_that_fit(
    store: Database, frame: pd.DataFrame, stories: list[Story], runs: list[Run]
) -> None:
    """Whatever is filtered: the runs with a call that fits, each with all that it took."""
    for wanted, condition in filters_of(stories, runs):
        late, early = BEGIN + timedelta(days=3), BEGIN + timedelta(days=5)
        fitting = frame.query(condition, engine="python", local_dict=locals())["run_id"].dropna().unique()
        async with store.reading() as tx:
            found: list[Foreseen] = await tx.metrics.foreseen(wanted)
        assert {each.run_id for each in found} == set(fitting), condition
        for each in found:
            of_run = frame[frame["run_id"] == each.run_id]
            assert each.tokens == (of_run["prompt_tokens"] + of_run["completion_tokens"]).sum()


async def test_there_may_be_more_groups_than_are_told(
    filled: tuple[Database, pd.DataFrame, list[Story], list[Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, frame, _stories, _runs = filled
    monkeypatch.setattr(metrics, "MOST_GROUPS", 2)
    async with store.reading() as tx:
        for by in (GroupedBy.RUN, GroupedBy.OUTCOME):
            sums = await tx.metrics.sums(CallFilter(), by)
            key = frame[_KEYS.get(by, by.value)].fillna("")
            assert (len(sums.groups), sums.in_all) == (2, key.nunique())


async def test_a_day_that_is_touched_is_added_up_again(
    filled: tuple[Database, pd.DataFrame, list[Story], list[Run]], database_url: str
) -> None:
    store, frame, stories, _runs = filled
    await roll_some(store, 99)
    async with store.reading() as tx:
        assert (days := (await tx.rollups.days(None, None)).whole)
    late = draw(random.Random(3), stories, []).model_copy(  # noqa: S311 - a seed is wanted
        update={"started_at": BEGIN + timedelta(days=4), "outcome": Outcome.OK}
    )
    async with store.transaction() as tx:
        await tx.calls.open(late)
    assert await counted(store) == len(frame) + 1
    async with store.transaction() as tx:
        assert await tx.rollups.list_open() != []
        assert await tx.rollups.roll((BEGIN + timedelta(days=4)).date())
    assert await counted(store) == len(frame) + 1
    async with store.transaction() as tx:
        await tx.calls.close(late.model_copy(update={"completion_tokens": 10**6}))
    async with store.transaction() as tx:
        await tx.stories.remove(stories[1].id)
    assert await counted(store) == int((frame["story_id"] != stories[1].id).sum()) + (late.story_id != stories[1].id)
    async with store.reading() as tx:
        assert len((await tx.rollups.days(None, None)).whole) < len(days)


async def counted(store: Database) -> int:
    async with store.reading() as tx:
        sums = await tx.metrics.sums(CallFilter(), GroupedBy.STORY)
    total = sums.total
    assert total
    assert total.calls == sum(group.calls for group in sums.groups)
    assert total.completion_tokens == sum(group.completion_tokens for group in sums.groups)
    return total.calls


async def test_nothing_adds_up_to_nothing(database_url: str) -> None:
    store = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    async with store.reading() as tx:
        for by in GroupedBy:
            assert await tx.metrics.sums(CallFilter(), by) == Sums(total=None, groups=(), stretch_s=0, buckets=())
        assert (await tx.metrics.choices()).agents == ()
    await store.close()


@pytest.mark.parametrize("span", [timedelta(seconds=1), timedelta(hours=3), timedelta(days=40), timedelta(days=4000)])
def test_time_is_divided_into_a_few_round_stretches(span: timedelta) -> None:
    size_s = stretch_s(BEGIN, BEGIN + span)
    assert span.total_seconds() / size_s <= MOST_BUCKETS
