"""A million memories over a thousand stories: made once in a folder of its own, then measured as often as is wanted.

    python -m benchmarks.scale fill /var/tmp/million [--memories 1000000]
    python -m benchmarks.scale measure /var/tmp/million

``fill`` takes about half an hour on two cores, half of it for the HNSW index, and goes on where it was stopped.
``measure`` starts the server that it finds there, grows a small one beside it to compare with, and prints a table. The
soak test does the same, in the folder that ``CHORUS_MILLION`` names or in one of its own.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psycopg

from benchmarks.synthetic import DIMENSIONS, MODEL, World, fill, story_id
from chorus.domain.canon import Memory, MemoryKind
from chorus.domain.search import Grouping, MemoryFilter, Weights
from chorus.domain.story import Story
from chorus.embedded import EmbeddedEmbedder, EmbeddedPostgres
from chorus.memory import Recall
from chorus.memory.legs import NEAREST
from chorus.store import Database, Transaction, Within, upgrade
from tests.figures import show

FIRST_STORY = 5_000
OTHER_STORIES = 1_000
SMALL = 10_000
ASKED = 100
WARMING = 500
K = 10
FIGURES = "figures.json"

Row = dict[str, object]


class Drawn:
    """An embedder that takes the time of the real one, and draws the query's vector from the made-up world."""

    name = MODEL

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = np.random.default_rng(99)
        self._real = EmbeddedEmbedder()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Draw a vector for each text."""
        await self._real.embed(texts)
        vectors: list[list[float]] = self._world.vectors(self._random, len(texts)).tolist()
        return vectors


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run the server of a folder, with its schema up to date."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home)
    try:
        url = postgres.ensure()
        upgrade(url)
        yield url
    finally:
        postgres.stop()


def build(home: Path, url: str, memories: int, say: Callable[[str], None] = print) -> dict[str, float]:
    """Write what is missing, vacuum and index; return in seconds what each took, when it was first done."""
    noted = home / FIGURES
    took: dict[str, float] = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else {}
    sizes = [FIRST_STORY, *[OTHER_STORIES] * max(0, -(-(memories - FIRST_STORY) // OTHER_STORIES))]

    def done(name: str, began: float) -> None:
        took[name] = took.get(name, 0.0) + time.perf_counter() - began
        noted.write_text(json.dumps(took), encoding="utf-8")
        say(f"{name}: {took[name]:.0f} s")

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        began = time.perf_counter()
        for written in fill(connection, World.of(), sizes):
            say(f"{written:,} of {sum(sizes):,} memories")
        if time.perf_counter() - began > 1:
            done("rows and words", began)
    began = time.perf_counter()
    asyncio.run(_gather(url))
    if time.perf_counter() - began > 1:
        done("postings", began)
    if "HNSW index" not in took:
        began = time.perf_counter()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) memory, word_page, posting, story, scene, chapter, character")
        done("vacuum", began)
        began = time.perf_counter()
        asyncio.run(_index(url))
        done("HNSW index", began)
    return took


async def _gather(url: str) -> None:
    store = Database(url)
    await Recall(store, EmbeddedEmbedder()).gather()
    await store.close()


async def _index(url: str) -> None:
    store = Database(url)
    async with store.transaction() as tx:
        await tx.connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '6GB'")
        await tx.connection.exec_driver_sql("SET LOCAL max_parallel_maintenance_workers = 1")
        await tx.memories.ensure_index(MODEL, DIMENSIONS)
    await store.close()


# --- measuring


async def measure(url: str, small_url: str) -> list[Row]:
    """Measure searches among a million memories, and inside one story there and in a small database."""
    world, random = World.of(), np.random.default_rng(5)
    queries = [" ".join(random.choice(text.split(), 5, replace=False)) for text in world.texts(random, ASKED)]
    store, small = Database(url), Database(small_url)
    try:
        recall, beside = Recall(store, Drawn(world)), Recall(small, Drawn(world))
        rows = [
            await _inside_both(recall, beside, queries),
            *await _inside(store, recall, queries),
            *await _vectors(store, recall, queries),
            await _timed("across, hybrid", partial(_search, recall, within=MemoryFilter()), queries),
            await _timed(
                "across, hybrid, scenes",
                lambda query: recall.search(query, k=K, within=MemoryFilter(), group=Grouping.SCENE),
                queries,
            ),
        ]
        for name, within in FILTERS.items():
            for group in Grouping:
                ask = partial(_search, recall, within=within, group=group)
                rows.append(await _timed(f"{name}, {group}s", ask, queries[:40], exactly=K))
        return [*rows, *await _writes(store)]
    finally:
        await store.close()
        await small.close()


FILTERS = {
    "across, kind: 1 %": MemoryFilter(kinds=(MemoryKind.FACT,)),
    "across, kind: 0.1 %": MemoryFilter(kinds=(MemoryKind.LORE,)),
    "across, place: 1 %": MemoryFilter(place="Place 7"),
    "across, character: 2 %": MemoryFilter(character="Nick 7"),
    "across, chapter: 0.3 %": MemoryFilter(chapter=20),
    "across, as of scene 1: 2 %": MemoryFilter(as_of=1),
}


async def _search(recall: Recall, query: str, *, within: MemoryFilter, group: Grouping = Grouping.PASSAGE) -> int:
    return len(await recall.search(query, k=K, within=within, group=group))


async def _timed(
    name: str, ask: Callable[[str], Awaitable[object]], queries: Sequence[str], *, exactly: int | None = None
) -> Row:
    """Ask each query once, after a few to warm up; ``exactly`` so many hits are to be found each time."""
    for query in queries[:5]:
        await ask(query)
    times, found = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(await ask(f"{query} "))  # not the very same, whose vector is known
        times.append(1000 * (time.perf_counter() - began))
    exact = "" if exactly is None else f"{sum(count == exactly for count in found)} of {len(found)}"
    return _row(name, times) | {"exactly k": exact}


def _row(name: str, times_ms: Sequence[float], more: Row | None = None) -> Row:
    p50, p95 = np.percentile(times_ms, [50, 95])
    rest = {"recall@10": "", "times as slow": "", "p95, times": "", "exactly k": "", "note": ""}
    row: Row = {"what": name, "p50 ms": float(p50), "p95 ms": float(p95), **rest, **(more or {})}
    print(f"{name}: {p50:.1f} ms, {p95:.1f} ms", flush=True)
    return row


async def _inside_both(recall: Recall, beside: Recall, queries: Sequence[str]) -> Row:
    """Inside a story of 5,000: among a million others and among few, turn by turn."""
    within = MemoryFilter(story_id=story_id(0))
    times: dict[Recall, list[float]] = {recall: [], beside: []}
    for number, query in enumerate([*queries[:10], *queries]):
        for searched in (recall, beside):
            began = time.perf_counter()
            await searched.search(f"{query} again", k=K, within=within)
            if number >= 10:
                times[searched].append(1000 * (time.perf_counter() - began))
    (few, few_95), (many, many_95) = (np.percentile(times[searched], [50, 95]) for searched in (beside, recall))
    told = f"p50 {few:.1f} ms with few others, p95 {few_95:.1f}; bar: 1.3 x"
    more: Row = {"times as slow": round(many / few, 2), "p95, times": round(many_95 / few_95, 2), "note": told}
    return _row("inside a story, beside the small database", times[recall], more)


async def _inside(store: Database, recall: Recall, queries: Sequence[str]) -> list[Row]:
    """Inside a story of 5,000: hybrid, and whether the vectors' ten nearest are the exact ones."""
    within = MemoryFilter(story_id=story_id(0))
    row = await _timed("inside a story, hybrid", partial(_search, recall, within=within), queries)
    shares = []
    for query in queries[:20]:
        vector = await recall.vector_of(query)
        async with store.reading() as tx:
            nearest = await tx.search.list_nearest(MODEL, vector, Within(within), K, exact=True)
            true = {row["memory_id"] for row in (await tx.search.load_found([doc for doc, *_ in nearest])).values()}
        hits = await recall.search(query, k=K, within=within, weights=Weights(lexical=0, story=0))
        shares.append(len(true & {hit.memory_id for hit in hits}) / K)
    return [row | {"recall@10": float(np.mean(shares)), "note": "bar: 60 ms, 1.0"}]


