"""What a draft of an outline means for a story: pure, so that it can be shown before it is done.

No text is touched by the way: a written scene whose plan would change keeps its text until somebody has it written
again, and one that would move or go is named, for the story to be taken back to before it if that is wanted.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from chorus.agents.names import distinct, match
from chorus.agents.outline import linked
from chorus.domain.edit import FactChange, SceneUse
from chorus.domain.outline_draft import ChapterDraft, OutlineDraft, SceneDraft, draft_of
from chorus.domain.story import Chapter, Character, Outline, Scene, SceneBrief
from chorus.domain.value import Value
from chorus.domain.wording import wording_of
from chorus.errors import Conflict, InvalidInput

MOST_SCENES = 500
_PLAN = frozenset(SceneDraft.model_fields) - {"number", "title", "locked", "entry"}


class OutlineChange(Value):
    """The outline that a draft makes, and what it does: numbers as they were before, ``added`` as they are now.

    ``touched`` are the written scenes that would be planned otherwise; ``displaced`` those of them that would move or
    go, which they can only do without their texts. ``facts`` are those at stake, ``uses`` the scenes that are touched
    or were told such a fact, with the reasons.
    """

    outline: Outline
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    edited: tuple[int, ...] = ()
    retitled: tuple[int, ...] = ()
    locked: tuple[int, ...] = ()
    touched: tuple[int, ...] = ()
    displaced: tuple[int, ...] = ()
    facts: tuple[FactChange, ...] = ()
    uses: tuple[SceneUse, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not any((self.added, self.removed, self.moved, self.edited, self.retitled, self.locked))

    @property
    def redoable(self) -> tuple[int, ...]:
        """The scenes of ``uses`` that have texts and plans and are not locked: what may be written again."""
        free = {scene.number for scene in self.outline.scenes if scene.revision_id and scene.brief.purpose}
        return tuple(use.scene_number for use in self.uses if not use.locked and use.scene_number in free)

    @property
    def words(self) -> str:
        """Say it in a line."""
        told = [
            f"{name}: {_numbers(scenes)}"
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


def change_outline(
    outline: Outline, wanted: OutlineDraft, words: int, cast: Sequence[Character] = (), language: str = "English"
) -> OutlineChange:
    """Make the outline that is wanted; ``words``: the target of a scene that names none; ``cast``: who may be meant.

    Raises:
        InvalidInput: there is no scene, a number is named twice or is nobody's, or nothing happens in a scene.
        Conflict: a locked scene would change or go.
    """
    _refuse_nonsense(outline, wanted)
    wanted = _settled(outline, wanted, cast)
    known = {scene.number: scene for scene in outline.scenes}
    chapters = _chapters(outline, wanted, wording_of(language)["Chapter"])
    scenes: list[Scene] = []
    for chapter, drafted in zip(chapters, wanted.chapters, strict=True):
        for draft in drafted.scenes:
            number, before = len(scenes) + 1, known.get(draft.number or 0)
            otherwise = f"{wording_of(language)['Scene']} {number}"
            scenes.append(_scene(chapter, number, draft, before, words, otherwise))
    joined = _joined(outline, wanted, scenes)
    made = Outline(chapters=tuple(_unsettled(outline, chapters, scenes)), scenes=joined)
    change = _compared(outline, made, set(_begun_otherwise(outline, wanted)))
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
        raise InvalidInput(f"{these_are(twice)} there twice: a new scene has + in place of a number.")
    if strange:
        raise InvalidInput(f"There is no scene {_numbers(strange)}: a new scene has + in place of a number.")
    if empty:
        raise InvalidInput(f"Nothing happens in scene {_numbers(empty)}: say it in a sentence.")


def _refuse_locked(outline: Outline, wanted: OutlineDraft, change: OutlineChange) -> None:
    freed = {scene.number for scene in wanted.scenes if scene.number and not scene.locked}
    kept = [scene.number for scene in outline.scenes if scene.locked and scene.number not in freed]
    held = [number for number in kept if number in (*change.removed, *change.edited)]
    if held:
        raise Conflict(f"{these_are(held)} locked: unlock before you change or remove.")


def _settled(outline: Outline, wanted: OutlineDraft, cast: Sequence[Character]) -> OutlineDraft:
    """A draft without chapters that have been emptied, and with everybody called by the name the cast knows."""
    homes = {scene.chapter_id for scene in outline.scenes}
    held = {chapter.number for chapter in outline.chapters if chapter.id in homes}
    chapters = [
        chapter.model_copy(update={"scenes": tuple(_cast_of(scene, cast) for scene in chapter.scenes)})
        for chapter in wanted.chapters
        if chapter.scenes or (chapter.number and chapter.number not in held)
    ]
    return OutlineDraft.model_construct(chapters=tuple(chapters))


def _cast_of(scene: SceneDraft, cast: Sequence[Character]) -> SceneDraft:
    names = dict.fromkeys(_name_of(name, cast) for name in scene.cast)
    return scene.model_copy(update={"cast": tuple(filter(None, names))})


def _name_of(given: str, cast: Sequence[Character]) -> str:
    """The name of who is meant, by name or alias; whom the cast does not know keeps theirs, for the lint to see.

    Empty where nobody is named.
    """
    if any(given == character.name for character in cast):
        return given
    names = [character.name for character in cast]
    owners = {alias: character.name for character in cast for alias in character.aliases}
    found = match(given, [*names, *owners]) or match(given, names)
    return owners.get(found, found) if found else next(iter(distinct([_tidy(given)])), "")


def _chapters(outline: Outline, wanted: OutlineDraft, word: str) -> list[Chapter]:
    """The chapters that are wanted; ``word`` is what one without a title is called."""
    known = {chapter.number: chapter for chapter in outline.chapters}
    story_id = (outline.chapters or outline.scenes)[0].story_id
    return [
        _chapter(story_id, number, draft, known.pop(draft.number or 0, None), f"{word} {number}")
        for number, draft in enumerate(wanted.chapters, 1)
    ]


def _chapter(story_id: UUID, number: int, draft: ChapterDraft, before: Chapter | None, otherwise: str) -> Chapter:
    title = draft.title.strip() or (before.title if before else otherwise)
    if before is None:
        return Chapter(story_id=story_id, number=number, title=title, plan_title=title)
    renamed = {} if title == before.title else {"title": title, "plan_title": title}
    return before.model_copy(update={"number": number, **renamed})


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


def _scene(chapter: Chapter, number: int, draft: SceneDraft, before: Scene | None, words: int, otherwise: str) -> Scene:
    """The scene that a draft makes, in its place; ``otherwise``: its title if it has none."""
    if before is None:
        brief = _briefed(SceneBrief(purpose="", target_words=words), draft, words)
        return Scene(
            story_id=chapter.story_id,
            chapter_id=chapter.id,
            number=number,
            title=_tidy(draft.title) or otherwise,
            brief=brief,
            locked=draft.locked,
        )
    changes = {
        "chapter_id": chapter.id,
        "number": number,
        "title": draft.title.strip() or before.title,
        "locked": draft.locked,
        "brief": _briefed(before.brief, draft, words),
    }
    return before.model_copy(update=changes)


def _briefed(before: SceneBrief, draft: SceneDraft, words: int) -> SceneBrief:
    """The brief that a draft makes of one; what is as it was stays so to the letter."""
    wanted = {
        name: value if value == getattr(before, name) else _tidied(value) for name, value in draft if name in _PLAN
    }
    wanted["purpose"] = wanted["purpose"] or before.purpose
    wanted["target_words"] = draft.target_words or before.target_words
    brief = SceneBrief.model_validate({**dict(before), **wanted})
    if brief != before and not brief.target_words:  # imported, and planned only now
        brief = brief.model_copy(update={"target_words": words})
    return brief


def _tidied(value: object) -> object:
    """A value of a plan on one line; of several, those that say something."""
    if isinstance(value, str):
        return _tidy(value)
    return tuple(filter(None, map(_tidy, value))) if isinstance(value, tuple) else value


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _joined(outline: Outline, wanted: OutlineDraft, scenes: Sequence[Scene]) -> tuple[Scene, ...]:
    """Let each scene begin where it should.

    A written one keeps its whole brief as long as neither its own plan nor one before it changes, and if it is locked.
    """
    before = {scene.id: scene for scene in outline.scenes}
    otherwise = set(_begun_otherwise(outline, wanted))
    joined: list[Scene] = []
    as_planned = True
    for place, (draft, scene) in enumerate(zip(wanted.scenes, linked(scenes), strict=True)):
        old = before.get(scene.id)
        entry = _tidy(draft.entry)
        brief = scene.brief.model_copy(update={"entry": entry}) if entry or scene.number == 1 else scene.brief
        same = old is not None and _plan(old.brief) == _plan(brief) and old.number not in otherwise
        if old and old.revision_id and same and (as_planned or scene.locked):
            brief = old.brief
        as_planned = as_planned and same and outline.scenes[place : place + 1] == (old,)
        joined.append(scene.model_copy(update={"brief": brief}))
    return tuple(joined)


def _begun_otherwise(outline: Outline, wanted: OutlineDraft) -> Iterator[int]:
    """The scenes that are to begin elsewhere than they were, known by today's number."""
    today = {scene.number: _tidy(scene.entry) for scene in draft_of(outline).scenes}
    for scene in wanted.scenes:
        if scene.number and _tidy(scene.entry) != today[scene.number]:
            yield scene.number


