"""How well and how fast memory is searched: tables on stdout, and a plot.

    python -m benchmarks.memory quality TALES.jsonl [--to docs/benchmarks]
    python -m benchmarks.memory latency 10000 100000 [--to docs/benchmarks]

A tale is a line {story, sections: [{section, text}], questions: [{question, sections}]}; each section is a scene, and
all tales are searched at once. Latency is measured inside one story of 5,000 memories and across all, over made-up
stories that grow to the numbers given; a million takes an hour, most of it the HNSW index.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from benchmarks import latency_report
from benchmarks.bm25 import KeywordEngine
from benchmarks.latency_report import LatencyRow
from benchmarks.retrieval_report import Report
from benchmarks.synthetic import DIMENSIONS, MODEL, World, add_story, register, story_id
from chorus.domain.search import Grouping, MemoryFilter, Weights
from chorus.embedded import EmbeddedEmbedder, EmbeddedPostgres
from chorus.importing import read_manuscript
from chorus.memory import Recall
from chorus.memory.legs import NEAREST
from chorus.pipeline.manuscript import begin, story_of
from chorus.store import Database, Within, upgrade

LEGS = {
    "words alone": Weights(vector=0, story=0),
    "vectors alone": Weights(lexical=0, story=0),
    "Chorus": Weights(),
}
ASKED = 100
FIRST_STORY = 5_000
OTHER_STORIES = 1_000

Find = Callable[[str], Awaitable[list[tuple[UUID, int]]]]


async def quality(store: Database, tales: Sequence[dict[str, Any]], to: Path | None) -> None:
    """Ask every question of every tale of all tales, and say where the scene that answers it stands."""
    recall, engine = Recall(store, EmbeddedEmbedder()), KeywordEngine(store)
    ids = [await _import(store, tale) for tale in tales]
    await recall.embed_pending()
    await engine.build()

    def by(weights: Weights) -> Find:
        async def find(question: str) -> list[tuple[UUID, int]]:
            hits = await recall.search(question, k=10, within=MemoryFilter(), group=Grouping.SCENE, weights=weights)
            return [(hit.story_id, hit.scene_number) for hit in hits]

        return find

    finds: dict[str, Find] = {"BM25 of scenes": lambda question: engine.search(question, 10)}
    finds |= {name: by(weights) for name, weights in LEGS.items()}
    ranks = {
        name: [
            [await _rank(find, question) for question in questions_of(tale, of)]
            for tale, of in zip(tales, ids, strict=True)
        ]
        for name, find in finds.items()
    }
    report = Report.of(ranks)
    print(report.markdown())
    if to:
        report.write(to)


def manuscript_of(tale: dict[str, Any]) -> str:
    """Write a tale as a manuscript with a scene for each section."""
    scenes = [f"## {section['section']}\n\n{section['text']}" for section in tale["sections"]]
    return "\n\n".join([f"# {tale['story']}", *scenes])


async def _import(store: Database, tale: dict[str, Any]) -> UUID:
    imported = story_of(read_manuscript(manuscript_of(tale)))
    async with store.transaction() as tx:
        await tx.stories.end_import(await begin(imported, tx))
    return imported.story.id


def questions_of(tale: dict[str, Any], of: UUID) -> list[tuple[str, set[tuple[UUID, int]]]]:
    """Each question with the scenes that answer it."""
    numbers = {section["section"]: number for number, section in enumerate(tale["sections"], 1)}
    return [
        (asked["question"], {(of, numbers[section]) for section in asked["sections"] if section in numbers})
        for asked in tale["questions"]
    ]


async def _rank(find: Find, question: tuple[str, set[tuple[UUID, int]]]) -> int:
    """The rank of the first scene that answers, 0 if none of the ten does."""
    found = await find(question[0])
    return next((rank for rank, scene in enumerate(found, 1) if scene in question[1]), 0)


class Drawn:
    """An embedder that draws a query's vector from the same world."""

    name = MODEL

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = np.random.default_rng(99)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Draw a vector for each text."""
        vectors: list[list[float]] = self._world.vectors(self._random, len(texts)).tolist()
        return vectors


async def latency(store: Database, sizes: Sequence[int], to: Path | None) -> None:
    """Measure as the number of memories grows."""
    world, random = World.of(), np.random.default_rng(5)
    recall = Recall(store, Drawn(world))
    queries = [" ".join(random.choice(text.split(), 5, replace=False)) for text in world.texts(random, ASKED)]
    rows: list[LatencyRow] = []
    loads = []
    stories = 0
    for size in sizes:
        began = time.perf_counter()
        stories = await asyncio.to_thread(_grow, store.url, world, stories, size)
        built = time.perf_counter() - began
        inside = await _timed(recall, queries, MemoryFilter(story_id=story_id(0)))
        across = await _timed(recall, queries, MemoryFilter())
        loads.append(os.getloadavg()[0])
        rows.append(LatencyRow(size, built, (*inside, *across), await _recall_at_10(store, recall, queries)))
        print(latency_report.markdown(rows[-1:]))
    if to:
        latency_report.write(rows, to, float(np.mean(loads)))


def _grow(url: str, world: World, stories: int, size: int) -> int:
    """Add stories until there are so many memories, then index them; return how many stories there are."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        register(connection)
        while not stories or FIRST_STORY + (stories - 1) * OTHER_STORIES < size:
            add_story(connection, world, stories, OTHER_STORIES if stories else FIRST_STORY)
            connection.commit()
            stories += 1

    async def index() -> None:
        store = Database(url)
        await Recall(store, EmbeddedEmbedder()).gather()  # as whoever embeds memories does
        async with store.transaction() as tx:
            await tx.connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '2GB'")
            await tx.memories.ensure_index(MODEL, DIMENSIONS)
            await tx.connection.exec_driver_sql("ANALYZE memory, word_page, posting")
        await store.close()

    asyncio.run(index())
    return stories


