from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from pydantic import SecretStr

from chorus.llm import Endpoint, FixedEndpoint, Gateway, MemoryLedger, Patience
from chorus.llm.openai_wire import OpenAIWire
from tests.endpoint import EndpointServer

CANARY = "sk-canary-0123456789abcdef"
HASTE = Patience(deadline_s=5.0, failures=4, first_wait_s=0.01, longest_wait_s=0.05)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with EndpointServer() as server:
        yield server


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


type OpenGateway = Callable[..., Gateway]


@pytest.fixture
async def open_test_gateway(server: EndpointServer, ledger: MemoryLedger) -> AsyncIterator[OpenGateway]:
    """Open gateways to the server; the ledger is shared, as between a process and the one after it."""
    opened: list[Gateway] = []

    def open_one(*, fallback: str | None = None, patience: Patience = HASTE, base_url: str | None = None) -> Gateway:
        endpoint = Endpoint(base_url or server.base_url, SecretStr(CANARY), "test-model", fallback)
        gateway = Gateway(endpoints=FixedEndpoint(endpoint), ledger=ledger, wire=OpenAIWire(), patience=patience)
        opened.append(gateway)
        return gateway

    yield open_one
    for gateway in opened:
        await gateway.aclose()


@pytest.fixture
def gateway(open_test_gateway: OpenGateway) -> Gateway:
    return open_test_gateway()
