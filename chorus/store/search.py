"""What search reads: the postings of a query's words, vectors by their nearness, and the rows of what was found.

Inside a story every memory is looked at; across stories the postings and the partial HNSW index of the embedding model
answer. Nothing is weighed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from pgvector import HalfVector
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    REAL,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chorus.domain.search import MemoryFilter
from chorus.store import tables as t
from chorus.store.direct import Fixed
from chorus.store.memories import told
from chorus.store.postings import Floats, Ints, PageRows, PostingRow, QueryTerm

PACKED = np.dtype([("doc", ">i8"), ("scene", ">i4"), ("number", ">i4"), ("cosine", ">f4")])
MOST_SCANNED = 20_000
"""Tuples that the HNSW scan visits at most for a filter; what it does not find then, an exact scan does."""

_SETTINGS = {
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.max_scan_tuples": str(MOST_SCANNED),
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
}
_PREPARE = Fixed(
    select(
        *(func.set_config(name, value, true()) for name, value in _SETTINGS.items()),
        func.set_config("hnsw.ef_search", bindparam("nearest", type_=Text()), true()),
    )
)
_NAMES = Fixed(
    select(t.character.c.story_id, t.character.c.name, t.character.c.aliases).where(
        t.character.c.story_id == any_(bindparam("stories", type_=ARRAY(Uuid())))
    )
)
_ASKED = "unnest(coalesce(nullif(words_of(c.config, {text}), ''), to_tsvector('simple', {text})))"
"""The words of a text, and those that count for nothing only where there are no others."""
_SPOKEN = "SELECT DISTINCT text_config(language) AS config FROM (SELECT DISTINCT language FROM story {which}) languages"
_IN_STORY = "WHERE id = :story_id"
_ASKED_FOR = """
    SELECT DISTINCT ON (w.lexeme) w.lexeme, w.positions, c.config = 'pg_catalog.english'::regconfig AS english
    FROM ({spoken}) c, {asked} w ORDER BY w.lexeme, english DESC
"""
_CALLED_BY = """
    SELECT name.text, array_agg(w.lexeme) AS stems
    FROM ({spoken}) c, unnest(CAST(:names AS text[])) AS name (text), {asked} w GROUP BY name.text, c.config
"""


def _spoken(statement: str, of: str, which: str) -> Fixed:
    return Fixed(text(statement.format(spoken=_SPOKEN.format(which=which), asked=_ASKED.format(text=of))))


_TERMS_IN_STORY = _spoken(_ASKED_FOR, ":query", _IN_STORY)
_TERMS = _spoken(_ASKED_FOR, ":query", "")
_STEMS_IN_STORY = _spoken(_CALLED_BY, "name.text", _IN_STORY)
_STEMS = _spoken(_CALLED_BY, "name.text", "")
_PEOPLE = Fixed(
    text("""
    SELECT c.id, c.story_id, c.name, c.aliases FROM character c
    WHERE (CAST(:story_id AS uuid) IS NULL OR c.story_id = :story_id) AND
        (lower(c.name) = lower(:name) OR EXISTS (SELECT FROM unnest(c.aliases) alias WHERE lower(alias) = lower(:name)))
""")
)
_COUNTS = Fixed(text("SELECT term, sum(memories) AS memories FROM posting WHERE term = ANY(:terms) GROUP BY term"))
_SIZE = Fixed(text("SELECT coalesce(sum(memories), 0) FROM shard"))
_STORIES = Fixed(text("SELECT string_agg(uuid_send(id), ''::bytea) FROM story"))
_POSTINGS = Fixed(
    text("""
    SELECT term, string_agg(heads, ''::bytea) AS heads, string_agg(entries, ''::bytea) AS entries
    FROM posting WHERE term = ANY(:terms) GROUP BY term
"""),
    binary=True,
)
_PAGES = """
    SELECT string_agg(uuid_send(p.story_id) || int8send(p.first_doc) || int4send(p.memories)
                      || int4send(octet_length(p.terms) / 5), ''::bytea) AS pages,
           string_agg(p.docs, ''::bytea) AS docs, string_agg(p.terms, ''::bytea) AS terms,
           string_agg(p.entries, ''::bytea) AS entries
    FROM word_page p {which}
