"""Texts of old calls go, their figures stay; what a run may still ask about is left alone."""

from datetime import timedelta

from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.metrics import CallFilter
from chorus.domain.run import Run, RunStatus
from chorus.domain.story import Story
from chorus.domain.value import now
from chorus.store import Database

DAY = timedelta(days=1)


def call(story: Story, run: Run, days: float) -> LLMCall:
    return LLMCall.model_validate(
        {
            "story_id": story.id,
            "run_id": run.id,
            "agent": "scene_generator",
            "node": "draft_scene",
            "node_path": f"scene/{days}",
            "prompt_version": "1",
            "prompt_hash": "abc",
            "model": "m",
            "settings": {},
            "settings_hash": "0",
            "request": {"model": "m", "messages": [{"role": "user", "content": "Go on."}]},
            "manifest": {"items": [{"kind": "fact"}]},
            "endpoint": "test",
            "outcome": Outcome.OK,
            "response_text": "The sea was quiet.",
            "completion_tokens": 5,
            "started_at": now() - days * DAY,
        }
    )


async def test_old_texts_of_finished_runs_go_and_nothing_else(store: Database) -> None:
    done, forked, fork, paused = (Story(title=title) for title in ("Done", "Forked", "Fork", "Paused"))
    fork = fork.model_copy(update={"ancestors": (forked.id,)})
    ends = {done: RunStatus.COMPLETE, forked: RunStatus.COMPLETE, fork: RunStatus.QUEUED, paused: RunStatus.PAUSED}
    calls = {}
    async with store.transaction() as tx:
        for story, status in ends.items():
            run = Run(story_id=story.id, status=status)
            await tx.stories.add(story)
            await tx.runs.add(run)
            for days in (100, 10):
                calls[story.title, days] = call(story, run, days)
                await tx.calls.open(calls[story.title, days])
    before, ages = now() - 90 * DAY, now() - 1000 * DAY
    async with store.transaction() as tx:
        figures = await tx.metrics.sums(CallFilter())
        found = await tx.retention.count(before)
        assert (found.calls, found.size > 40) == (1, True)
        assert len(await tx.retention.prune(before, ages)) == 1
        assert await tx.retention.prune(before, ages) == []
        assert (await tx.retention.count(before)).calls == 0
        kept = {which: await tx.calls.load(call.id) for which, call in calls.items()}
        assert await tx.metrics.sums(CallFilter()) == figures
        assert await tx.calls.find_answer(calls["Done", 100].address) is None
    pruned = kept.pop(("Done", 100))
    assert pruned.is_pruned
    assert (pruned.response_text, pruned.request) == (None, {"model": "m"})
    assert pruned.manifest == calls["Done", 100].manifest
    assert all(call.response_text and call.request["messages"] for call in kept.values())
