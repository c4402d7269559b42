"""Gather what the legs find for a question: inside a story everything, across stories the best of each leg."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from chorus.domain.search import Grouping, MemoryFilter
from chorus.memory import english, fusion, lexical, names
from chorus.memory.about import find_about
from chorus.store import PAGE_BITS, Candidates, Floats, Ints, Postings, QueryTerm, Search, Within, hash_of

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
class Words:
    """The words of a query. ``hashes`` has each of ``forms``, and ``of`` says which of ``terms`` it is a form of."""

    terms: tuple[QueryTerm, ...]
    forms: tuple[str, ...]
    hashes: tuple[int, ...]
    of: Ints

    @classmethod
    def told(cls, terms: Sequence[QueryTerm], kin: Mapping[str, Sequence[str]] | None = None) -> "Words":
        """Add irregular forms to English words that Postgres stemmed, and ``kin``: other names of who is named."""
        known = {term.term: place for place, term in enumerate(terms)}
        for place, term in enumerate(terms):
            forms = english.forms_of(term.term) if term.english else ()
            for form in [*sorted(forms), *(kin or {}).get(term.term, ())]:
                known.setdefault(form, place)
        places = np.array(list(known.values()), np.int64)
        return cls(tuple(terms), tuple(known), tuple(hash_of(form) for form in known), places)

    def fold(self, postings: Postings) -> Postings:
        """Take all forms of a term for the term."""
        return postings.folded(self.hashes[: len(self.terms)], self.of)

    def weigh(self, memories: int, having: Floats) -> Floats:
        """How much each term tells, if so many of all memories have it."""
        asked = [english.ASKING.get(term.term, 1.0) if term.english else 1.0 for term in self.terms]
        weights: Floats = lexical.idf(memories, having) * np.array(asked)
        return weights

    def forms_of(self, terms: Iterable[str]) -> dict[str, str]:
        """The forms of some terms, each with its term."""
        wanted = set(terms)
        told = [self.terms[place].term for place in self.of.tolist()]
        return {form: term for form, term in zip(self.forms, told, strict=True) if term in wanted}


@dataclass(frozen=True)
class Gathered:
    """Candidates, and the postings of the query's terms in them; ``around`` has those of their neighbours as well.

    ``story_scores``: BM25 of ``candidates.story_ids``.
    """

    candidates: Candidates
    words: Words
    postings: Postings
    around: Postings
    idf: Floats
    story_scores: Floats


async def gather_in_story(search: Search, question: Question) -> Gathered:
    """Look at every memory of a story. Only what passes the filter counts, also in how rare a word is."""
    story_id = question.within.story_id
    pages = await search.list_pages(story_id)
    within = Within(question.within, await find_about(search, question.within, pages))
    candidates = await search.scan_story(question.model, question.vector, within)
    words = await _words_in_story(search, question)
    postings = Postings.of_pages(pages, words.hashes)
    postings = words.fold(postings.only(np.isin(postings.doc, candidates.doc)))
    weights = words.weigh(len(candidates.doc), lexical.count_having(postings))
    return Gathered(candidates, words, postings, postings, weights, np.zeros(len(candidates.story_ids)))


async def _words_in_story(search: Search, question: Question) -> Words:
    """The query's words; whoever is named is meant by all names."""
    story_id = question.within.story_id
    terms = await search.list_terms(question.query, story_id)
    cast = await search.list_names([story_id]) if story_id else []
    named = names.named_in(question.query, names.people_of((name, aliases) for _, name, aliases in cast))
    own = [part for person in named for part in person.own]
    stems = dict(await search.list_stems(own, story_id)) if own else {}
    return Words.told(*names.kin_of(question.query, terms, named, stems))


async def gather_across(search: Search, question: Question) -> Gathered:
    """Let the postings and the index of the vectors bring candidates, then look at all legs of each of them."""
    words = Words.told(await search.list_terms(question.query))
    stories = await search.list_stories()
    memories, counts = await search.count_in_shards(words.hashes)
    pages = await search.list_pages()
    within = Within(question.within, await find_about(search, question.within, pages))
    fresh = words.fold(Postings.of_pages(pages, words.hashes))
    counted = np.array([counts.get(each, 0) for each in words.hashes], np.float64)
    having = np.bincount(words.of, counted, len(words.terms)) + lexical.count_having(fresh)
    rare = _rare(having)
    wanted = np.flatnonzero(rare[words.of]).tolist()
    gathered = Postings.of(await search.list_postings([words.hashes[place] for place in wanted]), words.hashes)
    postings = words.fold(gathered).joined(fresh.only(rare[fresh.term]))
    postings = _up_to(postings.of_stories(stories), question.within.as_of)
    weights = words.weigh(memories + pages.memories, having)
    candidates = await _candidates(search, question, within, postings, weights)
    story_scores = _story_scores(postings, candidates, len(stories))
    if not rare.all():
        around = await search.list_pages(blocks=_blocks(candidates))
        more = words.fold(Postings.of_pages(around, words.hashes))
        postings = postings.joined(_up_to(more.only(~rare[more.term]), question.within.as_of))
    found = postings.only(np.isin(postings.doc, candidates.doc))
    return Gathered(candidates, words, found, postings, weights, story_scores)


