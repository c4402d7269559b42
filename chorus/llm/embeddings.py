"""Vectors from any OpenAI-compatible embeddings endpoint. The embedder that Chorus runs itself lives elsewhere."""

import math
from collections.abc import Awaitable, Sequence

from chorus.domain.llm_call import Outcome
from chorus.errors import EndpointError, EndpointRefused
from chorus.llm.endpoint import Endpoint
from chorus.llm.persistence import Clockwork, persist
from chorus.llm.resilience import Patience
from chorus.llm.wire import VectorsReply, Wire

BATCH = 64
MOST_DIMENSIONS = 4_000
"""What pgvector indexes of half-precision numbers."""
SHORTEST = 200
"""Characters down to which a text that is refused is shortened; it is most often too long."""
MOST = 1e6
"""A number of a vector that is larger was not meant."""
_A_TEXT = "a"
_OF_THE_TEXTS = {Outcome.BAD_REQUEST, Outcome.CONTEXT_OVERFLOW, Outcome.CONTENT_FILTER}
_PATIENCE = Patience(deadline_s=120.0)
_CLOCKWORK = Clockwork()


class EndpointEmbedder:
    """Embeds texts at an endpoint, in batches, with the gateway's patience."""

    def __init__(
        self, endpoint: Endpoint, wire: Wire, *, patience: Patience = _PATIENCE, clockwork: Clockwork = _CLOCKWORK
    ) -> None:
        self._endpoint = endpoint
        self._wire = wire
        self._patience = patience
        self._clockwork = clockwork
        self._dimensions: int | None = None

    @property
    def name(self) -> str:
        """The model's name, kept beside every vector."""
        return self._endpoint.model

    @property
    def dimensions(self) -> int | None:
        """Numbers per vector; None until the first answer."""
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts in their order: (len(texts), dimensions) floats, each row L2-normalised.

        What is refused is sent again in smaller batches, and at last shortened; a text that is refused all the same, or
        whose vector is no vector, has an empty row.

        Raises:
            EndpointError: the endpoint did not give the vectors.

        """
        batches = [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return [vector for batch in batches for vector in await self._batch(batch)]

    async def _batch(self, texts: list[str]) -> list[list[float]]:
        try:
            vectors = await self._ask(texts)
        except EndpointError as error:
            if error.outcome not in _OF_THE_TEXTS:
                raise
            return await self._in_parts(texts)
        return [normalised(vector) if _is_sound(vector) else [] for vector in vectors]

    async def _in_parts(self, texts: list[str]) -> list[list[float]]:
        if len(texts) > 1:
            half = len(texts) // 2
            return [*await self._batch(texts[:half]), *await self._batch(texts[half:])]
        if len(texts[0]) > SHORTEST:
            return await self._batch([texts[0][: len(texts[0]) // 2]])
        await self._ask([_A_TEXT])  # where every text is refused, that is what the user is to hear
        return [[]]

    async def _ask(self, texts: list[str]) -> Sequence[list[float]]:
        def send(timeout_s: float) -> Awaitable[VectorsReply]:
            # an endpoint refuses the empty string, and a space has a vector as good as any
            return self._wire.embed(self._endpoint, [text or " " for text in texts], timeout_s=timeout_s)

        proven = self._dimensions is not None
        reply = await persist(send, self._endpoint, "embeddings", self._patience, self._clockwork, proven=proven)
        self._check(reply)
        return reply.vectors

    def _check(self, reply: VectorsReply) -> None:
        self._dimensions = self._dimensions or len(reply.vectors[0])
        if self._dimensions > MOST_DIMENSIONS:
            raise EndpointRefused(
                f"'{self.name}' gives vectors of {self._dimensions:,} numbers, and at most {MOST_DIMENSIONS:,} can be "
                "indexed: set EMBEDDING_MODEL to another one."
            )
        if any(len(vector) != self._dimensions for vector in reply.vectors):
            raise EndpointRefused(
                f"'{self.name}' gave vectors of different lengths: set EMBEDDING_MODEL to another one."
            )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


def _is_sound(vector: list[float]) -> bool:
    """Whether all numbers of a vector are numbers, and of a size that can be meant."""
    return bool(vector) and all(abs(number) < MOST for number in vector)


def normalised(vector: list[float]) -> list[float]:
    """Scale to length 1; a zero vector stays."""
    length = math.hypot(*vector)
    return [number / length for number in vector] if length else vector
