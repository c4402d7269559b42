"""Gather what the legs find for a question: inside a story everything, across stories the best of each leg."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from chorus.domain.search import Grouping, MemoryFilter
from chorus.memory import fusion, lexical
from chorus.store import Candidates, Floats, Ints, Postings, QueryTerm, Search

NEAREST = 150
"""Memories that the vector leg brings across stories; four for each hit if that is more."""
BEST_WORDED = 100
"""Memories, or scenes, that the lexical leg brings across stories."""
MOST_POSTINGS = 60_000
"""Postings that are read to find candidates; commoner words are only weighed where the rarer ones were found."""


@dataclass(frozen=True)
class Question:
    """What is looked for: its words, its vector of ``model`` if words must not do, how many hits of what kind."""

    query: str
    model: str
    vector: Sequence[float] | None
    k: int
    within: MemoryFilter
    group: Grouping


@dataclass(frozen=True)
class Gathered:
    """Candidates, and the postings of the query's terms in them; ``around`` has those of their neighbours as well.

    ``story_scores``: BM25 of ``candidates.story_ids``.
    """

    candidates: Candidates
    terms: tuple[QueryTerm, ...]
    postings: Postings
    around: Postings
    idf: Floats
    story_scores: Floats


async def gather_in_story(search: Search, question: Question) -> Gathered:
    """Look at every memory of a story. Only what passes the filter counts, also in how rare a word is."""
    within = question.within
    candidates = await search.scan_story(question.model, question.vector, within)
    terms = await search.list_terms(question.query, within.story_id)
    names = [term.term for term in terms]
    postings = Postings.of(await search.list_postings(names, within.story_id), names)
    postings = postings.only(np.isin(postings.doc, candidates.doc))
    weights = lexical.idf(len(candidates.doc), lexical.count_having(postings))
    return Gathered(candidates, tuple(terms), postings, postings, weights, np.zeros(len(candidates.story_ids)))


async def gather_across(search: Search, question: Question) -> Gathered:
    """Let the postings and the index of the vectors bring candidates, then look at all legs of each of them."""
    terms = await search.list_terms(question.query)
    sizes = await search.count_by_story()
    names = [term.term for term in terms]
    rare, common = _by_rarity(terms)
    postings = _up_to(Postings.of(await search.list_postings(rare), names), question.within.as_of)
    weights = lexical.idf(sum(sizes.values()), np.array([float(term.memories) for term in terms]))
    candidates = await _candidates(search, question, postings, weights)
    story_scores = _story_scores(postings, candidates, len(sizes))
    if common:
        blocks = {
            (candidates.story_ids[s], d >> 10) for s, d in zip(candidates.story, candidates.doc.tolist(), strict=True)
        }
        more = await search.list_postings(common, blocks=sorted(blocks))
        postings = postings.joined(_up_to(Postings.of(more, names), question.within.as_of))
    found = postings.only(np.isin(postings.doc, candidates.doc))
    return Gathered(candidates, tuple(terms), found, postings, weights, story_scores)


def _up_to(postings: Postings, as_of: int | None) -> Postings:
    return postings if as_of is None else postings.only(postings.scene <= as_of)


def _by_rarity(terms: Sequence[QueryTerm]) -> tuple[list[str], list[str]]:
    """The rarest terms, as far as their postings can all be read, and the others."""
    ordered = sorted(terms, key=lambda term: term.memories)
    total = np.cumsum([term.memories for term in ordered])
    enough = max(1, int(np.searchsorted(total, MOST_POSTINGS, "right")))
    return [term.term for term in ordered[:enough]], [term.term for term in ordered[enough:] if term.memories]


def _story_scores(postings: Postings, candidates: Candidates, stories: int) -> Floats:
    scores = dict(zip(postings.stories, lexical.score_stories(postings, stories), strict=True))
    return np.array([scores.get(story_id, 0.0) for story_id in candidates.story_ids])


async def _candidates(search: Search, question: Question, postings: Postings, weights: Floats) -> Candidates:
    """The best of both legs that pass the filter; ever more are tried while they are fewer than ``k``."""
    within, k = question.within, question.k
    narrow = within != MemoryFilter()
    few = narrow and question.group is Grouping.PASSAGE  # the narrower the filter, the further the index is followed
    most = 4 * k if few else max(NEAREST, 4 * k)
    near = await search.list_nearest(question.model, question.vector, within, most)
    if narrow and len(near) < k:
        near = await search.list_nearest(question.model, question.vector, within, most, exact=True)
    worded = _Worded.of(postings, weights, question.group)
    most = max(BEST_WORDED, 4 * k)
    while True:
        docs, scenes = worded.best(most, question.group)
        docs += [doc for doc, _, scene in near if question.group is Grouping.PASSAGE or not scene]
        if question.group is Grouping.SCENE:
            scenes += list(dict.fromkeys((story_id, scene) for _, story_id, scene in near if scene))[:most]
        found = await search.compare(
            question.model, question.vector, within, docs=list(set(docs)), scenes=list(set(scenes))
        )
        if not narrow or most >= len(worded.docs) or _hits(found, question.group) >= k:
            return found
        most *= 10


def _hits(candidates: Candidates, group: Grouping) -> int:
    """How many hits there are among candidates."""
    if group is Grouping.PASSAGE:
        return len(candidates.doc)
    return fusion.groups_of(candidates.story, candidates.scene, candidates.doc)[1]


@dataclass(frozen=True)
class _Worded:
    """Memories and scenes by their words, the best first."""

    docs: Ints
    lore: frozenset[int]
    scenes: list[tuple[UUID, int]]

    @classmethod
    def of(cls, postings: Postings, weights: Floats, group: Grouping) -> "_Worded":
        docs, scores = lexical.score_memories(postings, weights)
        order = fusion.order_of(scores)
        if group is Grouping.PASSAGE:
            return cls(docs[order], frozenset(), [])
        keys, place = np.unique((postings.story << 32) + postings.scene, return_inverse=True)
        totals = lexical.score_groups(postings, place, weights, len(keys))
        best = keys[fusion.order_of(totals)].tolist()
        scenes = [(postings.stories[key >> 32], key & 0xFFFFFFFF) for key in best if key & 0xFFFFFFFF]
        return cls(docs[order], frozenset(postings.doc[postings.scene == 0].tolist()), scenes)

    def best(self, most: int, group: Grouping) -> tuple[list[int], list[tuple[UUID, int]]]:
        docs: list[int] = self.docs[:most].tolist()
        if group is Grouping.PASSAGE:
            return docs, []
        return [doc for doc in docs if doc in self.lore], self.scenes[:most]
