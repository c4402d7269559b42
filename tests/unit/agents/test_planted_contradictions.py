"""A scripted model that finds every planted contradiction and makes up as many: what it made up is dropped."""

import json

import pytest

from benchmarks.planted.judge import PREMISE, is_right, judge
from benchmarks.planted.suite import Case, contradictions
from chorus.agents import ContinuityEditor
from chorus.domain.story import Story
from chorus.llm import scripted_gateway

STORY = Story(title="T", premise=PREMISE)


def finding(case: Case, quote: str, earlier: str) -> dict[str, object]:
    category = case.category.value if case.category else "detail"
    problem = "One of these cannot be true."
    return {
        "category": category, "severity": "major", "problem": problem, "quote": quote, "earlier_quote": earlier
    }  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
async def test_every_finding_without_its_quotes_is_dropped_and_every_other_kept(seed: int) -> None:
    cases = contradictions(seed)
    right = dropped = 0
    for case in cases:
        backwards = case.planted[::-1]
        answer = [
            finding(case, case.planted, case.told),
            finding(case, backwards, case.told),
            finding(case, case.planted, f"{case.told} And so on."),
            finding(case, case.told, case.planted),
            finding(case, "", case.told),
        ]
        gateway, _ = scripted_gateway({"coherence_check": json.dumps({"consistent": False, "findings": answer})})
        check = await judge(ContinuityEditor(gateway), case, STORY)
        (kept,) = check.findings
        assert (kept.quote, kept.other_quote, kept.category) == (case.planted, case.told, case.category)
        right += is_right(kept, case)
        dropped += len(check.dropped)
    assert (right, dropped) == (len(cases), 4 * len(cases))