async def _vectors(store: Database, recall: Recall, queries: Sequence[str]) -> list[Row]:
    """The vector leg across all stories, as a hybrid search asks it."""
    times, shares = [], []
    drawn = World.of().vectors(np.random.default_rng(17), WARMING)
    async with store.transaction() as tx:  # what is prepared holds for a transaction
        await tx.search.prepare(NEAREST)
        for vector in drawn.tolist():  # a server that has just started has none of the index at hand
            await tx.search.list_nearest(MODEL, vector, Within(MemoryFilter()), NEAREST)
    for number, query in enumerate(queries):
        vector = await recall.vector_of(query)
        async with store.transaction() as tx:
            await tx.search.prepare(NEAREST)
            began = time.perf_counter()
            found = (await tx.search.list_nearest(MODEL, vector, Within(MemoryFilter()), NEAREST))[:K]
            times.append(1000 * (time.perf_counter() - began))
            if number < 20:
                true = await tx.search.list_nearest(MODEL, vector, Within(MemoryFilter()), K, exact=True)
                shares.append(len({doc for doc, *_ in found} & {doc for doc, *_ in true}) / K)
    more: Row = {"recall@10": float(np.mean(shares)), "note": "bar: 40 ms, 0.95"}
    return [_row("across, vector leg", times[5:], more)]


