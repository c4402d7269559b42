"""Where the embedder does not answer, a person still finds by words, and is told why."""

from collections.abc import Sequence

import pytest

from chorus.domain.search import Grouping, MemoryFilter
from chorus.errors import EndpointUnavailable
from chorus.memory import Recall
from chorus.store import Database
from tests.integration.memory.conftest import Hashed
from tests.integration.memory.test_search import TALE, tell, texts


class Failing(Hashed):
    """Does not answer while it is down."""

    down = True

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.down:
            self.asked += texts
            raise EndpointUnavailable("Nobody answers at the embeddings endpoint.")
        return await super().embed(texts)


@pytest.mark.parametrize("group", list(Grouping))
@pytest.mark.parametrize("everywhere", [False, True])
async def test_words_do_and_say_so(store: Database, recall: Recall, everywhere: bool, group: Grouping) -> None:
    story_id = await tell(store, recall, TALE)
    within = MemoryFilter(story_id=None if everywhere else story_id)
    down = Recall(store, Failing())
    hits = await down.search("who wrote the sealed letters", k=2, within=within, group=group, words_will_do=True)
    assert texts(hits)[0] == TALE[1]
    assert hits.words_only == "Nobody answers at the embeddings endpoint."
    assert {hit.vector_rank for hit in hits} == {None}


async def test_what_drafts_is_not_told_less(store: Database, recall: Recall) -> None:
    story_id = await tell(store, recall, TALE)
    with pytest.raises(EndpointUnavailable):
        await Recall(store, Failing()).search("letters", k=2, within=MemoryFilter(story_id=story_id))


async def test_an_embedder_that_failed_is_left_alone_for_a_while(store: Database, recall: Recall) -> None:
    story_id = await tell(store, recall, TALE)
    embedder, now = Failing(), [0.0]
    down = Recall(store, embedder, clock=lambda: now[0])

    async def reason(query: str) -> str:
        found = await down.search(query, k=2, within=MemoryFilter(story_id=story_id), words_will_do=True)
        return found.words_only

    assert await reason("letters")
    assert await reason("wolves")
    assert embedder.asked == ["letters"]
    embedder.down, now[0] = False, 100.0
    assert not await reason("wolves")


async def test_vectors_to_come_are_counted(store: Database, recall: Recall) -> None:
    story_id = await tell(store, None, TALE)
    within = MemoryFilter(story_id=story_id)
    assert (await recall.search("letter", k=1, within=within)).pending == len(TALE)
    await recall.embed_pending(story_id)
    assert not (await recall.search("letter", k=1, within=within)).pending
