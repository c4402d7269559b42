"""Experiments over a real database and a real endpoint: frozen plans, models and styles of arms, and what is shared."""

import asyncio
import io
import json
from collections import Counter
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from chorus.domain.experiment import TrialStatus
from chorus.domain.llm_call import LLMCall
from chorus.domain.run import RunStatus
from chorus.domain.story import RevisionCause
from chorus.experiments.design import design_of
from chorus.experiments.files import SUFFIXES, Format
from chorus.experiments.outcome import ExperimentStatus, Outcome
from chorus.metrics.otlp import span_id_of
from chorus.studio import Studio
from tests.endpoint import EndpointServer, words
from tests.integration.pipeline.conftest import Open
from tests.integration.worker.conftest import Hire

FROZEN: dict[str, Any] = {
    "name": "Frozen",
    "premises": ["A lantern burns without oil."],
    "freeze_plan": True,
    "settings": {"scenes": 2, "words": 60},
    "arms": [
        {"name": "plain"},
        {"name": "hot", "temperature": 1.5, "model": "other-model", "most_revisions": 0},
        {"name": "at once", "method": "single_pass"},
    ],
}


async def test_arms_of_a_frozen_plan_write_to_one_plan_and_share_no_answer(studio_at: Open) -> None:
    with EndpointServer(models=("test-model", "other-model")) as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            design = design_of(FROZEN)
            experiment = await studio.begin_experiment(design)
            outcome = await studio.conduct_experiment(experiment.id)
            asked = len(endpoint.calls)
            again = await studio.conduct_experiment((await studio.begin_experiment(design)).id)
            async with studio.store.reading() as tx:
                outlines = {
                    trial.arm: await tx.stories.load_outline(trial.story_id) for trial in again.trials if trial.story_id
                }
                calls = {trial.arm: await tx.calls.list_of(trial.story_id) for trial in again.trials if trial.story_id}
            files = {to: await studio.file_of(outcome, to) for to in SUFFIXES}
    assert again == outcome
    taken_away(files, calls=[call for each in calls.values() for call in each])
    assert outcome.status is ExperimentStatus.COMPLETE
    assert len(endpoint.calls) == asked
    briefs = {arm: [scene.brief for scene in outline.scenes] for arm, outline in outlines.items()}
    assert briefs["plain"] == briefs["hot"] != briefs["at once"]
    assert {call.node for call in calls["plain"]}.isdisjoint({"generate_outline", "generate_concepts", "name_cast"})
    assert {call.model for call in calls["hot"]} == {"other-model"}
    assert [call.node for call in calls["at once"]] == ["write_story"]
    assert {trial.arm for trial in again.trials if "findings_per_10k" in trial.measures} == {"plain", "hot"}
    changed = {arm.name: arm.changed for arm in outcome.arms}
    assert changed["hot"]["temperature"] == 1.5
    assert changed["at once"]["method"] == "single_pass"


def taken_away(files: dict[Format, bytes], calls: list[LLMCall]) -> None:
    table = pd.read_csv(io.BytesIO(files["csv"]))
    lines = [json.loads(line) for line in files["jsonl"].splitlines()]
    parquet = pd.read_parquet(io.BytesIO(files["parquet"]))
    assert list(table["words"]) == list(parquet["words"]) == [line["words"] for line in lines]
    assert list(table.columns) == list(parquet.columns) == list(lines[0])
    assert b"default-src 'none'" in files["html"]
    spans = json.loads(files["otlp"])["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert {span_id_of(call) for call in calls} == {
        span["spanId"] for span in spans if span["name"].startswith("chat ")
    }


async def test_an_arm_that_tells_a_step_more_has_it_in_its_prompts_alone(studio_at: Open) -> None:
    arms = [{"name": "plain"}, {"name": "present", "prompts": {"draft_scene": "Write in the present tense."}}]
    design = design_of({**FROZEN, "arms": arms})
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            outcome = await studio.conduct_experiment((await studio.begin_experiment(design)).id)
            async with studio.store.reading() as tx:
                calls = {each.arm: await tx.calls.list_of(each.story_id) for each in outcome.trials if each.story_id}
    told = {
        arm: {
            (call.node, "+" in call.prompt_version) for call in of if "present tense" in str(call.request["messages"])
        }
        for arm, of in calls.items()
    }
    assert told == {"plain": set(), "present": {("draft_scene", True)}}
    changed = {arm.name: arm.changed for arm in outcome.arms}
    assert changed["present"] == {"prompts": {"draft_scene": "Write in the present tense."}}
    assert changed["plain"] == {"prompts": {}}


