import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from chorus.cli import outcome
from chorus.domain.run import Run, RunStatus
from chorus.errors import DatabaseUnavailable, EndpointUnavailable
from chorus.pipeline.watcher import Watcher
from tests.unit.cli.conftest import Said
from tests.unit.cli.fakes import RUN, STORY, FakeStudio, event, summary

Chorus = Callable[..., Said]
PROMISED = {
    "story_id",
    "run_id",
    "status",
    "scenes",
    "words",
    "llm_calls",
    "prompt_tokens",
    "completion_tokens",
    "cost_usd",
    "wall_s",
}


def ends(status: RunStatus) -> Callable[[FakeStudio, Run, Watcher], RunStatus]:
    def work(studio: FakeStudio, run: Run, watcher: Watcher) -> RunStatus:
        watcher.event(event("stage", "Writing the scenes.", stage="scenes"))
        watcher.event(event("scene_started", "Writing scene 1", 1, title="Oil"))
        watcher.prose(1, "It burned ")
        watcher.event(event("scene_committed", "Scene 1 of 2 is written: Oil", 1, words=3, scenes_done=1))
        return status

    return work


def test_write_prints_one_document_and_progress_elsewhere(chorus: Chorus, studio: FakeStudio) -> None:
    studio.script = ends(RunStatus.COMPLETE)
    said = chorus("write", "A lamp goes out.", "--title", "T", "--scenes", "2", "--words", "100", "--json")
    assert said.code == 0
    assert set(said.json) >= PROMISED
    assert said.json["story_id"] == str(STORY)
    assert said.json["run_id"] == str(RUN)
    assert said.json["cost_usd"] == 0.0125
    assert said.json["wall_s"] == 12.346
    assert str(RUN) in said.err
    assert "Writing the scenes." in said.err
    assert "Scene 1 of 2 is written: Oil · 3 words" in said.err


def test_write_passes_on_what_was_chosen(chorus: Chorus, studio: FakeStudio) -> None:
    options = ("--scenes", "3", "--words", "150", "--review", "outline", "--budget-tokens", "9", "--budget-usd", "2.5")
    assert chorus("write", "p", *options).code == 0
    _, (premise, title, settings) = studio.asked[0]
    assert (premise, title) == ("p", None)
    assert (settings.scenes, settings.words, settings.review.value) == (3, 150, "outline")
    assert (settings.budget_tokens, settings.budget_usd) == (9, 2.5)


@pytest.mark.parametrize("whose", ["call", "scene", "day"])
@pytest.mark.parametrize(("unit", "most"), [("tokens", 900), ("usd", 0.5)])
def test_write_passes_on_budgets_of_every_scope(
    chorus: Chorus, studio: FakeStudio, whose: str, unit: str, most: float
) -> None:
    assert chorus("write", "p", f"--budget-{unit}-per-{whose}", str(most)).code == 0
    _, (_, _, settings) = studio.asked[0]
    assert getattr(settings, f"budget_{unit}_per_{whose}") == most


def test_write_passes_on_how_the_story_is_to_be_told(chorus: Chorus, studio: FakeStudio, tmp_path: Path) -> None:
    sample = tmp_path / "sample.txt"
    sample.write_text("Das Meer war still.", encoding="utf-8")
    options = (
        "--language",
        "German",
        "--style-sample",
        str(sample),
        "--avoid",
        "gore",
        "--avoid",
        "puns",
        "--concept",
        "ask",
    )
    assert chorus("write", "p", *options).code == 0
    assert studio.manner == {
        "language": "German",
        "style": "",
        "style_sample": "Das Meer war still.",
        "avoid": ["gore", "puns"],
    }
    assert studio.asked[0][1][2].choose_concept == "ask"


@pytest.mark.parametrize(
    ("status", "code"),
    [(RunStatus.COMPLETE, 0), (RunStatus.FAILED, 1), (RunStatus.CANCELLED, 1), (RunStatus.PAUSED, 3)],
)
@pytest.mark.parametrize("command", [("write", "p"), ("resume", str(RUN))])
def test_the_exit_code_says_how_the_run_ended(
    chorus: Chorus, studio: FakeStudio, command: tuple[str, ...], status: RunStatus, code: int
) -> None:
    studio.add(RunStatus.PAUSED)
    studio.script = ends(status)
    assert chorus(*command, "--json").code == code
    assert chorus(*command).code in (code, 0)


def test_a_paused_run_says_how_to_go_on(chorus: Chorus, studio: FakeStudio) -> None:
    studio.script = ends(RunStatus.PAUSED)
    assert f"chorus resume {RUN}" in chorus("write", "p").err


def test_a_failed_run_says_why(chorus: Chorus, studio: FakeStudio) -> None:
    studio.script = ends(RunStatus.FAILED)
    said = chorus("write", "p", "--json")
    assert said.json["error"] == "It broke."
    assert "It broke." in said.err


