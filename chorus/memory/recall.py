"""Find memories by words and by meaning, say why each was found, and give those that were just made their vectors."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from chorus.domain.canon import MemoryHit
from chorus.domain.run import Lease
from chorus.domain.search import Grouping, Hits, MemoryFilter, Weights, rerank
from chorus.errors import EmbeddedError, EndpointError, EndpointRefused
from chorus.memory import fusion, lexical
from chorus.memory.embedder import Embedder
from chorus.memory.legs import NEAREST, Gathered, Question, gather_across, gather_in_story
from chorus.memory.names import named_in, people_of
from chorus.store import Database, Floats, Ints, Search

BATCH = 256
INDEXED_FROM = 5_000
"""Memories from which on vectors have an index; among fewer, to look at all is as quick, and to write is quicker."""
QUERY_PATIENCE_S = 10.0
"""How long a person who searches waits for the embedder before words have to do."""
SHUNNED_S = 30.0
"""How long an embedder that failed is not asked for a query's vector, if words will do."""
QUERIES_KEPT = 256
PHRASED = 100
"""Memories in which phrases of the query are looked for."""
RECENT_SCENES = 10.0
"""Scenes after which a memory is half as recent."""


class Recall:
    """Memory of stories through one embedder."""

    def __init__(self, store: Database, embedder: Embedder, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._shunned_until = -math.inf
        self._trouble = ""
        self._indexed = False
        self._queries: OrderedDict[str, list[float]] = OrderedDict()

    @property
    def model(self) -> str:
        """The embedding model that queries are asked with."""
        return self._embedder.name

    async def search(
        self,
        query: str,
        *,
        k: int,
        within: MemoryFilter,
        group: Grouping = Grouping.PASSAGE,
        weights: Weights | None = None,
        words_will_do: bool = False,
    ) -> Hits:
        """Find the best ``k`` memories or scenes for a query.

        Inside a story all of its memories are weighed, so that the same rows always give the same hits. A memory
        without a vector of the model is found by its words; so are all where the embedder fails and ``words_will_do``.

        Raises:
            EndpointError: the embedder's endpoint gave no vector.
            EmbeddedError: the embedded embedder is not there.
        """
        vector, trouble = await self._ask_embedder(query, or_do_without=words_will_do)
        question = Question(query, self.model, vector, k, within, group)
        async with self._store.transaction(snapshot=True) as tx:  # pages may be gathered while it reads
            search = tx.search
            await search.prepare(nearest=max(NEAREST, 4 * k))
            gather = gather_in_story if within.story_id else gather_across
            gathered = await gather(search, question)
            hits = await _hits(search, question, gathered, weights or Weights())
        pending = 0 if vector is None else int(np.isnan(gathered.candidates.cosine).sum())
        return Hits(hits, words_only=trouble, pending=pending)

    async def _ask_embedder(self, query: str, *, or_do_without: bool) -> tuple[list[float] | None, str]:
        """The query's vector, or why there is none; an embedder that failed is left alone for a while."""
        if not or_do_without:
            return await self.vector_of(query), ""
        if query not in self._queries and self._clock() < self._shunned_until:
            return None, self._trouble
        try:
            async with asyncio.timeout(QUERY_PATIENCE_S):
                return await self.vector_of(query), ""
        except (EndpointError, EmbeddedError, TimeoutError) as error:
            self._trouble = str(error) or f"The embedder gave no vector in {QUERY_PATIENCE_S:.0f} s."
            self._shunned_until = self._clock() + SHUNNED_S
            return None, self._trouble

    async def vector_of(self, query: str) -> list[float]:
        """The query's vector; asking the same again, with other weights or filters, computes nothing."""
        if query not in self._queries:
            (vector,) = await self._embedder.embed([query])
            if not vector:
                raise EndpointRefused(f"'{self.model}' gives no vector of this query.")
            self._queries[query] = vector
            if len(self._queries) > QUERIES_KEPT:
                self._queries.popitem(last=False)
        self._queries.move_to_end(query)
        return self._queries[query]

    async def embed_pending(
        self,
        story_id: UUID | None = None,
        lease: Lease | None = None,
        progress: Callable[[int], None] | None = None,
        within_s: float = math.inf,
    ) -> int:
        """Give every memory, of a story or of all, its vector of this model; return how many were pending.

        No batch is begun after ``within_s``. Committed batch by batch: an interruption loses nothing, and the next call
        goes on. Until a memory has its new vector it is found by its words only; vectors of two models are never
        compared.
        """
        done = last = 0
        more, until_s = False, time.monotonic() + within_s
        while True:
            async with self._store.reading() as tx:
                pending = await tx.memories.list_pending(self.model, story_id, after=last, most=BATCH)
            if not pending:
                break
            vectors = await self._embedder.embed([memory.text for memory in pending])
            last = pending[-1].doc
            pairs = [(memory.id, vector) for memory, vector in zip(pending, vectors, strict=True) if vector]
            if pairs:
                await self._prepare_index(last, len(pairs[0][1]))
            async with self._store.transaction(lease) as tx:
                await tx.memories.embed(self.model, pairs)
                more = await tx.shards.gather()
            done += len(pairs)
            if progress:
                progress(done)
            if len(pending) < BATCH or time.monotonic() > until_s:
                break
        if more:
            await self.gather()
        return done

    async def gather(self) -> None:
        """Gather what was written lately, so that searches across all stories stay quick (decision 0037)."""
        more = True
        while more:
            async with self._store.transaction() as tx:
                more = await tx.shards.gather()

    async def _prepare_index(self, doc: int, dimensions: int) -> None:
        """See that the model's vectors are indexed once there are many; ``doc`` numbers all memories in turn."""
        if not self._indexed and doc >= INDEXED_FROM:
            async with self._store.transaction() as tx:
                await tx.memories.ensure_index(self.model, dimensions)
            self._indexed = True


async def _hits(search: Search, question: Question, gathered: Gathered, weights: Weights) -> list[MemoryHit]:
    """Weigh candidates, memory by memory and then scene by scene if that is asked, and read the best."""
    candidates = gathered.candidates
    if not len(candidates.doc):
        return []
    worded = _worded(gathered)
    group, groups = fusion.groups_of(candidates.story, candidates.scene, candidates.doc)
    story = _story_part(gathered, group, groups)[candidates.story]
    single = fusion.Legs(candidates.cosine, worded, story)
    phrases = await _phrases(search, gathered, fusion.fuse(single.parts(), weights))
    single = fusion.Legs(candidates.cosine, worded + lexical.PHRASE * phrases, story)
    single_scores = fusion.fuse(single.parts(), weights)
    if question.group is Grouping.PASSAGE:
        places = np.arange(len(candidates.doc))
        legs = single
    else:
        legs, places = _by_scene(gathered, single, (group, groups), worded, phrases, single_scores)
    parts = legs.parts()
    scores = fusion.fuse(parts, weights)
    boosted = weights.recency or weights.importance or weights.entities
    best = fusion.order_of(scores)[: 10 * question.k if boosted else question.k]
    lexical_scores = np.where(legs.lexical > 0, legs.lexical, np.nan)
    rank = {"vector": fusion.ranks(legs.vector), "lexical": fusion.ranks(lexical_scores)}
    rows = await search.load_found(candidates.doc[places[best]].tolist())
    boosts = await _boosts(search, question, list(rows.values()))
    hits: list[MemoryHit] = []
    for place in best.tolist():
        doc = int(candidates.doc[places[place]])
        if (row := rows.get(doc)) is None:  # it was taken away meanwhile
            continue
        cosine, found = float(legs.vector[place]), int(rank["lexical"][place])
        hits.append(
            MemoryHit(
                **{name: value for name, value in row.items() if name != "doc"},
                score=float(scores[place]),
                rank=len(hits) + 1,
                vector_score=None if np.isnan(cosine) else cosine,
                vector_rank=int(rank["vector"][place]) or None,
                lexical_score=float(legs.lexical[place]) if found else None,
                lexical_rank=found or None,
                parts={name: round(float(part[place]), 6) for name, part in parts.items()} | boosts[doc],
            )
        )
    return rerank(hits, weights)[: question.k]


def _story_part(gathered: Gathered, group: Ints, groups: int) -> Floats:
    """How well each story as a whole fits: by its words, and by the nearest of its scenes. Nothing inside a story."""
    candidates = gathered.candidates
    if len(candidates.story_ids) < 2:
        return np.zeros(len(candidates.story_ids))
    cosines = np.nan_to_num(fusion.best_of_groups(group, candidates.cosine, groups))
    told_in = np.zeros(groups, np.int64)
    told_in[group] = candidates.story
    return fusion.fit_of_stories(gathered.story_scores, told_in, cosines)


def _worded(gathered: Gathered) -> Floats:
    """BM25 of every candidate."""
    worded = np.zeros(len(gathered.candidates.doc))
    docs, scores = lexical.score_memories(gathered.postings, gathered.idf)
    by_doc = np.argsort(gathered.candidates.doc)
    worded[by_doc[np.searchsorted(gathered.candidates.doc, docs, sorter=by_doc)]] = scores
    return worded


async def _phrases(search: Search, gathered: Gathered, scores: Floats) -> Floats:
    """What phrases of the query add to the best candidates; only those are looked at that have both words of a pair."""
    gains = np.zeros(len(scores))
    words = gathered.words
    pairs = lexical.neighbours(words.terms)
    best = fusion.order_of(scores)[:PHRASED]
    if pairs and len(best):
        names = [term.term for term in words.terms]
        places = [(names.index(one), names.index(two)) for one, two in pairs]
        best = best[lexical.have_pair(gathered.postings, gathered.candidates.doc[best], places)]
        docs = gathered.candidates.doc[best].tolist()
        forms = words.forms_of(term for pair in pairs for term in pair)
        found = [(doc, forms[form], there) for doc, form, there in await search.list_places(docs, sorted(forms))]
        weight_of = dict(zip(names, gathered.idf.tolist(), strict=True))
        by_doc = lexical.score_phrases(found, pairs, weight_of)
        gains[best] = [by_doc.get(doc, 0.0) for doc in docs]
    return gains


def _by_scene(
    gathered: Gathered, single: fusion.Legs, scenes: tuple[Ints, int], worded: Floats, phrases: Floats, scores: Floats
) -> tuple[fusion.Legs, Any]:
    """What the legs say of every scene, and the place of its best memory."""
    candidates, postings = gathered.candidates, gathered.postings
    group, groups = scenes
    order = fusion.order_of(scores)
    _, first = np.unique(group[order], return_index=True)
    places = order[first]
    by_doc = np.argsort(candidates.doc)
    of_posting = group[by_doc[np.searchsorted(candidates.doc, postings.doc, sorter=by_doc)]]
    near = lexical.score_neighbours(
        gathered.around, gathered.idf, candidates.story_ids, candidates.story[places], candidates.scene[places]
    )
    lexical_scores = (
        lexical.score_groups(postings, of_posting, gathered.idf, groups)
        + lexical.COVERED * lexical.cover_groups(postings, of_posting, gathered.idf, groups)
        + lexical.NEIGHBOUR * near
        + lexical.BEST_PASSAGE * fusion.best_of_groups(group, worded, groups)
        + lexical.PHRASE * fusion.best_of_groups(group, phrases, groups)
    )
    lexical_scores /= np.bincount(group, minlength=groups) ** lexical.LENGTH
    vector = fusion.best_of_groups(group, candidates.cosine, groups, floor=np.nan)
    return fusion.Legs(vector, lexical_scores, single.story[places]), places


async def _boosts(search: Search, question: Question, rows: Sequence[dict[str, Any]]) -> dict[int, dict[str, float]]:
    """How recent, important and about the query's people each memory is, each in [0, 1]."""
    named = await _named(search, question.query, rows)
    latest: dict[UUID, int] = {}
    for row in rows:
        latest[row["story_id"]] = max(latest.get(row["story_id"], 0), row["scene_number"])
    now = question.within.as_of
    boosts = {}
    for row in rows:
        people = named.get(row["story_id"], set())
        age = max(0, (latest[row["story_id"]] if now is None else now) - row["scene_number"])
        boosts[row["doc"]] = {
            "recency": round(0.5 ** (age / RECENT_SCENES), 6),
            "importance": max(0.0, min(1.0, row["importance"])),
            "entities": round(len(people & set(row["entities"])) / len(people), 6) if people else 0.0,
        }
    return boosts


async def _named(search: Search, query: str, rows: Sequence[dict[str, Any]]) -> dict[UUID, set[str]]:
    """The characters of each story that the query names, by any of their names."""
    casts: dict[UUID, list[tuple[str, list[str]]]] = {}
    for story_id, name, aliases in await search.list_names(list({row["story_id"] for row in rows})):
        casts.setdefault(story_id, []).append((name, aliases))
    return {story: {person.name for person in named_in(query, people_of(cast))} for story, cast in casts.items()}
