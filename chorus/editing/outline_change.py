"""What a draft of an outline means for a story: pure, so that it can be shown before it is done.

What is written is not touched by the way: a written scene whose plan or place would change, or that would go, is named,
and is written again only for whoever asks for it.
"""

from collections.abc import Sequence

from chorus.agents.names import match
from chorus.agents.outline import linked
from chorus.domain.outline_draft import OutlineDraft, SceneDraft, scene_draft
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief
from chorus.domain.value import Value
from chorus.errors import Conflict, InvalidInput

MOST_SCENES = 500
_PLAN = frozenset(SceneDraft.model_fields) - {"number", "title", "locked", "entry"}


class OutlineChange(Value):
    """The outline that a draft makes, and what it does: numbers as they were before, ``added`` as they are now.

    ``touched`` are the written scenes that would have to be written again.
    """

    outline: Outline
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    retitled: tuple[int, ...] = ()
    locked: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not any((self.added, self.removed, self.moved, self.edited, self.retitled, self.locked))

    @property
    def words(self) -> str:
        """Say it in a line."""
        told = [
            f"{name} {_numbers(scenes)}"
            for name, scenes in (
                ("added", self.added),
                ("removed", self.removed),
                ("moved", self.moved),
                ("edited", self.edited),
                ("renamed", self.retitled),
                ("locked or unlocked", self.locked),
            )
            if scenes
        ]
        return f"Scenes {'; '.join(told)}." if told else "Nothing but chapters changed."


def change_outline(outline: Outline, wanted: OutlineDraft, words: int, cast: Sequence[str] = ()) -> OutlineChange:
    """Make the outline that is wanted; ``words``: the target of a scene that names none; ``cast``: who may be meant.

    Raises:
        InvalidInput: there is no scene, a number is named twice or is nobody's, or nothing happens in a scene.
        Conflict: a locked scene would change or go.
    """
    _refuse_nonsense(outline, wanted)
    wanted = _named(wanted, cast)
    known = {scene.number: scene for scene in outline.scenes}
    chapters = _chapters(outline, wanted)
    scenes: list[Scene] = []
    for chapter, drafted in zip(chapters, wanted.chapters, strict=True):
        for draft in drafted.scenes:
            scenes.append(_scene(chapter, len(scenes) + 1, draft, known.get(draft.number or 0), words))
    made = Outline(chapters=tuple(_unsettled(outline, chapters, scenes)), scenes=_joined(outline, wanted, scenes))
    change = _compared(outline, made)
    _refuse_locked(outline, wanted, change)
    return change


def _refuse_nonsense(outline: Outline, wanted: OutlineDraft) -> None:
    numbers = [scene.number for scene in wanted.scenes if scene.number]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    strange = sorted(set(numbers) - {scene.number for scene in outline.scenes})
    empty = [place for place, scene in enumerate(wanted.scenes, 1) if not scene.purpose.strip() and not scene.number]
    if not 1 <= len(wanted.scenes) <= MOST_SCENES:
        raise InvalidInput(f"The outline has {len(wanted.scenes)} scenes: it needs from 1 to {MOST_SCENES}.")
    if twice:
        raise InvalidInput(f"Scene {_numbers(twice)} is there twice: a new scene has + in place of a number.")
    if strange:
        raise InvalidInput(f"There is no scene {_numbers(strange)}: a new scene has + in place of a number.")
    if empty:
        raise InvalidInput(f"Nothing happens in scene {_numbers(empty)}: say it in a sentence.")


def _refuse_locked(outline: Outline, wanted: OutlineDraft, change: OutlineChange) -> None:
    freed = {scene.number for scene in wanted.scenes if scene.number and not scene.locked}
    kept = [scene.number for scene in outline.scenes if scene.locked and scene.number not in freed]
    held = [number for number in kept if number in (*change.removed, *change.edited)]
    if held:
        raise Conflict(f"Scene {_numbers(held)} is locked: unlock it before it is changed or removed.")


def _named(wanted: OutlineDraft, cast: Sequence[str]) -> OutlineDraft:
    """Call everybody by the name the cast knows; whom it does not know keeps the name, for the lint to see."""
    chapters = [
        chapter.model_copy(update={"scenes": tuple(_cast_of(scene, cast) for scene in chapter.scenes)})
        for chapter in wanted.chapters
    ]
    return OutlineDraft(chapters=tuple(chapters))


def _cast_of(scene: SceneDraft, cast: Sequence[str]) -> SceneDraft:
    names = dict.fromkeys(match(name, cast) or name for name in scene.cast)
    return scene.model_copy(update={"cast": tuple(names)})


def _chapters(outline: Outline, wanted: OutlineDraft) -> list[Chapter]:
    known = {chapter.number: chapter for chapter in outline.chapters}
    story_id = (outline.chapters or outline.scenes)[0].story_id
    chapters: list[Chapter] = []
    for number, draft in enumerate(wanted.chapters, 1):
        before = known.pop(draft.number or 0, None)
        title = draft.title.strip() or (before.title if before else f"Chapter {number}")
        if before is None:
            chapters.append(Chapter(story_id=story_id, number=number, title=title, plan_title=title))
        elif title == before.title:
            chapters.append(before.model_copy(update={"number": number}))
        else:
            chapters.append(before.model_copy(update={"number": number, "title": title, "plan_title": title}))
    return chapters


