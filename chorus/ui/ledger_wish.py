"""Which calls a person wants to see: one range of time and one filter for all charts, kept in the URL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import streamlit as st

from chorus.domain.llm_call import Outcome
from chorus.domain.metrics import CallFilter, Choices, GroupedBy
from chorus.domain.value import Value, now
from chorus.store import StoryCard
from chorus.ui import address
from chorus.ui.choose import story_filter
from chorus.ui.words import AGENTS

RANGES: dict[str, timedelta | None] = {
    "Always": None,
    "Last hour": timedelta(hours=1),
    "Last day": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
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
_SEPARATOR = "|"
_MINUTE = timedelta(minutes=1)


class LedgerWish(Value):
    """Which calls, and what they are told apart by."""

    wanted: CallFilter
    by: GroupedBy = GroupedBy.AGENT


def wish(cards: Sequence[StoryCard], choices: Choices) -> LedgerWish:
    """Show range, grouping and filters as the URL has them, and keep what is chosen there."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="ledger-wish"):
        span = st.selectbox("Time", list(RANGES), index=_place(list(RANGES), address.text("time")), width=160)
        by = st.selectbox("Told apart by", list(GROUPS), index=_place(list(GROUPS), address.text("by")), width=170)
        with st.container(width=260):
            story_id = story_filter(cards, address.story_id(), key="metrics-story")
    chosen = _parts(choices)
    address.keep(
        story_id=story_id,
        time=None if span == "Always" else span,
        by=None if by == "Agent" else by,
        **{_PARTS[part]: _SEPARATOR.join(values) or None for part, values in chosen.items()},
    )
    wanted = CallFilter.model_validate(
        {"since": _since(RANGES[span]), "story_id": story_id, "run_id": _run_id(), **chosen}
    )
    return LedgerWish(wanted=wanted, by=GROUPS[by])


def narrow(by: GroupedBy, group: str) -> None:
    """Filter all charts by a group that was selected in one of them; a second time, no longer."""
    if by in (GroupedBy.STORY, GroupedBy.RUN):
        name = "story_id" if by is GroupedBy.STORY else "run_id"
        if by is GroupedBy.STORY:
            st.session_state.pop("metrics-story", None)
        address.keep(**{name: None if address.text(name) == group else group})
        return
    part = _PART_OF[by]
    before = _given(part)
    after = [value for value in before if value != group] if group in before else [*before, group]
    st.session_state.pop(_key(part), None)
    address.keep(**{_PARTS[part]: _SEPARATOR.join(after) or None})


def _parts(choices: Choices) -> dict[str, tuple[str, ...]]:
    """The filters that name several; folded away as long as none does."""
    offered: dict[str, tuple[str, ...]] = {
        "agents": choices.agents,
        "nodes": choices.nodes,
        "models": choices.models,
        "prompt_versions": choices.prompt_versions,
        "outcomes": tuple(outcome.value for outcome in Outcome if outcome is not Outcome.IN_FLIGHT),
    }
    labels = {
        "agents": "Agents",
        "nodes": "Steps",
        "models": "Models",
        "prompt_versions": "Prompts",
        "outcomes": "Outcomes",
    }
    chosen: dict[str, tuple[str, ...]] = {}
    with st.expander("Filter", icon=":material/filter_alt:", expanded=any(_given(part) for part in offered)):
        columns = st.columns(len(offered))
        for column, (part, values) in zip(columns, offered.items(), strict=True):
            given = [value for value in _given(part) if value in values]
            with column:
                picked = st.multiselect(
                    labels[part],
                    values,
                    default=given,
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
    return [value for value in address.text(_PARTS[part]).split(_SEPARATOR) if value]


def _key(part: str) -> str:
    return f"ledger-{part}"


def _said(value: str) -> str:
    return AGENTS.get(value, value.replace("_", " "))


def _place(options: list[str], given: str) -> int:
    return options.index(given) if given in options else 0


def _run_id() -> UUID | None:
    try:
        return UUID(address.text("run_id"))
    except ValueError:
        return None


def _since(span: timedelta | None) -> datetime | None:
    """To the minute, so that what was read is the same question for a while."""
    return None if span is None else (now() - span).replace(second=0, microsecond=0) + _MINUTE
