"""A good answer over real HTTP: what is sent, heard and written down, and what is never asked twice."""

import asyncio
import time

import pytest
from pydantic import BaseModel, Field, SecretStr

from chorus.domain.llm_call import AnswerAddress, LLMCall, Outcome, RecordedAnswer
from chorus.errors import AnswerUnusable, ConfigError, EndpointRefused
from chorus.llm import (
    Endpoint,
    EndpointEmbedder,
    FixedEndpoint,
    Gateway,
    MemoryLedger,
    SettingNames,
    open_embedder,
    open_gateway,
)
from chorus.llm.openai_wire import OpenAIWire
from chorus.settings import ChorusConfig, EmbeddingConfig, LLMConfig
from tests.endpoint import EndpointServer, Kind
from tests.integration.llm.asking import a_prompt, a_site
from tests.integration.llm.conftest import CANARY, OpenGateway


class Brief(BaseModel):
    title: str
    tension: int = Field(ge=1, le=5)


async def test_prose_is_heard_while_it_comes_and_counted(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger
) -> None:
    server.latency_s = 0.2
    heard: list[str] = []
    answer = await gateway.complete(a_prompt("Write 80 words."), a_site(), on_text=heard.append)
    assert len(heard) > 3
    assert "".join(heard) == answer.text
    (call,) = ledger.calls
    assert call.id == answer.call_ids[0]
    assert call.response_text == answer.text
    assert not call.usage_estimated
    assert call.cached_tokens > 0
    assert call.latency_ms is not None
    assert call.ttft_ms is not None
    assert 100 <= call.ttft_ms < call.latency_ms
    assert call.endpoint == f"127.0.0.1:{server.port}"
    assert call.ended_at is not None
    assert call.cost_usd is None, "nobody publishes prices for this machine"


async def test_the_key_goes_with_questions_and_with_texts_to_embed() -> None:
    wire = OpenAIWire()
    with EndpointServer(api_key=CANARY) as server:
        endpoint = Endpoint(server.base_url, SecretStr(CANARY), "test-model")
        gateway = Gateway(endpoints=FixedEndpoint(endpoint), ledger=MemoryLedger(), wire=wire)
        assert (await gateway.complete(a_prompt(), a_site())).text
        assert (await wire.embed(endpoint, ["The ferry."], timeout_s=10)).vectors
        assert (await wire.list_models(endpoint, timeout_s=10)).models
    await gateway.aclose()


async def test_an_endpoint_that_does_not_stream_is_read_all_the_same(server: EndpointServer, gateway: Gateway) -> None:
    server.streams = False
    answer = await gateway.complete(a_prompt(), a_site())
    assert answer.text
    assert not answer.usage.estimated


async def test_the_dialect_is_learned_once_per_model(server: EndpointServer, gateway: Gateway) -> None:
    server.rejects = frozenset({"response_format.json_schema", "stream_options", "temperature"})
    for n in range(3):
        await gateway.complete_as(a_prompt(f"brief {n}"), a_site(), Brief)
    assert [call.outcome for call in server.calls] == ["rejected"] * 3 + ["ok"] * 3
    body = server.calls[-1].body
    assert body["response_format"] == {"type": "json_object"}
    assert '"tension"' in body["messages"][-1]["content"]


async def test_without_any_response_format_the_schema_is_in_the_prompt(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger
) -> None:
    server.rejects = frozenset({"response_format"})
    brief = await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert brief.value.title
    assert [call.outcome for call in ledger.calls] == [Outcome.BAD_REQUEST, Outcome.BAD_REQUEST, Outcome.OK]
    assert len({call.address for call in ledger.calls}) == 1, "how it is asked does not change what is asked"


async def test_a_recorded_answer_is_never_bought_again(server: EndpointServer, open_test_gateway: OpenGateway) -> None:
    server.faults = [Kind.BROKEN_JSON, Kind.HTTP_500, Kind.LENGTH, None]
    bought = await open_test_gateway().complete_as(a_prompt(), a_site(), Brief)
    calls = len(server.calls)
    replayed = await open_test_gateway().complete_as(a_prompt(), a_site(), Brief)
    assert len(server.calls) == calls == 4
    assert replayed.value == bought.value
    assert replayed.answer.replayed
    assert replayed.answer.usage == bought.answer.usage


