"""People of a story: how they stand at the end of a scene, and what they are to one another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from chorus.api.asked import EXAMPLE_ID, LARGEST_INT, APage, AStudio, StoryId
from chorus.api.bodies import Sent, Whole
from chorus.api.errors import answers
from chorus.api.examples import OTHER_ID, STORY_ID, page_shown, shown
from chorus.api.past_bodies import Effects
from chorus.domain.edit import EditEffects
from chorus.domain.story import CharacterState, Relationship

_STATE = CharacterState(
    id=OTHER_ID, story_id=STORY_ID, character_id=OTHER_ID, scene_number=3, place="the harbour", goal="To find the boat."
)
_TIE = Relationship(id=OTHER_ID, story_id=STORY_ID, character_id=OTHER_ID, other_id=OTHER_ID, kind="sister")
_EFFECTS = Effects.from_effects(
    EditEffects(story_id=STORY_ID, scene_number=3, details=("From scene 3 on, Mara is sister to Ilan.",))
)

router = APIRouter(prefix="/api/stories/{story_id}", tags=["people"], responses=answers())
AsOf = Annotated[int, Query(ge=0, le=LARGEST_INT, description="At the end of this scene; the last one.")]


class NewTie(Sent):
    """What one character is to another from a scene on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"who": EXAMPLE_ID, "whom": EXAMPLE_ID, "kind": "sister", "scene": 3}]}
    )

    who: UUID
    whom: UUID
    kind: str = Field(max_length=200, description="Empty: nothing any more.")
    scene: Whole = Field(default=0, ge=0, le=LARGEST_INT, description="From this scene on; 0: before the story.")


@router.get("/states", responses={**answers(404), **page_shown([_STATE])})
async def list_states(
    story_id: StoryId, studio: AStudio, page: APage, as_of: AsOf = LARGEST_INT
) -> list[CharacterState]:
    """List where everybody is, in which condition and with which goal."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        return page.cut(await tx.canon.list_states(story_id, as_of))


@router.get("/relationships", responses={**answers(404), **page_shown([_TIE])})
async def list_relationships(story_id: StoryId, studio: AStudio, page: APage) -> list[Relationship]:
    """List what people are to one another, each from one scene to another."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        return page.cut(await tx.stories.list_relationships(story_id))


@router.put("/relationships", responses={**answers(400, 404, 409), **shown(_EFFECTS)})
async def set_relationship(story_id: StoryId, wanted: NewTie, studio: AStudio) -> Effects:
    """Say what one character is to another from a scene on, and list the scenes from there with both of them."""
    return Effects.from_effects(await studio.set_tie(story_id, **dict(wanted)))


@router.post("/relationships/preview", responses={**answers(400, 404), **shown(_EFFECTS)})
async def preview_relationship(story_id: StoryId, wanted: NewTie, studio: AStudio) -> Effects:
    """Say which scenes that would touch; nothing is changed."""
    return Effects.from_effects(await studio.preview_tie(story_id, **dict(wanted)))
