"""How well tales are searched over HTTP, beside a keyword engine that has the same words: bar 1, and its short form."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from benchmarks.bm25 import KeywordEngine
from benchmarks.memory import manuscript_of, questions_of
from chorus.store import Database
from tests.conftest import data_file
from tests.figures import show

Scene = tuple[UUID, int]
Find = Callable[[str], Sequence[Scene]]


def tales(most: int | None = None) -> list[dict[str, Any]]:
    lines = data_file("fairytaleqa_val.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:most]]


def import_all(client: httpx.Client, told: Sequence[dict[str, Any]], every: int = 1) -> list[tuple[str, set[Scene]]]:
    """Import tales, and return every so many of their questions with the scenes that answer them."""
    questions = []
    for tale in told:
        answer = client.post("/api/stories/import", json={"text": manuscript_of(tale)}, timeout=300)
        assert answer.status_code == 201
        questions += questions_of(tale, UUID(answer.json()["story_id"]))[::every]
    return questions


def measured(questions: Sequence[tuple[str, set[Scene]]], find: Find) -> dict[str, float]:
    """hit@10 and MRR@10."""
    ranks = []
    for question, right in questions:
        found = list(find(question))
        ranks.append(next((rank for rank, scene in enumerate(found, 1) if scene in right), 0))
    hits, reciprocal = sum(map(bool, ranks)), sum(1 / rank for rank in ranks if rank)
    return {"hit@10": hits / len(ranks), "MRR@10": reciprocal / len(ranks)}


def over_http(client: httpx.Client) -> Find:
    def find(question: str) -> list[Scene]:
        answer = client.get("/api/memories/search", params={"q": question, "group": "scene", "k": 10})
        assert answer.status_code == 200
        assert "Chorus-Words-Only" not in answer.headers
        return [(UUID(hit["story_id"]), hit["scene_number"]) for hit in answer.json()]

    return find


def by_keywords(database_url: str, questions: Sequence[tuple[str, set[Scene]]]) -> Find:
    async def ask() -> dict[str, list[Scene]]:
        store = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
        engine = KeywordEngine(store)
        await engine.build()
        found = {question: await engine.search(question, 10) for question, _ in questions}
        await store.close()
        return found

    return asyncio.run(ask()).__getitem__


def both(client: httpx.Client, database_url: str, questions: list[tuple[str, set[Scene]]]) -> list[dict[str, float]]:
    figures = [measured(questions, over_http(client)), measured(questions, by_keywords(database_url, questions))]
    names = ("Chorus", "BM25 of scenes")
    show(f"{len(questions)} questions", [{"by": name, **row} for name, row in zip(names, figures, strict=True)])
    return figures


def test_some_tales_are_searched_better_than_by_keywords(client: httpx.Client, database_url: str) -> None:
    questions = import_all(client, tales(4), every=3)
    ours, keywords = both(client, database_url, questions)
    assert ours["hit@10"] >= max(0.93, keywords["hit@10"])
    assert ours["MRR@10"] >= max(0.71, keywords["MRR@10"] + 0.02)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_tales_are_searched_as_well_as_the_bar_asks(client: httpx.Client, database_url: str) -> None:
    questions = import_all(client, tales())
    ours, keywords = both(client, database_url, questions)
    assert len(questions) == 1_025
    assert ours["hit@10"] >= max(0.93, keywords["hit@10"] + 0.02)
    assert ours["MRR@10"] >= max(0.71, keywords["MRR@10"] + 0.02)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.soak)])
def test_any_string_can_be_looked_for(client: httpx.Client, every: int) -> None:
    import_all(client, tales(1), every=1_000)
    naughty = json.loads(data_file("blns.json").read_text(encoding="utf-8"))[::every]
    lone = ["\ud800", "a \udfff king", "\U0001f451 king", "\x00king", "king\x00" * 500]
    for number, text in enumerate([*naughty, *lone]):
        query = quote(text.encode("utf-8", "surrogatepass"), safe="")
        asked = f"/api/memories/search?k=3&group={('passage', 'scene')[number % 2]}"
        answer = client.get(f"{asked}&q={query}")
        is_empty = not text.replace("\x00", "").strip()
        assert answer.status_code == (422 if is_empty else 200), (text, answer.text)
        if number % 16 == 0 and 0 < len(text.strip()) <= 200:
            assert client.get(f"{asked}&q=king&character={query}&place={query}").json() == []
