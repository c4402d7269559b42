"""Strings that break things elsewhere: as text, as names and as queries they come back as they were."""

import json

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.search import Grouping, MemoryFilter
from chorus.domain.story import Character, Story
from chorus.domain.value import storable
from chorus.memory import Recall
from chorus.store import Database
from tests.conftest import data_file


async def test_naughty_strings_round_trip(store: Database, recall: Recall) -> None:
    naughty = json.loads(data_file("blns.json").read_text(encoding="utf-8"))
    story = Story(title="T", language="';--")
    memories = [
        Memory(story_id=story.id, kind=MemoryKind.LORE, number=number, text=text, entities=(text, "Ada"))
        for number, text in enumerate(naughty)
    ]
    names = list(dict.fromkeys(storable(text) for text in naughty))
    people = [Character(story_id=story.id, number=n, name=name, aliases=(name,)) for n, name in enumerate(names, 1)]
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.stories.add_characters(people)
        assert [person.name for person in await tx.stories.list_characters(story.id)] == names
        await tx.memories.add(memories)
        kept = await tx.memories.list_of(story.id)
    assert [memory.text for memory in kept] == [storable(text) for text in naughty]
    assert kept == memories
    await recall.embed_pending(story.id)
    within = MemoryFilter(story_id=story.id)
    for text in naughty[:: max(1, len(naughty) // 16)]:
        query = storable(text)
        hits = await recall.search(query, k=len(naughty), within=within)
        assert query in {hit.text for hit in hits}
        if query.strip():
            about = await recall.search("?", k=len(naughty), within=within.model_copy(update={"character": query}))
            assert query in {hit.text for hit in about}
        await recall.search(query, k=1, within=MemoryFilter(character=query, place=query), group=Grouping.SCENE)