"""
_PAGES_IN_STORY = Fixed(text(_PAGES.format(which="WHERE p.story_id = :story_id")), binary=True)
_PAGES_FRESH = Fixed(text(_PAGES.format(which="WHERE p.shard IS NULL")), binary=True)
_PAGES_IN_BLOCKS = Fixed(
    text(
        _PAGES.format(
            which="JOIN unnest(CAST(:stories AS uuid[]), CAST(:blocks AS bigint[])) AS given (story_id, block) ON "
            "p.story_id = given.story_id AND p.first_doc >= given.block << 6 AND p.first_doc < (given.block + 1) << 6"
        )
    ),
    binary=True,
)
_PLACES = Fixed(
    text("""
    WITH found AS MATERIALIZED (
        SELECT m.doc, s.language, coalesce(m.text, told(m)) AS text
        FROM memory m JOIN story s ON s.id = m.story_id WHERE m.doc = ANY(:docs)
    ), spoken AS MATERIALIZED (  -- once for a language: it takes as long as ten texts
        SELECT language, text_config(language) AS config FROM (SELECT DISTINCT language FROM found) languages
    )
    SELECT m.doc, w.lexeme, w.positions
    FROM found m JOIN spoken s USING (language)
    CROSS JOIN LATERAL unnest(words_of(s.config, m.text)) w
    WHERE w.lexeme = ANY(:terms)
