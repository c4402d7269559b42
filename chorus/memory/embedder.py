"""What recall needs of whatever turns text into vectors; the embedded one and any endpoint offer it."""

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """Texts to vectors, always of one model."""

    @property
    def name(self) -> str:
        """The model, as it is written beside every vector."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts: one L2-normalised vector each, all of the same length, or none for a text it will not have."""
