from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr

from chorus.domain.run import RunEvent
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, LLMConfig
from chorus.studio import Studio, open_studio

CANARY = "canary-key-0123456789abcdef"
type Open = Callable[..., AbstractAsyncContextManager[Studio]]


class Notes:
    """A watcher that keeps what it hears."""

    def __init__(self, on_event: Callable[[RunEvent], None] = lambda _event: None) -> None:
        self.events: list[RunEvent] = []
        self.pieces: list[tuple[int, str]] = []
        self._on_event = on_event

    def event(self, event: RunEvent) -> None:
        self.events.append(event)
        self._on_event(event)

    def prose(self, scene_number: int, piece: str) -> None:
        self.pieces.append((scene_number, piece))

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
def studio_at(database_url: str) -> Open:
    """``async with studio_at(endpoint.base_url) as studio: ...`` on the test's database."""

    @asynccontextmanager
    async def opened(base_url: str) -> AsyncIterator[Studio]:
        config = ChorusConfig(
            database=DatabaseConfig(url=database_url),
            llm=LLMConfig(api_base=base_url, api_key=SecretStr(CANARY)),
            agents=AgentModelConfig(story_architect_model="test-model"),
        )
        async with open_studio(config) as studio:
            yield studio

    return opened
