"""How much of a story is written, in columns that several queries share."""

from sqlalchemy import Label, func

from chorus.domain.story import SceneStatus
from chorus.store import tables as t


def progress_columns() -> list[Label[int]]:
    """Scenes written, scenes planned and words written, over whatever scenes a query has."""
    approved = t.scene.c.status == SceneStatus.APPROVED
    return [
        func.count().label("scenes_planned"),
        func.count().filter(approved).label("scenes"),
        func.coalesce(func.sum(t.scene.c.words).filter(approved), 0).label("words"),
    ]
