"""The HTTP application: what is asked where, what stands before it, and what lives as long as it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI

from chorus import __version__
from chorus.access import configured_access
from chorus.api import (
    blind,
    calls,
    canon,
    course,
    crew,
    docs,
    events,
    figures,
    health,
    lab,
    memories,
    past,
    people,
    plans,
    reviews,
    runs,
    stories,
    takeaway,
    views,
)
from chorus.api.errors import catch_errors
from chorus.api.examples import unfold
from chorus.api.guard import guards
from chorus.api.health import Checkup
from chorus.api.house import House, OpenStudio
from chorus.api.hub import Hub
from chorus.settings import ChorusConfig
from chorus.studio import open_studio

_ABOUT = """Turn a premise into a finished, consistent, multi-chapter story, and look into everything on the way.

Lists are plain arrays; `limit` and `offset` choose a part, and a `Link` header leads to the next one. Every error has
the same body. What happens in a run comes as server-sent events that can be resumed."""


class Application(FastAPI):
    """FastAPI, whose document has our examples whole."""

    def openapi(self) -> dict[str, Any]:
        """Describe every route."""
        return unfold(super().openapi())


def create_app(config: ChorusConfig | None = None, *, opens: OpenStudio | None = None) -> FastAPI:
    """Make the application; ``config`` defaults to the environment's, ``opens`` to the studio of that."""
    house = House(opens or partial(open_studio, config))
    app = Application(
        title="Chorus",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_alive,
        middleware=guards(config.access if config else configured_access()),
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.house = house
    app.state.hub = Hub(house)
    app.state.checkup = Checkup(house, config)
    catch_errors(app, house)
    for part in (
        health,
        stories,
        takeaway,
        plans,
        past,
        canon,
        people,
        events,
        course,
        runs,
        memories,
        calls,
        reviews,
        lab,
        blind,
        figures,
        crew,
        views,
        docs,
    ):
        app.include_router(part.router)
    return app


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    """Keep the studio open and an ear on the database for as long as the server runs."""
    tasks = [asyncio.create_task(app.state.house.keep_open()), asyncio.create_task(app.state.hub.run())]
    try:
        yield
    finally:
        for task in reversed(tasks):
            task.cancel()
        await asyncio.wait(tasks)
