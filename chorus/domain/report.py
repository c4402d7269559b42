"""What a finished story is like, found by code: threads, arcs, length against what was asked, findings left."""

from collections import Counter
from collections.abc import Sequence

from chorus.domain.canon import Finding, FindingStatus
from chorus.domain.story import Chapter, Character, CharacterState, Outline, Scene, SceneStatus
from chorus.domain.value import Value

SCENE_TOLERANCE = 0.15
BOOK_TOLERANCE = 0.05


class ThreadReport(Value):
    """A planned question: the scenes that open and answer it; None: no scene does."""

    question: str
    opened: int | None
    answered: int | None

    @property
    def is_whole(self) -> bool:
        """Whether it is opened first and answered later."""
        return self.opened is not None and self.answered is not None and self.opened < self.answered


class ArcReport(Value):
    """A character's way through the story: the scenes planned with them, and how they stand first and last."""

    name: str
    scenes: tuple[int, ...]
    first_goal: str = ""
    last_goal: str = ""
    last_condition: str = ""
    alive: bool = True


class LengthReport(Value):
    """Words against words asked for, of a scene or (``scene`` None) of the book."""

    scene: int | None
    words: int
    target: int

    @property
    def is_met(self) -> bool:
        """Whether it is near enough: 15 % for a scene, 5 % for a book; without a target always."""
        tolerance = SCENE_TOLERANCE if self.scene else BOOK_TOLERANCE
        return not self.target or abs(self.words - self.target) <= tolerance * self.target


class StoryReport(Value):
    """A story looked over: ``questions`` that texts left open, by scene, and ``findings`` that are not settled."""

    scenes: int
    scenes_planned: int
    book: LengthReport
    lengths: tuple[LengthReport, ...]
    threads: tuple[ThreadReport, ...]
    questions: tuple[tuple[int, str], ...]
    arcs: tuple[ArcReport, ...]
    findings: dict[str, int]
    stale_chapters: tuple[int, ...] = ()
    """Chapters whose title and summary are of what their scenes said before; the next run makes them anew."""

    @property
    def words(self) -> str:
        """Say it in a line or two."""
        off = [length.scene for length in self.lengths if not length.is_met]
        loose = [thread.question for thread in self.threads if not thread.is_whole]
        told = [
            f"{self.scenes} of {self.scenes_planned} scenes, {self.book.words} words"
            + (f" of {self.book.target}" if self.book.target else ""),
            f"{len(off)} scene(s) far from their length" if off else "",
            f"{len(self.threads) - len(loose)} of {len(self.threads)} threads paid off" if self.threads else "",
            f"{len(self.questions)} question(s) left open" if self.questions else "",
            f"{len(self.stale_chapters)} chapter(s) summed up before a change" if self.stale_chapters else "",
            f"{sum(self.findings.values())} open finding(s)",
        ]
        return f"{', '.join(part for part in told if part)}."


def report_on(
    outline: Outline,
    characters: Sequence[Character],
    first: Sequence[CharacterState],
    last: Sequence[CharacterState],
    questions: Sequence[tuple[int, str]],
    findings: Sequence[Finding],
    stale: Sequence[Chapter] = (),
) -> StoryReport:
    """Look a story over; ``first`` and ``last`` are how its people stand before it begins and when it is told."""
    written = [scene for scene in outline.scenes if scene.status is SceneStatus.APPROVED]
    lengths = [_length(scene) for scene in written if scene.brief.target_words]
    still = Counter(finding.category.value for finding in findings if finding.status is FindingStatus.OPEN)
    target = sum(length.target for length in lengths)
    return StoryReport(
        scenes=len(written),
        scenes_planned=len(outline.scenes),
        book=LengthReport(scene=None, words=sum(scene.words for scene in written), target=target),
        lengths=tuple(lengths),
        threads=tuple(threads_of(outline)),
        questions=tuple(questions),
        arcs=tuple(_arc(character, outline, first, last) for character in characters),
        findings=dict(sorted(still.items())),
        stale_chapters=tuple(chapter.number for chapter in stale),
    )


def threads_of(outline: Outline) -> list[ThreadReport]:
    """The planned threads in the order in which they are opened; those that nobody opens come last."""
    opened = {thread: scene.number for scene in reversed(outline.scenes) for thread in scene.brief.plants}
    answered = {thread: scene.number for scene in outline.scenes for thread in scene.brief.payoffs}
    threads = [
        ThreadReport(question=thread, opened=opened.get(thread), answered=answered.get(thread))
        for thread in dict.fromkeys([*opened, *answered])
    ]
    return sorted(threads, key=lambda thread: (thread.opened is None, thread.opened or 0, thread.question))


def _length(scene: Scene) -> LengthReport:
    return LengthReport(scene=scene.number, words=scene.words, target=scene.brief.target_words)


def _arc(
    character: Character, outline: Outline, first: Sequence[CharacterState], last: Sequence[CharacterState]
) -> ArcReport:
    before = next((state for state in first if state.character_id == character.id), None)
    after = next((state for state in last if state.character_id == character.id), None)
    return ArcReport(
        name=character.name,
        scenes=tuple(scene.number for scene in outline.scenes if character.name in scene.brief.cast),
        first_goal=before.goal if before else character.want,
        last_goal=after.goal if after else "",
        last_condition=after.condition if after else "",
        alive=after.alive if after else True,
    )
