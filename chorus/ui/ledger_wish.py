"""Which calls a person wants to see: one range of time and one filter for all charts, kept in the URL."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import unquote
from uuid import UUID

import streamlit as st

from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import CallFilter, Choices, GroupedBy
from chorus.domain.value import Value, now
from chorus.errors import NotFound
from chorus.ui import address
from chorus.ui.choose import story_filter
from chorus.ui.ledger_range import BETWEEN, between, forget
from chorus.ui.ways import story_ways
from chorus.ui.words import AGENTS

RANGES: dict[str, timedelta | None] = {
    "Always": None,
    "Last hour": timedelta(hours=1),
    "Last day": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    BETWEEN: None,
}
GROUPS = {
    "Agent": GroupedBy.AGENT,
    "Step": GroupedBy.NODE,
    "Model": GroupedBy.MODEL,
    "Story": GroupedBy.STORY,
    "Run": GroupedBy.RUN,
    "Prompt version": GroupedBy.PROMPT_VERSION,
    "Outcome": GroupedBy.OUTCOME,
}
_PARTS = {"agents": "agent", "nodes": "step", "models": "model", "prompt_versions": "prompt", "outcomes": "outcome"}
"""What a part of the filter is called in the URL."""
_PART_OF = {
    GroupedBy.AGENT: "agents",
    GroupedBy.NODE: "nodes",
    GroupedBy.MODEL: "models",
    GroupedBy.PROMPT_VERSION: "prompt_versions",
    GroupedBy.OUTCOME: "outcomes",
}
_OUTCOMES = dict.fromkeys(outcome.value for outcome in Outcome if outcome is not Outcome.IN_FLIGHT)
_SEPARATOR = "|"
_STORY = "story"
KEYS = ("story_id", "run_id", "time", "by", *_PARTS.values())
"""What the URL says of a wish."""
_PENDING = "ledger-pending"
"""What a selection in a chart wants of the controls, which can be set only before they are shown again."""
_MINUTE = timedelta(minutes=1)


class LedgerWish(Value):
    """Which calls, and what they are told apart by."""

    wanted: CallFilter
    by: GroupedBy = GroupedBy.AGENT


def wish(titles: Mapping[UUID, str], choices: Choices) -> LedgerWish:
    """Show range, grouping and filters as the URL has them, and keep what is chosen there."""
    pending = st.session_state.pop(_PENDING, {})
    if _STORY in pending:
        address.keep(story_id=None)
        st.session_state["metrics-story"] = pending[_STORY]
    with st.container(horizontal=True, vertical_alignment="bottom", key="ledger-wish"):
        span = st.selectbox("Time", list(RANGES), index=_place(list(RANGES), address.text("time")), width=160)
        by = st.selectbox("Told apart by", list(GROUPS), index=_place(list(GROUPS), address.text("by")), width=170)
        since, until = between() if span == BETWEEN else (_since(RANGES[span]), None)
        with st.container(width=260):
            story_id = story_filter(titles, address.story_id(), key="metrics-story")
    if span != BETWEEN:
        forget()
    chosen = _parts(choices, pending)
    address.keep(
        story_id=story_id,
        time=None if span == "Always" else span,
        by=None if by == "Agent" else by,
        **{_PARTS[part]: _SEPARATOR.join(map(_written, values)) or None for part, values in chosen.items()},
    )
    if story_id:
        story_ways(story_id, "metrics")
    wanted = CallFilter.model_validate(
        {"since": since, "until": until, "story_id": story_id, "run_id": address.run_id(), **chosen}
    )
    return LedgerWish(wanted=wanted, by=GROUPS[by])


def narrow(by: GroupedBy, group: str) -> None:
    """Filter all charts by a group that was selected in one of them; a second time, no longer."""
    if not group:
        return  # calls that have none of it cannot be asked for
    if by is GroupedBy.RUN:
        address.keep(run_id=None if address.text("run_id") == group else group)
        return
    if by is GroupedBy.STORY:
        st.session_state[_PENDING] = {_STORY: None if address.text("story_id") == group else UUID(group)}
        return
    part = _PART_OF[by]
    before = _given(part)
    after = [value for value in before if value != group] if group in before else [*before, group]
    st.session_state[_PENDING] = {part: after}


def _parts(choices: Choices, pending: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """The filters that name several; folded away as long as none does."""
    offered: dict[str, tuple[str, ...]] = {
        "agents": choices.agents,
        "nodes": choices.nodes,
        "models": choices.models,
        "prompt_versions": choices.prompt_versions,
        "outcomes": tuple(_OUTCOMES),
    }
    labels = {
        "agents": "Agents",
        "nodes": "Steps",
        "models": "Models",
        "prompt_versions": "Prompts",
        "outcomes": "Outcomes",
    }
    chosen: dict[str, tuple[str, ...]] = {}
    with st.expander(
        "Filter", icon=":material/filter_alt:", expanded=bool(pending) or any(_given(part) for part in offered)
    ):
        columns = st.columns(len(offered))
        for column, (part, values) in zip(columns, offered.items(), strict=True):
            if part in pending or _key(part) not in st.session_state:
                given = pending.get(part, _given(part))
                st.session_state[_key(part)] = list(given)
            with column:
                picked = st.multiselect(
                    labels[part],
                    dict.fromkeys([*values, *st.session_state[_key(part)]]),
                    format_func=_said,
                    key=_key(part),
                    placeholder="All",
                )
            chosen[part] = tuple(picked)
        if address.text("run_id") and st.button("Every run again", icon=":material/close:"):
            address.keep(run_id=None)
            st.rerun()
    return chosen


def _given(part: str) -> list[str]:
    """What the URL names of a part; it may be what no call has had for a while, or never."""
    given = [unquote(value) for value in address.text(_PARTS[part]).split(_SEPARATOR) if value]
    if part == "outcomes" and not _OUTCOMES.keys() >= set(given):
        raise NotFound("This link names an outcome that there is none of. It may have been cut short.")
    return given


def _written(value: str) -> str:
    """A value as it stands in the URL beside others."""
    return value.replace("%", "%25").replace(_SEPARATOR, "%7C")


def _key(part: str) -> str:
    return f"ledger-{part}"


def _said(value: str) -> str:
    return AGENTS.get(value, value.replace("_", " "))


def _place(options: list[str], given: str) -> int:
    return options.index(given) if given in options else 0


def _since(span: timedelta | None) -> datetime | None:
    """To the minute, so that what was read is the same question for a while."""
    return None if span is None else (now() - span).replace(second=0, microsecond=0) + _MINUTE
