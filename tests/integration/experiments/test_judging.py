"""A model as judge: marks and blind preferences, kept, paid once, and its agreement with itself told."""

import json
from typing import Any

import pytest

from chorus.agents.judge import shorten
from chorus.agents.prompts.judge import LEFT_OUT
from chorus.errors import InvalidInput
from chorus.experiments.design import design_of
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


def test_what_is_too_long_loses_its_middle() -> None:
    text = "\n\n".join(f"{n} " * 10 for n in range(10))
    short = shorten(text, 45)
    assert LEFT_OUT in short
    assert short.startswith("0 ")
    assert "9 9" in short
    assert "5 5" not in short
    assert len(short.split()) <= 45 + len(LEFT_OUT.split())
    assert shorten(text, 100) == text
