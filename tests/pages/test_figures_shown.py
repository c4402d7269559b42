"""The metrics page shows the figures that pandas makes of the ledger's rows, whatever its link asks for (bar 1)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from chorus.domain.llm_call import Outcome
from chorus.domain.value import now
from chorus.store import Database
from chorus.ui.words import AGENTS, latency
from tests.pages.conftest import Open, markup_of
from tests.pages.seed import seed_library

type Seed = Callable[[Callable[[Database], Any]], Any]
TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")


async def rows(database: Database) -> pd.DataFrame:
    """Every call that ended, with some that went wrong, without a price, or were slow."""
    async with database.transaction() as tx:
        stories = [card.id for card in await tx.stories.list_cards(100)]
        for at, story_id in enumerate(stories):
            for place, call in enumerate((await tx.calls.list_of(story_id))[::4]):
                odd = {"outcome": Outcome.TIMEOUT, "completion_tokens": 0, "ttft_ms": None} if place % 2 else {}
                spoilt = call.model_copy(update={"cost_usd": None, "latency_ms": 90_000.0 + at, **odd})
                await tx.calls.close(spoilt)
        kept = [call.model_dump() for story_id in stories for call in await tx.calls.list_of(story_id)]
    frame = pd.DataFrame(kept)
    frame["outcome"] = [str(each) for each in frame["outcome"]]
    return frame[frame["outcome"] != "in_flight"]


def totals_of(frame: pd.DataFrame) -> dict[str, float]:
    failed = int((frame["outcome"] != "ok").sum())
    timed = frame[(frame["outcome"] == "ok") & frame["latency_ms"].notna()]
    return {
        "Calls (n)": len(frame),
        **dict(
            zip(
                ("Prompt tokens", "of these cached", "Completion tokens", "of these reasoning"),
                (int(frame[name].sum()) for name in TOKENS),
                strict=True,
            )
        ),
        "Not answered well": failed,
        "Tokens per second": round(1000 * timed["completion_tokens"].sum() / timed["latency_ms"].sum(), 1),
    }


def shown(page: AppTest) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", markup_of(page)))


def first_number(said: str) -> float:
    return 0.0 if said == "none" else float(re.sub(r"[^\d.]", "", said.split(" ", maxsplit=1)[0]))


@pytest.mark.parametrize("asked", ["", "agent", "outcome", "story", "days"])
def test_the_page_shows_what_pandas_makes_of_the_rows(open_page: Open, seed: Seed, asked: str) -> None:
    ids = seed(seed_library)
    frame = seed(rows)
    links: dict[str, tuple[dict[str, object], str]] = {
        "": ({}, "index == index"),
        "agent": ({"agent": "scene_generator"}, "agent == 'scene_generator'"),
        "outcome": ({"outcome": "timeout|ok"}, "outcome in ('timeout', 'ok')"),
        "story": ({"story_id": ids["ledger"], "time": "Last 30 days"}, "story_id == @ids['ledger']"),
        "days": (
            {"time": "From … to …", "from": (now() - timedelta(days=1)).date(), "to": now().date()},
            "started_at >= @begin",
        ),
    }
    link, condition = links[asked]
    begin = pd.Timestamp((now() - timedelta(days=1)).date(), tz="UTC")
    those = frame.query(condition, engine="python", local_dict={"ids": ids, "begin": begin})
    assert len(those)
    page = open_page("metrics", **link)
    assert not page.exception
    figures = shown(page)
    assert {name: first_number(figures[name]) for name in totals_of(those)} == totals_of(those)
    priced = those["cost_usd"].dropna().astype(float)
    unpriced = those["cost_usd"].isna() & (those["prompt_tokens"] + those["completion_tokens"] > 0)
    said = figures["Cost"]
    assert said.endswith(" or more") == bool(unpriced.any() and len(priced))
    if len(priced):
        assert first_number(said) == pytest.approx(priced.sum(), abs=0.006)
    spread = {("Half within (p50)", "latency_ms", 0.5), ("p95", "latency_ms", 0.95), ("p99", "latency_ms", 0.99)}
    spread |= {("First token (p50)", "ttft_ms", 0.5), ("p95 of it", "ttft_ms", 0.95), ("p99 of it", "ttft_ms", 0.99)}
    for name, column, share in spread:
        took_ms = those[column].dropna().quantile(share)
        rounded_ms = 0.5 if took_ms < 1000 else 50
        assert said_ms(figures[name]) == pytest.approx(took_ms, abs=0.01 * took_ms + rounded_ms)
    table_is_of(page, those)
    over_time_is_of(page, those)


@pytest.mark.parametrize("odd", ["1234-05-06", "9999-12-31", "yesterday", "2026-13-45"])
def test_days_that_are_none_are_left_out(open_page: Open, seed: Seed, odd: str) -> None:
    seed(seed_library)
    page = open_page("metrics", time="From … to …", **{"from": odd, "to": odd})
    assert not page.exception
    assert shown(page)["Calls (n)"] == "56"
    assert "from" not in page.query_params


def said_ms(said: str) -> float:
    assert latency(12.0) == "12 ms"
    value, unit = said.split(" ")
    return float(value) * (1000 if unit == "s" else 1)


def table_is_of(page: AppTest, those: pd.DataFrame) -> None:
    """The table by agent has a row for each, with the sums of its calls."""
    table = next(each.value for each in page.dataframe if "p99 in ms" in each.value).set_index("Agent")
    parts = {AGENTS.get(str(agent), str(agent)): part for agent, part in those.groupby("agent")}
    assert set(table.index) == set(parts)
    for agent, part in parts.items():
        row = table.loc[agent]
        assert (row["Calls"], row["Failed"]) == (len(part), (part["outcome"] != "ok").sum())
        names = ("Prompt tokens", "Cached", "Completion tokens", "Reasoning")
        assert [row[name] for name in names] == [part[name].sum() for name in TOKENS]
        cost = part["cost_usd"].dropna().astype(float)
        assert row["Cost in USD"] == pytest.approx(cost.sum()) if len(cost) else pd.isna(row["Cost in USD"])
        assert row["p95 in ms"] == pytest.approx(part["latency_ms"].quantile(0.95), rel=0.01)


def over_time_is_of(page: AppTest, those: pd.DataFrame) -> None:
    buckets = next(each.value for each in page.dataframe if "began_at" in each.value and "tokens" in each.value)
    assert buckets["calls"].sum() == len(those)
    assert buckets["tokens"].sum() == (those["prompt_tokens"] + those["completion_tokens"]).sum()
    failed = [each.value for each in page.dataframe if "outcome" in each.value and "began_at" in each.value]
    counted = failed[0].groupby("outcome")["calls"].sum().to_dict() if failed else {}
    assert {str(key): value for key, value in counted.items()} == (
        those[those["outcome"] != "ok"].groupby("outcome").size().to_dict()
    )
