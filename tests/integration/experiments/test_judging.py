"""A model as judge: marks and blind preferences, kept, paid once, and its agreement with itself told."""

import json
from decimal import Decimal
from typing import Any

import pytest

from chorus.agents.judge import shorten
from chorus.agents.prompts.judge import LEFT_OUT
from chorus.domain.budget import Scope, Unit
from chorus.domain.metrics import CallFilter
from chorus.errors import BudgetExceeded, InvalidInput
from chorus.experiments.design import design_of
from chorus.experiments.judging import budget_of_judges
from chorus.studio import Studio
from tests.endpoint import EndpointServer
from tests.endpoint.faults import Kind
from tests.integration.pipeline.conftest import Open

DESIGN: dict[str, Any] = {
    "name": "Judged",
    "premises": ["A lantern burns without oil.", "The tide forgets to turn."],
    "settings": {"scenes": 1, "words": 60, "method": "single_pass"},
    "arms": [{"name": "plain"}, {"name": "hot", "temperature": 1.5}],
}
FIRST = json.dumps({"reason": "It came first.", "better": "first"})
MARKS = json.dumps({"plot": 9, "characters": 4, "coherence": "3", "prose": 2, "ending": 1, "reason": "So it is."})


async def test_a_judge_that_prefers_what_comes_first_is_seen_through(studio_at: Open) -> None:
    with EndpointServer(says={"PreferenceAnswer": [FIRST] * 9, "MarksAnswer": [MARKS] * 9}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design_of(DESIGN))
            before = await studio.conduct_experiment(experiment.id)
            outcome = await studio.judge_experiment(experiment.id)
            asked = len(endpoint.calls)
            assert await studio.judge_experiment(experiment.id) == outcome
            page = await studio.report_of(outcome)
    assert len(endpoint.calls) == asked
    (said,) = outcome.judged
    assert (said.judge, said.pairs, said.agreed, said.won) == ("test-model", 2, 0, {"plain": 0, "hot": 0})
    assert "agreed with itself in 0 (0%)" in page
    assert [trial.measures["judged"] for trial in outcome.trials] == [(5 + 4 + 3 + 2 + 1) / 5] * 4
    respects = ("plot", "characters", "coherence", "prose", "ending")
    assert [[trial.measures[f"judged_{of}"] for of in respects] for trial in outcome.trials] == [[5, 4, 3, 2, 1]] * 4
    assert {trial.judge_said for trial in outcome.trials} == {"So it is."}
    assert "The judge&#x27;s mark: plot" in page or "The judge's mark: plot" in page
    assert [trial.measures["tokens"] for trial in outcome.trials] == [t.measures["tokens"] for t in before.trials]
    assert all(arm.votes == 0 for arm in outcome.arms), "people have not voted"


async def test_a_judge_whose_mind_is_made_up_agrees_with_itself(studio_at: Open) -> None:
    one = DESIGN | {"premises": DESIGN["premises"][:1]}
    second = FIRST.replace('"first"', '"second"')
    with EndpointServer(says={"PreferenceAnswer": [FIRST, second], "MarksAnswer": [MARKS] * 2}) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design_of(one))
            await studio.conduct_experiment(experiment.id)
            (said,) = (await studio.judge_experiment(experiment.id, at_once=1)).judged
    assert (said.pairs, said.agreed, said.won) == (1, 1, {"plain": 1, "hot": 0})


async def test_workers_have_it_judged_and_say_why_they_could_not(studio_at: Open) -> None:
    one = design_of(DESIGN | {"premises": DESIGN["premises"][:1]})
    says = {"PreferenceAnswer": [FIRST] * 9, "MarksAnswer": [MARKS] * 9}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(one)
            with pytest.raises(InvalidInput, match="nothing to judge"):
                await studio.ask_judge(experiment.id)
            await studio.conduct_experiment(experiment.id)
            assert not await studio.judge_what_is_asked()
            await studio.ask_judge(experiment.id, "no such model")
            endpoint.faults = [Kind.NO_SUCH_MODEL] * 99
            assert await studio.judge_what_is_asked()
            failed = await studio.read_outcome(experiment.id)
            endpoint.faults = ()
            await studio.ask_judge(experiment.id)
            waiting = await studio.read_outcome(experiment.id)
            assert await studio.judge_what_is_asked()
            assert not await studio.judge_what_is_asked()
            done = await studio.read_outcome(experiment.id)
    assert (failed.judge, failed.judged) == (None, ())
    assert "no such model" in (failed.judge_error or "")
    assert (waiting.judge, waiting.judge_error) == ("", None)
    assert (done.judge, done.judge_error) == (None, None)
    assert [said.pairs for said in done.judged] == [1]


