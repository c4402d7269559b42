"""Stories of made-up words and clustered vectors, as many as are asked for, written by COPY."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from psycopg.rows import tuple_row
from psycopg.types.enum import EnumInfo, register_enum

from chorus.domain.canon import MemoryKind

MODEL = "synthetic"
DIMENSIONS = 384
CLUSTERS = 2_000
SPREAD = 0.06
"""Deviation of each number from its cluster's; a cluster's numbers deviate by about 0.05 from zero."""
VOCABULARY = 60_000
WORDS = 40
"""Words of a memory that are no stop words."""
PER_SCENE = 20
SCENES_A_CHAPTER = 10
PLACES = 100
PEOPLE = 50
_COLUMNS = {
    "id": "uuid",
    "story_id": "uuid",
    "scene_id": "uuid",
    "revision_id": "uuid",
    "scene_number": "int4",
    "kind": "memory_kind_enum",
    "number": "int4",
    "text": "text",
    "span_start": "int4",
    "span_end": "int4",
    "entities": "text[]",
    "valid_from": "int4",
    "importance": "float8",
    "embedding_model": "text",
    "embedding": "halfvec",
}
_SPACE = UUID("6f1d3f0e-53a4-4f0a-8f0c-0f5c7d1f2a00")
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


@dataclass(frozen=True)
class World:
    """What stories are drawn from; the same seed makes the same."""

    centres: npt.NDArray[np.float32]
    words: npt.NDArray[np.str_]
    chances: npt.NDArray[np.float64]

    @classmethod
    def of(cls, seed: int = 7) -> "World":
        """Draw cluster centres and a vocabulary after Zipf and Mandelbrot."""
        random = np.random.default_rng(seed)
        weights = 1 / (np.arange(VOCABULARY) + 3.0) ** 1.05
        return cls(
            random.normal(0, 1 / np.sqrt(DIMENSIONS), (CLUSTERS, DIMENSIONS)).astype(np.float32),
            np.array([_word(number) for number in range(VOCABULARY)]),
            weights / weights.sum(),
        )

    def vectors(self, random: np.random.Generator, count: int) -> npt.NDArray[np.float32]:
        """(count, 384) vectors near the centres, L2-normalised."""
        made = self.centres[random.integers(CLUSTERS, size=count)]
        made = made + random.normal(0, SPREAD, made.shape).astype(np.float32)
        normalised: npt.NDArray[np.float32] = made / np.linalg.norm(made, axis=1, keepdims=True)
        return normalised

    def texts(self, random: np.random.Generator, count: int) -> list[str]:
        """Texts of as many words as a passage has, stop words aside."""
        drawn = self.words[random.choice(VOCABULARY, (count, WORDS), p=self.chances)]
        return [" ".join(row) for row in drawn]


def story_id(number: int) -> UUID:
    """The id of a made-up story."""
    return _id(str(number))


def _id(name: str) -> UUID:
    return uuid5(_SPACE, name)


def fill(
    connection: psycopg.Connection[object],
    world: World,
    sizes: Sequence[int],
    at_once: int = 10,
    *,
    revisions: bool = True,
) -> Iterator[int]:
    """Write stories of these sizes, those that are missing; yield how many memories were written after each batch.

    Rows go in by COPY and without triggers; the words of a batch are written by one statement, as the triggers
    would have written them. Needs a superuser.
    """
    register(connection)
    connection.execute("SET session_replication_role = replica")
    known = {UUID(str(row[0])) for row in _rows(connection, "SELECT id FROM story")}
    missing = [number for number in range(len(sizes)) if story_id(number) not in known]
    written = 0
    for batch in batched(missing, at_once):
        (last,) = _rows(connection, "SELECT coalesce(max(doc), 0) FROM memory")
        for number in batch:
            add_story(connection, world, number, sizes[number], revisions=revisions)
            written += sizes[number]
        connection.execute("SELECT write_word_pages(ARRAY(SELECT doc FROM memory WHERE doc > %s))", last)
        connection.commit()
        yield written


def add_story(
    connection: psycopg.Connection[object], world: World, number: int, memories: int, *, revisions: bool = True
) -> None:
    """Write one story: chapters of ten scenes of twenty memories, each kind in its usual share, one in a thousand lore.

    Each scene is at one of a hundred places and has one of fifty people, whose name its memories bear. Its text is that
    of its memories, and passages lean on it; without ``revisions`` each memory has its words.
    """
    random = np.random.default_rng(number)
    told = [story_id(number), f"T{number}"]
    connection.execute("INSERT INTO story (id, title, language, origin) VALUES (%s, %s, 'English', 'imported')", told)
    _copy(connection, "chapter (id, story_id, number, title)", _chapters(number, memories))
    _copy(connection, "scene (id, story_id, chapter_id, number, brief, status)", _scenes(random, number, memories))
    _copy(connection, "character (id, story_id, number, name, aliases, role)", _people(number))
    vectors, texts = world.vectors(random, memories).astype(np.float16), world.texts(random, memories)
    if revisions:
        _copy(connection, "revision (id, story_id, scene_id, number, cause, text, words)", _revisions(number, texts))
        told_by = "UPDATE scene SET revision_id = r.id FROM revision r WHERE r.scene_id = scene.id AND r.story_id = %s"
        connection.execute(told_by, told[:1])
    statement = f"COPY memory ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT BINARY)"
    with connection.cursor().copy(statement.encode()) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for row in _memories(number, texts, vectors, revisions=revisions):
            copy.write_row(row)


def _rows(connection: psycopg.Connection[object], query: str) -> list[Sequence[object]]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return list(cursor.execute(query.encode()))


def _copy(connection: psycopg.Connection[object], table: str, rows: Iterator[tuple[object, ...]]) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _chapters(story: int, memories: int) -> Iterator[tuple[object, ...]]:
    for chapter in range(-(-memories // (PER_SCENE * SCENES_A_CHAPTER))):
        yield _id(f"{story}/chapter/{chapter}"), story_id(story), chapter + 1, f"C{chapter}"


def _scenes(random: np.random.Generator, story: int, memories: int) -> Iterator[tuple[object, ...]]:
    for scene in range(-(-memories // PER_SCENE)):
        brief = json.dumps({"place": f"Place {random.integers(PLACES)}"})
        chapter = _id(f"{story}/chapter/{scene // SCENES_A_CHAPTER}")
        yield _id(f"{story}/scene/{scene}"), story_id(story), chapter, scene + 1, brief, "approved"


def _people(story: int) -> Iterator[tuple[object, ...]]:
    for person in range(PEOPLE):
        names = f"Person {person}", [f"Nick {person}"]
        yield _id(f"{story}/person/{person}"), story_id(story), person, *names, "minor"


def _revisions(story: int, texts: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for scene, told in enumerate(batched(texts, PER_SCENE)):
        told_in = _id(f"{story}/scene/{scene}")
        yield _id(f"{story}/text/{scene}"), story_id(story), told_in, 1, "import", " ".join(told), WORDS * len(told)


def _memories(
    story: int, texts: Sequence[str], vectors: npt.NDArray[np.float16], *, revisions: bool
) -> Iterator[tuple[object, ...]]:
    start = 0
    for place, text in enumerate(texts):
        scene = place // PER_SCENE
        start = start if place % PER_SCENE else 0
        end = start + len(text)
        kind = MemoryKind.LORE if place % 1000 == 500 else MemoryKind.FACT if place % 100 == 50 else MemoryKind.PASSAGE
        leans = revisions and kind is MemoryKind.PASSAGE
        span = (None, start, end) if leans else (text, None, None)
        person = [f"Person {scene % PEOPLE}"]
        here = _id(f"{story}/{place}"), story_id(story), _id(f"{story}/scene/{scene}")
        told_by = _id(f"{story}/text/{scene}") if revisions else None
        yield *here, told_by, scene + 1, kind, place, *span, person, scene + 1, 0.5, MODEL, HalfVector(vectors[place])
        start = end + 1


def register(connection: psycopg.Connection[object]) -> None:
    """Teach a connection the types that are copied."""
    register_vector(connection)
    if info := EnumInfo.fetch(connection, "memory_kind_enum"):
        register_enum(info, connection, MemoryKind, mapping={kind: kind.value for kind in MemoryKind})


def _word(number: int) -> str:
    syllables = []
    number += len(_SYLLABLES)
    while number:
        number, last = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[last])
    return "".join(syllables)
