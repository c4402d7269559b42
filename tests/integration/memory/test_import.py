"""An import that is stopped while it embeds goes on where it stood, and nothing is there twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from chorus.domain.search import MemoryFilter
from chorus.memory import Recall
from chorus.settings import ChorusConfig, DatabaseConfig
from chorus.studio import Studio, open_studio
from tests.integration.memory.conftest import Hashed

MANUSCRIPT = "# The Mill\n\n" + "\n\n".join(
    f"## {n}\n\n" + " ".join(f"Sentence {n} {m} of the miller." for m in range(130)) for n in range(1, 7)
)
MANUSCRIPT += " A heron came."


class Stopping(Hashed):
    """Is stopped, as by Ctrl-C, when it is asked for its second batch."""

    batches = 0

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.batches += 1
        if self.batches == 2:
            raise asyncio.CancelledError
        return await super().embed(texts)


@pytest_asyncio.fixture
async def studio(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    monkeypatch.setattr("chorus.memory.recall.BATCH", 16)
    async with open_studio(ChorusConfig(database=DatabaseConfig(url=database_url))) as opened:
        opened._recall = Recall(opened.store, Stopping())
        yield opened


async def test_a_second_import_goes_on(studio: Studio) -> None:
    told: list[tuple[int, int]] = []
    with pytest.raises(asyncio.CancelledError):
        await studio.import_manuscript(MANUSCRIPT)
    pending = await studio.count_pending_memories()
    assert pending
    hits = await studio._recall.search("herons", k=1, within=MemoryFilter())  # by words at once
    assert hits[0].scene_number == 6
    summary = await studio.import_manuscript(MANUSCRIPT, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (pending, pending)
    assert await studio.count_pending_memories() == 0
    async with studio.store.reading() as tx:
        assert [card.id for card in await tx.stories.list_cards()] == [summary.story_id]
        memories = await tx.memories.list_of(summary.story_id)
    assert len({(m.scene_number, m.kind, m.span_start) for m in memories}) == len(memories)
    assert (await studio.import_manuscript(MANUSCRIPT)).story_id != summary.story_id


async def test_reembedding_goes_on_after_a_stop(studio: Studio) -> None:
    with pytest.raises(asyncio.CancelledError):
        await studio.import_manuscript(MANUSCRIPT)
    pending = await studio.count_pending_memories()
    assert await studio.embed_memories() == pending
    assert await studio.embed_memories() == 0