def _compared(outline: Outline, made: Outline, otherwise: set[int]) -> OutlineChange:
    before, now = {s.id: s for s in outline.scenes}, {s.id: s for s in made.scenes}
    kept = [(scene, now[scene.id]) for scene in outline.scenes if scene.id in now]
    removed = [scene for scene in outline.scenes if scene.id not in now]
    moved = [old for old, new in kept if old.number != new.number]
    edited = [
        old
        for old, new in kept
        if _plan(old.brief) != _plan(new.brief) or (old.number in otherwise and old.brief.entry != new.brief.entry)
    ]
    displaced = {scene.number for scene in (*removed, *moved) if scene.revision_id}
    touched = displaced | {scene.number for scene in edited if scene.revision_id}
    return OutlineChange(
        outline=made,
        added=tuple(scene.number for scene in made.scenes if scene.id not in before),
        removed=tuple(scene.number for scene in removed),
        moved=tuple(scene.number for scene in moved),
        edited=tuple(scene.number for scene in edited),
        retitled=tuple(old.number for old, new in kept if old.title != new.title),
        locked=tuple(old.number for old, new in kept if old.locked != new.locked),
        touched=tuple(sorted(touched)),
        displaced=tuple(sorted(displaced)),
    )


def first_touched(change: OutlineChange, outline: Outline) -> int:
    """The first place in the story from which on it must be written again: of what changed, before and after."""
    ids = {scene.id: scene.number for scene in change.outline.scenes}
    places = [ids.get(scene.id, scene.number) for scene in outline.scenes if scene.number in change.touched]
    return min((*change.touched, *places, *change.added))


