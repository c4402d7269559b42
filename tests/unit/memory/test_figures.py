"""The figures behind a score, on postings small enough to count by hand."""

from uuid import UUID, uuid4

import numpy as np

from chorus.memory import fusion, lexical
from chorus.store import Floats, Postings
from chorus.store.postings import ENTRY, HEAD, PostingRow

ONE, TWO = uuid4(), uuid4()
WEIGHTS = np.array([2.0, 1.0])


FOX, HEN = 7, -7


def row(term: int, story_id: UUID, *scenes: int) -> PostingRow:
    """A term that stands once in one memory of each of these scenes."""
    entries = np.array([(s, s, 1, 10) for s in scenes], ENTRY).tobytes()
    return PostingRow(term, np.array([(story_id.bytes, 0, len(scenes))], HEAD).tobytes(), entries)


def neighbours_of(scene: int, story: int = 0) -> float:
    postings = Postings.of([row(FOX, ONE, 1, 2, 4), row(HEN, ONE, 3), row(FOX, TWO, 3)], [FOX, HEN])
    found = lexical.score_neighbours(postings, WEIGHTS, (ONE, TWO), np.array([story]), np.array([scene]))
    return float(found[0])


def test_a_scene_gains_by_those_before_and_after_in_its_own_story() -> None:
    assert neighbours_of(3) == 4.0
    assert neighbours_of(1) == 2.0
    assert neighbours_of(2) == 3.0
    assert neighbours_of(2, story=1) == 2.0
    assert neighbours_of(0) == 0.0
    assert neighbours_of(9) == 0.0


def test_being_there_counts_once() -> None:
    postings = Postings.of([row(FOX, ONE, 1, 2), row(HEN, ONE, 2)], [FOX, HEN])
    covered = lexical.cover_groups(postings, np.zeros(3, np.int64), WEIGHTS, 1)
    assert covered.tolist() == [3.0]


def test_a_pair_is_looked_for_where_both_of_its_words_are() -> None:
    postings = Postings.of([row(FOX, ONE, 1, 2), row(HEN, ONE, 2, 3)], [FOX, HEN])
    assert lexical.have_pair(postings, np.array([3, 2, 1, 9]), [(0, 1)]).tolist() == [False, True, False, False]


def fit(lexical_scores: list[float], story: list[int], cosines: list[float]) -> Floats:
    return fusion.fit_of_stories(np.array(lexical_scores), np.array(story), np.array(cosines))


def test_a_story_fits_by_its_nearest_scenes() -> None:
    near, far = fit([0.0, 0.0], [0, 1, 0, 1, 0, 0], [0.9, 0.5, 0.9, 0.5, 0.9, 0.1])
    assert near == fusion.STORY_BY_VECTORS
    assert far < near
    assert fit([4.0, 2.0], [0, 1], [0.0, 0.0]).tolist() == [1.0, 0.5]


def test_a_story_is_not_near_because_one_scene_was_brought() -> None:
    lucky, steady = fit([0.0, 0.0], [0, 1, 1, 1], [0.9, 0.8, 0.8, 0.2])
    assert lucky < steady


def test_whatever_has_a_score_has_a_rank() -> None:
    assert fusion.ranks(np.array([0.2, np.nan, -0.1, 0.0, np.nan, 0.5])).tolist() == [2, 0, 4, 3, 0, 1]