async def test_a_judging_that_its_process_left_is_taken_over_and_one_that_is_stopped_ends(studio_at: Open) -> None:
    one = design_of(DESIGN | {"premises": DESIGN["premises"][:1]})
    says = {"PreferenceAnswer": [FIRST] * 9, "MarksAnswer": [MARKS] * 9}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(one)
            await studio.conduct_experiment(experiment.id)
            await studio.ask_judge(experiment.id)
            async with studio.store.transaction() as tx:
                taken = await tx.experiments.take_to_judge(lease_s=60)
                assert taken
                assert taken.id == experiment.id
            assert not await studio.judge_what_is_asked(), "somebody has it"
            async with studio.store.transaction() as tx:
                assert await tx.experiments.keep_to_judge(experiment.id, lease_s=-1)
            assert await studio.judge_what_is_asked()
            await studio.ask_judge(experiment.id)
            await studio.stop_experiment(experiment.id)
            assert not await studio.judge_what_is_asked()
            async with studio.store.transaction() as tx:
                assert not await tx.experiments.keep_to_judge(experiment.id, lease_s=60)


async def test_another_judge_marks_every_story_again_and_the_two_are_never_mixed(studio_at: Open) -> None:
    lower = MARKS.replace('"plot": 9', '"plot": 1')
    says = {"PreferenceAnswer": [FIRST] * 9, "MarksAnswer": [MARKS] * 4 + [lower] * 4}
    with EndpointServer(models=("test-model", "other-model"), says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design_of(DESIGN))
            await studio.conduct_experiment(experiment.id)
            one = await studio.judge_experiment(experiment.id)
            both = await studio.judge_experiment(experiment.id, "other-model")
            async with studio.store.transaction() as tx:
                await tx.experiments.add_mark((await tx.experiments.list_marks(experiment.id))[0])
                marks = await tx.experiments.list_marks(experiment.id)
    assert (one.marked_by, one.marked) == ("test-model", {"test-model": 4})
    assert (both.marked_by, both.marked) == ("other-model", {"test-model": 4, "other-model": 4})
    assert [{trial.measures["judged_plot"] for trial in of.trials} for of in (one, both)] == [{5.0}, {1.0}]
    assert sorted((mark.judge, mark.plot) for mark in marks) == [("other-model", 1)] * 4 + [("test-model", 5)] * 4


async def test_judges_keep_the_limit_of_the_experiment_however_often_they_are_asked(studio_at: Open) -> None:
    says = {"PreferenceAnswer": [FIRST] * 9, "MarksAnswer": [MARKS] * 9}
    with EndpointServer(says=says) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design_of(DESIGN))
            await studio.conduct_experiment(experiment.id)
            written = len(endpoint.calls)
            for _ in range(2):
                with pytest.raises(BudgetExceeded, match="The budget of an experiment's judges is 1,500 tokens"):
                    await studio.judge_experiment(experiment.id, most_tokens=1_500)
            asked = len(endpoint.calls) - written
            used = await judged_tokens(studio)
            await studio.ask_judge(experiment.id)
            assert await studio.judge_what_is_asked()
            held = await studio.read_outcome(experiment.id)
            done = await studio.judge_experiment(experiment.id, most_tokens=100_000)
    assert 0 < asked < 4
    assert used <= 1_500
    assert "1,500 tokens" in (held.judge_error or ""), "workers keep it as well"
    assert done.marked == {"test-model": 4}


async def judged_tokens(studio: Studio) -> int:
    async with studio.store.reading() as tx:
        sums = await tx.metrics.sums(CallFilter(nodes=("judge_story", "judge_pair")))
    return sums.total.prompt_tokens + sums.total.completion_tokens if sums.total else 0


async def test_without_a_limit_of_their_own_judges_have_the_experiments_budget_once_more() -> None:
    design = design_of({**DESIGN, "budget_tokens": 5_000})
    budget = budget_of_judges(design, None, 0.5)
    assert budget
    assert [(limit.scope, limit.unit, limit.most) for limit in budget.limits] == [
        (Scope.JUDGING, Unit.TOKENS, 5_000),
        (Scope.JUDGING, Unit.USD, Decimal("0.5")),
    ]
    assert budget_of_judges(design_of(DESIGN), None, None) is None


def test_what_is_too_long_loses_its_middle() -> None:
    text = "\n\n".join(f"{n} " * 10 for n in range(10))
    short = shorten(text, 45)
    assert LEFT_OUT in short
    assert short.startswith("0 ")
    assert "9 9" in short
    assert "5 5" not in short
    assert len(short.split()) <= 45 + len(LEFT_OUT.split())
    assert shorten(text, 100) == text
