from collections.abc import AsyncIterator, Iterator

import pytest

from chorus.store import Database
from tests.endpoint import EndpointServer


@pytest.fixture
def endpoint() -> Iterator[EndpointServer]:
    with EndpointServer() as endpoint:
        yield endpoint


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url.replace("postgresql:", "postgresql+psycopg:"))
    yield database
    await database.close()
