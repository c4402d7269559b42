"""Stories of made-up words and clustered vectors, as many as are asked for, written by COPY."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector
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
    return uuid5(_SPACE, str(number))


def add_story(connection: psycopg.Connection[object], world: World, number: int, memories: int) -> None:
    """Write one story: scenes of twenty memories, each kind in its usual share, one in a thousand lore."""
    random = np.random.default_rng(number)
    told = [story_id(number), f"T{number}"]
    connection.execute("INSERT INTO story (id, title, language, origin) VALUES (%s, %s, 'English', 'imported')", told)
    columns = "id, story_id, scene_number, kind, number, text, valid_from, importance, embedding_model, embedding"
    with connection.cursor().copy(f"COPY memory ({columns}) FROM STDIN WITH (FORMAT BINARY)") as copy:
        copy.set_types(
            ["uuid", "uuid", "int4", "memory_kind_enum", "int4", "text", "int4", "float8", "text", "halfvec"]
        )
        for row in _rows(world, random, number, memories):
            copy.write_row(row)


def _rows(world: World, random: np.random.Generator, story: int, memories: int) -> Iterator[tuple[object, ...]]:
    vectors = world.vectors(random, memories).astype(np.float16)
    for place, text in enumerate(world.texts(random, memories)):
        scene = place // PER_SCENE + 1
        kind = MemoryKind.LORE if place % 1000 == 500 else MemoryKind.FACT if place % 100 == 50 else MemoryKind.PASSAGE
        memory_id = uuid5(_SPACE, f"{story}/{place}")
        yield memory_id, story_id(story), scene, kind, place, text, scene, 0.5, MODEL, HalfVector(vectors[place])


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
