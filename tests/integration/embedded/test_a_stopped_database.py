"""A database that somebody has stopped stays so, whatever still runs, until somebody wants it again."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chorus import studio as studio_module
from chorus.api.house import House
from chorus.embedded import EmbeddedPostgres
from chorus.errors import DatabaseUnavailable
from chorus.settings import ChorusConfig, DatabaseConfig, SystemConfig
from chorus.studio import open_studio

PATIENCE_S = 60


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    home = Path(tempfile.mkdtemp(prefix="chorus-test-"))
    home.chmod(0o711)
    server = EmbeddedPostgres(home)
    yield server
    server.remove()
    shutil.rmtree(home, ignore_errors=True)


async def test_what_runs_waits_for_it(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "OUTAGE_S", 0.2)
    config = ChorusConfig(database=DatabaseConfig(url=None), system=SystemConfig(home=server.home))
    house = House(partial(open_studio, config))
    keeping = asyncio.create_task(house.keep_open())
    async with asyncio.timeout(PATIENCE_S):
        studio = await house.studio()
        await asyncio.to_thread(server.stop)
        with pytest.raises(DatabaseUnavailable):
            await studio.revive_database()
        house.lost()
        while house.trouble is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert "stopped" in str(house.trouble)
        assert not server.status().running
        await asyncio.to_thread(server.ensure)
        while house.found is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await house.found.revive_database()
    keeping.cancel()
    await asyncio.wait([keeping])
