"""What is true in a story: its facts, its cast and its world, and how people changed them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from chorus.api.asked import EXAMPLE_ID, LARGEST_INT, APage, AStudio, StoryId
from chorus.api.errors import answers
from chorus.api.examples import SUMMARY, page_shown, shown
from chorus.api.past_bodies import (
    Effects,
    FindingRow,
    ForeseenStatement,
    NewElement,
    NewStatement,
    NewTraits,
    Settled,
    WantedReading,
)
from chorus.api.past_examples import CHANGES, FACT_EFFECTS, FACTS, FINDINGS, PLANNED_FACTS
from chorus.domain.canon import Fact, FindingStatus
from chorus.domain.edit import CanonChange
from chorus.domain.planned import planned_facts
from chorus.domain.run import RunSummary

_ALL = WantedReading()
router = APIRouter(prefix="/api/stories/{story_id}", tags=["canon"], responses=answers())
FactId = Annotated[UUID, Path(description="Id of a fact.", examples=[EXAMPLE_ID])]
ChangeId = Annotated[UUID, Path(description="Id of a change of the canon.", examples=[EXAMPLE_ID])]
CharacterId = Annotated[UUID, Path(description="Id of a character.", examples=[EXAMPLE_ID])]
ElementId = Annotated[UUID, Path(description="Id of something in the world.", examples=[EXAMPLE_ID])]
AsOf = Annotated[int | None, Query(ge=0, le=LARGEST_INT, description="Only what holds at the end of this scene.")]


@router.get("/facts", responses={**answers(404), **page_shown(FACTS)})
async def list_facts(story_id: StoryId, studio: AStudio, page: APage, as_of: AsOf = None) -> list[Fact]:
    """List the facts of the canon in story order."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        return page.cut(await tx.canon.list_facts(story_id, as_of))


