import numpy as np
import pytest

from chorus.experiments.compare import Comparison, Verdict, compare

type Arms = dict[str, dict[str, dict[int, list[float]]]]


def arms_of(gain: float, premises: int, *, measure: str = "mattr", spread: float = 0.01, seed: int = 1) -> Arms:
    dice = np.random.default_rng(seed)
    base = {
        n: [float(x) for x in 0.5 + 0.1 * dice.standard_normal() + spread * dice.standard_normal(2)]
        for n in range(premises)
    }
    with_gain = {n: [x + gain + spread * float(dice.standard_normal()) for x in scores] for n, scores in base.items()}
    return {"plain": {measure: base}, "new": {measure: with_gain}}


def only(arms: Arms, primary: tuple[str, ...] = ("mattr", "repetition_within")) -> Comparison:
    (found,) = compare(arms, "plain", primary)
    return found


def test_a_clear_gain_is_told() -> None:
    found = only(arms_of(0.2, 8))
    assert found.verdict is Verdict.BETTER
    assert found.words.startswith("Better by +0.")
    assert (found.wins, found.premises, found.trials) == (1.0, 8, 32)


def test_what_is_better_hangs_on_the_measure() -> None:
    assert only(arms_of(0.2, 8, measure="repetition_within")).verdict is Verdict.WORSE
    assert only(arms_of(0.2, 8, measure="dialogue_share")).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize("premises", [2, 3, 5])
def test_below_six_premises_nothing_is_told_however_large_it_looks(premises: int) -> None:
    found = only(arms_of(0.2, premises))
    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.p is None
    assert "a test needs 6" in found.words


def test_one_premise_has_not_even_an_interval() -> None:
    found = only(arms_of(0.2, 1))
    assert (found.verdict, found.low) == (Verdict.NOT_ENOUGH, None)
    assert found.words == "Not enough stories to tell: 1 premise in both arms."


def test_below_the_detectable_effect_there_are_not_enough_stories() -> None:
    found = only(arms_of(0.002, 8, spread=0.05))
    assert found.verdict is Verdict.NOT_ENOUGH
    assert found.detectable is not None
    assert abs(found.difference or 0) < found.detectable
    assert "Not enough stories to tell" in found.words


def test_six_premises_cannot_tell_one_of_three_measures_and_seven_can() -> None:
    measures = ("mattr", "repetition_across", "length_error")

    def found(premises: int) -> list[Comparison]:
        arms = arms_of(0.2, premises)
        return compare({arm: dict.fromkeys(measures, of["mattr"]) for arm, of in arms.items()}, "plain", measures)

    for each in found(6):
        assert (each.verdict, each.fewest, each.detectable) == (Verdict.NOT_ENOUGH, 7, None)
        assert (each.p_adjusted or 0) > 0.05
        assert each.premises_needed == 7
        assert each.words.endswith("over 6 premises, and a test needs 7 where 3 are compared.")
    assert {each.verdict for each in found(7)} == {Verdict.BETTER, Verdict.WORSE}


def test_what_test_and_interval_say_is_not_told_below_what_can_be_detected() -> None:
    plain = {n: [0.0] for n in range(12)}
    new = {n: [0.05 + 0.1 * (-1) ** n * (n // 2 == 0) + 0.03 * (-1) ** n] for n in range(12)}
    found = only({"plain": {"mattr": plain}, "new": {"mattr": new}})
    assert (found.p or 1) <= 0.05
    assert (found.low or 0) > 0
    assert 0 < (found.difference or 0) < (found.detectable or 0)
    assert found.verdict is Verdict.NOT_ENOUGH
    assert "cannot be relied on to show with so many" in found.words
    assert f"About {found.premises_needed} premises would show" in found.words


def test_arms_that_are_alike_in_every_story_are_the_same() -> None:
    arms = arms_of(0.0, 6)
    arms["new"] = arms["plain"]
    assert only(arms).verdict is Verdict.SAME


def test_only_premises_of_both_arms_count() -> None:
    arms = arms_of(0.2, 8)
    del arms["new"]["mattr"][0]
    arms["plain"]["mattr"][1] = []
    assert only(arms).premises == 6


def test_measures_are_adjusted_for_being_several() -> None:
    arms = arms_of(0.2, 6)
    one = only(arms)
    assert one.p == one.p_adjusted == pytest.approx(2 / 64)
    for measure in ("dialogue_share", "name_consistency"):
        for arm in arms.values():
            arm[measure] = arm["mattr"]
    found = {each.measure: each for each in compare(arms, "plain", ["mattr"])}
    assert found["mattr"].verdict is Verdict.BETTER
    assert (found["mattr"].family, found["name_consistency"].family) == ("primary", "exploratory")
    assert found["name_consistency"].p_adjusted == pytest.approx(4 / 64)
    assert found["name_consistency"].verdict is Verdict.NOT_ENOUGH


def test_a_measure_that_one_arm_does_not_have_is_told_as_such() -> None:
    arms = arms_of(0.2, 6)
    arms["new"] = {}
    assert only(arms).words == "Not enough stories to tell: 0 premises in both arms."
