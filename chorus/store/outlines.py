"""Outlines as they change: the rows of today's, and every version there was."""

from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.story import Outline, OutlineCause, OutlineVersion
from chorus.errors import NotFound
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

_NEWEST = Fixed(
    select(func.max(t.outline_version.c.number)).where(t.outline_version.c.story_id == bindparam("story_id"))
)
_ASIDE = 100_000
"""Added to numbers while rows change places: numbers are unique in a story."""


class Outlines:
    """What was planned, and when. Reading today's outline is ``Stories.load_outline``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_version(
        self, story_id: UUID, outline: Outline, cause: OutlineCause, note: str = ""
    ) -> OutlineVersion:
        """Keep an outline as the newest version; nothing changes it any more."""
        version = OutlineVersion(
            story_id=story_id,
            number=await self.count_versions(story_id) + 1,
            cause=cause,
            note=note,
            outline=_plan_of(outline),
        )
        await add_all(self._connection, t.outline_version, [version])
        return version

    async def count_versions(self, story_id: UUID) -> int:
        """Count the versions; none before an outline is planned, and none of an import."""
        return await _NEWEST.scalar(self._connection, story_id=story_id) or 0

    async def list_versions(self, story_id: UUID) -> list[OutlineVersion]:
        """List every version, the first one first."""
        version = t.outline_version
        query = select(version).where(version.c.story_id == story_id).order_by(version.c.number)
        return await fetch_all(self._connection, query, OutlineVersion)

    async def load_version(self, story_id: UUID, number: int) -> OutlineVersion:
        """Read one version, or raise NotFound."""
        version = t.outline_version
        query = select(version).where(version.c.story_id == story_id, version.c.number == number).limit(1)
        found = await fetch_one(self._connection, query, OutlineVersion)
        if found is None:
            raise NotFound(f"The outline has no version {number}: `chorus outline STORY --versions` lists them.")
        return found

    async def replace(self, story_id: UUID, outline: Outline) -> None:
        """Let this be the outline of a story: rows that it has not go, those that it has stay themselves."""
        for table, kept in ((t.scene, outline.scenes), (t.chapter, outline.chapters)):
            of_story = table.c.story_id == story_id
            await self._connection.execute(update(table).where(of_story).values(number=table.c.number + _ASIDE))
            if table is t.scene:
                gone = of_story & table.c.id.not_in([scene.id for scene in kept])
                await self._connection.execute(delete(table).where(gone))
        known = set(
            (await self._connection.execute(select(t.chapter.c.id).where(t.chapter.c.story_id == story_id))).scalars()
        )
        await add_all(self._connection, t.chapter, [c for c in outline.chapters if c.id not in known])
        for chapter in outline.chapters:
            if chapter.id in known:
                await self._connection.execute(
                    update(t.chapter).where(t.chapter.c.id == chapter.id).values(**row_of(chapter))
                )
        await self._replace_scenes(story_id, outline)
        gone = (t.chapter.c.story_id == story_id) & t.chapter.c.id.not_in([c.id for c in outline.chapters])
        await self._connection.execute(delete(t.chapter).where(gone))

    async def leave_texts(self, story_id: UUID, first: int) -> None:
        """Let no run take up again what it wrote for scenes from ``first`` on that have no text now.

        The texts stay in the history; what would be asked in the same words is in the ledger.
        """
        scene = t.scene.c
        open_ones = select(scene.id).where(
            scene.story_id == story_id, scene.number >= first, scene.revision_id.is_(None)
        )
        left = update(t.revision).where(t.revision.c.scene_id.in_(open_ones)).values(run_id=None)
        await self._connection.execute(left)

    async def _replace_scenes(self, story_id: UUID, outline: Outline) -> None:
        known = set(
            (await self._connection.execute(select(t.scene.c.id).where(t.scene.c.story_id == story_id))).scalars()
        )
        await add_all(self._connection, t.scene, [s for s in outline.scenes if s.id not in known])
        for scene in outline.scenes:
            if scene.id in known:
                await self._connection.execute(update(t.scene).where(t.scene.c.id == scene.id).values(**row_of(scene)))


def _plan_of(outline: Outline) -> Outline:
    """The plan alone, without what was written by it."""
    bare = {"status": "queued", "revision_id": None, "summary": "", "words": 0}
    return Outline(
        chapters=tuple(chapter.model_copy(update={"summary": ""}) for chapter in outline.chapters),
        scenes=tuple(type(scene).model_validate({**dict(scene), **bare}) for scene in outline.scenes),
    )
