"""A story that shares another one's beginning and goes its own way from there: a copy of the rows, not of the answers.

The recorded answers of the story it comes from hold for it too, so what is asked again unchanged costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chorus.domain.canon import Fact, Finding, Memory
from chorus.domain.run import Run, RunSettings, Stage
from chorus.domain.story import Chapter, CharacterState, Outline, Revision, Scene, SceneStatus, Story
from chorus.domain.ties import without
from chorus.domain.value import Value, new_id
from chorus.domain.value import now as this_moment
from chorus.editing.quiet import hold_still
from chorus.errors import InvalidInput
from chorus.store import Transaction


class Fork(Value):
    """A forked story, and the run that will go on with it; None if everything that is planned is written."""

    story: Story
    run: Run | None


@dataclass
class _Ids:
    """New ids for old ones; the same old one always gets the same new one."""

    new: dict[UUID, UUID]

    def of(self, old: UUID) -> UUID:
        return self.new.setdefault(old, new_id())

    def copy[V: Value](self, row: V, **changes: object) -> V:
        """A row with every id in it exchanged for that of its copy, and some changes."""
        ids = {name: self.of(value) for name, value in row if isinstance(value, UUID)}
        return row.model_copy(update={**ids, **changes})


async def fork(
    tx: Transaction,
    story_id: UUID,
    after: int,
    chosen: dict[str, Any],
    title: str = "",
    *,
    borrow: bool = True,
) -> Fork:
    """Copy a story as it stands at the end of scene ``after`` (0: only its plan), to go on with other settings.

    ``borrow`` False: nothing that was answered there is replayed here.

    Raises:
        NotFound: there is no such story.
        InvalidInput: it has no such scene, or not all scenes up to it are written.
        Conflict: it is being written.
    """
    await hold_still(tx, story_id)
    old = await tx.stories.load(story_id)
    outline = await tx.stories.load_outline(story_id)
    _check(outline, after)
    ids = _Ids({})
    outline = _without_unplanned(outline, after)
    story = old.model_copy(
        update={
            "id": ids.of(old.id),
            "title": title.strip()[:200] or old.title,
            "ancestors": (old.id, *old.ancestors) if borrow else (),
            "forked_after": after,
            "created_at": this_moment(),
            "updated_at": this_moment(),
        }
    )
    await tx.stories.add(story)
    await _copy_plan(tx, ids, old.id, outline, after)
    await _copy_canon(tx, ids, old.id, [scene for scene in outline.scenes if scene.number <= after])
    return Fork(story=story, run=await _run_of(tx, ids, old.id, outline, after, chosen))


def _check(outline: Outline, after: int) -> None:
    if not outline.scenes:
        raise InvalidInput("The story has no plan yet: there is nothing to fork.")
    if not 0 <= after <= len(outline.scenes):
        raise InvalidInput(f"The story has {len(outline.scenes)} scenes: choose a scene from 0 to that.")
    if missing := [scene.number for scene in outline.scenes if scene.number <= after and scene.revision_id is None]:
        raise InvalidInput(f"Scene {missing[0]} is not written yet: fork before it.")


def _without_unplanned(outline: Outline, after: int) -> Outline:
    """The outline without the later scenes that were never planned but imported: nobody could write them again."""
    scenes = tuple(scene for scene in outline.scenes if scene.number <= after or scene.brief.purpose)
    held = {scene.chapter_id for scene in scenes}
    return Outline(chapters=tuple(c for c in outline.chapters if c.id in held), scenes=scenes)


async def _copy_plan(tx: Transaction, ids: _Ids, old_id: UUID, outline: Outline, after: int) -> None:
    await tx.stories.add_concepts([ids.copy(concept) for concept in await tx.stories.list_concepts(old_id)])
    await tx.stories.add_world([ids.copy(element) for element in await tx.stories.list_world(old_id)])
    met = [c for c in await tx.stories.list_characters(old_id) if c.first_scene is None or c.first_scene <= after]
    await tx.stories.add_characters([ids.copy(character) for character in met])
    reopened = {scene.chapter_id for scene in outline.scenes if scene.number > after}
    chapters = tuple(ids.copy(_chapter(chapter, reopened)) for chapter in outline.chapters)
    scenes = tuple(ids.copy(_scene(scene, after)) for scene in outline.scenes)
    await tx.stories.add_outline(Outline(chapters=chapters, scenes=scenes))
    tellings = [each for each in await tx.stories.list_tellings(old_id) if each.chapter_id not in reopened]
    kept = {chapter.id for chapter in outline.chapters}
    await tx.stories.keep_tellings([ids.copy(each) for each in tellings if each.chapter_id in kept])


def _chapter(chapter: Chapter, reopened: set[UUID]) -> Chapter:
    if chapter.id not in reopened:
        return chapter
    return chapter.model_copy(update={"title": chapter.plan_title or chapter.title, "summary": ""})


def _scene(scene: Scene, after: int) -> Scene:
    if scene.number <= after:
        return scene
    return scene.model_copy(
        update={"status": SceneStatus.QUEUED, "revision_id": None, "summary": "", "words": 0, "locked": False}
    )


async def _copy_canon(tx: Transaction, ids: _Ids, old_id: UUID, scenes: Sequence[Scene]) -> None:
    """Copy the texts that hold, with all that was read out of them."""
    after = max((scene.number for scene in scenes), default=0)
    texts = {scene.revision_id for scene in scenes if scene.revision_id}
    revisions: list[Revision] = [await tx.stories.load_revision(text) for text in texts]
    await tx.stories.add_revisions([ids.copy(r, parent_id=None, run_id=None, call_id=r.call_id) for r in revisions])
    facts: list[Fact] = [
        f for f in await tx.history.list_all_facts(old_id) if f.revision_id is None or f.revision_id in texts
    ]
    await tx.canon.add_facts([ids.copy(_as_of(fact, after) if fact.aspect else fact) for fact in facts])
    states: list[CharacterState] = await tx.history.list_all_states(old_id)
    known = {character.id for character in await tx.stories.list_characters(ids.of(old_id))}
    kept = [ids.copy(s) for s in states if s.revision_id is None or s.revision_id in texts]
    await tx.canon.add_states([state for state in kept if state.character_id in known])
    findings: list[Finding] = await tx.canon.list_findings(old_id)
    await tx.canon.add_findings([ids.copy(f, run_id=None) for f in findings if f.revision_id in texts])
    ties = await tx.stories.list_relationships(old_id)
    gone = {tie.id for tie in ties if tie.revision_id and tie.revision_id not in texts}
    both = [tie for tie in without(ties, gone) if {ids.of(tie.character_id), ids.of(tie.other_id)} <= known]
    await tx.stories.add_relationships([ids.copy(tie) for tie in both])
    memories: list[Memory] = await tx.memories.list_of(old_id)
    await tx.memories.add([ids.copy(_as_of(memory, after)) for memory in memories if memory.scene_number <= after])
    await tx.memories.copy_vectors(old_id, ids.of(old_id))


def _as_of[V: (Fact, Memory)](known: V, after: int) -> V:
    """What is known without the end that only a later scene has put to it."""
    ended_later = known.valid_to is not None and known.valid_to >= after
    return known.model_copy(update={"valid_to": None}) if ended_later else known


async def _run_of(
    tx: Transaction, ids: _Ids, old_id: UUID, outline: Outline, after: int, chosen: dict[str, Any]
) -> Run | None:
    """The run that writes the rest, with the settings and the take of the one that wrote the story so far."""
    if after == len(outline.scenes):
        return None
    before = next((run for run in await tx.runs.list_to_change(old_id) if run.settings.writes_story), None)
    asked = before.settings if before else RunSettings()
    changed = {**asked.model_dump(), **chosen, "scenes": len(outline.scenes), "redo": None, "read_canon": False}
    run = Run(
        story_id=ids.of(old_id),
        settings=RunSettings.model_validate(changed),
        stage=Stage.SCENES,
        take=before.take if before else 0,
    )
    await tx.runs.add(run)
    return run
