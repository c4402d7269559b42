"""What a watcher knows of a run, from its events: how far it is and how long it may still take. Knows no terminal."""

from dataclasses import dataclass, field

from chorus.cli.terminal import duration, shown
from chorus.domain import telling
from chorus.domain.run import RunEvent, RunSummary, Stage

WORTH_SAYING_S = 5
QUIET = frozenset(
    {
        "run_started",
        "revision",
        "finding_dropped",
        "call",
        "world_ready",
        "cast_ready",
        "outline_doubt",
        "outline_repaired",
        "run_failed",
    }
)


def told(event: RunEvent) -> str:
    """What happened, on one line, fit for a terminal."""
    return shown(telling.told(event))


@dataclass
class RunView:
    """How far a run is. Times are of one clock, in seconds."""

    began: float
    title: str = ""
    stage: Stage = Stage.CONCEPT
    planned: int = 0
    done: int = 0
    words: int = 0
    tokens: int = 0
    titles: list[str] = field(default_factory=list)
    scene_words: dict[int, int] = field(default_factory=dict)
    writing: int | None = None
    doing: str = ""
    _heard: float = 0.0
    _scene_began: float | None = None
    _durations: list[float] = field(default_factory=list)

    def take_up(self, summary: RunSummary) -> None:
        """Begin where an earlier process left off."""
        self.title = summary.title
        self.stage = summary.stage
        self.planned, self.done, self.words = summary.scenes_planned, summary.scenes, summary.words
        self.tokens = summary.prompt_tokens + summary.completion_tokens

    def hear(self, event: RunEvent, now: float) -> None:
        """Learn from what happened."""
        self._heard = now
        if event.kind not in QUIET:
            self.doing = event.message
        learn = {
            "stage": self._enter,
            "concept_selected": self._name,
            "outline_ready": self._plan,
            "scene_started": self._begin,
            "scene_committed": self._commit,
            "call": self._count,
        }.get(event.kind)
        if learn:
            learn(event)

    def left_s(self, now: float) -> float | None:
        """How long the scenes still to write will take, at the pace so far; None before one is written."""
        if not self._durations or self.done >= self.planned:
            return None
        pace = sum(self._durations) / len(self._durations)
        spent = min(now - self._scene_began, pace) if self._scene_began is not None else 0.0
        return pace * (self.planned - self.done) - spent

    def left(self, now: float) -> list[str]:
        """The time left in words, as one figure among others; nothing while it is not known, and near the end."""
        seconds = self.left_s(now)
        return [f"about {duration(seconds)} left"] if seconds is not None and seconds >= WORTH_SAYING_S else []

    def _enter(self, event: RunEvent) -> None:
        self.stage = Stage(event.data.get("stage", self.stage))
        if self.stage is not Stage.SCENES:
            self.writing = None

    def _name(self, event: RunEvent) -> None:
        self.title = self.title or str(event.data.get("title", ""))

    def _plan(self, event: RunEvent) -> None:
        self.planned = int(event.data.get("scenes", self.planned))
        self.titles = [str(title) for title in event.data.get("titles", [])]

    def _begin(self, event: RunEvent) -> None:
        self.writing, self._scene_began = event.scene_number, self._heard

    def _commit(self, event: RunEvent) -> None:
        self.done = int(event.data.get("scenes_done", self.done + 1))
        self.planned = int(event.data.get("scenes_planned", self.planned))
        self.words = int(event.data.get("total_words", self.words))
        if event.scene_number is not None:
            self.scene_words[event.scene_number] = int(event.data.get("words", 0))
        if self._scene_began is not None:
            self._durations.append(self._heard - self._scene_began)
        self.writing, self._scene_began = None, None

    def _count(self, event: RunEvent) -> None:
        self.tokens += int(event.data.get("prompt_tokens", 0)) + int(event.data.get("completion_tokens", 0))
