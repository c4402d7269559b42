"""Whether what an arm says of itself can make any difference: what it set apart in vain would be told as if it had."""

from collections.abc import Mapping
from typing import Any

from chorus.domain.nodes import IN_ONE_ANSWER, PLANNING
from chorus.domain.run import Continuity, Method, RunSettings

OF_THE_PLAN = frozenset({"scenes", "words", "concepts", "choose_concept"})
OF_THE_CREW = frozenset({"continuity", "concurrency", "most_revisions", "weights", "context_tokens"})


def pointless(
    chosen: Mapping[str, Any], common: Mapping[str, Any], settings: RunSettings, *, frozen: bool
) -> str | None:
    """Say what an arm has ``chosen`` in vain; None if nothing. ``settings`` are those that come of it."""
    if settings.method is Method.PLAN:
        return "method = plan writes no story: it can be crew or single_pass"
    if settings.choose_concept == "ask":
        return "choose_concept = ask would wait for a person: it can be score or a number"
    own = {name for name, value in chosen.items() if common.get(name) != value}
    if settings.method is Method.SINGLE:
        return _in_one_answer(own, settings)
    if "prompts" in own and IN_ONE_ANSWER in settings.prompts:
        return f"prompts: {IN_ONE_ANSWER} is asked only where method = single_pass"
    if "concurrency" in own and settings.continuity is Continuity.SERIAL:
        return "concurrency does nothing where scenes follow one another: say continuity = parallel too"
    return _with_a_frozen_plan(own, chosen, settings) if frozen else None


def _in_one_answer(own: set[str], settings: RunSettings) -> str | None:
    """A story in one answer has no crew: nothing is planned, recalled, checked or revised."""
    vain = sorted(own & (OF_THE_CREW | {"concepts", "choose_concept"}))
    if vain:
        return f"{vain[0]} does nothing where the story is one answer (method = single_pass)"
    unasked = [node for node in settings.prompts if node != IN_ONE_ANSWER]
    if "prompts" in own and unasked:
        return f"prompts: {unasked[0]} is not asked where the story is one answer; {IN_ONE_ANSWER} is"
    return None


def _with_a_frozen_plan(own: set[str], chosen: Mapping[str, Any], settings: RunSettings) -> str | None:
    """What a plan is made with is the same for all arms that write to it."""
    vain = sorted(own & OF_THE_PLAN)
    if vain:
        return f"{vain[0]} is settled by the plan, which is frozen: say it for all arms, under settings"
    planned = [node for node in settings.prompts if node in PLANNING]
    if "prompts" in own and planned:
        return f"prompts: {planned[0]} is asked for the plan, which is frozen: say it for all arms, under settings"
    if set(chosen.get("models") or {}) == {"story_architect"} and "models" in own:
        return "models: the story_architect makes the plan, which is frozen: say it for all arms, under settings"
    return None
