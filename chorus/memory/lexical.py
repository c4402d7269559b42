"""What a query's words say: BM25 of memories, of scenes and of whole stories from the same postings.

A scene has all its passages' words, and its passages overlap: with ``SCENE_K1`` a word counts for being there, hardly
for how often. A story's words tell which story is meant when the scene says only "he".

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf that is
never negative. The figures were chosen on the training tales (decision 0017).
"""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

import numpy as np
import numpy.typing as npt

from chorus.store import Floats, Ints, Postings, QueryTerm

K1 = 0.9
B = 0.4
SCENE_K1 = 0.3
COVERED = 1.0
"""What a word adds for being in the scene at all, however often."""
BEST_PASSAGE = 0.5
"""What a scene's best passage adds to it."""
NEIGHBOUR = 0.25
"""What the scenes before and after add: what is asked for often happens across their border."""
LENGTH = 0.06
"""The power of its number of memories by which a scene is divided: a long one has more words by chance."""
PHRASE = 1.6
"""What two words of the query add that stand as near each other in a memory."""
NEAR_WORDS = 6


def idf(memories: int, having: Floats) -> Floats:
    """How much a term tells that so many of all memories have."""
    weights: Floats = np.log(1 + (memories - having + 0.5) / (having + 0.5))
    return weights


def count_having(postings: Postings) -> Floats:
    """In how many memories each term stands."""
    return np.bincount(postings.term, minlength=len(postings.terms)).astype(np.float64)


def score_memories(postings: Postings, weights: Floats) -> tuple[Ints, Floats]:
    """BM25 of every memory that has a term: (docs in rising order, scores)."""
    docs, place = np.unique(postings.doc, return_inverse=True)
    usual = postings.words.mean() if len(docs) else 1.0
    damped = postings.times + K1 * (1 - B + B * postings.words / usual)
    gains = weights[postings.term] * postings.times * (K1 + 1) / damped
    return docs, np.bincount(place, gains, len(docs))


def score_groups(postings: Postings, group: Ints, weights: Floats, groups: int, k1: float = SCENE_K1) -> Floats:
    """BM25 of scenes or stories, whatever their length; ``group`` tells for each posting in which it is."""
    terms = len(postings.terms)
    times = np.bincount(group * terms + postings.term, postings.times, groups * terms).reshape(groups, terms)
    scores: Floats = (times * (k1 + 1) / (times + k1)) @ weights
    return scores


def cover_groups(postings: Postings, group: Ints, weights: Floats, groups: int) -> Floats:
    """How much of the query's words each group has."""
    terms = len(postings.terms)
    there = np.bincount(group * terms + postings.term, minlength=groups * terms).reshape(groups, terms) > 0
    covered: Floats = there @ weights
    return covered


def score_neighbours(
    postings: Postings, weights: Floats, story_ids: Sequence[UUID], story: Ints, scene: Ints
) -> Floats:
    """BM25 of the scenes before and after, together; ``story`` counts into ``story_ids``, and scene 0 is none."""
    places = {story_id.bytes: place for place, story_id in enumerate(story_ids)}
    told_in = np.array([places.get(story_id, -1) for story_id in postings.stories], np.int64)[postings.story]
    kept = (told_in >= 0) & (postings.scene > 0)
    near = postings.only(kept)
    known, group = np.unique((told_in[kept] << 32) + near.scene, return_inverse=True)
    if not len(known):
        return np.zeros(len(scene))
    scores = score_groups(near, group, weights, len(known))

    def at(keys: Ints) -> Floats:
        place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        return np.where(known[place] == keys, scores[place], 0.0)

    keys = (story << 32) + scene
    return np.where(scene > 0, at(keys - 1) + at(keys + 1), 0.0)


def score_stories(postings: Postings, stories: int) -> Floats:
    """BM25 of whole stories among so many."""
    terms = len(postings.terms)
    there = np.bincount(postings.story * terms + postings.term, minlength=len(postings.stories) * terms)
    having = (there.reshape(len(postings.stories), terms) > 0).sum(axis=0).astype(np.float64)
    return score_groups(postings, postings.story, idf(stories, having), len(postings.stories), K1)


def neighbours(terms: Sequence[QueryTerm]) -> list[tuple[str, str]]:
    """The pairs of terms that follow each other in the query."""
    places = sorted((position, term.term) for term in terms for position in term.positions)
    following = [(one, two) for (_, one), (_, two) in pairwise(places) if one != two]
    return list(dict.fromkeys(following))


def have_pair(postings: Postings, docs: Ints, pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which memories have both terms of any of the pairs, which are places in ``postings.terms``."""
    kept = np.isin(postings.doc, docs)
    order = np.argsort(docs)
    there = np.zeros((len(docs), len(postings.terms)), bool)
    there[order[np.searchsorted(docs, postings.doc[kept], sorter=order)], postings.term[kept]] = True
    both: npt.NDArray[np.bool_] = np.any([there[:, one] & there[:, two] for one, two in pairs], axis=0)
    return both


def score_phrases(
    found: Sequence[tuple[int, str, list[int]]], pairs: Sequence[tuple[str, str]], weight_of: dict[str, float]
) -> dict[int, float]:
    """What each memory (by doc) gains by pairs of terms that stand in it as they do in the query."""
    places: dict[int, dict[str, list[int]]] = {}
    for doc, term, positions in found:
        places.setdefault(doc, {}).setdefault(term, []).extend(positions)
    return {
        doc: sum(
            (weight_of[one] + weight_of[two]) / 2
            for one, two in pairs
            if any(0 < b - a <= NEAR_WORDS for a in there.get(one, ()) for b in there.get(two, ()))
        )
        for doc, there in places.items()
    }
