"""What else there is to ask, over a real socket: findings, memories, spans, votes, views, workers; and removing."""

from datetime import timedelta
from uuid import UUID

import httpx

from chorus.domain.canon import Finding, FindingCategory, FindingStatus, Severity
from chorus.domain.experiment import TrialStatus
from chorus.domain.llm_call import LLMCall, Outcome
from chorus.domain.value import now
from chorus.domain.worker import Worker
from chorus.store import Database
from tests.integration.api.conftest import NOBODY, add_story, record
from tests.integration.api.test_past import known

DESIGN = {"name": "Cool", "premises": ["A lamp."], "arms": [{"name": "cool"}, {"name": "warm"}]}


async def test_a_story_is_removed_with_all_that_is_its_own(aclient: httpx.AsyncClient, store: Database) -> None:
    here, other = await known(store, aclient), await known(store, aclient)
    assert (await aclient.delete(here)).status_code == 204
    for path in (here, f"{here}/memories", f"{here}/scenes/1"):
        assert (await aclient.get(path)).status_code == 404
    assert [f"/api/stories/{row['story_id']}" for row in (await aclient.get("/api/stories")).json()] == [other]
    assert (await aclient.delete(here)).status_code == 404
    run = await add_story(store)
    async with store.transaction() as tx:
        assert await tx.runs.claim(run.id, "elsewhere:1:0")
    refused = await aclient.delete(f"/api/stories/{run.story_id}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")


async def test_scenes_findings_and_memories_are_read_one_by_one_and_in_pages(
    aclient: httpx.AsyncClient, store: Database
) -> None:
    here = await known(store, aclient)
    scene = (await aclient.get(f"{here}/scenes/1")).json()
    assert (scene["number"], scene["chapter_number"], scene["text"]) == (1, 1, "Mara held a silver key. It was late.")
    assert (await aclient.get(f"{here}/scenes/9")).status_code == 404
    async with store.transaction() as tx:
        kept = await tx.stories.load_scene(scene["story_id"], 1)
        assert kept.revision_id
        found = [
            Finding(
                story_id=kept.story_id, scene_id=kept.id, revision_id=kept.revision_id, number=number, quote="a key",
                category=FindingCategory.DETAIL, severity=Severity.MINOR, description="Which?", status=status,
            )
            for number, status in enumerate((FindingStatus.OPEN, FindingStatus.DISMISSED))
        ]  # fmt: skip
        await tx.canon.add_findings(found)
    (finding,) = (await aclient.get(f"{here}/findings", params={"status": "open", "scene": 1})).json()
    assert (finding["finding_id"], finding["scene_number"]) == (str(found[0].id), 1)
    assert len((await aclient.get(f"{here}/findings")).json()) == 2
    assert (await aclient.get(f"{here}/findings", params={"scene": 2})).json() == []

    first = await aclient.get(f"{here}/memories", params={"limit": 1, "kind": "passage"})
    second = await aclient.get(first.links["next"]["url"])
    assert [row["text"] for row in first.json() + second.json()] == [
        "Mara held a silver key. It was late.",
        "The sea was quiet.",
    ]
    assert (await aclient.get(f"{here}/memories", params={"scene": 9})).json() == []
    told = (await aclient.post("/api/memories/reembed", params={"story_id": scene["story_id"]})).json()
    assert (told["pending"], (await aclient.get("/api/memories/status")).json()["pending"]) == (0, 0)


async def test_a_change_of_the_canon_is_foreseen_before_it_is_made(aclient: httpx.AsyncClient, store: Database) -> None:
    here = await known(store, aclient)
    (fact,) = (await aclient.get(f"{here}/facts")).json()
    there = f"{here}/facts/{fact['id']}"
    wanted = {"statement": "The key is of bone."}
    foreseen = (await aclient.post(f"{there}/preview", json=wanted)).json()
    gone = (await aclient.post(f"{there}/preview", json={"statement": None})).json()
    assert [effects["facts"][0]["verdict"] for effects in (foreseen, gone)] == ["restated", "retracted"]
    assert (await aclient.get(f"{here}/facts")).json() == [fact]
    assert (await aclient.patch(there, json=wanted)).json()["facts"] == foreseen["facts"]


