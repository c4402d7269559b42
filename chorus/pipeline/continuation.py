"""Going on with a story that is there already: what a plan for more scenes is told of it.

A run goes on with a story by being asked for more scenes than its outline has; ``generate_outline`` plans the rest.
"""

from chorus.domain.context import StoryFrame
from chorus.domain.prose import sentences
from chorus.domain.story import Outline, Scene
from chorus.store import Transaction

SCENES_TOLD = 12
LONGEST_ENDING = 1_500
LONGEST_START = 200


async def tell_so_far(tx: Transaction, outline: Outline) -> list[str]:
    """Tell what happened in the latest scenes, the newest last; one that was not summed up by how it begins."""
    told = [await _in_short(tx, scene) for scene in outline.scenes[-SCENES_TOLD:]]
    ending = await _ending(tx, outline)
    return [line for line in [*told, ending and f"It stops with these words: {ending}"] if line]


def frame_so_far(frame: StoryFrame, so_far: list[str]) -> StoryFrame:
    """The frame of a story that came without a premise: what has happened takes its place."""
    if frame.story.premise:
        return frame
    return frame.model_copy(update={"story": frame.story.model_copy(update={"premise": " ".join(so_far)})})


async def _in_short(tx: Transaction, scene: Scene) -> str:
    if scene.summary or not scene.revision_id:
        return scene.summary or scene.brief.purpose
    text = (await tx.stories.load_revision(scene.revision_id)).text
    spans = sentences(text[: 4 * LONGEST_START])
    return text[slice(*spans[0])][:LONGEST_START] if spans else scene.title


async def _ending(tx: Transaction, outline: Outline) -> str:
    last = outline.scenes[-1] if outline.scenes else None
    if last is None or last.revision_id is None:
        return ""
    text = (await tx.stories.load_revision(last.revision_id)).text
    starts = [start for start, _ in sentences(text) if len(text) - start <= LONGEST_ENDING]
    return text[starts[0] :] if starts else text[-LONGEST_ENDING:]