def test_an_unknown_price_is_null_and_not_nothing(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(cost_usd=None)
    assert chorus("runs", "--json").json[0]["cost_usd"] is None
    assert "unknown" in chorus("runs").out


def test_detach_hands_the_run_to_the_workers(chorus: Chorus, studio: FakeStudio) -> None:
    said = chorus("write", "p", "--detach", "--json")
    assert (said.code, said.json["status"]) == (0, "queued")
    assert ("dispatch", RUN) in studio.asked


def test_cancel_prints_how_the_run_stands(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(RunStatus.RUNNING)
    said = chorus("cancel", str(RUN)[:8], "--json")
    assert (said.code, said.json["status"], set(said.json) >= PROMISED) == (0, "cancelled", True)
    assert ("cancel", RUN) in studio.asked
    studio.add(RunStatus.PAUSED)
    assert "cancelled" in chorus("cancel", str(RUN)).out


def test_cancelling_what_is_over_is_one_line(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(RunStatus.COMPLETE)
    said = chorus("cancel", str(RUN))
    assert (said.code, said.err) == (1, "The run is complete: there is nothing to cancel.\n")


def test_continuity_and_concurrency_are_passed_on(chorus: Chorus, studio: FakeStudio) -> None:
    assert chorus("write", "p", "--continuity", "parallel", "--concurrency", "6").code == 0
    _, (_, _, settings) = studio.asked[0]
    assert (settings.continuity.value, settings.concurrency) == ("parallel", 6)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--scenes", "0"),
        ("--scenes", "many"),
        ("--words", "9"),
        ("--budget-usd", "nan"),
        ("--budget-usd", "0"),
        ("--review", "all"),
        ("--nonsense",),
    ],
)
def test_wrong_options_are_usage_errors_in_one_line(chorus: Chorus, studio: FakeStudio, wrong: tuple[str, ...]) -> None:
    said = chorus("write", "p", "--json", *wrong)
    assert said.code == 2
    assert set(said.json) == {"error"}
    assert len(said.err.splitlines()) == 1
    assert studio.asked == []


def test_a_premise_can_come_from_stdin(chorus: Chorus, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    from io import StringIO

    monkeypatch.setattr("sys.stdin", StringIO("from a file"))
    assert chorus("write", "-").code == 0
    assert studio.asked[0][1][0] == "from a file"


def test_resume_counts_as_a_yes(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(RunStatus.PAUSED)
    said = chorus("resume", str(RUN), "--json")
    assert (said.code, said.json["run_id"]) == (0, str(RUN))
    assert ("approve", RUN) in studio.asked


def test_resuming_a_complete_run_changes_nothing(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(RunStatus.COMPLETE)
    said = chorus("resume", str(RUN), "--json")
    assert (said.code, said.json["status"]) == (0, "complete")
    assert "nothing left to do" in said.err
    assert studio.asked == []


@pytest.mark.parametrize("typed", ["nonsense", "12", "", "zzzz-not-hex", "x" * 4000])
def test_a_malformed_run_id_names_the_command_that_lists_them(chorus: Chorus, studio: FakeStudio, typed: str) -> None:
    said = chorus("resume", typed, "--json")
    assert said.code == 2
    assert "`chorus runs` lists them" in said.json["error"]


def test_the_beginning_of_an_id_is_enough(chorus: Chorus, studio: FakeStudio) -> None:
    studio.add(RunStatus.PAUSED)
    assert chorus("resume", str(RUN)[:8], "--json").json["run_id"] == str(RUN)
    assert "There is no run ffff" in chorus("resume", "ffff").err
    other = UUID(str(RUN)[:-4] + "beef")
    studio.summaries[other] = summary(run_id=other)
    said = chorus("resume", str(RUN)[:8])
    assert said.code == 2
    assert "2 run ids begin with" in said.err


def test_an_error_is_one_line_and_no_traceback(chorus: Chorus, studio: FakeStudio) -> None:
    def work(studio: FakeStudio, run: Run, watcher: Watcher) -> RunStatus:
        raise EndpointUnavailable("The endpoint gave no answer within 60 s.")

    studio.script = work
    said = chorus("write", "p", "--json")
    assert (said.code, said.json) == (1, {"error": "The endpoint gave no answer within 60 s."})
    assert said.err.splitlines()[-1] == "The endpoint gave no answer within 60 s."
    assert "Traceback" not in said.err


def test_everything_logged_means_the_traceback_too(
    chorus: Chorus, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(studio: FakeStudio, run: Run, watcher: Watcher) -> RunStatus:
        raise DatabaseUnavailable("Gone.")

    studio.script = work
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    assert "Traceback" in chorus("write", "p").err


def test_a_defect_is_told_in_a_line_too(chorus: Chorus, studio: FakeStudio) -> None:
    def work(studio: FakeStudio, run: Run, watcher: Watcher) -> RunStatus:
        raise ZeroDivisionError

    studio.script = work
    said = chorus("write", "p", "--json")
    assert said.code == 1
    assert "ZeroDivisionError" in said.json["error"]
    assert "Traceback" not in said.err


def test_a_wrong_setting_says_what_to_set(chorus: Chorus, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    said = chorus("runs", "--json")
    assert said.code == 2
    assert said.json["error"].startswith("DATABASE_URL:")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_write_says_how_to_go_on(
    chorus: Chorus, studio: FakeStudio, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    async def work_on(run_id: object, watcher: object) -> None:
        os.kill(os.getpid(), number)
        await asyncio.sleep(10)

    class Left(BaseException):
        pass

    def leave(exit_code: int) -> None:
        raise Left(exit_code)

    monkeypatch.setattr(studio, "work_on", work_on)
    monkeypatch.setattr(outcome, "_leave_at_once", leave)
    with pytest.raises(Left) as left:
        chorus("write", "p")
    assert left.value.args == (code,)
