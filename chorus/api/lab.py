"""Experiments: settings compared, begun here, stopped here, and taken away."""

from datetime import datetime
from math import isfinite
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from chorus.api.asked import EXAMPLE_ID, APage, AStudio
from chorus.api.bodies import Number, Sent, Whole
from chorus.api.errors import answers
from chorus.api.examples import ESTIMATE, OTHER_ID, RUN_ID, STORY_ID, WHEN, page_shown, shown
from chorus.api.takeaway import a_file, attached
from chorus.domain.estimate import Estimate
from chorus.domain.experiment import ExperimentCard, TrialStatus
from chorus.domain.value import Value, storable
from chorus.errors import InvalidInput
from chorus.experiments.design import Design, design_of
from chorus.experiments.files import MEDIA_TYPES, SUFFIXES, Format
from chorus.experiments.outcome import ArmOutcome, ExperimentStatus, Outcome, TrialOutcome
from chorus.export import file_stem

_DESIGN: JsonDict = {
    "name": "Cool or warm",
    "premises": ["A lantern burns without oil."],
    "arms": [{"name": "cool", "settings": {"temperature": 0.2}}, {"name": "warm", "settings": {"temperature": 1.1}}],
}

MOST_TRIALS = 2_000
LONGEST_NUMBER = 2**53

router = APIRouter(prefix="/api/experiments", tags=["experiments"], responses=answers())
AtOnce = Annotated[int, Query(ge=1, le=64, description="Stories at once.")]
ExperimentId = Annotated[UUID, Path(description="Id of an experiment.", examples=[EXAMPLE_ID])]


class NewArm(Sent):
    """One of the settings compared."""

    name: str = Field(min_length=1, max_length=80)
    settings: dict[str, Any] = Field(
        default_factory=dict,
        max_length=50,
        description="What is other about it.",
        examples=[{"prompts": {"draft_scene": "Be brief."}}],
    )


class NewExperiment(Sent):
    """A design, as a file has it; docs/experiments.md says what each part means."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DESIGN]})

    name: str = Field(min_length=1, max_length=200)
    premises: list[Annotated[str, Field(max_length=20_000)]] = Field(min_length=1, max_length=500)
    arms: list[NewArm] = Field(min_length=1, max_length=20)
    repeats: Whole = Field(default=1, ge=1, le=100)
    seed: Whole = Field(default=0, ge=0, le=2**53)
    freeze_plan: bool = False
    against: str = Field(default="", max_length=80)
    primary: list[str] | None = Field(default=None, max_length=50)
    settings: dict[str, Any] = Field(default_factory=dict, max_length=50, description="What all arms have in common.")
    budget_tokens: Whole | None = Field(default=None, ge=1, le=2**53)
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000)
    again: bool = Field(default=False, description="Begin anew, even if this very design was begun before.")

    @property
    def design(self) -> Design:
        """The design as the studio takes it; raises InvalidInput."""
        given = _kept(self.model_dump(exclude={"again"}))
        design = design_of(given if self.primary is not None else {k: v for k, v in given.items() if k != "primary"})
        if design.trials > MOST_TRIALS:
            raise InvalidInput(f"That would be {design.trials:,} stories, and {MOST_TRIALS:,} is the most over HTTP.")
        return design


class Handing(Sent):
    """How workers are to write an experiment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at_once": 2}]})

    at_once: Whole = Field(default=2, ge=1, le=64, description="Stories at once.", examples=[2])