async def _timed(recall: Recall, queries: Sequence[str], within: MemoryFilter) -> tuple[float, float]:
    """The 50th and 95th percentile of searches, in milliseconds."""
    times = []
    for query in queries:
        began = time.perf_counter()
        await recall.search(query, k=10, within=within)
        times.append(1000 * (time.perf_counter() - began))
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


async def _recall_at_10(store: Database, recall: Recall, queries: Sequence[str]) -> float:
    """Which share of the ten nearest the index finds."""
    shares = []
    for query in queries[:30]:
        vector = await recall.vector_of(query)
        async with store.transaction() as tx:
            await tx.search.prepare(NEAREST)
            found = (await tx.search.list_nearest(MODEL, vector, Within(MemoryFilter()), NEAREST))[:10]
            true = await tx.search.list_nearest(MODEL, vector, Within(MemoryFilter()), 10, exact=True)
        shares.append(len({doc for doc, *_ in found} & {doc for doc, *_ in true}) / 10)
    return float(np.mean(shares))


def _on_a_server(work: Callable[[Database], Awaitable[None]]) -> None:
    """Run a server of its own for the work, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="chorus-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)
        postgres = EmbeddedPostgres(Path(home))
        try:
            url = postgres.ensure()
            upgrade(url)

            async def run() -> None:
                store = Database(url)
                await work(store)
                await store.close()

            asyncio.run(run())
        finally:
            postgres.stop()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="How well and how fast memory is searched.")
    what = parser.add_subparsers(dest="what", required=True)
    asked = what.add_parser("quality")
    asked.add_argument("tales", type=Path)
    asked.add_argument("--to", type=Path, help="a folder for the table and the plot")
    timed = what.add_parser("latency")
    timed.add_argument("sizes", type=int, nargs="+")
    timed.add_argument("--to", type=Path, help="a folder for the table and the plot")
    given = parser.parse_args()
    if given.what == "quality":
        tales = [json.loads(line) for line in given.tales.read_text(encoding="utf-8").splitlines()]
        _on_a_server(lambda store: quality(store, tales, given.to))
    else:
        _on_a_server(lambda store: latency(store, sorted(given.sizes), given.to))


if __name__ == "__main__":
    main()
