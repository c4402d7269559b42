"""What a run's one writer knows of the scene at work, so that its nodes need not read again what it wrote itself.

Read from the rows when the scene is begun; nobody else changes these rows while the run's fence is the newest, and
what is written on a stale sheet is never committed.
"""

from dataclasses import dataclass
from uuid import UUID

from chorus.domain.context import StoryFrame
from chorus.domain.story import Revision, Scene, SceneDigest
from chorus.store import Transaction


@dataclass
class Sheet:
    """A scene, the texts this run has written for it, and what the scenes before it left open."""

    frame: StoryFrame
    scene: Scene
    written: list[Revision]
    """The texts of this run, the first one first."""
    digests: list[tuple[int, SceneDigest]]

    def revision(self, revision_id: str) -> Revision:
        """The text of this id."""
        return next(revision for revision in self.written if revision.id == UUID(revision_id))

    def replace(self, changed: Revision) -> None:
        """Note what is now kept beside a text."""
        self.written = [changed if revision.id == changed.id else revision for revision in self.written]


async def read_sheet(tx: Transaction, frame: StoryFrame, number: int, run_id: UUID) -> Sheet:
    """Read what the rows say of a scene."""
    scene = await tx.stories.load_scene(frame.story.id, number)
    revisions = await tx.stories.list_revisions(scene.id)
    return Sheet(
        frame=frame,
        scene=scene,
        written=[revision for revision in revisions if revision.run_id == run_id],
        digests=await tx.stories.list_digests(frame.story.id, number),
    )
