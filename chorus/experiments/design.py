"""What an experiment compares: read from a TOML or JSON file, and checked before anything is begun."""

import json
import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from chorus.domain.run import ReviewMode, RunSettings
from chorus.domain.value import Text, Value
from chorus.errors import InvalidInput
from chorus.experiments.sense import pointless
from chorus.experiments.statistics import fewest_premises
from chorus.metrics import MEASURES

PRIMARY = ("repetition_across", "mattr", "length_error")
OF_THE_STORY = frozenset({"style", "language"})
NOT_FOR_ARMS = frozenset(
    {
        "review",
        "budget_tokens",
        "budget_usd",
        "budget_tokens_per_day",
        "budget_usd_per_day",
        "fresh",
        "redo",
        "read_canon",
        "read_again",
    }
)
MODEL = "model"
"""Short for the same model for every agent."""


class ArmDesign(Value):
    """One of the settings compared: what it changes in those that are common to all."""

    name: Text = Field(min_length=1, max_length=80)
    settings: dict[str, Any] = Field(default_factory=dict)


class Design(Value):
    """A whole experiment."""

    name: Text = Field(min_length=1, max_length=200)
    premises: tuple[Text, ...] = Field(min_length=1, max_length=500)
    arms: tuple[ArmDesign, ...] = Field(min_length=1, max_length=20)
    repeats: int = Field(default=1, ge=1, le=100)
    seed: int = Field(default=0, ge=0)
    freeze_plan: bool = False
    against: Text = ""
    primary: tuple[str, ...] = PRIMARY
    settings: dict[str, Any] = Field(default_factory=dict)
    budget_tokens: int | None = Field(default=None, ge=1)
    budget_usd: float | None = Field(default=None, gt=0)

    @field_validator("premises")
    @classmethod
    def _premises_say_something(cls, premises: tuple[str, ...]) -> tuple[str, ...]:
        told = tuple(premise.strip() for premise in premises)
        if not all(told):
            raise ValueError("a premise is empty")
        if len(set(told)) < len(told):
            raise ValueError("a premise is there twice: say repeats = 2 instead")
        return told

    @model_validator(mode="after")
    def _arms_are_told_apart(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("two arms have the same name")
        if self.against and self.against not in names:
            raise ValueError(f"against: there is no arm named {self.against}")
        unknown = [name for name in self.primary if name not in MEASURES]
        if unknown:
            raise ValueError(f"primary: no measure is named {unknown[0]}; there are {', '.join(MEASURES)}")
        for arm in self.arms:
            self.settings_of(arm)
        return self

    @property
    def baseline(self) -> str:
        """The arm that all others are compared with."""
        return self.against or self.arms[0].name

    @property
    def trials(self) -> int:
        """How many stories it takes."""
        return len(self.arms) * len(self.premises) * self.repeats

    @property
    def fewest_premises(self) -> int:
        """The fewest premises with which a difference in a primary measure can be told at all."""
        return fewest_premises(max(1, (len(self.arms) - 1) * len(set(self.primary))))

    @property
    def warning(self) -> str | None:
        """What an experiment of so few premises cannot do; None if it can."""
        if len(self.arms) < 2 or len(self.premises) >= self.fewest_premises:
            return None
        compared = (len(self.arms) - 1) * len(set(self.primary))
        several = "One comparison needs" if compared == 1 else f"{compared} primary comparisons need"
        return f"{several} {self.fewest_premises} premises to tell anything, and there are {len(self.premises)}."

    def settings_of(self, arm: ArmDesign | None, configured: RunSettings | None = None) -> RunSettings:
        """The settings of a run of this arm, or of a plan that all arms share."""
        common = (configured or RunSettings()).model_dump()
        chosen = {**self.settings, **(arm.settings if arm else {})}
        wrong = next((name for name in chosen if name not in _ALLOWED), None)
        if wrong:
            raise ValueError(f"'{wrong}' cannot be set for an arm; it can be {', '.join(sorted(_ALLOWED))}")
        if MODEL in chosen:
            model = chosen.pop(MODEL)
            agents = ("story_architect", "scene_generator", "continuity_editor")
            chosen["models"] = {**dict.fromkeys(agents, model), **chosen.get("models", {})}
        for_run = {name: value for name, value in chosen.items() if name not in OF_THE_STORY}
        return RunSettings.model_validate(
            {**common, **for_run, **self._budget(), "review": ReviewMode.NONE, "fresh": True}
        )

    def told_of(self, arm: ArmDesign | None) -> dict[str, str]:
        """What an arm says of the story itself: its style and its language."""
        chosen = {**self.settings, **(arm.settings if arm else {})}
        return {name: str(chosen[name]) for name in OF_THE_STORY if name in chosen}

    def _budget(self) -> dict[str, Any]:
        """Each run's even share of the experiment's budget, so that all of them together cannot overshoot it."""
        runs = self.trials + (len(self.premises) if self.freeze_plan else 0)
        return {
            "budget_tokens": max(1, self.budget_tokens // runs) if self.budget_tokens else None,
            "budget_usd": self.budget_usd / runs if self.budget_usd else None,
        }


_ALLOWED = (set(RunSettings.model_fields) - NOT_FOR_ARMS) | OF_THE_STORY | {MODEL}


def read_design(path: Path) -> Design:
    """Read an experiment's file.

    Raises:
        InvalidInput: there is no such file, or it is no experiment.
    """
    try:
        text = path.read_text(encoding="utf-8")
        given = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidInput(f"{path} is neither TOML nor, if its name ends so, JSON: {error}.") from error
    return design_of(given)


def design_of(given: Any) -> Design:
    """Make an experiment of what a file or a form says; in a file, what is not a name is a setting of its arm.

    Raises:
        InvalidInput: saying what is wrong.
    """
    try:
        design = Design.model_validate({**given, "arms": [_arm(arm) for arm in given.get("arms", [])]})
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the experiment"
        raise InvalidInput(f"{where}: {problem['msg'].removeprefix('Value error, ')}.") from error
    except (AttributeError, TypeError) as error:
        raise InvalidInput("An experiment is a table with name, premises and arms; see docs/experiments.md.") from error
    _each_arm_makes_sense(design)
    return design


def _each_arm_makes_sense(design: Design) -> None:
    """Asked of new designs alone: what was begun before stays readable."""
    for arm in design.arms:
        problem = pointless(arm.settings, design.settings, design.settings_of(arm), frozen=design.freeze_plan)
        if problem:
            raise InvalidInput(f"arm {arm.name}: {problem}.")


def _arm(given: dict[str, Any]) -> dict[str, Any]:
    settings = {name: value for name, value in given.items() if name not in {"name", "settings"}}
    return {"name": given.get("name", ""), "settings": {**settings, **given.get("settings", {})}}
