"""Stories with their plan (concept, world, cast, outline) and their text (revisions)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.context import StoryFrame
from chorus.domain.run import RunStatus
from chorus.domain.story import (
    Chapter,
    ChapterTelling,
    Character,
    Concept,
    Manuscript,
    ManuscriptChapter,
    ManuscriptScene,
    Origin,
    Outline,
    Relationship,
    Revision,
    Scene,
    SceneDigest,
    SceneStatus,
    Story,
    WorldElement,
)
from chorus.domain.value import Value
from chorus.errors import NotFound
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.progress import progress_columns
from chorus.store.rows import add_all, fetch_all, fetch_one, row_of

MOST_SEARCH_WORDS = 12
IMPORT_LIVES = timedelta(seconds=60)
"""How long an import that says nothing is taken to be alive."""


def _listed(kind: type[Value], table: str) -> str:
    """The rows of a story in a table, in order, as the JSON of values."""
    columns = ", ".join(f'"{name}"' for name in kind.model_fields)
    ordered = f'SELECT {columns} FROM "{table}" WHERE story_id = :story_id ORDER BY number'  # noqa: S608 - our names
    return f"(SELECT coalesce(json_agg(listed), '[]') FROM ({ordered}) AS listed)"  # noqa: S608 - our names


_FRAME = Fixed(
    text(f"""
    SELECT json_build_object(
        'story', (SELECT row_to_json(told) FROM (SELECT {", ".join(Story.model_fields)}) AS told),
        'concept', (
            SELECT row_to_json(told) FROM (
                SELECT {", ".join(Concept.model_fields)} FROM concept
                WHERE story_id = :story_id AND selected ORDER BY number LIMIT 1
            ) AS told
        ),
        'characters', {_listed(Character, "character")},
        'world', {_listed(WorldElement, "world_element")}
    )::text
    FROM story WHERE id = :story_id