def first_changed(before: Outline, after: Outline) -> int:
    """The first place in the story at which another scene stands, or the same one with another brief."""
    pairs = zip(before.scenes, after.scenes, strict=False)
    same = [one.id == other.id and one.brief == other.brief for one, other in pairs]
    return same.index(False) + 1 if False in same else len(same) + 1


def restored(version: Outline, today: Outline) -> OutlineDraft:
    """Write an earlier outline down as a draft of today's.

    Scenes that are still there keep being themselves, and as locked as they are; chapters keep a title that was made
    of the one in the plan.
    """
    scenes = {scene.id: scene for scene in today.scenes}
    chapters = {chapter.id: chapter for chapter in today.chapters}

    def again(scene: SceneDraft, planned: Scene) -> SceneDraft:
        now = scenes.get(planned.id)
        return scene.model_copy(update={"number": now and now.number, "locked": (now or planned).locked})

    def opened(chapter: ChapterDraft, planned: Chapter) -> ChapterDraft:
        now = chapters.get(planned.id)
        title = now.title if now and now.plan_title == planned.title else planned.title
        held = tuple(again(scene, version.scenes[(scene.number or 1) - 1]) for scene in chapter.scenes)
        return chapter.model_copy(update={"number": now and now.number, "title": title, "scenes": held})

    drafts = zip(draft_of(version).chapters, version.chapters, strict=True)
    return OutlineDraft.model_construct(chapters=tuple(opened(draft, planned) for draft, planned in drafts))


def _plan(brief: SceneBrief) -> dict[str, object]:
    return {name: value for name, value in brief if name in _PLAN}


def these_are(numbers: Sequence[int]) -> str:
    """Begin to say something of scenes."""
    return f"Scene{'' if len(numbers) == 1 else 's'} {_numbers(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _numbers(numbers: Sequence[int]) -> str:
    """Name numbers in a line; three and more in a row as a range."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and number == rows[-1][-1] + 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    return ", ".join(f"{row[0]}–{row[-1]}" if len(row) > 2 else ", ".join(map(str, row)) for row in rows)
