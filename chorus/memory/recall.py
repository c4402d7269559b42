"""Find memories by similarity, and give those that were just made their vectors."""

from collections.abc import Callable
from uuid import UUID

from chorus.domain.canon import MemoryHit
from chorus.domain.run import Lease
from chorus.domain.search import Grouping, MemoryFilter, Weights, rerank
from chorus.memory.embedder import Embedder
from chorus.store import Database

BATCH = 256


class Recall:
    """Memory of stories through one embedder."""

    def __init__(self, store: Database, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._indexed = False

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
    ) -> list[MemoryHit]:
        """Find the ``k`` memories most similar to a query, the best first; none later than scene ``as_of``."""
        vector = (await self._embedder.embed([query]))[0]
        many = k if group is Grouping.PASSAGE else 10 * k
        async with self._store.transaction() as tx:
            hits = await tx.memories.nearest(
                self._embedder.name,
                vector,
                k=many,
                story_id=within.story_id,
                as_of=within.as_of,
                kinds=within.kinds,
            )
        if weights:
            hits = rerank(hits, weights)
        if group is Grouping.SCENE:
            best: dict[object, MemoryHit] = {}
            for hit in hits:
                best.setdefault((hit.story_id, hit.scene_number or hit.memory_id), hit)
            hits = list(best.values())
        return [hit.model_copy(update={"rank": rank}) for rank, hit in enumerate(hits[:k], 1)]

    async def embed_pending(
        self, story_id: UUID, lease: Lease | None = None, progress: Callable[[int], None] | None = None
    ) -> int:
        """Give every memory of a story that has none its vector; return how many were pending.

        Committed batch by batch: an interruption loses nothing, and the next call goes on.
        """
        done = 0
        while True:
            async with self._store.transaction() as tx:
                pending = await tx.memories.list_pending(story_id, BATCH)
            if not pending:
                return done
            vectors = await self._embedder.embed([memory.text for memory in pending])
            pairs = [(memory.id, vector) for memory, vector in zip(pending, vectors, strict=True)]
            async with self._store.transaction(lease) as tx:
                if not self._indexed:
                    await tx.memories.ensure_index(self._embedder.name, len(vectors[0]))
                    self._indexed = True
                await tx.memories.embed(self._embedder.name, pairs)
            done += len(pairs)
            if progress:
                progress(done)
