from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chorus.domain.run import Continuity, ReviewMode, Run, RunEvent, RunSettings, RunStatus, Stage
from chorus.domain.story import Scene, SceneBrief, SceneStatus
from chorus.ui.course import Step, left_s, next_in_line, scenes_at_work, stages_of, steps_of

STORY = UUID(int=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def event(kind: str, scene: int | None = None, at_s: float = 0, **data: Any) -> RunEvent:
    return RunEvent(
        run_id=STORY, story_id=STORY, kind=kind, scene_number=scene, message="m", data=data,
        created_at=START + timedelta(seconds=at_s),
    )  # fmt: skip


def scenes(*statuses: SceneStatus) -> list[Scene]:
    return [
        Scene(
            story_id=STORY, chapter_id=STORY, number=number, title=f"S{number}", brief=SceneBrief(purpose="p"), status=s
        )
        for number, s in enumerate(statuses, 1)
    ]


def states(steps: list[Step] | tuple[Step, ...]) -> str:
    return " ".join(step.state for step in steps)


DONE, DRAFTING, CHECKED, QUEUED = (
    SceneStatus.APPROVED,
    SceneStatus.DRAFTING,
    SceneStatus.IN_REVIEW,
    SceneStatus.QUEUED,
)


def test_every_stage_of_a_complete_run_is_done() -> None:
    run = Run(story_id=STORY, stage=Stage.WORLD)
    assert [state for _, state in stages_of(run)] == ["done", "now", "next", "next", "next", "next"]
    complete = run.model_copy(update={"status": RunStatus.COMPLETE, "stage": Stage.FINISHED})
    assert {state for _, state in stages_of(complete)} == {"done"}


def test_world_and_profiles_go_on_side_by_side() -> None:
    run = Run(story_id=STORY, stage=Stage.WORLD)
    assert states(steps_of(run, [], [], 0)) == "now next next next"
    named = [event("cast_named")]
    assert states(steps_of(run, named, [], 0)) == "done now now next"
    assert states(steps_of(run, [event("cast_ready"), *named], [], 0)) == "done now done next"


def test_a_gate_is_a_step_of_its_own() -> None:
    run = Run(story_id=STORY, stage=Stage.OUTLINE, settings=RunSettings(review=ReviewMode.OUTLINE))
    assert states(steps_of(run, [], [], 0)) == "now next next"
    assert states(steps_of(run, [], scenes(QUEUED), 1)) == "done done now"


def test_a_scene_is_followed_from_recall_to_approval() -> None:
    started, drafted = event("scene_started", 2), event("revision", 2)
    major, minor = event("finding", 2, severity="major"), event("finding", 2, severity="minor")
    for status, newest_first, doing, expected in (
        (QUEUED, [], "Recalling", "now next next next"),
        (DRAFTING, [started], "Writing", "done now next next"),
        (CHECKED, [drafted, started], "Checking", "done done now next"),
        (CHECKED, [minor, drafted, started], "Checking", "done done now next"),
        (CHECKED, [major, drafted, started], "Revising", "done done done now next"),
        (CHECKED, [drafted, major, drafted, started], "Checking", "done done done now next"),
    ):
        (at_work,) = scenes_at_work(scenes(DONE, status, QUEUED), newest_first)
        assert at_work.scene.number == 2
        assert at_work.doing.startswith(doing)
        assert states(at_work.steps) == expected


def test_scenes_side_by_side_are_all_told() -> None:
    at_work = scenes_at_work(scenes(DONE, CHECKED, DRAFTING, QUEUED), [event("revision", 2)])
    assert [each.scene.number for each in at_work] == [2, 3]
    assert [each.steps[-1].name for each in at_work] == ["Approve", "Wait for its turn"]
    again, _ = scenes_at_work(scenes(DONE, CHECKED, DRAFTING, QUEUED), [event("look_again", 2)])
    assert "once more" in again.doing


def test_the_next_scene_begins_when_the_window_moves_on() -> None:
    plan = scenes(DONE, CHECKED, DRAFTING, QUEUED, QUEUED)
    settings = RunSettings(continuity=Continuity.PARALLEL, concurrency=2)
    line = next_in_line(Run(story_id=STORY, settings=settings), plan)
    assert line
    assert [scene.number for scene in line] == [4, 2]
    assert next_in_line(Run(story_id=STORY, settings=settings), plan[:3]) is None
    assert next_in_line(Run(story_id=STORY, settings=RunSettings()), plan) is None


def test_what_is_left_is_told_by_the_pace_so_far() -> None:
    newest_first = [
        event("scene_committed", 2, at_s=90),
        event("scene_started", 2, at_s=55),
        event("scene_committed", 1, at_s=50),
        event("outline_ready", at_s=10),
        event("run_started", at_s=0),
    ]
    plan = scenes(DONE, DONE, QUEUED, QUEUED)
    assert left_s(newest_first, plan, 15) == 2 * 40 - 15
    assert left_s(newest_first, plan, 500) == 40
    assert left_s(newest_first, scenes(DONE, DONE), 0) is None
    assert left_s(newest_first[3:], plan, 0) is None
