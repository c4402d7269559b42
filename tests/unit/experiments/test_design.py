import json
from pathlib import Path
from typing import Any

import pytest

from chorus.domain.run import Method, RunSettings
from chorus.errors import InvalidInput
from chorus.experiments.design import design_of, read_design

GOOD: dict[str, Any] = {
    "name": "Cool or warm",
    "premises": ["A lantern.", "A tide."],
    "repeats": 3,
    "settings": {"scenes": 4, "style": "terse"},
    "arms": [
        {"name": "cool", "temperature": 0.2},
        {"name": "other", "model": "large", "models": {"continuity_editor": "small"}, "style": "lush"},
        {"name": "at once", "method": "single_pass"},
    ],
}


def test_arms_differ_only_in_what_they_say() -> None:
    design = design_of(GOOD)
    cool, other, at_once = (design.settings_of(arm, RunSettings(words=333)) for arm in design.arms)
    assert (cool.temperature, cool.scenes, cool.words, cool.fresh) == (0.2, 4, 333, True)
    assert other.models["scene_generator"] == "large"
    assert other.models["continuity_editor"] == "small"
    assert at_once.method is Method.SINGLE
    assert [design.told_of(arm)["style"] for arm in design.arms] == ["terse", "lush", "terse"]
    assert (design.trials, design.baseline) == (18, "cool")


def test_a_budget_is_shared_evenly_so_that_all_runs_together_keep_it() -> None:
    design = design_of({**GOOD, "budget_tokens": 20_000, "freeze_plan": True})
    assert design.settings_of(design.arms[0]).budget_tokens == 1000


def test_a_design_is_read_from_toml_and_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(GOOD))
    (tmp_path / "a.toml").write_text('name = "x"\npremises = ["p"]\n[[arms]]\nname = "one"\nscenes = 3\n')
    assert read_design(tmp_path / "a.json") == design_of(GOOD)
    assert read_design(tmp_path / "a.toml").arms[0].settings == {"scenes": 3}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"premises": []}, "premises"),
        ({"premises": ["a", " a "]}, "twice"),
        ({"premises": [" "]}, "empty"),
        ({"arms": []}, "arms"),
        ({"arms": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ({"arms": [{"name": "a", "temprature": 1}]}, "'temprature' cannot be set"),
        ({"arms": [{"name": "a", "temperature": 9}]}, "temperature"),
        ({"arms": [{"name": "a", "budget_tokens": 9}]}, "'budget_tokens' cannot be set"),
        ({"arms": [{"name": "a", "redo": {"scenes": [1]}}]}, "'redo' cannot be set"),
        ({"arms": [{"name": "a", "read_canon": True}]}, "'read_canon' cannot be set"),
        ({"settings": {"read_again": [1]}}, "'read_again' cannot be set"),
        ({"arms": [{"name": "a", "method": "plan"}]}, "arm a: method = plan writes no story"),
        ({"settings": {"choose_concept": "ask"}}, "would wait for a person"),
        ({"arms": [{"name": "a", "concurrency": 8}]}, "concurrency does nothing"),
        ({"arms": [{"name": "a", "method": "single_pass", "most_revisions": 0}]}, "most_revisions does nothing"),
        ({"freeze_plan": True, "arms": [{"name": "a", "words": 99}]}, "words is settled by the plan"),
        ({"freeze_plan": True, "arms": [{"name": "a", "scenes": 3}]}, "scenes is settled by the plan"),
        ({"freeze_plan": True, "arms": [{"name": "a", "concepts": 3}]}, "concepts is settled by the plan"),
        ({"freeze_plan": True, "arms": [{"name": "a", "models": {"story_architect": "b"}}]}, "makes the plan"),
        ({"freeze_plan": True, "arms": [{"name": "a", "prompts": {"name_cast": "b"}}]}, "name_cast is asked for"),
        ({"arms": [{"name": "a", "prompts": {"write_story": "b"}}]}, "write_story is asked only"),
        ({"arms": [{"name": "a", "method": "single_pass", "prompts": {"draft_scene": "b"}}]}, "is not asked"),
        ({"arms": [{"name": "a", "prompts": {"no_such_step": "b"}}]}, "prompts"),
        ({"arms": [{"name": "a", "prompts": {"draft_scene": "b" * 2001}}]}, "at most 2000"),
        ({"against": "nobody"}, "no arm named nobody"),
        ({"primary": ["beauty"]}, "no measure is named beauty"),
        ({"repeats": 0}, "repeats"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        design_of({**GOOD, **changes})


@pytest.mark.parametrize("text", ["[1, 2]", "3", "{}", "not json"])
def test_what_is_no_experiment_is_said(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(InvalidInput):
        read_design(file)
    with pytest.raises(InvalidInput):
        read_design(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("premises", "primary", "said"),
    [
        (6, ["mattr"], None),
        (5, ["mattr"], "One comparison needs 6 premises to tell anything, and there are 5."),
        (6, ["mattr", "words"], "2 primary comparisons need 7 premises to tell anything, and there are 6."),
        (7, ["mattr", "words"], None),
    ],
)
def test_too_few_premises_to_tell_anything_are_said(premises: int, primary: list[str], said: str | None) -> None:
    arms = [{"name": "a"}, {"name": "b"}]
    asked = {"name": "x", "premises": [f"premise {n}" for n in range(premises)], "arms": arms, "primary": primary}
    assert design_of(asked).warning == said


def test_what_makes_a_difference_beside_a_frozen_plan_is_let_through() -> None:
    arms = [
        {"name": "plain", "words": 300},
        {"name": "told", "prompts": {"draft_scene": "Write in the present tense."}, "style": "lush"},
        {"name": "at once", "method": "single_pass", "words": 99, "prompts": {"write_story": "Be brief."}},
        {"name": "side by side", "continuity": "parallel", "concurrency": 3},
    ]
    design = design_of({**GOOD, "settings": {"words": 300}, "arms": arms, "freeze_plan": True})
    assert design.settings_of(design.arms[1]).prompts == {"draft_scene": "Write in the present tense."}