@pytest.mark.parametrize("kind", [Kind.REFUSAL, Kind.BROKEN_JSON, Kind.EMPTY])
async def test_a_question_without_an_answer_is_not_paid_for_again(
    server: EndpointServer, open_test_gateway: OpenGateway, kind: Kind
) -> None:
    server.faults = lambda _index: kind
    for _ in range(2):
        with pytest.raises(AnswerUnusable):
            await open_test_gateway().complete_as(a_prompt(), a_site(), Brief)
    assert len(server.calls) == (1 if kind is Kind.REFUSAL else 3)


async def test_another_take_is_another_answer(server: EndpointServer, gateway: Gateway) -> None:
    await gateway.complete(a_prompt(), a_site())
    await gateway.complete(a_prompt(), a_site(take=1))
    assert len(server.calls) == 2


async def test_a_cancelled_question_is_closed_in_the_ledger(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger
) -> None:
    server.latency_s = 5
    asking = asyncio.create_task(gateway.complete(a_prompt(), a_site()))
    await asyncio.sleep(0.2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [call.outcome for call in ledger.calls] == [Outcome.CANCELLED]


class SlowLedger(MemoryLedger):
    """Takes its time, as a database may, and notes what it was told when."""

    def __init__(self, *, opening_fails: bool = False) -> None:
        super().__init__()
        self.opening_fails = opening_fails
        self.told: list[str] = []
        self.closing = asyncio.Event()
        self.opened_s = 0.0

    async def open_call(self, call: LLMCall) -> None:
        await asyncio.sleep(0.4)
        self.opened_s = time.time()
        if self.opening_fails:
            raise ConnectionError("the database is away")
        self.told.append("open")
        await super().open_call(call)

    async def close_call(self, call: LLMCall) -> None:
        self.closing.set()
        await asyncio.sleep(0.1)
        self.told.append("close")
        await super().close_call(call)

    async def find_answer(self, address: AnswerAddress) -> RecordedAnswer | None:
        return await super().find_answer(address)


@pytest.mark.parametrize("opening_fails", [False, True])
async def test_the_ledger_does_not_delay_the_request_and_has_the_answer_first(
    server: EndpointServer, opening_fails: bool
) -> None:
    ledger = SlowLedger(opening_fails=opening_fails)
    endpoint = Endpoint(server.base_url, None, "test-model")
    gateway = Gateway(endpoints=FixedEndpoint(endpoint), ledger=ledger, wire=OpenAIWire())
    await gateway.complete(a_prompt(), a_site())
    assert server.calls[0].began_s < ledger.opened_s
    assert ledger.told == (["close"] if opening_fails else ["open", "close"])
    assert ledger.calls[0].outcome is Outcome.OK
    await gateway.aclose()


async def test_an_answer_that_came_is_kept_when_its_reader_goes(server: EndpointServer) -> None:
    ledger = SlowLedger()
    endpoint = Endpoint(server.base_url, None, "test-model")
    gateway = Gateway(endpoints=FixedEndpoint(endpoint), ledger=ledger, wire=OpenAIWire())
    asking = asyncio.create_task(gateway.complete(a_prompt(), a_site()))
    await ledger.closing.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert ledger.calls[0].outcome is Outcome.OK
    await gateway.aclose()


async def _no_model() -> Endpoint:
    raise AssertionError("an endpoint is configured")


def _config(server: EndpointServer) -> ChorusConfig:
    return ChorusConfig(llm=LLMConfig(api_base=server.base_url, api_key=CANARY, concurrency=3))


async def test_the_one_listed_model_is_used_and_calls_in_flight_are_bounded(server: EndpointServer) -> None:
    server.latency_s = 0.1
    gateway = open_gateway(_config(server), MemoryLedger(), embedded=_no_model)
    answers = await asyncio.gather(*(gateway.complete(a_prompt(str(n)), a_site()) for n in range(9)))
    assert {answer.model for answer in answers} == {"test-model"}
    assert server.most_in_flight == 3
    await gateway.aclose()


async def test_a_choice_of_models_is_left_to_the_user() -> None:
    with EndpointServer(models=("alpha", "beta")) as server:
        gateway = open_gateway(_config(server), MemoryLedger(), embedded=_no_model)
        with pytest.raises(ConfigError, match=r"STORY_ARCHITECT_MODEL.*alpha, beta"):
            await gateway.complete(a_prompt(), a_site())
        await gateway.aclose()


async def test_a_wrong_key_is_named_before_the_model_is_known() -> None:
    with EndpointServer(api_key="another") as server:
        gateway = open_gateway(_config(server), MemoryLedger(), embedded=_no_model)
        with pytest.raises(EndpointRefused, match="OPENAI_API_KEY was refused") as raised:
            await gateway.complete(a_prompt(), a_site())
        assert CANARY not in str(raised.value)
        await gateway.aclose()


async def test_vectors_come_in_order_normalised_and_in_batches(server: EndpointServer) -> None:
    embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="embed-1"))
    vectors = await embedder.embed([f"the harbour {n}" for n in range(100)] + ["", "the harbour 3"])
    assert embedder.name == "embed-1"
    assert embedder.dimensions == 64
    assert [len(batch) for batch in server.embedded] == [64, 38]
    assert all(sum(x * x for x in vector) == pytest.approx(1) for vector in vectors if any(vector))
    assert vectors[3] == vectors[-1] != vectors[4]
    await embedder.aclose()


