"""How much of a story is written, in columns that several queries share."""

from sqlalchemy import Label, func, or_

from chorus.domain.story import SceneStatus
from chorus.store import tables as t


def progress_columns() -> list[Label[int]]:
    """Scenes written, scenes planned and words written, over whatever scenes a query has."""
    written = or_(t.scene.c.status == SceneStatus.APPROVED, t.scene.c.revision_id.is_not(None))
    return [
        func.count().label("scenes_planned"),
        func.count().filter(written).label("scenes"),
        func.coalesce(func.sum(t.scene.c.words).filter(written), 0).label("words"),
    ]
