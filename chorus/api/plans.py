"""What is planned: the concepts a story can follow, and its outline with every version of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from chorus.api.asked import LARGEST_INT, APage, AStudio, StoryId
from chorus.api.bodies import Sent, Whole
from chorus.api.errors import answers
from chorus.api.examples import OTHER_ID, RUN_ID, SCENES, STORY_ID, WHEN, page_shown, shown
from chorus.domain.outline_draft import ChapterDraft, OutlineDraft, draft_of
from chorus.domain.story import Chapter, Concept, Outline, OutlineCause, OutlineVersion, Scene
from chorus.domain.value import Value
from chorus.editing import OutlineChange, OutlineEdited, PlannedOutline

router = APIRouter(prefix="/api/stories/{story_id}", tags=["plan"], responses=answers())
VersionNumber = Annotated[int, Path(ge=1, le=LARGEST_INT, description="Number of an outline.", examples=[1])]


class WantedConcept(Sent):
    """Which concept the story is to follow."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": 2}]})

    number: Whole = Field(ge=1, le=100)


class NewOutline(Sent):
    """A whole outline as it should be: scenes by the number they have today, new ones without; others are removed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"chapters": [{"number": 1, "title": "Autumn", "scenes": [{"number": 1, "locked": True}]}]}]
        }
    )

    chapters: tuple[ChapterDraft, ...] = Field(max_length=500)
    rewrite: bool = Field(
        default=False,
        description="Take the story back to before the first written scene that is touched, to be written again from "
        "there. Otherwise texts stay, and POST /redo writes those of change.uses again that you choose.",
    )
    note: str = Field(default="", max_length=2_000, description="Why, for the history.")

    @property
    def draft(self) -> OutlineDraft:
        """The draft as the studio takes it."""
        return OutlineDraft(chapters=self.chapters)


class WantedRestore(Sent):
    """Whether the story is taken back to before the first written scene that another plan touches."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rewrite": False}]})

    rewrite: bool = False


class EditedOutline(Value):
    """What became of an edit: numbers as they were before, ``added`` as they are now; no fact at stake has changed."""

    story_id: UUID
    version: int
    run_id: UUID | None = Field(description="The run that writes what is left by the new outline when it is resumed.")
    change: OutlineChange
    outline: OutlineDraft

    @classmethod
    def from_edit(cls, edited: OutlineEdited) -> "EditedOutline":
        """Show the outline as a draft that can be changed on."""
        return cls.of({**dict(edited), "outline": draft_of(edited.change.outline)})


_CHAPTER = Chapter(id=OTHER_ID, story_id=STORY_ID, number=1, title="Autumn")
_SCENE = Scene(id=OTHER_ID, story_id=STORY_ID, chapter_id=OTHER_ID, number=1, title="The bottle", brief=SCENES[0].brief)
_OUTLINE = Outline(chapters=(_CHAPTER,), scenes=(_SCENE,))
_CONCEPT = Concept(
    id=OTHER_ID, story_id=STORY_ID, number=1, title="The Lamp", logline="A keeper is called.", score=8, selected=True
)
_VERSION = OutlineVersion(
    id=OTHER_ID, story_id=STORY_ID, number=1, cause=OutlineCause.PLAN, outline=_OUTLINE, created_at=WHEN
)
_PLANNED = PlannedOutline(story_id=STORY_ID, version=1, draft=draft_of(_OUTLINE), doubts=())
_CHANGE = OutlineChange(outline=_OUTLINE, edited=(1,))
_EDITED = EditedOutline(story_id=STORY_ID, version=2, run_id=RUN_ID, change=_CHANGE, outline=draft_of(_OUTLINE))


@router.get("/concepts", responses={**answers(404), **page_shown([_CONCEPT])})
async def list_concepts(story_id: StoryId, studio: AStudio, page: APage) -> list[Concept]:
    """List the concepts a story can follow; the selected one is marked."""
    return page.cut(await studio.list_concepts(story_id))


@router.post("/concept", responses={**answers(400, 404, 409), **shown(_CONCEPT)})
async def choose_concept(story_id: StoryId, wanted: WantedConcept, studio: AStudio) -> Concept:
    """Let a story follow one of its concepts, before anything is planned by another."""
    return await studio.choose_concept(story_id, wanted.number)


@router.get("/outline", responses={**answers(404), **shown(_PLANNED)})
async def show_outline(story_id: StoryId, studio: AStudio) -> PlannedOutline:
    """Show the outline as a draft to change, with what is doubtful about it."""
    return await studio.load_outline(story_id)


@router.put("/outline", responses={**answers(400, 404, 409), **shown(_EDITED)})
async def edit_outline(story_id: StoryId, wanted: NewOutline, studio: AStudio) -> EditedOutline:
    """Make the outline what is sent, as a new version: edit, reorder, add, remove and lock scenes in one go."""
    edited = await studio.edit_outline(story_id, wanted.draft, rewrite=wanted.rewrite, note=wanted.note)
    return EditedOutline.from_edit(edited)


@router.post("/outline/preview", responses={**answers(400, 404, 409), **shown(_CHANGE)})
async def preview_outline(story_id: StoryId, wanted: NewOutline, studio: AStudio) -> OutlineChange:
    """Say what an outline would change, and which facts and written scenes it would touch; nothing is changed."""
    return await studio.preview_outline(story_id, wanted.draft)


@router.get("/outline/versions", responses={**answers(404), **page_shown([_VERSION])})
async def list_outline_versions(story_id: StoryId, studio: AStudio, page: APage) -> list[OutlineVersion]:
    """List every outline the story has had, the first one first."""
    return page.cut(await studio.list_outline_versions(story_id))


@router.post("/outline/versions/{version}/restore", responses={**answers(400, 404, 409), **shown(_EDITED)})
async def restore_outline(
    story_id: StoryId, version: VersionNumber, wanted: WantedRestore, studio: AStudio
) -> EditedOutline:
    """Bring an earlier outline back, as a new version."""
    return EditedOutline.from_edit(await studio.restore_outline(story_id, version, rewrite=wanted.rewrite))
