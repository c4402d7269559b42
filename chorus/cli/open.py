"""The studio, opened for one command: settings, logs, and word on what takes a while."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from chorus.cli.watch import Onlooker, onlooker

if TYPE_CHECKING:
    from chorus.settings import ChorusConfig
    from chorus.studio import Studio


@asynccontextmanager
async def opened(looking_on: Onlooker | None = None, *, foreground: bool = True) -> AsyncIterator["Studio"]:
    """Open the studio as the environment says; who looks on hears of downloads and waits.

    ``foreground``: somebody waits for the command, and only warnings are worth a line.
    """
    from chorus.settings import load_config

    config = load_config()
    log_to_stderr(config, foreground=foreground)
    with _looking_on(looking_on) as progress:
        async with studio_of(config, progress) as studio:
            yield studio


def studio_of(config: "ChorusConfig", progress: Onlooker) -> AbstractAsyncContextManager["Studio"]:
    """The studio of these settings; tests put another in its place."""
    from chorus.studio import open_studio

    return open_studio(config, progress=progress)


@contextmanager
def _looking_on(given: Onlooker | None) -> Iterator[Onlooker]:
    if given is not None:
        yield given
        return
    with onlooker() as own:
        yield own


def log_to_stderr(config: "ChorusConfig", *, foreground: bool = True) -> None:
    """Let a command that somebody waits for say on stderr what goes wrong on the way."""
    from chorus.logs import set_up

    set_up(config, foreground=foreground)
