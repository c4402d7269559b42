"""What the plan says will be true: how each scene that is still to be written is to end."""

from collections.abc import Iterable
from uuid import uuid5

from chorus.domain.canon import Fact, FactStatus
from chorus.domain.story import Scene, SceneStatus


def planned_facts(scenes: Iterable[Scene]) -> list[Fact]:
    """The contracts of the scenes that are not canon yet, as facts of status ``planned``, in story order.

    They are read from the plan each time, so a plan that is changed has others; the same plan has the same ids.
    """
    ahead = (scene for scene in scenes if scene.status is not SceneStatus.APPROVED and scene.brief.exit)
    return [
        Fact(
            id=uuid5(scene.id, scene.brief.exit),
            story_id=scene.story_id,
            scene_id=scene.id,
            subject=(*scene.brief.writes, *scene.brief.cast, scene.brief.place)[0],
            statement=scene.brief.exit,
            valid_from=scene.number,
            status=FactStatus.PLANNED,
        )
        for scene in ahead
    ]
