from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

import numpy as np
import pytest_asyncio

from chorus.memory import Recall
from chorus.store import Database


class Hashed:
    """An embedder that gives every word a direction of its own: texts with words in common are near each other."""

    def __init__(self, name: str = "hashed") -> None:
        self.name = name
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [_vector(text) for text in texts]


def _vector(text: str) -> list[float]:
    total = np.full(16, 1e-3)
    for word in text.casefold().split():
        seed = int.from_bytes(sha256(word.encode("utf-8", "replace")).digest()[:8])
        total += np.random.default_rng(seed).normal(size=16)
    return [float(number) for number in total / np.linalg.norm(total)]


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def recall(store: Database) -> Recall:
    return Recall(store, Hashed())
