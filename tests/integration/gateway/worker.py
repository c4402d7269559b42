"""A process that asks as fast as it may: ``python -m tests.integration.gateway.worker URL DATABASE LIMIT WINDOW S``."""

import asyncio
import sys
import time
from uuid import uuid4

from chorus.llm import CallSite, Endpoint, FixedEndpoint, Gateway, MemoryLedger
from chorus.llm.openai_wire import OpenAIWire
from chorus.llm.opening import open_turnstile
from chorus.pipeline.fleet import StoreFleet
from chorus.settings import LLMConfig
from chorus.store import Database
from tests.integration.llm.asking import a_prompt


async def main(base_url: str, database_url: str, limit: int, window_s: float, seconds: float) -> None:
    store = Database(database_url)
    door = open_turnstile(LLMConfig(requests_per_minute=limit, concurrency=8), StoreFleet(store), window_s)
    endpoint = Endpoint(base_url, None, "test-model")
    gateway = Gateway(endpoints=FixedEndpoint(endpoint), ledger=MemoryLedger(), wire=OpenAIWire(), admission=door)
    ends_s = time.monotonic() + seconds

    async def ask_and_ask() -> None:
        while time.monotonic() < ends_s:
            await gateway.complete(a_prompt("Write 5 words."), CallSite(uuid4(), None, None, "worker"))

    await asyncio.gather(*(ask_and_ask() for _ in range(8)))
    await gateway.aclose()
    await store.close()


if __name__ == "__main__":
    url, database, most, window, duration = sys.argv[1:]
    asyncio.run(main(url, database, int(most), float(window), float(duration)))