async def test_a_trial_that_failed_is_told_and_tried_again(studio_at: Open) -> None:
    design = design_of({**FROZEN, "freeze_plan": False, "arms": [{"name": "plain"}]})
    with EndpointServer(api_key="another") as refusing:
        async with studio_at(refusing.base_url) as studio:
            experiment = await studio.begin_experiment(design)
            outcome = await studio.conduct_experiment(experiment.id)
    assert outcome.status in (ExperimentStatus.FAILED, ExperimentStatus.UNFINISHED)
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            outcome = await studio.conduct_experiment(experiment.id)
            page = await studio.report_of(outcome)
    assert [trial.status for trial in outcome.trials] == [TrialStatus.COMPLETE]
    assert "Nothing can be compared yet" in page


async def test_what_a_revision_gains_is_told_beside_what_it_takes(
    studio_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words.prose
    monkeypatch.setattr(words, "prose", lambda dice, _wanted, who=None: whole(dice, 60, who))  # too short, every time
    design = design_of({**FROZEN, "freeze_plan": False, "arms": [{"name": "plain"}], "settings": {"scenes": 2}})
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design)
            outcome = await studio.conduct_experiment(experiment.id)
            (story_id,) = [trial.story_id for trial in outcome.trials if trial.story_id]
            async with studio.store.reading() as tx:
                scenes = (await tx.stories.load_outline(story_id)).scenes
                kept = [r for scene in scenes for r in await tx.stories.list_revisions(scene.id)]
                found = Counter(finding.revision_id for finding in await tx.canon.list_findings(story_id))
                calls = {call.id: call for call in await tx.calls.list_of(story_id)}
            page = await studio.report_of(outcome)
    revised = [revision for revision in kept if revision.cause is RevisionCause.REVISION]
    assert len(revised) == 2
    (gain,) = outcome.gains
    assert (gain.arm, gain.k, gain.scenes) == ("plain", 1, 2)
    assert gain.before == sum(found[each.parent_id] for each in revised if each.parent_id) / 2
    assert gain.after == sum(found[each.id] for each in revised) / 2
    asked = [calls[each.call_id] for each in revised if each.call_id]
    assert gain.tokens == sum((call.prompt_tokens or 0) + (call.completion_tokens or 0) for call in asked) / 2
    assert "What a revision gains" in page


async def test_workers_write_an_experiment_that_nobody_stays_with(studio_at: Open, hire: Hire) -> None:
    premises = ["A lantern burns without oil.", "The tide forgets to turn."]
    design = design_of({**FROZEN, "premises": premises, "arms": [{"name": "plain"}, FROZEN["arms"][2]]})
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio, hire(studio, concurrency=4):
            experiment = await studio.begin_experiment(design)
            await studio.hand_over_experiment(experiment.id, at_once=3)
            assert (await studio.read_outcome(experiment.id)).at_once == 3
            outcome = await settled(studio, experiment.id)
            asked = len(endpoint.calls)
            await studio.hand_over_experiment(experiment.id)
            assert (await studio.read_outcome(experiment.id)).trials == outcome.trials
    assert outcome.status is ExperimentStatus.COMPLETE
    assert len(endpoint.calls) == asked
    assert len({trial.story_id for trial in outcome.trials}) == len(outcome.trials) == 4


async def test_an_experiment_that_failed_or_was_stopped_goes_on_with_the_workers(studio_at: Open, hire: Hire) -> None:
    design = design_of({**FROZEN, "freeze_plan": False, "arms": [{"name": "plain"}, FROZEN["arms"][2]]})
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            experiment = await studio.begin_experiment(design)
            await studio.hand_over_experiment(experiment.id)
            await studio.stop_experiment(experiment.id)
            stopped = await studio.read_outcome(experiment.id)
            assert (stopped.status, stopped.at_once) == (ExperimentStatus.UNFINISHED, None)
            async with studio.store.transaction() as tx:
                assert set((await tx.experiments.standing(experiment.id)).values()) == {RunStatus.PAUSED}
                (first, _) = await tx.experiments.list_trials(experiment.id)
                assert first.run_id
                await tx.runs.settle(first.run_id, RunStatus.FAILED)
            async with hire(studio):
                await studio.hand_over_experiment(experiment.id)
                assert (await settled(studio, experiment.id)).status is ExperimentStatus.COMPLETE


async def settled(studio: Studio, experiment_id: UUID) -> Outcome:
    """Wait until the workers have done with it, and do not wait for their rounds."""
    async with asyncio.timeout(60):
        while True:
            await studio.advance_experiments()
            outcome = await studio.read_outcome(experiment_id)
            if outcome.at_once is None:
                return outcome
            await asyncio.sleep(0.1)
