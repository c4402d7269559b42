"""The API over a real socket, on a database of its own."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn
from pydantic import SecretStr

from chorus.api.app import create_app
from chorus.domain.run import Run, RunEvent
from chorus.domain.story import Chapter, Outline, Scene, SceneBrief, Story
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig
from chorus.store import Database


class ApiServer:
    """``with ApiServer(config) as server: httpx.get(server.url + "/health")``."""

    def __init__(self, config: ChorusConfig) -> None:
        self.app = create_app(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        settings = uvicorn.Config(self.app, log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._serve, name="test-api", daemon=True)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()


def config_of(database_url: str) -> ChorusConfig:
    return ChorusConfig(
        database=DatabaseConfig(url=database_url),
        llm=LLMConfig(api_base="http://127.0.0.1:9/v1", api_key=SecretStr("canary-key")),
        agents=AgentModelConfig(story_architect_model="test-model"),
    )


@pytest.fixture
def api(database_url: str) -> Iterator[ApiServer]:
    with ApiServer(config_of(database_url)) as server:
        yield server


@pytest.fixture
def client(api: ApiServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def aclient(api: ApiServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    yield database
    await database.close()


async def add_story(store: Database, title: str = "The Lamp", scenes: int = 2) -> Run:
    story = Story(title=title, premise="A keeper and a lamp.")
    chapter = Chapter(story_id=story.id, number=1, title="One")
    numbered = [
        Scene(story_id=story.id, chapter_id=chapter.id, number=n, title=f"S{n}", brief=SceneBrief(purpose="p"))
        for n in range(1, scenes + 1)
    ]
    run = Run(story_id=story.id)
    async with store.transaction() as tx:
        await tx.stories.add(story)
        await tx.stories.add_outline(Outline(chapters=(chapter,), scenes=tuple(numbered)))
        await tx.runs.add(run)
    return run


async def record(store: Database, run: Run, kind: str = "note", message: str = "m") -> int:
    async with store.transaction() as tx:
        event = await tx.runs.record(RunEvent(run_id=run.id, story_id=run.story_id, kind=kind, message=message))
    assert event.id
    return event.id


NOBODY = UUID("00000000-0000-4000-8000-000000000000")