""")  # noqa: S608 - names of fields
)
"""What each of the run's nodes reads: one statement, and one look at its JSON (decision 0029)."""
_OUTLINE = Fixed(
    text(f"""
    SELECT json_build_object(
        'chapters', {_listed(Chapter, "chapter")},
        'scenes', {_listed(Scene, "scene")}
    )::text
""")
)
_STORY = Fixed(select(t.story).where(t.story.c.id == bindparam("story_id")))
_TOUCHING = update(t.story).where(t.story.c.id == bindparam("story_id")).values(updated_at=func.now())
_TOUCH = Fixed(_TOUCHING)
_RETITLE = Fixed(update(t.story).where(t.story.c.id == bindparam("story_id")).values(title=bindparam("new_title")))
_CONCEPTS = Fixed(select(t.concept).where(t.concept.c.story_id == bindparam("story_id")).order_by(t.concept.c.number))
_WORLD = Fixed(
    select(t.world_element)
    .where(t.world_element.c.story_id == bindparam("story_id"))
    .order_by(t.world_element.c.number)
)
_CAST = Fixed(select(t.character).where(t.character.c.story_id == bindparam("story_id")).order_by(t.character.c.number))
_ONE, _OTHER = t.character.alias("one"), t.character.alias("other")
_TIES = Fixed(
    select(t.relationship)
    .join(_ONE, _ONE.c.id == t.relationship.c.character_id)
    .join(_OTHER, _OTHER.c.id == t.relationship.c.other_id)
    .where(t.relationship.c.story_id == bindparam("story_id"))
    .order_by(t.relationship.c.valid_from, _ONE.c.number, _OTHER.c.number, t.relationship.c.kind, t.relationship.c.id)
)
"""By what they say, and by an id only if all of that is the same: prompts are made of them."""
_SCENE = Fixed(
    select(t.scene).where(t.scene.c.story_id == bindparam("story_id"), t.scene.c.number == bindparam("number"))
)
_SCENES_BETWEEN = Fixed(
    select(t.scene)
    .where(t.scene.c.story_id == bindparam("story_id"))
    .where(t.scene.c.number > bindparam("after"), t.scene.c.number < bindparam("before"))
    .order_by(t.scene.c.number)
)
_FIXED = frozenset({"id", "story_id"})
_SAVE_SCENE = Fixed(
    update(t.scene)
    .where(t.scene.c.id == bindparam("scene_id"))
    .values({name: bindparam(name) for name in Scene.model_fields if name not in _FIXED})
)
_SAVE_CHARACTER = Fixed(
    update(t.character)
    .where(t.character.c.id == bindparam("character_id"))
    .values({name: bindparam(name) for name in Character.model_fields})
)
_SAVE_CHAPTER = Fixed(
    update(t.chapter)
    .where(t.chapter.c.id == bindparam("chapter_id"))
    .values({name: bindparam(name) for name in ("title", "summary")})
)
_TELLING = upsert(t.chapter_telling).values({name: bindparam(name) for name in ChapterTelling.model_fields})
_KEEP_TELLING = Fixed(
    _TELLING.on_conflict_do_update(
        index_elements=["chapter_id", "told_of"],
        set_={name: _TELLING.excluded[name] for name in ("plan_title", "title", "summary")},
    )
)
_TELLINGS = Fixed(select(t.chapter_telling).where(t.chapter_telling.c.story_id == bindparam("story_id")))
_FAR = select(*progress_columns()).where(t.scene.c.story_id == bindparam("story_id"))
_PROGRESS = Fixed(_FAR)
_NOTE_PROGRESS = Fixed(_FAR.add_cte(_TOUCHING.cte("touched")))
_REVISION = Fixed(select(t.revision).where(t.revision.c.id == bindparam("revision_id")))
_REVISIONS = Fixed(
    select(t.revision).where(t.revision.c.scene_id == bindparam("scene_id")).order_by(t.revision.c.number)
)
_NEWEST_REVISION = Fixed(select(func.max(t.revision.c.number)).where(t.revision.c.scene_id == bindparam("scene_id")))
_SAVE_DIGEST = Fixed(
    update(t.revision).where(t.revision.c.id == bindparam("revision_id")).values(digest=bindparam("digest"))
)
_TOLD = Fixed(
    select(
        t.scene.c.number,
        t.scene.c.brief["target_words"].as_integer().label("target"),
        t.revision.c.words,
        t.revision.c.text,
    )
    .join(t.revision, t.revision.c.id == t.scene.c.revision_id)
    .where(t.scene.c.story_id == bindparam("story_id"), t.scene.c.status == SceneStatus.APPROVED)
    .order_by(t.scene.c.number)
)
_DIGESTS = Fixed(
    select(t.scene.c.number, t.revision.c.digest)
    .join(t.revision, t.revision.c.id == t.scene.c.revision_id)
    .where(t.scene.c.story_id == bindparam("story_id"), t.scene.c.number < bindparam("before"))
    .where(t.scene.c.status == SceneStatus.APPROVED, t.revision.c.digest.is_not(None))
    .order_by(t.scene.c.number)
)
_THREADS_BEFORE = """
    SELECT number, planted, paid_off
    FROM scene AS earlier, coalesce(brief -> 'plants', '[]') AS planted, coalesce(brief -> 'payoffs', '[]') AS paid_off
    WHERE story_id = :story_id AND earlier.number < :number AND (planted <> '[]' OR paid_off <> '[]')
    ORDER BY number
"""
_THREADS = Fixed(text(_THREADS_BEFORE))
_AT_WORK = Fixed(
    text(f"""
    SELECT json_build_object(
        'scene', (SELECT row_to_json(told) FROM (SELECT {", ".join(Scene.model_fields)}) AS told),
        'revisions', (
            SELECT coalesce(json_agg(told ORDER BY told.number), '[]')
            FROM (SELECT {", ".join(Revision.model_fields)} FROM revision WHERE scene_id = at_work.id) AS told
        ),
        'threads', (SELECT coalesce(json_agg(told ORDER BY told.number), '[]') FROM ({_THREADS_BEFORE}) AS told)
    )::text
    FROM scene AS at_work WHERE story_id = :story_id AND number = :number
""")  # noqa: S608 - names of fields
)
"""What a scene is begun with: one statement, and one look at its JSON."""


class StoryCard(Value):
    """A story as a library shows it."""

    id: UUID
    title: str
    premise: str
    language: str
    origin: str
    created_at: datetime
    updated_at: datetime
    chapters: int
    scenes: int
    scenes_planned: int
    words: int
    run_id: UUID | None
    run_status: str | None


class StoryProgress(Value):
    """How much of a story is written."""

    scenes: int
    scenes_planned: int
    words: int