async def test_what_an_endpoint_finds_too_long_is_sent_in_parts_and_shortened() -> None:
    with EndpointServer(most_embedded=1_000) as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="embed-1"))
        texts = ["the harbour " * 20, "the ferry " * 500, "wolves"]
        vectors = await embedder.embed(texts)
        for vector, text in zip(vectors, ("the harbour", "the ferry", "wolves"), strict=True):
            assert vector == pytest.approx((await embedder.embed([text]))[0], abs=0.02)
        await embedder.aclose()


async def test_a_text_that_is_refused_whatever_its_length_has_no_vector_and_the_others_have() -> None:
    with EndpointServer(most_embedded=150) as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="embed-1"))
        assert [len(vector) for vector in await embedder.embed(["x" * 190, "wolves"])] == [0, 64]
        await embedder.aclose()
    with EndpointServer(most_embedded=0) as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="embed-1"))
        with pytest.raises(EndpointRefused, match="longer than"):
            await embedder.embed(["x" * 190, "wolves"])
        await embedder.aclose()


async def test_what_is_no_vector_is_none() -> None:
    with EndpointServer(indigestible="poison") as server:
        embedder = open_embedder(EmbeddingConfig(api_base=server.base_url, model="embed-1"))
        assert [len(vector) for vector in await embedder.embed(["wolves", "the poison", "wax"])] == [64, 0, 64]
        await embedder.aclose()


async def test_an_embedding_endpoint_with_another_key_is_named() -> None:
    with EndpointServer(api_key="another") as server:
        names = SettingNames("EMBEDDING_API_BASE", "EMBEDDING_API_KEY", "EMBEDDING_MODEL")
        embedder = EndpointEmbedder(Endpoint(server.base_url, None, "embed-1", None, names), OpenAIWire())
        with pytest.raises(EndpointRefused, match="EMBEDDING_API_KEY was refused"):
            await embedder.embed(["a"])
        await embedder.aclose()


async def test_connections_are_used_again(server: EndpointServer, gateway: Gateway) -> None:
    await gateway.complete(a_prompt("first"), a_site())
    took_s = []
    for n in range(20):
        began_s = time.perf_counter()
        await gateway.complete(a_prompt(str(n)), a_site())
        took_s.append(time.perf_counter() - began_s)
    assert server.connections == 1
    assert min(took_s) < 0.05


async def test_a_model_of_ours_that_was_killed_is_started_again() -> None:
    servers = [EndpointServer().start(), EndpointServer()]
    waiting = iter(servers)

    async def embedded() -> Endpoint:
        server = next(waiting)
        if server is not servers[0]:
            server.start()
        return Endpoint(server.base_url, None, "small")

    gateway = open_gateway(ChorusConfig(), MemoryLedger(), embedded=embedded)
    await gateway.complete(a_prompt("first"), a_site())
    servers[0].stop()
    assert (await gateway.complete(a_prompt("second"), a_site())).model == "small"
    assert len(servers[1].calls) == 1
    servers[1].stop()
    await gateway.aclose()