async def test_the_course_of_a_run_is_listed_and_taken_away(aclient: httpx.AsyncClient, store: Database) -> None:
    run = await add_story(store)
    ids = [await record(store, run, message=f"m{number}") for number in range(3)]
    here = f"/api/runs/{run.id}"
    first = await aclient.get(f"{here}/events/list", params={"limit": 2})
    second = await aclient.get(first.links["next"]["url"])
    assert [row["id"] for row in first.json() + second.json()] == ids
    later = await aclient.get(f"{here}/events/list", params={"after": ids[1]})
    assert [row["message"] for row in later.json()] == ["m2"]
    began = now()
    async with store.transaction() as tx:
        for number, model in enumerate(("small", "large")):
            await tx.calls.close(
                LLMCall(
                    story_id=run.story_id, run_id=run.id, agent="scene_generator", node=f"node_{model}",
                    node_path="scene/1/draft_scene", prompt_version="1", prompt_hash="h", model=model, settings={},
                    settings_hash="s", endpoint="e", request={"messages": [{"role": "user", "content": "A secret."}]},
                    outcome=Outcome.OK, latency_ms=1_000, started_at=began + timedelta(seconds=number), scene_number=1,
                )
            )  # fmt: skip
    spans = (await aclient.get(f"{here}/spans")).json()
    assert [(span["model"], span["place"], span["is_critical"]) for span in spans] == [
        ("small", "Scene 1", True),
        ("large", "Scene 1", True),
    ]
    otlp = await aclient.get(f"{here}/otlp")
    told = otlp.json()["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert {span["traceId"] for span in told} == {run.id.hex}
    assert sum(span["name"].startswith("chat ") for span in told) == 2
    assert "A secret" not in otlp.text
    for asked in ({"model": "large"}, {"node": "node_large"}, {"since": (began + timedelta(seconds=1)).isoformat()}):
        (call,) = (await aclient.get("/api/llm-calls", params=asked)).json()
        assert call["model"] == "large"
    both = {"model": ["large", "small"], "agent": "scene_generator", "outcome": "ok"}
    assert len((await aclient.get("/api/llm-calls", params=both)).json()) == 2
    assert (await aclient.get(f"/api/runs/{NOBODY}/spans")).status_code == 404


async def test_two_stories_are_read_blind_and_voted_on(aclient: httpx.AsyncClient, store: Database) -> None:
    foreseen = (await aclient.post("/api/experiments/estimate", json=DESIGN)).json()
    assert foreseen["llm_calls"]["p50"] > 0
    assert (await aclient.get("/api/experiments")).json() == []
    experiment_id = (await aclient.post("/api/experiments", json=DESIGN)).json()["experiment_id"]
    here = f"/api/experiments/{experiment_id}"
    assert (await aclient.get(f"{here}/pair")).json() is None
    imported = [
        (await aclient.post("/api/stories/import", json={"text": f"# T\n\n## A title\n\nText {number}."})).json()
        for number in range(2)
    ]
    async with store.transaction() as tx:
        trials = await tx.experiments.list_trials(experiment_id)
        arms = {str(arm.id): arm.name for arm in await tx.experiments.list_arms(experiment_id)}
        for trial, story in zip(trials, imported, strict=True):
            done = {"story_id": UUID(story["story_id"]), "status": TrialStatus.COMPLETE}
            await tx.experiments.save_trial(trial.model_copy(update=done))
    arm_of = {str(trial.id): arms[str(trial.arm_id)] for trial in trials}
    pair = (await aclient.get(f"{here}/pair")).json()
    assert (pair["premise"], {pair[side]["text"] for side in ("first", "second")}) == (
        "A lamp.",
        {"Text 0.", "Text 1."},
    )
    first, second = pair["first"]["trial_id"], pair["second"]["trial_id"]
    assert not ({"cool", "warm"} & set(str(pair).split()))
    vote = {"first_id": first, "second_id": second, "choice": "first", "note": "Warmer."}
    kept = await aclient.post(f"{here}/votes", json=vote)
    assert (kept.status_code, kept.json()["first_arm"], kept.json()["second_arm"]) == (
        201,
        arm_of[first],
        arm_of[second],
    )
    (row,) = (await aclient.get(f"{here}/votes")).json()
    assert (row["vote_id"], row["judge"], row["note"]) == (kept.json()["vote_id"], "person", "Warmer.")
    assert (await aclient.post(f"{here}/votes", json={**vote, "second_id": first})).status_code == 422
    assert (await aclient.post(f"/api/experiments/{NOBODY}/votes", json=vote)).status_code == 404
    await aclient.delete(f"/api/stories/{imported[0]['story_id']}")
    assert (await aclient.get(f"{here}/pair")).json() is None  # what was removed cannot be read


async def test_views_are_kept_in_place_and_forgotten(aclient: httpx.AsyncClient) -> None:
    view = {"page": "metrics", "name": " The last week ", "asked": {"days": "7"}}
    assert (await aclient.put("/api/saved-views", json=view)).json()["name"] == "The last week"
    await aclient.put("/api/saved-views", json={**view, "asked": {"days": "8"}})
    (kept,) = (await aclient.get("/api/saved-views", params={"page": "metrics"})).json()
    assert kept["asked"] == {"days": "8"}
    assert (await aclient.get("/api/saved-views", params={"page": "system"})).json() == []
    named = {"page": "metrics", "name": "The last week"}
    assert [(await aclient.delete("/api/saved-views", params=named)).status_code for _ in range(2)] == [204, 404]
    assert (await aclient.put("/api/saved-views", json={**view, "name": "  "})).status_code == 422
    assert (await aclient.put("/api/saved-views", json={**view, "asked": {"q": "x" * 2_000}})).status_code == 422


async def test_workers_and_what_waits_for_them(aclient: httpx.AsyncClient, store: Database) -> None:
    run = (await aclient.post("/api/stories", json={"premise": "A keeper."})).json()
    worker = Worker(owner="here:1:0", host="here", pid=1, version="1", concurrency=2)
    async with store.transaction() as tx:
        await tx.jobs.keep_worker(worker)
    (row,) = (await aclient.get("/api/workers")).json()
    assert (row["worker_id"], row["host"], row["runs"]) == (str(worker.id), "here", [])
    assert (await aclient.get("/api/queue")).json()["waiting"] == 1
    await aclient.post(f"/api/runs/{run['run_id']}/cancel")
    assert (await aclient.get("/api/queue")).json() == {"waiting": 0, "working": 0, "oldest_wait_s": None}