""")
)
_FOUND = Fixed(
    select(
        t.memory.c.doc,
        t.memory.c.id.label("memory_id"),
        t.memory.c.story_id,
        t.story.c.title.label("story_title"),
        t.memory.c.scene_number,
        t.memory.c.kind,
        told().label("text"),
        t.memory.c.revision_id,
        t.memory.c.span_start,
        t.memory.c.span_end,
        t.memory.c.entities,
        t.memory.c.importance,
        t.memory.c.valid_from,
        t.memory.c.valid_to,
    )
    .join(t.story, t.story.c.id == t.memory.c.story_id)
    .where(t.memory.c.doc == any_(bindparam("docs", type_=ARRAY(BigInteger()))))
)


@dataclass(frozen=True)
class Candidates:
    """Memories in the order of their stories; ``cosine`` is NaN where there is no vector of the model."""

    story_ids: tuple[UUID, ...]
    story: Ints
    doc: Ints
    scene: Ints
    cosine: Floats


@dataclass(frozen=True)
class Called:
    """A character who is called so, with all names."""

    id: UUID
    story_id: UUID
    names: tuple[str, ...]


@dataclass(frozen=True)
class About:
    """What a character is in: the memories that name any of ``people`` as who is there, and ``docs``."""

    people: tuple[UUID, ...]
    docs: Sequence[int]


@dataclass(frozen=True)
class Within:
    """A filter, and for the character that it names the memories that ``about`` knows of."""

    filter: MemoryFilter
    about: About | None = None


class Search:
    """Reads for search, in one transaction that is a snapshot: what is gathered meanwhile would count twice."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def prepare(self, nearest: int = 0) -> None:
        """Set what the planner and the index scan need, until the transaction ends."""
        await _PREPARE.run(self._connection, nearest=str(max(40, min(nearest, 1000))))

    # --- by words

    async def list_terms(self, query: str, story_id: UUID | None = None) -> list[QueryTerm]:
        """Stem a query in the story's language, or in every language there is a story in; in the query's order."""
        fixed, given = (_TERMS_IN_STORY, {"story_id": story_id}) if story_id else (_TERMS, dict[str, Any]())
        rows = await fixed.rows(self._connection, query=query, **given)
        terms = [QueryTerm(row["lexeme"], tuple(row["positions"] or ()), row["english"]) for row in rows]
        return sorted(terms, key=lambda term: (term.positions[:1], term.term))

    async def list_stems(self, names: Sequence[str], story_id: UUID | None = None) -> list[tuple[str, list[str]]]:
        """Stem names in the story's language, or in every language: (name, stems) in each."""
        fixed, given = (_STEMS_IN_STORY, {"story_id": story_id}) if story_id else (_STEMS, dict[str, Any]())
        return [(name, stems) for name, stems in await fixed.tuples(self._connection, names=list(names), **given)]

    async def count_in_shards(self, terms: Sequence[int]) -> tuple[int, dict[int, int]]:
        """Count the memories of all shards, and those that have each term."""
        rows = await _COUNTS.rows(self._connection, terms=list(terms))
        return int(await _SIZE.scalar(self._connection)), {row["term"]: int(row["memories"]) for row in rows}

    async def list_postings(self, terms: Sequence[int]) -> list[PostingRow]:
        """Read where terms stand in all shards, one row a term; some of it may be gone."""
        rows = await _POSTINGS.rows(self._connection, terms=list(terms)) if terms else []
        return [PostingRow(row["term"], row["heads"], row["entries"]) for row in rows]

    async def list_pages(
        self, story_id: UUID | None = None, blocks: Sequence[tuple[UUID, int]] | None = None
    ) -> PageRows:
        """Read the pages of a story, those in some blocks of some stories, or all that are in no shard."""
        if blocks is not None:
            stories, numbers = [story for story, _ in blocks], [block for _, block in blocks]
            (row,) = await _PAGES_IN_BLOCKS.rows(self._connection, stories=stories, blocks=numbers)
        elif story_id:
            (row,) = await _PAGES_IN_STORY.rows(self._connection, story_id=story_id)
        else:
            (row,) = await _PAGES_FRESH.rows(self._connection)
        return PageRows(**{name: data or b"" for name, data in row.items()})

    async def list_stories(self) -> frozenset[bytes]:
        """List the stories there are, by the bytes of their ids."""
        told = await _STORIES.scalar(self._connection) or b""
        return frozenset(told[place : place + 16] for place in range(0, len(told), 16))

    async def list_places(self, docs: Sequence[int], terms: Sequence[str]) -> list[tuple[int, str, list[int]]]:
        """Find where in some memories the terms stand, as (doc, term, word positions)."""
        if not docs or not terms:
            return []
        given = {"docs": list(docs), "terms": list(terms)}
        return [(doc, term, places or []) for doc, term, places in await _PLACES.tuples(self._connection, **given)]

    # --- by meaning

    async def scan_story(self, model: str, vector: Sequence[float] | None, within: Within) -> Candidates:
        """Compare every memory of a story that passes the filter."""
        wanted = within.filter
        if wanted.place or wanted.chapter is not None or within.about:
            return await self._compare(model, vector, _conditions(within))
        given = {
            "model": model,
            "vector": None if vector is None else HalfVector(list(vector)),
            "story_id": wanted.story_id,
            "as_of": wanted.as_of,
            "kinds": list(wanted.kinds) or None,
        }
        rows = await _SCAN.rows(self._connection, **given)
        return _candidates([(row["story_id"], row["found"]) for row in rows])

    async def compare(
        self,
        model: str,
        vector: Sequence[float] | None,
        within: Within,
        *,
        docs: Sequence[int] = (),
        scenes: Sequence[tuple[UUID, int]] = (),
    ) -> Candidates:
        """Compare the given memories, and all of the given scenes, as far as they pass the filter."""
        memory = t.memory.c
        given = [memory.doc == any_(cast(list(docs), ARRAY(BigInteger)))] if docs else []
        if scenes:
            given.append(tuple_(memory.story_id, memory.scene_number).in_(scenes))
        if not given:
            return await self._compare(model, vector, [false()])
        parts = [await self._compare(model, vector, [part, *_conditions(within)]) for part in given]
        return parts[0] if len(parts) == 1 else _joined(parts)

    async def _compare(
        self,
        model: str,
        vector: Sequence[float] | None,
        conditions: Sequence[ColumnElement[bool]],
    ) -> Candidates:
        query = _packed(_cosine(model, None if vector is None else HalfVector(list(vector))), conditions)
        return _candidates([(story_id, bytes(data)) for story_id, data in await self._connection.execute(query)])

    async def list_nearest(
        self, model: str, vector: Sequence[float] | None, within: Within, most: int, *, exact: bool = False
    ) -> list[tuple[int, UUID, int]]:
        """List the nearest as (doc, story, scene), through the model's index or ``exact`` by looking at all."""
        if vector is None:
            return []
        memory = t.memory.c
        distance = cast(memory.embedding, HALFVEC(len(vector))).cosine_distance(HalfVector(list(vector)))
        order = distance + 0 if exact else distance  # an expression that the index does not know
        conditions = [memory.embedding_model == literal(model, literal_execute=True), *_conditions(within)]
        query = select(memory.doc, memory.story_id, memory.scene_number).where(*conditions)
        rows = await self._connection.execute(query.order_by(order).limit(most))
        return [(doc, story_id, scene) for doc, story_id, scene in rows]

    # --- who is who

    async def list_called(self, name: str, story_id: UUID | None) -> list[Called]:
        """List the characters, of a story or of all, one of whose names it is, whatever the case."""
        rows = await _PEOPLE.tuples(self._connection, name=name, story_id=story_id)
        return [Called(person, told_in, (first, *aliases)) for person, told_in, first, aliases in rows]

    async def list_names(self, story_ids: Sequence[UUID]) -> list[tuple[UUID, str, list[str]]]:
        """List the characters of stories as (story, name, aliases)."""
        rows = await _NAMES.tuples(self._connection, stories=list(story_ids))
        return [(story_id, name, aliases) for story_id, name, aliases in rows]

    # --- what was found

    async def load_found(self, docs: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Read the rows of memories by doc, with their story's title."""
        return {row["doc"]: row for row in await _FOUND.rows(self._connection, docs=list(docs))}


def _conditions(given: Within) -> list[ColumnElement[bool]]:
    memory, scene, within = t.memory.c, t.scene.c, given.filter
    found: list[ColumnElement[bool]] = []
    if within.story_id:
        found.append(memory.story_id == within.story_id)
    if within.as_of is not None:
        found.append(_known_at(within.as_of))
    if within.kinds:
        found.append(memory.kind.in_(within.kinds))
    if within.place:
        there = func.lower(scene.brief["place"].astext) == within.place.strip().lower()
        found.append(exists().where(scene.id == memory.scene_id, there))
    if within.chapter is not None:
        held = and_(scene.chapter_id == t.chapter.c.id, t.chapter.c.number == within.chapter)
        found.append(exists().where(scene.id == memory.scene_id, held))
    if given.about:
        found.append(_is_about(given.about))
    return found


def _known_at(scene: Any) -> ColumnElement[bool]:
    """Whether a memory was told by the end of a scene, and true then."""
    memory = t.memory.c
    still = or_(memory.valid_to.is_(None), memory.valid_to >= scene)
    return and_(memory.scene_number <= scene, memory.valid_from <= scene, still)


def _cosine(model: Any, vector: Any) -> ColumnElement[float]:
    """How near a memory is; NaN without a vector of the model."""
    unknown = cast("NaN", REAL)
    if vector is None:
        return unknown
    memory = t.memory.c
    similarity = cast(1 - memory.embedding.cosine_distance(vector), REAL)
    return func.coalesce(case((memory.embedding_model == model, similarity), else_=unknown), unknown)


def _packed(cosine: ColumnElement[float], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The memories that fit, by story, in bytes of ``PACKED``."""
    memory = t.memory.c
    numbers = func.int4send(memory.scene_number).op("||")(func.int4send(memory.number))
    packed = func.int8send(memory.doc).op("||")(numbers).op("||")(func.float4send(cosine))
    rows = func.string_agg(packed, literal(b""))  # sorted by whoever reads: here whole rows would be, on disk
    return select(memory.story_id, rows.label("found")).where(*conditions).group_by(memory.story_id)


def _scan() -> Select[Any]:
    """``Search._compare`` with the filters that a draft recalls by, whichever of them are given."""
    memory = t.memory.c
    as_of, kinds = bindparam("as_of", type_=Integer), bindparam("kinds", type_=ARRAY(memory.kind.type))
    return _packed(
        _cosine(bindparam("model", type_=Text), bindparam("vector", type_=memory.embedding.type)),
        [
            memory.story_id == bindparam("story_id"),
            or_(as_of.is_(None), _known_at(as_of)),
            or_(kinds.is_(None), memory.kind == any_(kinds)),
        ],
    )


_SCAN = Fixed(_scan(), binary=True)


def _is_about(about: About) -> ColumnElement[bool]:
    memory, character = t.memory.c, t.character.c
    there = exists().where(
        character.id == any_(cast(list(about.people), ARRAY(Uuid))),
        character.story_id == memory.story_id,
        character.name == any_(memory.entities),
    )
    return or_(there, memory.doc == any_(cast(list(about.docs), ARRAY(BigInteger))))


def _candidates(rows: Sequence[tuple[UUID, bytes]]) -> Candidates:
    rows = sorted(rows)
    entries = np.frombuffer(b"".join(data for _, data in rows), PACKED)
    sizes = [len(data) // PACKED.itemsize for _, data in rows]
    story = np.repeat(np.arange(len(rows)), sizes)
    order = np.lexsort((entries["doc"], entries["number"], entries["scene"], story))
    entries = entries[order]
    return Candidates(
        story_ids=tuple(story_id for story_id, _ in rows),
        story=story,
        doc=entries["doc"].astype(np.int64),
        scene=entries["scene"].astype(np.int64),
        cosine=entries["cosine"].astype(np.float64),
    )


def _joined(parts: Sequence[Candidates]) -> Candidates:
    """Put candidates together, each memory once."""
    story_ids = tuple(dict.fromkeys(story_id for part in parts for story_id in part.story_ids))
    places = {story_id: place for place, story_id in enumerate(story_ids)}
    story = np.concatenate(
        [np.array([places[s] for s in part.story_ids], np.int64)[part.story] for part in parts if len(part.doc)]
        or [np.empty(0, np.int64)]
    )
    doc = np.concatenate([part.doc for part in parts])
    _, first = np.unique(doc, return_index=True)
    scene = np.concatenate([part.scene for part in parts])[first]
    cosine = np.concatenate([part.cosine for part in parts])[first]
    return Candidates(story_ids, story[first], doc[first], scene, cosine)