async def _writes(store: Database) -> list[Row]:
    """What it takes to remember a thousand memories more, to give them vectors, and to forget them."""
    world, random = World.of(), np.random.default_rng(11)
    story = Story(title="more")
    texts = world.texts(random, 1000)
    memories = [Memory(story_id=story.id, kind=MemoryKind.LORE, number=n, text=text) for n, text in enumerate(texts)]
    vectors = world.vectors(random, len(texts)).tolist()
    rows: list[Row] = []
    try:
        async with store.transaction() as tx:
            await tx.stories.add(story)
        pairs = [(memory.id, vector) for memory, vector in zip(memories, vectors, strict=True)]
        writes: dict[str, Callable[[Transaction], Awaitable[None]]] = {
            "add 1,000 memories": lambda tx: tx.memories.add(memories),
            "give them vectors": lambda tx: tx.memories.embed(MODEL, pairs),
            "remove their story": lambda tx: tx.stories.remove(story.id),
        }
        for name, write in writes.items():
            began = time.perf_counter()
            async with store.transaction() as tx:
                await write(tx)
            rows.append(_row(name, [1000 * (time.perf_counter() - began)]))
    finally:
        async with store.transaction() as tx:
            await tx.stories.remove(story.id)
    began = time.perf_counter()
    async with store.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.exec_driver_sql("VACUUM memory, word_page, posting")
    return [*rows, _row("vacuum", [1000 * (time.perf_counter() - began)])]


@contextmanager
def small_server(say: Callable[[str], None] = print) -> Iterator[str]:
    """Run a server with few memories, and leave nothing behind."""
    with (
        tempfile.TemporaryDirectory(prefix="chorus-bench-", ignore_cleanup_errors=True) as home,
        server(Path(home)) as url,
    ):
        build(Path(home), url, SMALL, say)
        yield url


def main() -> None:
    """Read the command line, and fill or measure."""
    parser = argparse.ArgumentParser(description="A million memories: made once, measured as often as is wanted.")
    parser.add_argument("what", choices=["fill", "measure"])
    parser.add_argument("home", type=Path)
    parser.add_argument("--memories", type=int, default=1_000_000)
    given = parser.parse_args()
    with server(given.home) as url:
        took = build(given.home, url, given.memories) if given.what == "fill" else {}
        if given.what == "measure":
            with small_server() as small_url:
                show("Searching a million memories", asyncio.run(measure(url, small_url)))
        print(took)


if __name__ == "__main__":
    main()
