import asyncio
import math
from collections.abc import Sequence

import pytest

from chorus.embedded.embedder import EmbeddedEmbedder

LAMP = "The keeper lit the lamp at dusk."
BEACON = "At nightfall the beacon was kindled by its guardian."
LEDGER = "Quarterly revenue fell by three percent."


@pytest.fixture(scope="module")
def embedder() -> EmbeddedEmbedder:
    return EmbeddedEmbedder()


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_have_the_promised_shape(embedder: EmbeddedEmbedder) -> None:
    vectors = await embedder.embed([LAMP, LEDGER])
    assert [len(vector) for vector in vectors] == [embedder.dimensions] * 2
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1, 1], abs=1e-5)
    assert await embedder.embed([]) == []


async def test_what_means_the_same_is_close(embedder: EmbeddedEmbedder) -> None:
    lamp, beacon, ledger = await embedder.embed([LAMP, BEACON, LEDGER])
    assert likeness(lamp, beacon) > likeness(lamp, ledger) + 0.2


async def test_a_vector_depends_on_its_text_alone(embedder: EmbeddedEmbedder) -> None:
    texts = [LAMP, LEDGER, LAMP, *(f"{BEACON} {'And on. ' * n}" for n in range(40))]
    together = await embedder.embed(texts)
    alone = [(await embedder.embed([text]))[0] for text in texts[:8]]
    assert together[:8] == alone
    assert together[0] == together[2]


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800 half a pair", "🙂" * 3000, "x" * 1_000_000, "[CLS][MASK]</s>"]
)
async def test_nothing_is_too_odd(embedder: EmbeddedEmbedder, text: str) -> None:
    (vector,) = await embedder.embed([text])
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)


async def test_a_question_does_not_wait_for_a_manuscript(embedder: EmbeddedEmbedder) -> None:
    (vector,) = await embedder.embed([LAMP])
    many = asyncio.create_task(embedder.embed([f"{BEACON} {'And on. ' * (n % 50)}" for n in range(256)]))
    await asyncio.sleep(0.1)
    assert await embedder.embed([LAMP]) == [vector]
    assert not many.done()
    many.cancel()


def test_it_counts_tokens(embedder: EmbeddedEmbedder) -> None:
    assert embedder.count_tokens("") == 0
    assert 7 <= embedder.count_tokens(LAMP) <= 10
    assert embedder.count_tokens(f"{LAMP} " * 200) == 200 * embedder.count_tokens(LAMP), "also beyond what it embeds"
