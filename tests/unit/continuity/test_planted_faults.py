"""What code finds in the suite of planted faults, and that it finds nothing in clean scenes."""

from collections import Counter

import pytest

from benchmarks.planted.suite import Case, clean_scenes, contradictions, faulty_scenes
from chorus.continuity import Fault, look_over
from chorus.domain.canon import FaultKind, FindingCategory
from tests.figures import show

SEEDS = (0, 1)
LEAST_FOUND = 0.95
NAMED = {FaultKind.STRANGER, FaultKind.RENAMED, FaultKind.DEAD, FaultKind.REPETITION, FaultKind.LANGUAGE}
"""The kinds that the bar speaks of; of the others as much is asked."""


def faults_in(case: Case) -> list[Fault]:
    return look_over(case.subject, case.echoes, case.number)


def is_found(case: Case, faults: list[Fault]) -> bool:
    quotes = [fault.quote for fault in faults if fault.kind is case.fault]
    return any(case.planted[:30] in quote or quote[:30] in case.planted for quote in quotes)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_found_in_clean_scenes(seed: int) -> None:
    scenes = clean_scenes(seed)
    assert len(scenes) >= 40
    assert len({case.subject.text for case in scenes}) == len(scenes)
    assert {case.name: faults for case in scenes if (faults := faults_in(case))} == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_faults_are_found(seed: int) -> None:
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case in faulty_scenes(seed):
        assert case.fault
        planted[case.fault] += 1
        found[case.fault] += is_found(case, faults_in(case))
    show(f"Planted faults, seed {seed}", [{"kind": k, "planted": n, "found": found[k]} for k, n in planted.items()])
    assert planted.keys() >= NAMED
    assert all(found[kind] >= LEAST_FOUND * planted[kind] for kind in planted), (planted, found)


def test_quotes_are_exact() -> None:
    for case in faulty_scenes():
        for fault in faults_in(case):
            assert fault.quote in case.subject.text
            assert fault.other_quote or fault.kind is FaultKind.LEAK
            if fault.kind is FaultKind.REPETITION:
                assert fault.other_quote in "\n".join([*case.earlier, case.subject.text])


def test_planted_contradictions_cover_the_checklist() -> None:
    """Code has nothing to say of them: to see them takes a reader."""
    cases = contradictions()
    assert len(cases) >= 60
    assert min(Counter(case.category for case in cases).values()) >= 12
    assert {case.category for case in cases} == set(FindingCategory)
    assert all(case.planted in case.subject.text for case in cases)
    loud = [fault for case in cases for fault in faults_in(case) if fault.kind is not FaultKind.LENGTH]
    assert loud == []