def _unsettled(outline: Outline, chapters: Sequence[Chapter], scenes: Sequence[Scene]) -> list[Chapter]:
    """Chapters that hold other scenes than before are summed up again when they are finished."""
    return [
        chapter
        if _held(outline.scenes, chapter) == _held(scenes, chapter)
        else chapter.model_copy(update={"summary": ""})
        for chapter in chapters
    ]


def _held(scenes: Sequence[Scene], chapter: Chapter) -> list[object]:
    return [scene.id for scene in scenes if scene.chapter_id == chapter.id]


def _scene(chapter: Chapter, number: int, draft: SceneDraft, before: Scene | None, words: int) -> Scene:
    if before is None:
        brief = _briefed(SceneBrief(purpose="", target_words=words), draft)
        title = draft.title.strip() or f"Scene {number}"
        return Scene(
            story_id=chapter.story_id,
            chapter_id=chapter.id,
            number=number,
            title=title,
            brief=brief,
            locked=draft.locked,
        )
    changes = {
        "chapter_id": chapter.id,
        "number": number,
        "title": draft.title.strip() or before.title,
        "locked": draft.locked,
        "brief": _briefed(before.brief, draft),
    }
    return before.model_copy(update=changes)


def _briefed(before: SceneBrief, draft: SceneDraft) -> SceneBrief:
    wanted = {name: value for name, value in draft if name in _PLAN}
    wanted["target_words"] = draft.target_words or before.target_words
    wanted["purpose"] = draft.purpose.strip() or before.purpose
    return SceneBrief.model_validate({**dict(before), **wanted})


def _joined(outline: Outline, wanted: OutlineDraft, scenes: Sequence[Scene]) -> tuple[Scene, ...]:
    """Let each scene begin where it should; a written one whose own plan is as it was keeps its whole brief."""
    before = {scene.id: scene for scene in outline.scenes}
    joined = []
    for draft, scene in zip(wanted.scenes, linked(scenes), strict=True):
        old = before.get(scene.id)
        chosen = draft.entry or scene.number == 1
        brief = scene.brief.model_copy(update={"entry": draft.entry}) if chosen else scene.brief
        if old and old.revision_id and _plan(old.brief) == _plan(brief):
            brief = old.brief
        joined.append(scene.model_copy(update={"brief": brief}))
    return tuple(joined)


def _compared(outline: Outline, made: Outline) -> OutlineChange:
    before, now = {s.id: s for s in outline.scenes}, {s.id: s for s in made.scenes}
    kept = [(scene, now[scene.id]) for scene in outline.scenes if scene.id in now]
    removed = [scene for scene in outline.scenes if scene.id not in now]
    moved = [old for old, new in kept if old.number != new.number]
    edited = [old for old, new in kept if _plan(old.brief) != _plan(new.brief)]
    touched = {scene.number for scene in (*removed, *moved, *edited) if scene.revision_id}
    return OutlineChange(
        outline=made,
        added=tuple(scene.number for scene in made.scenes if scene.id not in before),
        removed=tuple(scene.number for scene in removed),
        moved=tuple(scene.number for scene in moved),
        edited=tuple(scene.number for scene in edited),
        retitled=tuple(old.number for old, new in kept if old.title != new.title),
        locked=tuple(old.number for old, new in kept if old.locked != new.locked),
        touched=tuple(sorted(touched)),
    )


def first_touched(change: OutlineChange, outline: Outline) -> int:
    """The first place in the story from which on it must be written again: of what changed, before and after."""
    ids = {scene.id: scene.number for scene in change.outline.scenes}
    places = [ids.get(scene.id, scene.number) for scene in outline.scenes if scene.number in change.touched]
    return min((*change.touched, *places, *change.added))


def first_changed(before: Outline, after: Outline) -> int:
    """The first place in the story at which another scene stands, or the same one with another plan."""
    pairs = zip(before.scenes, after.scenes, strict=False)
    same = [one.id == other.id and _plan(one.brief) == _plan(other.brief) for one, other in pairs]
    return same.index(False) + 1 if False in same else len(same) + 1


def restored(version: Outline, today: Outline) -> OutlineDraft:
    """Write an earlier outline down as a draft of today's: scenes that are still there keep being themselves."""
    numbers = {scene.id: scene.number for scene in today.scenes}
    chapters = {chapter.id: chapter.number for chapter in today.chapters}
    before = dict(zip((scene.id for scene in version.scenes[1:]), version.scenes, strict=False))
    drafted = [
        {
            "number": chapters.get(chapter.id),
            "title": chapter.title,
            "scenes": [
                scene_draft(scene, before.get(scene.id)).model_copy(update={"number": numbers.get(scene.id)})
                for scene in version.scenes
                if scene.chapter_id == chapter.id
            ],
        }
        for chapter in version.chapters
    ]
    return OutlineDraft.model_validate({"chapters": drafted})


def _plan(brief: SceneBrief) -> dict[str, object]:
    return {name: value for name, value in brief if name in _PLAN}


def _numbers(numbers: Sequence[int]) -> str:
    """Name numbers in a line; three and more in a row as a range."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and number == rows[-1][-1] + 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    return ", ".join(f"{row[0]}–{row[-1]}" if len(row) > 2 else ", ".join(map(str, row)) for row in rows)
