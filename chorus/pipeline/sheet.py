"""What a run's one writer knows of the scene at work, so that its nodes need not read again what it wrote itself.

Read from the rows when the scene is begun; nobody else changes these rows while the run's fence is the newest, and
what is written on a stale sheet is never committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorus.continuity import Dead
from chorus.domain.canon import Finding
from chorus.domain.context import SceneContext, StoryFrame
from chorus.domain.story import Revision, Scene, SceneDigest
from chorus.pipeline.questions import open_questions
from chorus.store import Transaction

FINDINGS_OF_A_LOOK = 100


@dataclass
class Sheet:
    """A scene, the texts this run has written for it, and what the scenes before it left open."""

    frame: StoryFrame
    scene: Scene
    written: list[Revision]
    """The texts of this run, the first one first."""
    digests: list[tuple[int, SceneDigest]]
    seen: int
    """The last scene that it may know of; all before it are canon, what comes after is not told."""
    looks: int = 0
    """How often it was looked at again."""
    between: tuple[Scene, ...] = ()
    """The scenes after ``seen`` and before this one: of them only the plan may be told."""
    threads: tuple[tuple[int, str], ...] = ()
    """The questions that the plan has opened before this scene and not answered, as (scene number, question)."""
    context: SceneContext | None = None
    """What its prompts are told."""
    dead: tuple[Dead, ...] = ()
    """Who is dead when the scene begins."""
    newest: int = 0
    """The number of the scene's newest text, whoever wrote it."""

    def revision(self, revision_id: str) -> Revision:
        """The text of this id."""
        return next(revision for revision in self.written if revision.id == UUID(revision_id))

    def add(self, revision: Revision) -> None:
        """Note a new text."""
        self.written.append(revision)
        self.newest = revision.number

    def note_checked(self, revision_id: UUID, checked: bool | None) -> None:
        """Note whether a text was checked for contradictions."""
        self.written = [r.model_copy(update={"checked": checked}) if r.id == revision_id else r for r in self.written]

    def replace(self, changed: Revision) -> None:
        """Note what is now kept beside a text."""
        self.written = [changed if revision.id == changed.id else revision for revision in self.written]

    def numbered(self, findings: Sequence[Finding]) -> list[Finding]:
        """Findings of this look, with numbers that those of another look at the same text do not have."""
        first = self.looks * FINDINGS_OF_A_LOOK
        return [finding.model_copy(update={"number": first + finding.number}) for finding in findings]


async def read_sheet(
    tx: Transaction, frame: StoryFrame, number: int, run_id: UUID, digests: list[tuple[int, SceneDigest]], seen: int
) -> Sheet:
    """Read what the rows say of a scene, with the canon as of scene ``seen``, whose ``digests`` are at hand."""
    found = await tx.stories.load_at_work(frame.story.id, number)
    between = await tx.stories.list_scenes(frame.story.id, after=seen, before=number) if seen < number - 1 else []
    return Sheet(
        frame=frame.as_of(seen + 1),
        scene=found.scene,
        written=[revision for revision in found.revisions if revision.run_id == run_id],
        newest=max((revision.number for revision in found.revisions), default=0),
        digests=digests,
        seen=seen,
        between=tuple(between),
        threads=tuple(open_questions([threads.digest for threads in found.threads])),
    )
