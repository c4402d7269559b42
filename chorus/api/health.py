"""Whether this server can serve: each part, how it is and which version. It answers while the database is away."""

import asyncio
import time
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from chorus import __version__
from chorus.api.door import ROLE
from chorus.api.errors import answers
from chorus.api.house import House
from chorus.errors import ChorusError
from chorus.inspection.database import inspect_database
from chorus.inspection.report import Condition
from chorus.settings import ChorusConfig, load_config
from chorus.studio import Studio

PATIENCE_S = 6.0
FRESH_S = 1.0
"""So long an answer is good for whoever asks next."""

_NEEDED = {"database", "pgvector", "tables", "studio"}

router = APIRouter(tags=["health"])


class HealthPart(BaseModel):
    """One part, how it is, and what to do about it."""

    name: str = Field(examples=["database"])
    condition: Condition
    said: str
    version: str | None = None
    remedy: str | None = None


class Health(BaseModel):
    """Whether Chorus can serve, and its parts."""

    status: Literal["ok", "unavailable"]
    version: str = Field(examples=[__version__])
    parts: list[HealthPart]

    def for_strangers(self) -> "Health":
        """The same without what is said of a part: it may name a server, an account, a folder."""
        parts = [HealthPart(name=part.name, condition=part.condition, said=part.condition.value) for part in self.parts]
        return self.model_copy(update={"parts": parts})


class Checkup:
    """Looks at the parts, at most once a second however many ask."""

    def __init__(self, house: House, config: ChorusConfig | None) -> None:
        self._house = house
        self._config = config
        self._looking = asyncio.Lock()
        self._found: tuple[float, Health] | None = None

    async def look(self) -> Health:
        """Say how everything is now."""
        async with self._looking:
            if self._found is None or time.monotonic() - self._found[0] > FRESH_S:
                self._found = (time.monotonic(), await self._look())
            return self._found[1]

    async def _look(self) -> Health:
        try:
            config = self._config or load_config()
        except ChorusError as error:
            wrong = HealthPart(name="settings", condition=Condition.PROBLEM, said="set wrong", remedy=str(error))
            return Health(status="unavailable", version=__version__, parts=[wrong])
        parts = await _database(config)
        studio = self._house.found
        parts += [_studio(self._house), _model(config), _embedder(config), await _workers(studio)]
        if studio and (parts[0].version is None or parts[0].condition is Condition.OFF):
            self._house.lost()  # nobody answers there, so whoever asks next should find it being opened anew
        needed = [part for part in parts if part.name in _NEEDED]
        serves = all(part.condition in (Condition.OK, Condition.WARNING) for part in needed)
        return Health(status="ok" if serves else "unavailable", version=__version__, parts=parts)


@router.get("/health", responses={503: {"model": Health, "description": "Something is away."}, 500: answers()[500]})
async def health(request: Request, response: Response) -> Health:
    """Say whether Chorus can serve: database, tables, model, embedder and workers, with their versions.

    Where tokens are set, who brings none hears which part is well, and no more.
    """
    checkup: Checkup = request.app.state.checkup
    found = await checkup.look()
    if request.scope.get(ROLE) is None:
        found = found.for_strangers()
    if found.status != "ok":
        response.status_code = 503
    return found


async def _database(config: ChorusConfig) -> list[HealthPart]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            parts = await inspect_database(config)
    except TimeoutError:
        away = f"no answer within {PATIENCE_S:.0f} s"
        return [HealthPart(name="database", condition=Condition.PROBLEM, said=away, remedy="Look at the server.")]
    return [
        HealthPart(name=part.name, condition=part.condition, said=part.said, version=part.version, remedy=part.remedy)
        for part in parts
    ]


def _studio(house: House) -> HealthPart:
    trouble = house.trouble
    if house.found:
        return HealthPart(name="studio", condition=Condition.OK, said="open")
    said = "not open" if trouble else "opening"
    return HealthPart(name="studio", condition=Condition.PROBLEM, said=said, remedy=str(trouble) if trouble else None)


def _model(config: ChorusConfig) -> HealthPart:
    if config.uses_embedded_model:
        return HealthPart(name="model", condition=Condition.OK, said="the embedded one, started when it is needed")
    model = config.agents.story_architect_model
    return HealthPart(name="model", condition=Condition.OK, said="an endpoint is configured", version=model)


def _embedder(config: ChorusConfig) -> HealthPart:
    if config.embedding.api_base is None:
        return HealthPart(name="embedder", condition=Condition.OK, said="the embedded one")
    return HealthPart(
        name="embedder", condition=Condition.OK, said="an endpoint is configured", version=config.embedding.model
    )


async def _workers(studio: Studio | None) -> HealthPart:
    if studio is None:
        return HealthPart(name="workers", condition=Condition.OFF, said="not known")
    try:
        async with asyncio.timeout(PATIENCE_S), studio.store.reading() as tx:
            workers = await tx.jobs.list_workers()
            queue = await tx.jobs.queue()
    except (ChorusError, TimeoutError):
        return HealthPart(name="workers", condition=Condition.OFF, said="not known")
    said = f"{len(workers)} at work; {queue.waiting} run(s) wait, {queue.working} are written"
    if workers or not queue.waiting:
        return HealthPart(name="workers", condition=Condition.OK if workers else Condition.OFF, said=said)
    return HealthPart(name="workers", condition=Condition.WARNING, said=said, remedy="Start one: `chorus worker`.")
