"""What words a text has, on servers of any locale: what stands between words is no part of them."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.story import Story
from chorus.store import Database, Postings, hash_of, upgrade
from tests.databases import Server

TOLD = [
    ("English", "“Come here,” said Anna—and Ben’s dog… ran.", "come said anna ben dog ran"),
    ("English", '"Come here," said Anna - and Ben\'s dog... ran.', "come said anna ben dog ran"),
    ("German", "„Häuser“ – «Häuser»", "haus"),
    ("French", "¡l’âme! ¿d’Artagnan?", "âme artagnan"),
    ("Spanish", "¿Dónde está?", "dond"),
    ("English", "cafe\u0301, café and ca\u00adfé\u200d", "café"),
    ("English", "run\u00a0run\u3000run🙂run", "run"),
    ("Japanese", "猫である。", "猫 で あ る 猫で であ ある"),
    ("Chinese", "天地，玄黄", "天 地 玄 黄 天地 玄黄"),
    ("English", "In 東京 he ran", "東 京 東京 ran"),
    ("Thai", "แมว", "แ ม ว แม มว"),
    ("Persian", "می\u200cخواهم، سلام؟", "میخواهم سلام"),
    ("English", "It was Will who left, and Will not. He will.", "will left"),
    ("English", "Will he? And where? “Will he?” The.", ""),
]


@pytest.fixture(scope="module", params=["", "C.utf8"], ids=["embedded", "libc"])
def anywhere(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    name = server.create(template="template0", locale=request.param)
    upgrade(server.url(name))
    yield server.url(name)
    server.drop(name)


@pytest.mark.parametrize("told", TOLD, ids=[told[1][:12] for told in TOLD])
def test_what_stands_between_words_is_no_part_of_them(anywhere: str, told: tuple[str, str, str]) -> None:
    with psycopg.connect(anywhere) as connection:
        row = connection.execute(
            "SELECT array_agg(lexeme) FROM unnest(words_of(text_config(%s), %s))", told[:2]
        ).fetchone()
    assert set((row and row[0]) or ()) == set(told[2].split())


def test_a_long_text_of_any_letters_has_words(anywhere: str) -> None:
    with psycopg.connect(anywhere) as connection:
        for first in (0x2000, 0x4E00, 0x8000, 0xFB00, 0x20000):
            text = "".join(chr(first + number % 0x5000) for number in range(100_000))
            connection.execute("SELECT words_of('simple', %s)", [text])


def test_words_that_are_there_are_written_anew(server: Server) -> None:
    name = server.create(template="template1")
    url = server.url(name)
    try:
        upgrade(url, to="0023")
        story = Story(title="T", language="English")
        memory = Memory(story_id=story.id, kind=MemoryKind.LORE, text="“Come,” said Anna—“come.”")
        words = [hash_of("come"), hash_of("anna"), hash_of("“come")]
        counted = asyncio.run(_tell(url, story, memory, words))
        assert counted == [0, 0, 1]
        upgrade(url)
        assert asyncio.run(_counted(url, words)) == [1, 1, 0]
    finally:
        server.drop(name)


async def _tell(url: str, story: Story, memory: Memory, words: list[int]) -> list[int]:
    store = Database(url.replace("postgresql:", "postgresql+psycopg:"))
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.memories.add([memory])
        assert await tx.shards.gather(least=1)
    await store.close()
    return await _counted(url, words)


async def _counted(url: str, words: list[int]) -> list[int]:
    """In how many memories each word is, in shards and in pages."""
    store = Database(url.replace("postgresql:", "postgresql+psycopg:"))
    async with store.reading() as tx:
        gathered = Postings.of(await tx.search.list_postings(words), words)
        fresh = Postings.of_pages(await tx.search.list_pages(), words)
    await store.close()
    return [int((gathered.term == place).sum() + (fresh.term == place).sum()) for place in range(len(words))]
