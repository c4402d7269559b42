"""An import is answered when its words are searchable, if that is asked; its vectors follow."""

import asyncio
import threading
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from chorus.memory import Recall
from chorus.store import Database
from chorus.store.tables import unfinished_import

MANUSCRIPT = "# The Lamp\n\n## One\n\nThe keeper found a letter in a bottle.\n\n## Two\n\nThe sea was quiet.\n"


async def test_an_import_is_answered_before_its_vectors_are_made(
    aclient: httpx.AsyncClient, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, embed = threading.Event(), Recall.embed_pending

    async def held_up(recall: Recall, story_id: UUID | None = None, **given: object) -> int:
        await asyncio.to_thread(may_go_on.wait, 30)
        return await embed(recall, story_id, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Recall, "embed_pending", held_up)
    sent = {"wait": "false"}, {"text": MANUSCRIPT}
    answer = await aclient.post("/api/stories/import", params=sent[0], json=sent[1])
    story_id = answer.json()["story_id"]
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/stories/{story_id}")
    again = await aclient.post("/api/stories/import/file", params=sent[0], content=MANUSCRIPT.encode())
    assert again.json()["story_id"] == story_id
    hits = (await aclient.get("/api/memories/search", params={"q": "a letter", "story_id": story_id})).json()
    assert (hits[0]["scene_number"], hits[0]["vector_rank"]) == (1, None)
    may_go_on.set()
    for _ in range(600):
        if not await is_unfinished(store):
            break
        await asyncio.sleep(0.05)
    hits = (await aclient.get("/api/memories/search", params={"q": "a letter", "story_id": story_id})).json()
    assert hits[0]["vector_rank"] == 1


async def is_unfinished(store: Database) -> bool:
    async with store.reading() as tx:
        return bool((await tx.connection.execute(select(unfinished_import))).all())