def _blocks(candidates: Candidates) -> list[tuple[UUID, int]]:
    """The blocks that candidates are in; most of their neighbours are there as well."""
    known = np.unique((candidates.story << 40) + (candidates.doc >> PAGE_BITS))
    return [(candidates.story_ids[key >> 40], key & ((1 << 40) - 1)) for key in known.tolist()]


def _up_to(postings: Postings, as_of: int | None) -> Postings:
    return postings if as_of is None else postings.only(postings.scene <= as_of)


def _rare(having: Floats) -> npt.NDArray[np.bool_]:
    """Which terms are rare enough that all their postings can be read; the rarest always is."""
    order = np.argsort(having, kind="stable")
    rare = np.zeros(len(having), bool)
    rare[order] = np.cumsum(having[order]) <= MOST_POSTINGS
    rare[order[:1]] = True
    return rare


def _story_scores(postings: Postings, candidates: Candidates, stories: int) -> Floats:
    scores = dict(zip(postings.stories, lexical.score_stories(postings, stories), strict=True))
    return np.array([scores.get(story_id.bytes, 0.0) for story_id in candidates.story_ids])


async def _candidates(
    search: Search, question: Question, within: Within, postings: Postings, weights: Floats
) -> Candidates:
    """The best of both legs that pass the filter; ever more are tried while they make fewer than ``k`` hits."""
    k, group = question.k, question.group
    worded = _Worded.of(postings, weights, group)
    most = max(BEST_WORDED, 4 * k)
    near = _Nearest.of(question)
    while True:
        nearest = await near.bring(search, question, within)
        docs, scenes = worded.best(most, group)
        docs += [doc for doc, _, scene in nearest if group is Grouping.PASSAGE or not scene]
        if group is Grouping.SCENE:
            scenes += [(story_id, scene) for _, story_id, scene in nearest if scene]
        found = await search.compare(
            question.model, question.vector, within, docs=list(set(docs)), scenes=list(set(scenes))
        )
        if _hits(found, group) >= k or (near.has_all and most >= len(worded.docs)):
            return found
        near.go_further()
        most *= 10


@dataclass
class _Nearest:
    """How far the vector leg goes: so many memories, through the index as long as that brings enough."""

    most: int
    exact: bool = False
    has_all: bool = False

    @classmethod
    def of(cls, question: Question) -> "_Nearest":
        narrow = question.within != MemoryFilter()
        few = (
            narrow and question.group is Grouping.PASSAGE
        )  # the narrower the filter, the further the index is followed
        return cls(4 * question.k if few else max(NEAREST, 4 * question.k))

    async def bring(self, search: Search, question: Question, within: Within) -> list[tuple[int, UUID, int]]:
        """The nearest that pass the filter; what the index does not find, looking at all does."""
        asked = question.model, question.vector, within, self.most
        near = await search.list_nearest(*asked, exact=self.exact)
        if len(near) < question.k and not self.exact and question.within != MemoryFilter():
            self.exact = True
            near = await search.list_nearest(*asked, exact=True)
        self.has_all = question.vector is None or (self.exact and len(near) < self.most)
        return near

    def go_further(self) -> None:
        """Bring more the next time."""
        self.exact = True
        self.most *= 10


def _hits(candidates: Candidates, group: Grouping) -> int:
    """How many hits there are among candidates."""
    if group is Grouping.PASSAGE:
        return len(candidates.doc)
    return fusion.groups_of(candidates.story, candidates.scene, candidates.doc)[1]


@dataclass(frozen=True)
class _Worded:
    """Memories and scenes by their words, the best first; a scene is its story's place and its number."""

    docs: Ints
    lore: Ints
    scenes: Ints
    stories: tuple[bytes, ...]

    @classmethod
    def of(cls, postings: Postings, weights: Floats, group: Grouping) -> "_Worded":
        docs, scores = lexical.score_memories(postings, weights)
        docs = docs[fusion.order_of(scores)]
        if group is Grouping.PASSAGE:
            return cls(docs, _NOTHING, _NOTHING, postings.stories)
        keys, place = np.unique((postings.story << 32) + postings.scene, return_inverse=True)
        totals = lexical.score_groups(postings, place, weights, len(keys))
        best = keys[fusion.order_of(totals)]
        return cls(docs, np.unique(postings.doc[postings.scene == 0]), best[best & 0xFFFFFFFF > 0], postings.stories)

    def best(self, most: int, group: Grouping) -> tuple[list[int], list[tuple[UUID, int]]]:
        docs = self.docs[:most]
        if group is Grouping.PASSAGE:
            return docs.tolist(), []
        scenes = [(UUID(bytes=self.stories[key >> 32]), key & 0xFFFFFFFF) for key in self.scenes[:most].tolist()]
        return docs[np.isin(docs, self.lore)].tolist(), scenes


_NOTHING = np.empty(0, np.int64)
