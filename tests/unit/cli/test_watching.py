from collections.abc import Iterator

import pytest
from rich.console import Console

from chorus.cli.live_watch import LiveWatch
from chorus.cli.plain_watch import PlainWatch
from chorus.cli.run_view import RunView
from tests.unit.cli.fakes import event, summary


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def planned() -> Iterator[object]:
    yield event("concept_selected", "The story will be “The Lamp”.", title="The Lamp")
    yield event(
        "outline_ready", "The outline has 4 scenes.", scenes=4, chapters=1, titles=["Oil", "Wick", "Ash", "Sun"]
    )
    yield event("stage", "Writing the scenes.", stage="scenes")


def test_the_time_left_follows_the_pace_so_far() -> None:
    view = RunView(began=0)
    for one in planned():
        view.hear(one, 0)  # type: ignore[arg-type]
    view.hear(event("scene_started", "", 1), 10)
    assert view.left_s(20) is None
    view.hear(event("scene_committed", "", 1, words=130, total_words=130, scenes_done=1, scenes_planned=4), 40)
    assert view.left_s(40) == 90
    view.hear(event("scene_started", "", 2), 40)
    assert view.left_s(50) == 80
    assert view.left_s(500) == 60  # it is late, and the scenes after it take their time still
    assert (view.words, view.done, view.planned) == (130, 1, 4)


def test_tokens_are_added_up() -> None:
    view = RunView(began=0)
    view.hear(event("call", prompt_tokens=100, completion_tokens=20), 1)
    assert view.tokens == 120


def test_plain_lines_tell_stages_scenes_and_the_time_left(clock: Clock) -> None:
    lines: list[str] = []
    watch = PlainWatch(lines.append, clock)
    for one in planned():
        watch.event(one)  # type: ignore[arg-type]
    watch.event(event("scene_started", "Writing scene 1: Oil", 1))
    clock.time += 65
    watch.event(event("scene_committed", "Scene 1 of 4 is written: Oil", 1, words=130, scenes_done=1, scenes_planned=4))
    watch.event(event("call", "quiet"))
    assert lines == [
        "   0:00  The story will be “The Lamp”.",
        "   0:00  The outline has 4 scenes.",
        "   0:00  Writing the scenes.",
        "   0:00  Writing scene 1: Oil",
        "   1:05  Scene 1 of 4 is written: Oil · 130 words · about 3 min 15 s left",
    ]


def test_plain_lines_tell_a_download_now_and_then(clock: Clock) -> None:
    lines: list[str] = []
    watch = PlainWatch(lines.append, clock)
    watch.advance("Starting the database", 0, 3, "step")
    watch.advance("Starting the database", 1, 3, "step")
    for percent in range(101):
        watch.advance("The model", percent * 11_173_207, 1_117_320_700)
        clock.time += 0.5
    assert lines[:2] == ["   0:00  Starting the database …", "   0:00  The model (1.12 GB) …"]
    assert lines[2] == "   0:05  The model: 112 MB of 1.12 GB"
    assert len(lines) == 12
    watch.advance("unknown", 5, None)


def test_plain_lines_say_what_is_written_already(clock: Clock) -> None:
    lines: list[str] = []
    PlainWatch(lines.append, clock).take_up(summary(scenes=2, scenes_planned=4))
    assert lines == ["   0:00  2 of 4 scenes are written already."]


def test_the_live_picture_shows_stages_scenes_and_prose(clock: Clock) -> None:
    screen = Console(width=90, record=True, force_terminal=True, markup=False)
    watch = LiveWatch(screen, clock)
    watch.advance("The model", 300_000_000, 1_117_320_768)
    for one in planned():
        watch.event(one)  # type: ignore[arg-type]
    watch.event(event("scene_started", "Writing scene 1", 1, title="Oil"))
    clock.time += 60
    watch.event(event("scene_committed", "done", 1, words=130, total_words=130, scenes_done=1, scenes_planned=4))
    watch.event(event("scene_started", "Writing scene 2", 2, title="Wick"))
    watch.prose(2, "She turned [bold]the wick\x1b[31m down, ")
    watch.prose(2, "and waited.")
    screen.print(watch.picture())
    picture = screen.export_text()
    folded = " ".join(picture.split())  # a narrow screen breaks lines where it must
    for told in (
        "The Lamp",
        "● Scenes",
        "✓ 1 Oil",
        "130 words",
        "● 2 Wick",
        "1 of 4 scenes",
        "about 3 min 00 s left",
    ):
        assert told in folded
    assert "She turned [bold]the wick[31m down, and waited." in picture
    assert "300 MB of 1.12 GB" in picture


def test_the_live_picture_of_a_long_story_keeps_to_the_screen(clock: Clock) -> None:
    screen = Console(width=60, height=24, record=True, force_terminal=True)
    watch = LiveWatch(screen, clock)
    watch.event(event("outline_ready", "Planned.", scenes=200, titles=[f"Scene {'x' * 200}" for _ in range(200)]))
    watch.event(event("scene_started", "Writing scene 150", 150))
    watch.prose(150, "word " * 5_000)
    screen.print(watch.picture())
    lines = screen.export_text().splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 60
    assert any("150" in line for line in lines)


def test_the_live_picture_draws_before_anything_is_known(clock: Clock) -> None:
    with LiveWatch(Console(record=True, force_terminal=True), clock) as watch:
        watch.event(event("stage", "x", stage="finished"))
        watch.event(event("finding", "[red]Two suns.[/red]", 1))
        watch.advance("x", 1, None)
        watch.take_up(summary())
