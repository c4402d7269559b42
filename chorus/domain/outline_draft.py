"""An outline as a person writes it: chapters and scenes in the order wanted, each known by the number it has today.

Whatever an editor does (edit, reorder, add, remove, lock) gives another draft; what it means for the story is
``editing.outline_change``'s to say.
"""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from chorus.domain.story import Outline, Scene
from chorus.domain.value import Text, Value


def _a_number(value: object) -> object:
    """Take numbers only; text and truth have words of their own."""
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic turns ValueError into an answer
    return value


type Whole = Annotated[int, BeforeValidator(_a_number)]
type Line = Annotated[Text, Field(max_length=500)]
type Name = Annotated[Text, Field(max_length=120)]


class SceneDraft(Value):
    """A scene as wanted; ``number`` is the one it has today, None: a new one."""

    number: Whole | None = Field(default=None, ge=1)
    title: Text = Field(default="", max_length=200)
    purpose: Text = Field(default="", max_length=1_000)
    beats: tuple[Line, ...] = Field(default=(), max_length=20)
    cast: tuple[Name, ...] = Field(default=(), max_length=40)
    place: Text = Field(default="", max_length=200)
    story_time: Text = Field(default="", max_length=200)
    entry: Text = Field(default="", max_length=500, description="Empty: where the scene before ends.")
    exit: Text = Field(default="", max_length=500)
    plants: tuple[Line, ...] = Field(default=(), max_length=10)
    payoffs: tuple[Line, ...] = Field(default=(), max_length=10)
    target_words: Whole = Field(default=0, ge=0, le=5_000, description="0: as the other scenes.")
    locked: bool = False


class ChapterDraft(Value):
    """A chapter as wanted; ``number`` is the one it has today, None: a new one."""

    number: Whole | None = Field(default=None, ge=1)
    title: Text = Field(default="", max_length=200)
    scenes: tuple[SceneDraft, ...] = ()


class OutlineDraft(Value):
    """A whole outline as wanted. What is not in it is removed."""

    chapters: tuple[ChapterDraft, ...] = Field(max_length=500)

    @property
    def scenes(self) -> list[SceneDraft]:
        """All scenes in story order."""
        return [scene for chapter in self.chapters for scene in chapter.scenes]


def draft_of(outline: Outline) -> OutlineDraft:
    """Write an outline down as it stands: applying it changes nothing, and what is kept is never too long."""
    before = dict(zip((scene.id for scene in outline.scenes[1:]), outline.scenes, strict=False))
    return OutlineDraft(
        chapters=tuple(
            ChapterDraft.model_construct(
                number=chapter.number,
                title=chapter.title,
                scenes=tuple(
                    scene_draft(scene, before.get(scene.id))
                    for scene in outline.scenes
                    if scene.chapter_id == chapter.id
                ),
            )
            for chapter in outline.chapters
        )
    )


def scene_draft(scene: Scene, before: Scene | None) -> SceneDraft:
    """Write a scene down; where it begins is left out if that is where the one before ends."""
    brief = scene.brief
    follows = before is not None and brief.entry == (before.brief.exit or before.brief.purpose)
    shared = {name: value for name, value in dict(brief).items() if name in SceneDraft.model_fields}
    own = {"number": scene.number, "title": scene.title, "locked": scene.locked}
    return SceneDraft.model_construct(**{**shared, **own, "entry": "" if follows else brief.entry})


# --- what an editor does


def edit_scene(draft: OutlineDraft, number: int, **changes: object) -> OutlineDraft:
    """Change a scene, known by today's number; only what is changed has to keep to the limits."""

    def edited(scene: SceneDraft) -> SceneDraft:
        changed = {name: value for name, value in changes.items() if value != getattr(scene, name)}
        given = SceneDraft.model_validate(changed)
        return scene.model_copy(update={name: getattr(given, name) for name in changed})

    return _each(draft, edited, {number})


def lock_scenes(draft: OutlineDraft, numbers: Sequence[int], *, locked: bool = True) -> OutlineDraft:
    """Lock scenes, or unlock them."""
    return _each(draft, lambda scene: scene.model_copy(update={"locked": locked}), set(numbers))


def remove_scene(draft: OutlineDraft, number: int) -> OutlineDraft:
    """Take a scene out; a chapter without scenes goes with it."""
    return _each(draft, lambda _scene: None, {number})


def add_scene(draft: OutlineDraft, scene: SceneDraft, after: int) -> OutlineDraft:
    """Put a new scene after the one with today's number ``after``; 0: before all others."""
    found = next((s for s in draft.scenes if s.number == after), None)
    if found is None:
        first, *rest = draft.chapters or (ChapterDraft(),)
        opened = first.model_copy(update={"scenes": (scene, *first.scenes)})
        return OutlineDraft(chapters=(opened, *rest))
    return _each(draft, lambda before: (before, scene), {after})


def move_scene(draft: OutlineDraft, number: int, after: int) -> OutlineDraft:
    """Put a scene after another one, both by today's numbers; 0: before all others."""
    moved = next((scene for scene in draft.scenes if scene.number == number), None)
    if moved is None or number == after:
        return draft
    return add_scene(remove_scene(draft, number), moved, after)


def shift_scene(draft: OutlineDraft, number: int, step: int) -> OutlineDraft:
    """Move a scene by one: -1 up, 1 down; at the edge of its chapter it goes over into the next one."""
    chapters = [list(chapter.scenes) for chapter in draft.chapters]
    at = next((c for c, scenes in enumerate(chapters) if any(s.number == number for s in scenes)), None)
    if at is None:
        return draft
    scenes = chapters[at]
    place = next(p for p, scene in enumerate(scenes) if scene.number == number)
    if 0 <= place + step < len(scenes):
        scenes.insert(place + step, scenes.pop(place))
    elif 0 <= at + step < len(chapters):
        chapters[at + step].insert(len(chapters[at + step]) if step < 0 else 0, scenes.pop(place))
    kept = zip(draft.chapters, chapters, strict=True)
    return OutlineDraft(chapters=tuple(c.model_copy(update={"scenes": tuple(s)}) for c, s in kept if s))


def retitle_chapter(draft: OutlineDraft, number: int, title: str) -> OutlineDraft:
    """Give the chapter in which a scene stands, known by today's number of the scene, another title."""
    chapters = [
        chapter.model_copy(update={"title": title})
        if any(scene.number == number for scene in chapter.scenes)
        else chapter
        for chapter in draft.chapters
    ]
    return OutlineDraft(chapters=tuple(chapters))


type _Made = SceneDraft | tuple[SceneDraft, ...] | None


def _each(draft: OutlineDraft, make: Callable[[SceneDraft], _Made], numbers: set[int]) -> OutlineDraft:
    chapters = []
    for chapter in draft.chapters:
        scenes: list[SceneDraft] = []
        for scene in chapter.scenes:
            made = make(scene) if scene.number in numbers else scene
            scenes += [made] if isinstance(made, SceneDraft) else made or ()
        if scenes or not chapter.scenes:
            chapters.append(chapter.model_copy(update={"scenes": tuple(scenes)}))
    return OutlineDraft(chapters=tuple(chapters))
