"""Weigh the reasons for which memories were found against each other; pure figures, nothing is read.

Each leg is divided by its best, so that the best of each counts 1: on the training tales that beat the fusion of ranks,
and it needs no floor that would depend on how many candidates there are (decision 0017).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chorus.domain.search import Weights
from chorus.store import Floats, Ints

NEAREST_SCENES = 3
"""So many of its scenes say how near a story is."""
STORY_BY_VECTORS = 2.5
"""What that weighs, where the story's words weigh 1."""


@dataclass(frozen=True)
class Legs:
    """What each leg says of every candidate: cosines (NaN without a vector), BM25, and BM25 of the story."""

    vector: Floats
    lexical: Floats
    story: Floats

    def parts(self) -> dict[str, Floats]:
        """Each leg in [0, 1]."""
        cosines = np.nan_to_num(np.clip(self.vector, 0, None))
        return {"vector": _to_best(cosines), "lexical": _to_best(self.lexical), "story": _to_best(self.story)}


def _to_best(scores: Floats) -> Floats:
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else np.zeros_like(scores)


def fuse(parts: Mapping[str, Floats], weights: Weights) -> Floats:
    """The weighted sum of the parts there are."""
    weighed = [getattr(weights, name) * part for name, part in parts.items()]
    total: Floats = np.sum(weighed, axis=0)
    return total


def fit_of_stories(lexical: Floats, story: Ints, cosines: Floats) -> Floats:
    """How well stories fit by BM25 and by their nearest scenes. ``story``: of each scene; ``cosines``: of each scene.

    Scenes that were not brought are taken to be as far as the farthest that was.
    """
    missing = cosines.min(initial=0.0)
    best = np.full((len(lexical), NEAREST_SCENES), missing)
    order = np.lexsort((-cosines, story))
    first = np.searchsorted(story[order], np.arange(len(lexical)))
    place = np.arange(len(order)) - first[story[order]]
    kept = place < NEAREST_SCENES
    best[story[order][kept], place[kept]] = cosines[order][kept]
    return _to_best(lexical) + STORY_BY_VECTORS * _to_best(best.mean(axis=1))


def order_of(scores: Floats) -> Ints:
    """The places from the best score down; equals stay in their order."""
    return np.argsort(-scores, kind="stable")


def ranks(scores: Floats) -> Ints:
    """The rank of each score, from 1; 0 where there is none (NaN)."""
    rank = np.zeros(len(scores), np.int64)
    rank[order_of(np.nan_to_num(scores, nan=-np.inf))] = np.arange(1, len(scores) + 1)
    return np.where(np.isnan(scores), 0, rank)


def best_of_groups(group: Ints, scores: Floats, groups: int, floor: float = 0.0) -> Floats:
    """The highest score in each group, NaN aside."""
    best = np.full(groups, floor)
    np.fmax.at(best, group, scores)
    return best


def groups_of(story: Ints, scene: Ints, doc: Ints) -> tuple[Ints, int]:
    """Number the scenes of candidates; what belongs to none, lore, is a group of its own. Groups keep their order."""
    keys = np.stack([story, scene, np.where(scene > 0, -1, doc)], axis=1)
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    by_appearance = np.argsort(np.argsort(first))
    return by_appearance[place.reshape(-1)], len(first)