class PlannedThreads(Value):
    """The questions that the plan of a scene opens, and those it answers."""

    number: int
    planted: tuple[str, ...]
    paid_off: tuple[str, ...]

    @property
    def digest(self) -> tuple[int, SceneDigest]:
        """The same as (scene number, what is read out of a text)."""
        return self.number, SceneDigest(summary="", planted=self.planted, paid_off=self.paid_off)


class SceneAtWork(Value):
    """A scene with its texts, the first one first, and the threads of the plan before it."""

    scene: Scene
    revisions: tuple[Revision, ...]
    threads: tuple[PlannedThreads, ...]


class Stories:
    """Everything a reader or a planner asks of a story."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, story: Story) -> None:
        """Keep a new story."""
        await add_all(self._connection, t.story, [story])

    async def load(self, story_id: UUID) -> Story:
        """Read a story, or raise NotFound."""
        story = await fetch_one(self._connection, _STORY, Story, story_id=story_id)
        if story is None:
            raise _not_found(story_id)
        return story

    async def load_frame(self, story_id: UUID) -> StoryFrame:
        """Read what holds for the whole story: premise, concept, cast and world; or raise NotFound."""
        told = await _FRAME.scalar(self._connection, story_id=story_id)
        if told is None:
            raise _not_found(story_id)
        return StoryFrame.model_validate_json(told)

    async def retitle(self, story_id: UUID, title: str) -> None:
        """Give a story its title."""
        await _RETITLE.run(self._connection, story_id=story_id, new_title=title)

    async def touch(self, story_id: UUID) -> None:
        """Note that something in the story changed."""
        await _TOUCH.run(self._connection, story_id=story_id)

    async def find_import(self, digest: str) -> UUID | None:
        """Find the story that an import of this manuscript has begun and not ended."""
        unfinished = t.unfinished_import.c
        return await self._connection.scalar(select(unfinished.story_id).where(unfinished.digest == digest))

    async def begin_import(self, digest: str, story_id: UUID) -> UUID:
        """Note that a manuscript is being imported; answers with the story it becomes, another's who was first."""
        alive = {"alive_until": func.now() + IMPORT_LIVES}
        begun = upsert(t.unfinished_import).values(digest=digest, story_id=story_id, **alive)
        begun = begun.on_conflict_do_update(index_elements=["digest"], set_=alive)
        first: UUID = (await self._connection.execute(begun.returning(t.unfinished_import.c.story_id))).scalar_one()
        return first

    async def keep_import_alive(self, story_id: UUID) -> None:
        """Say that somebody is at work on a story's import, so that nobody else makes its vectors too."""
        mine = update(t.unfinished_import).where(t.unfinished_import.c.story_id == story_id)
        await self._connection.execute(mine.values(alive_until=func.now() + IMPORT_LIVES))

    async def end_import(self, story_id: UUID) -> None:
        """Note that a story's import is done: the same manuscript makes another story from now on."""
        mine = t.unfinished_import.c.story_id == story_id
        await self._connection.execute(delete(t.unfinished_import).where(mine))

    async def remove(self, story_id: UUID) -> None:
        """Delete a story with everything that belongs to it."""
        await self._connection.execute(delete(t.story).where(t.story.c.id == story_id))

    async def list_cards(
        self,
        limit: int = 100,
        offset: int = 0,
        *,
        words: str = "",
        status: RunStatus | Origin | None = None,
        tried: bool | None = None,
    ) -> list[StoryCard]:
        """List stories as a library shows them, the latest first; narrowed as in ``count_cards``."""
        wanted = _wanted(select(t.story), words, status, tried)
        newest = wanted.order_by(t.story.c.updated_at.desc(), t.story.c.id).limit(limit).offset(offset)
        page = newest.subquery("page")
        scenes = select(*progress_columns()).where(t.scene.c.story_id == page.c.id).lateral("scenes")
        chapters = select(func.count().label("chapters")).where(t.chapter.c.story_id == page.c.id).lateral("chapters")
        last_run = (
            select(t.run.c.id.label("run_id"), t.run.c.status.label("run_status"))
            .where(t.run.c.story_id == page.c.id)
            .order_by(t.run.c.created_at.desc())
            .limit(1)
            .lateral("last_run")
        )
        joined = page.join(scenes, true()).join(chapters, true()).outerjoin(last_run, true())
        query = select(page, scenes, chapters, last_run).select_from(joined)
        ordered = query.order_by(page.c.updated_at.desc(), page.c.id)
        return await fetch_all(self._connection, ordered, StoryCard)

    async def list_titles(self, limit: int) -> dict[UUID, str]:
        """List the titles of stories that are no experiment's, the latest first."""
        story = t.story.c
        query = select(story.id, story.title).where(~_is_tried(story.id))
        newest = query.order_by(story.updated_at.desc(), story.id).limit(limit)
        return {row.id: row.title for row in await self._connection.execute(newest)}

    async def measure_library(self) -> tuple[int, int]:
        """Count all stories that are no experiment's, and all words written in them."""
        words = select(func.coalesce(func.sum(t.scene.c.words), 0)).where(t.scene.c.status == SceneStatus.APPROVED)
        words = words.where(~_is_tried(t.scene.c.story_id))
        stories = select(func.count(), words.scalar_subquery()).select_from(t.story).where(~_is_tried(t.story.c.id))
        row = (await self._connection.execute(stories)).one()
        return row[0], row[1]

    async def count_cards(
        self, *, words: str = "", status: RunStatus | Origin | None = None, tried: bool | None = None
    ) -> int:
        """Count stories: those with every one of ``words`` in title or premise, and with this latest status.

        ``Origin.IMPORTED`` as status means: imported, and never run. ``tried``: only those of experiments, or none.
        """
        query = _wanted(select(func.count()).select_from(t.story), words, status, tried)
        return await self._connection.scalar(query) or 0

    # --- the plan

    async def add_concepts(self, concepts: Sequence[Concept]) -> None:
        """Keep candidate concepts."""
        await add_all(self._connection, t.concept, concepts)

    async def list_concepts(self, story_id: UUID) -> list[Concept]:
        """List the candidate concepts by number."""
        return await fetch_all(self._connection, _CONCEPTS, Concept, story_id=story_id)

    async def select_concept(self, concept: Concept) -> None:
        """Make this the one selected concept of its story."""
        chosen = t.concept.c.id == concept.id
        of_story = t.concept.c.story_id == concept.story_id
        await self._connection.execute(update(t.concept).where(of_story).values(selected=chosen))

    async def add_world(self, elements: Sequence[WorldElement]) -> None:
        """Keep world elements."""
        await add_all(self._connection, t.world_element, elements)

    async def save_world_element(self, element: WorldElement) -> None:
        """Write something in the world as it now is."""
        which = t.world_element.c.id == element.id
        await self._connection.execute(update(t.world_element).where(which).values(**row_of(element)))

    async def replace_world(self, story_id: UUID, elements: Sequence[WorldElement]) -> None:
        """Let these be all the world elements of a story."""
        await self._connection.execute(delete(t.world_element).where(t.world_element.c.story_id == story_id))
        await self.add_world(elements)

    async def list_world(self, story_id: UUID) -> list[WorldElement]:
        """List the world elements by number."""
        return await fetch_all(self._connection, _WORLD, WorldElement, story_id=story_id)

    async def add_characters(self, characters: Sequence[Character]) -> None:
        """Keep members of the cast."""
        await add_all(self._connection, t.character, characters)

    async def save_characters(self, characters: Sequence[Character]) -> None:
        """Write members of the cast as they now are."""
        for character in characters:
            await _SAVE_CHARACTER.run(self._connection, **row_of(character), character_id=character.id)

    async def list_characters(self, story_id: UUID) -> list[Character]:
        """List the cast by number."""
        return await fetch_all(self._connection, _CAST, Character, story_id=story_id)

    async def add_relationships(self, relationships: Sequence[Relationship]) -> None:
        """Keep relationships between members of the cast."""
        await add_all(self._connection, t.relationship, relationships)

    async def list_relationships(self, story_id: UUID) -> list[Relationship]:
        """List all relationships of the cast: from scene to scene, and in the order of the cast."""
        return await fetch_all(self._connection, _TIES, Relationship, story_id=story_id)

    async def end_relationship(self, relationship_id: UUID, scene_number: int | None) -> None:
        """Let a relationship hold to the end of a scene; None: it holds on."""
        tie = t.relationship
        await self._connection.execute(update(tie).where(tie.c.id == relationship_id).values(valid_to=scene_number))

    async def remove_relationship(self, relationship_id: UUID) -> None:
        """Remove a relationship."""
        await self._connection.execute(delete(t.relationship).where(t.relationship.c.id == relationship_id))

    async def add_outline(self, outline: Outline) -> None:
        """Keep chapters and scenes."""
        planned = [c.model_copy(update={"plan_title": c.plan_title or c.title}) for c in outline.chapters]
        await add_all(self._connection, t.chapter, planned)
        await add_all(self._connection, t.scene, outline.scenes)

    async def load_outline(self, story_id: UUID) -> Outline:
        """Read chapters and scenes in story order; both are empty before the outline exists."""
        return Outline.model_validate_json(await _OUTLINE.scalar(self._connection, story_id=story_id))

    async def save_chapter(self, chapter: Chapter) -> None:
        """Write a chapter's title and summary."""
        told = {"title": chapter.title, "summary": chapter.summary}
        await _SAVE_CHAPTER.run(self._connection, **told, chapter_id=chapter.id)

    async def keep_tellings(self, tellings: Sequence[ChapterTelling]) -> None:
        """Keep what chapters are called and how they are summed up; of two that are of the same, the newer."""
        for telling in tellings:
            await _KEEP_TELLING.run(self._connection, **row_of(telling))

    async def list_tellings(self, story_id: UUID) -> list[ChapterTelling]:
        """List the titles and summaries that the chapters of a story have had, and of what they were made."""
        return await fetch_all(self._connection, _TELLINGS, ChapterTelling, story_id=story_id)

    # --- the text

    async def load_scene(self, story_id: UUID, number: int) -> Scene:
        """Read a scene by its number in the story, or raise NotFound."""
        scene = await fetch_one(self._connection, _SCENE, Scene, story_id=story_id, number=number)
        if scene is None:
            raise NotFound(f"The story has no scene {number}.")
        return scene

    async def list_scenes(self, story_id: UUID, *, after: int, before: int) -> list[Scene]:
        """List the scenes between two numbers, both left out."""
        return await fetch_all(self._connection, _SCENES_BETWEEN, Scene, story_id=story_id, after=after, before=before)

    async def save_scene(self, scene: Scene) -> None:
        """Write a scene as it now is."""
        row = {name: value for name, value in row_of(scene).items() if name not in _FIXED}
        await _SAVE_SCENE.run(self._connection, **row, scene_id=scene.id)

    async def reopen_scenes(self, story_id: UUID, after: int) -> None:
        """Let all scenes after scene ``after`` wait to be written, and their chapters to be put together, again.

        Their texts are kept; what was read out of these texts is not.
        """
        scene, revision, chapter = t.scene.c, t.revision.c, t.chapter.c
        later = (scene.story_id == story_id) & (scene.number > after)
        of_later = revision.scene_id.in_(select(scene.id).where(later))
        await self._connection.execute(update(t.revision).where(of_later).values(digest=None))
        touched = chapter.id.in_(select(scene.chapter_id).where(later))
        await self._connection.execute(update(t.chapter).where(touched).values(title=chapter.plan_title, summary=""))
        queued = {"status": SceneStatus.QUEUED, "revision_id": None, "summary": "", "words": 0}
        await self._connection.execute(update(t.scene).where(later).values(**queued))

    async def measure_progress(self, story_id: UUID) -> StoryProgress:
        """Count what is written and what is planned."""
        return StoryProgress.of((await _PROGRESS.rows(self._connection, story_id=story_id))[0])

    async def note_progress(self, story_id: UUID) -> StoryProgress:
        """Touch the story, and count what is written and what is planned."""
        return StoryProgress.of((await _NOTE_PROGRESS.rows(self._connection, story_id=story_id))[0])

    async def add_revision(self, revision: Revision) -> None:
        """Keep a new text of a scene."""
        await add_all(self._connection, t.revision, [revision])

    async def add_revisions(self, revisions: Sequence[Revision]) -> None:
        """Keep many new texts at once."""
        await add_all(self._connection, t.revision, revisions)

    async def load_revision(self, revision_id: UUID) -> Revision:
        """Read a revision, or raise NotFound."""
        revision = await fetch_one(self._connection, _REVISION, Revision, revision_id=revision_id)
        if revision is None:
            raise NotFound(f"There is no revision {revision_id}.")
        return revision

    async def save_digest(self, revision: Revision) -> None:
        """Write what was read out of a text beside it."""
        digest = revision.digest.model_dump(mode="json") if revision.digest else None
        await _SAVE_DIGEST.run(self._connection, revision_id=revision.id, digest=digest)

    async def list_revisions(self, scene_id: UUID) -> list[Revision]:
        """List the texts of a scene, the first one first."""
        return await fetch_all(self._connection, _REVISIONS, Revision, scene_id=scene_id)

    async def newest_revision(self, scene_id: UUID) -> int:
        """The number of a scene's newest text, 0 without one; a forked scene has not all that came before."""
        return await _NEWEST_REVISION.scalar(self._connection, scene_id=scene_id) or 0

    async def list_told(self, story_id: UUID) -> list[tuple[int, int, int, str]]:
        """List (scene number, words its brief wants, words, text) of the approved scenes in story order."""
        rows = await _TOLD.tuples(self._connection, story_id=story_id)
        return [(number, target or 0, words, told) for number, target, words, told in rows]

    async def list_digests(self, story_id: UUID, before: int) -> list[tuple[int, SceneDigest]]:
        """List (scene number, digest) of the approved scenes before scene ``before``, in story order."""
        rows = await _DIGESTS.rows(self._connection, story_id=story_id, before=before)
        return [(row["number"], SceneDigest.model_validate(row["digest"])) for row in rows]

    async def list_threads(self, story_id: UUID, before: int) -> list[tuple[int, SceneDigest]]:
        """List (scene number, what its plan opens and answers) of the scenes before ``before``, in story order."""
        found = await fetch_all(self._connection, _THREADS, PlannedThreads, story_id=story_id, number=before)
        return [threads.digest for threads in found]

    async def load_at_work(self, story_id: UUID, number: int) -> SceneAtWork:
        """Read all that writing a scene begins with, or raise NotFound."""
        told = await _AT_WORK.scalar(self._connection, story_id=story_id, number=number)
        if told is None:
            raise NotFound(f"The story has no scene {number}.")
        return SceneAtWork.model_validate_json(told)

    async def load_manuscript(self, story_id: UUID) -> Manuscript:
        """Read the story as a reader meets it; a scene without text has the empty text."""
        story = await self.load(story_id)
        outline = await self.load_outline(story_id)
        texts = await self._texts(story_id)
        chapters = tuple(
            ManuscriptChapter(
                number=chapter.number,
                title=chapter.title,
                scenes=tuple(
                    ManuscriptScene(
                        number=scene.number,
                        title=scene.title,
                        status=scene.status,
                        text=texts.get(scene.id, ""),
                        words=scene.words if scene.id in texts else 0,
                        revision_id=scene.revision_id,
                    )
                    for scene in outline.scenes
                    if scene.chapter_id == chapter.id
                ),
            )
            for chapter in outline.chapters
        )
        return Manuscript(
            story_id=story.id,
            title=story.title,
            premise=story.premise,
            language=story.language,
            origin=story.origin,
            chapters=chapters,
        )

    async def _texts(self, story_id: UUID) -> dict[UUID, str]:
        query = (
            select(t.scene.c.id, t.revision.c.text)
            .join(t.revision, t.revision.c.id == t.scene.c.revision_id)
            .where(t.scene.c.story_id == story_id)
        )
        return {row.id: row.text for row in await self._connection.execute(query)}


def _not_found(story_id: UUID) -> NotFound:
    return NotFound(f"There is no story {story_id}: `chorus stories` lists them.")


def _is_tried(story_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a story was written for an experiment, or holds a plan for one."""
    return or_(
        exists().where(t.trial.c.story_id == story_id).correlate_except(t.trial),
        exists().where(t.trial_plan.c.story_id == story_id).correlate_except(t.trial_plan),
    )


def _wanted[*Ts](
    stories: Select[*Ts], words: str, status: RunStatus | Origin | None, tried: bool | None
) -> Select[*Ts]:
    story = t.story.c
    if tried is not None:
        stories = stories.where(_is_tried(story.id) if tried else ~_is_tried(story.id))
    for word in words.split()[:MOST_SEARCH_WORDS]:
        stories = stories.where(
            or_(story.title.icontains(word, autoescape=True), story.premise.icontains(word, autoescape=True))
        )
    if status is None:
        return stories
    latest = select(t.run.c.status).where(t.run.c.story_id == story.id).order_by(t.run.c.created_at.desc()).limit(1)
    if isinstance(status, Origin):
        return stories.where(story.origin == status, latest.scalar_subquery().is_(None))
    return stories.where(latest.scalar_subquery() == status)
