"""An import that is stopped while it embeds goes on where it stood, and nothing is there twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
from sqlalchemy import func, update

from chorus.domain.search import MemoryFilter
from chorus.memory import Recall
from chorus.settings import ChorusConfig, DatabaseConfig
from chorus.store.tables import unfinished_import
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


async def test_a_killed_import_goes_on_though_a_worker_has_made_its_vectors(studio: Studio) -> None:
    with pytest.raises(asyncio.CancelledError):
        await studio.import_manuscript(MANUSCRIPT)
    assert await studio.embed_what_was_left() == 0  # it may be alive still
    assert await studio.count_pending_memories()
    async with studio.store.transaction() as tx:
        await tx.connection.execute(update(unfinished_import).values(alive_until=func.now()))
    assert await studio.embed_what_was_left()
    assert await studio.count_pending_memories() == 0
    summary = await studio.import_manuscript(MANUSCRIPT)
    async with studio.store.reading() as tx:
        assert [card.id for card in await tx.stories.list_cards()] == [summary.story_id]
    assert (await studio.import_manuscript(MANUSCRIPT)).story_id != summary.story_id


async def test_the_same_manuscript_imported_twice_at_once_is_one_story(studio: Studio) -> None:
    studio._recall = Recall(studio.store, Hashed())
    one, other = await asyncio.gather(*[studio.import_manuscript(MANUSCRIPT) for _ in range(2)])
    async with studio.store.reading() as tx:
        assert [card.id for card in await tx.stories.list_cards()] == [one.story_id] == [other.story_id]
    assert await studio.count_pending_memories() == 0


async def test_what_was_edited_since_its_import_stopped_is_a_story_of_its_own(studio: Studio) -> None:
    with pytest.raises(asyncio.CancelledError):
        await studio.import_manuscript(MANUSCRIPT)
    async with studio.store.reading() as tx:
        (card,) = await tx.stories.list_cards()
    await studio.edit_scene(card.id, 1, "All was well.")
    assert (await studio.import_manuscript(MANUSCRIPT)).story_id != card.id


async def test_reembedding_goes_on_after_a_stop(studio: Studio) -> None:
    with pytest.raises(asyncio.CancelledError):
        await studio.import_manuscript(MANUSCRIPT)
    pending = await studio.count_pending_memories()
    assert await studio.embed_memories() == pending
    assert await studio.embed_memories() == 0
