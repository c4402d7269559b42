"""Two stories of an experiment read blind, and what people preferred."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from chorus.api.asked import EXAMPLE_ID, APage, AStudio
from chorus.api.bodies import Sent
from chorus.api.errors import answers
from chorus.api.examples import OTHER_ID, RUN_ID, STORY_ID, WHEN, page_shown, shown
from chorus.api.lab import ExperimentId
from chorus.domain.experiment import Choice, Vote
from chorus.domain.value import Value
from chorus.experiments.blind import BlindPair, BlindStory, Voted

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["experiments"], responses=answers())


class NewVote(Sent):
    """Which of two stories is the better one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"first_id": EXAMPLE_ID, "second_id": str(OTHER_ID), "choice": "first"}]}
    )

    first_id: UUID = Field(description="The trial of the story that was read first.")
    second_id: UUID
    choice: Choice
    note: str = Field(default="", max_length=2_000, description="Why.")


class VoteRow(Value):
    """Two stories read blind, and which was preferred by whom: `person`, or the name of a model."""

    vote_id: UUID
    experiment_id: UUID
    first_id: UUID
    second_id: UUID
    choice: Choice
    judge: str
    note: str
    created_at: datetime

    @classmethod
    def from_vote(cls, vote: Vote) -> Self:
        """Name its id as the API does."""
        return cls.of({**dict(vote), "vote_id": vote.id})


class KeptVote(VoteRow):
    """A vote, and by which arms the stories were."""

    first_arm: str
    second_arm: str

    @classmethod
    def from_voted(cls, voted: Voted) -> Self:
        """Put the vote and the arms together."""
        return cls.of({**dict(VoteRow.from_vote(voted.vote)), **dict(voted)})


_VOTE = Vote(
    id=OTHER_ID, experiment_id=OTHER_ID, first_id=STORY_ID, second_id=RUN_ID, choice=Choice.FIRST, created_at=WHEN
)
_PAIR = BlindPair(
    premise="A lantern burns without oil.",
    first=BlindStory(trial_id=STORY_ID, text="The sea was quiet."),
    second=BlindStory(trial_id=RUN_ID, text="The sea was loud."),
)
_KEPT = KeptVote.from_voted(Voted(vote=_VOTE, first_arm="cool", second_arm="warm"))


@router.get("/pair", responses={**answers(404), **shown(_PAIR)})
async def draw_pair(experiment_id: ExperimentId, studio: AStudio) -> BlindPair | None:
    """Draw two stories to read blind, those least read first; null: no two arms have told the same premise yet."""
    return await studio.draw_pair(experiment_id)


@router.get("/votes", responses={**answers(404), **page_shown([VoteRow.from_vote(_VOTE)])})
async def list_votes(experiment_id: ExperimentId, studio: AStudio, page: APage) -> list[VoteRow]:
    """List what people and judges preferred, the oldest vote first."""
    async with studio.store.reading() as tx:
        await tx.experiments.load(experiment_id)
        return [VoteRow.from_vote(vote) for vote in page.cut(await tx.experiments.list_votes(experiment_id))]


@router.post("/votes", status_code=201, responses={**answers(400, 404), **shown(_KEPT, 201)})
async def vote(experiment_id: ExperimentId, wanted: NewVote, studio: AStudio) -> KeptVote:
    """Keep which of two stories was preferred; the answer tells by which arms they were."""
    return KeptVote.from_voted(await studio.vote(experiment_id, **dict(wanted)))