class Judging(Sent):
    """Who judges an experiment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "gpt-4o"}]})

    model: str = Field(default="", max_length=200, description="A model; the editor's if empty.", examples=["gpt-4o"])
    budget_tokens: Whole | None = Field(
        default=None, ge=1, le=2**53, description="Of all judging of it; null: as said before, or as its stories have."
    )
    budget_usd: Number | None = Field(default=None, gt=0, le=1_000_000, description="The same in US dollars.")


class ExperimentRow(Value):
    """An experiment as the list has it."""

    experiment_id: UUID
    name: str
    arms: int
    trials: int
    complete: int
    failed: int
    created_at: datetime

    @classmethod
    def from_card(cls, card: ExperimentCard) -> "ExperimentRow":
        """Name its id as the API does."""
        return cls.of({**dict(card), "experiment_id": card.id})


_CARD = ExperimentCard(id=OTHER_ID, name="Cool or warm", created_at=WHEN, arms=2, trials=2, complete=1, failed=0)
_OUTCOME = Outcome(
    experiment_id=OTHER_ID,
    name="Cool or warm",
    created_at=WHEN,
    status=ExperimentStatus.UNFINISHED,
    design=design_of(_DESIGN),
    arms=(
        ArmOutcome(number=1, name="cool", changed={"temperature": 0.2}, complete=1, failed=0, means={"mattr": 0.71}),
        ArmOutcome(number=2, name="warm", changed={"temperature": 1.1}, complete=0, failed=0, means={}),
    ),
    trials=(
        TrialOutcome(
            trial_id=OTHER_ID,
            arm="cool",
            premise_number=1,
            repeat=1,
            status=TrialStatus.COMPLETE,
            story_id=STORY_ID,
            run_id=RUN_ID,
            title="The Lamp",
            measures={"mattr": 0.71},
        ),
    ),
    comparisons=(),
)


@router.get("", responses=page_shown([ExperimentRow.from_card(_CARD)]))
async def list_experiments(studio: AStudio, page: APage) -> list[ExperimentRow]:
    """List experiments, the newest first."""
    async with studio.store.reading() as tx:
        cards = await tx.experiments.list_cards(page.one_more, page.offset)
    return [ExperimentRow.from_card(card) for card in page.of(cards)]


@router.post("", status_code=201, responses=shown(_OUTCOME, 201))
async def begin_experiment(wanted: NewExperiment, studio: AStudio, response: Response) -> Outcome:
    """Keep an experiment with its trials, or give the one of this very design that was begun before.

    `POST /api/experiments/{experiment_id}/run` lets the workers write its stories.
    """
    experiment = await studio.begin_experiment(wanted.design, again=wanted.again)
    response.headers["Location"] = f"/api/experiments/{experiment.id}"
    return await studio.read_outcome(experiment.id)


@router.post("/estimate", responses={**answers(400, 413), **shown(ESTIMATE)})
async def estimate_experiment(wanted: NewExperiment, studio: AStudio, at_once: AtOnce = 2) -> Estimate:
    """Foresee what all stories of an experiment would take; nothing is kept and nothing begun."""
    return await studio.estimate_experiment(wanted.design, at_once=at_once)


@router.get("/{experiment_id}", responses={**answers(404), **shown(_OUTCOME)})
async def show_experiment(experiment_id: ExperimentId, studio: AStudio) -> Outcome:
    """Show what came of an experiment so far: every trial, the means of each arm, and what may be said of them."""
    return await studio.read_outcome(experiment_id)


@router.get(
    "/{experiment_id}/results",
    response_class=Response,
    responses={**answers(404), **a_file(*MEDIA_TYPES.values(), example={"resourceSpans": []})},
)
async def take_results(
    experiment_id: ExperimentId,
    studio: AStudio,
    to: Annotated[
        Format, Query(alias="format", description="A row for each story, otlp: each call, html: the report.")
    ] = "csv",
) -> Response:
    """Take an experiment away as a file; html is the whole report, which opens offline."""
    outcome = await studio.read_outcome(experiment_id)
    content = await studio.file_of(outcome, to)
    return attached(content, MEDIA_TYPES[to], f"{file_stem(outcome.name)}{SUFFIXES[to]}")


@router.post("/{experiment_id}/run", status_code=202, responses={**answers(404), **shown(_OUTCOME, 202)})
async def run_experiment(experiment_id: ExperimentId, studio: AStudio, how: Handing | None = None) -> Outcome:
    """Let the workers write what is not complete; what was stopped, failed or waits for a person goes on."""
    await studio.hand_over_experiment(experiment_id, at_once=(how or Handing()).at_once)
    return await studio.read_outcome(experiment_id)


@router.post("/{experiment_id}/judge", status_code=202, responses={**answers(404), **shown(_OUTCOME, 202)})
async def judge_experiment(experiment_id: ExperimentId, studio: AStudio, how: Judging | None = None) -> Outcome:
    """Let the workers have a model mark every story, and read pairs of them blind, each in both orders.

    `judge` is null again when that is done, or when `judge_error` says why it could not be; asked again, it goes on.
    """
    how = how or Judging()
    await studio.ask_judge(experiment_id, how.model, most_tokens=how.budget_tokens, most_usd=how.budget_usd)
    return await studio.read_outcome(experiment_id)


@router.post("/{experiment_id}/stop", responses={**answers(404), **shown(_OUTCOME)})
async def stop_experiment(experiment_id: ExperimentId, studio: AStudio) -> Outcome:
    """Take an experiment back from the workers; its stories are paused at the next safe point."""
    await studio.stop_experiment(experiment_id)
    return await studio.read_outcome(experiment_id)


@router.post("/{experiment_id}/cancel", responses={**answers(404), **shown(_OUTCOME)})
async def cancel_experiment(experiment_id: ExperimentId, studio: AStudio) -> Outcome:
    """End every story of an experiment that is being written; what is written stays."""
    await studio.stop_experiment(experiment_id, for_good=True)
    return await studio.read_outcome(experiment_id)


def _kept(value: Any) -> Any:
    """A value as Postgres keeps it in a document; raises InvalidInput for a number that it cannot."""
    if isinstance(value, dict):
        return {storable(str(name)): _kept(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if isinstance(value, int | float) and not (isfinite(value) and abs(value) <= LONGEST_NUMBER):
        raise InvalidInput("A number in the settings is too large.")
    return storable(value) if isinstance(value, str) else value