@router.get("/facts/planned", responses={**answers(404), **page_shown(PLANNED_FACTS)})
async def list_planned_facts(story_id: StoryId, studio: AStudio, page: APage) -> list[Fact]:
    """List what is to be true when scenes that are still to be written end, by the plan, in story order."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        return page.cut(planned_facts((await tx.stories.load_outline(story_id)).scenes))


@router.patch("/facts/{fact_id}", responses={**answers(400, 404, 409), **shown(FACT_EFFECTS)})
async def edit_fact(story_id: StoryId, fact_id: FactId, wanted: NewStatement, studio: AStudio) -> Effects:
    """Let a fact say something else, or hold again if it was taken back, and list the scenes that used it."""
    return Effects.from_effects(await studio.edit_fact(story_id, fact_id, wanted.statement, note=wanted.note))


@router.post("/facts/{fact_id}/preview", responses={**answers(400, 404), **shown(FACT_EFFECTS)})
async def preview_fact(story_id: StoryId, fact_id: FactId, wanted: ForeseenStatement, studio: AStudio) -> Effects:
    """Say which scenes used a fact that is to say something else, or to be taken back. Nothing is changed."""
    return Effects.from_effects(await studio.preview_fact(story_id, fact_id, wanted.statement))


@router.delete("/facts/{fact_id}", responses={**answers(404, 409), **shown(FACT_EFFECTS)})
async def retract_fact(story_id: StoryId, fact_id: FactId, studio: AStudio) -> Effects:
    """Take a fact back, and list the scenes that used it."""
    return Effects.from_effects(await studio.retract_fact(story_id, fact_id))


@router.patch("/characters/{character_id}", responses={**answers(400, 404, 409), **shown(FACT_EFFECTS)})
async def edit_character(story_id: StoryId, character_id: CharacterId, wanted: NewTraits, studio: AStudio) -> Effects:
    """Change what is known of a character, and list the scenes that were told of them."""
    return Effects.from_effects(await studio.edit_character(story_id, character_id, wanted.changes, note=wanted.note))


@router.post("/characters/{character_id}/preview", responses={**answers(400, 404), **shown(FACT_EFFECTS)})
async def preview_character(
    story_id: StoryId, character_id: CharacterId, wanted: NewTraits, studio: AStudio
) -> Effects:
    """Say which scenes were told of a character who is to be another. Nothing is changed."""
    return Effects.from_effects(await studio.preview_character(story_id, character_id, wanted.changes))


@router.patch("/world/{element_id}", responses={**answers(400, 404, 409), **shown(FACT_EFFECTS)})
async def edit_world_element(story_id: StoryId, element_id: ElementId, wanted: NewElement, studio: AStudio) -> Effects:
    """Change something in the world, and list the scenes that were told of it."""
    return Effects.from_effects(await studio.edit_world_element(story_id, element_id, wanted.changes, note=wanted.note))


@router.post("/world/{element_id}/preview", responses={**answers(400, 404), **shown(FACT_EFFECTS)})
async def preview_world_element(
    story_id: StoryId, element_id: ElementId, wanted: NewElement, studio: AStudio
) -> Effects:
    """Say which scenes were told of something in the world that is to be another. Nothing is changed."""
    return Effects.from_effects(await studio.preview_world_element(story_id, element_id, wanted.changes))


@router.get("/findings", responses={**answers(404), **page_shown(FINDINGS)})
async def list_findings(
    story_id: StoryId,
    studio: AStudio,
    page: APage,
    status: Annotated[FindingStatus | None, Query(description="Only those that stand so.")] = None,
    scene: Annotated[int | None, Query(ge=1, le=LARGEST_INT, description="Only of this scene.")] = None,
) -> list[FindingRow]:
    """List what models and code found wrong with the texts of a story, each with its quotes, and what became of it."""
    async with studio.store.reading() as tx:
        await tx.stories.load(story_id)
        numbers = {each.id: each.number for each in (await tx.stories.load_outline(story_id)).scenes}
        found = await tx.canon.list_findings(story_id)
    rows = [FindingRow.from_finding(finding, numbers.get(finding.scene_id)) for finding in found]
    wanted = [row for row in rows if status in {None, row.status} and scene in {None, row.scene_number}]
    return page.cut(wanted)


@router.get("/canon-changes", responses={**answers(404), **page_shown(CHANGES)})
async def list_canon_changes(story_id: StoryId, studio: AStudio, page: APage) -> list[CanonChange]:
    """List how people changed facts, characters and the world, the oldest change first."""
    return page.cut(await studio.list_changes(story_id))


@router.post("/canon-changes/{change_id}/restore", responses={**answers(400, 404, 409), **shown(FACT_EFFECTS)})
async def restore_canon(story_id: StoryId, change_id: ChangeId, studio: AStudio) -> Effects:
    """Let a fact, somebody or something be as it was before a change, and list the scenes that were told of it."""
    return Effects.from_effects(await studio.restore_canon(story_id, change_id))


@router.post("/canon", status_code=202, responses={**answers(400, 404, 409), **shown(SUMMARY, 202)})
async def read_canon(
    story_id: StoryId, studio: AStudio, response: Response, wanted: WantedReading = _ALL
) -> RunSummary:
    """Let a worker read the story into the canon: one call for each scene not read yet; its facts are proposals."""
    run = await studio.read_canon(story_id, again=wanted.again, dispatch=True)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return await studio.summarise(run.id)


@router.get("/proposals", responses={**answers(404), **page_shown(FACTS)})
async def list_proposals(story_id: StoryId, studio: AStudio, page: APage) -> list[Fact]:
    """List the facts that were read out of the text and wait for a person's word."""
    return page.cut(await studio.list_proposals(story_id))


@router.post("/proposals", responses={**answers(400, 404, 409), **shown(FACTS)})
async def settle_proposals(story_id: StoryId, wanted: Settled, studio: AStudio) -> list[Fact]:
    """Make proposals canon, or refuse them; answers with those that were settled."""
    settle = studio.approve_facts if wanted.approve else studio.refuse_facts
    return await settle(story_id, wanted.fact_ids)
