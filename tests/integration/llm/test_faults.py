"""Every fault an endpoint can have, over real HTTP: it gets a name, and where there is a way on, it is taken."""

import asyncio
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pydantic import BaseModel, Field

from chorus.domain.llm_call import Outcome
from chorus.errors import (
    AnswerDeclined,
    AnswerUnusable,
    EndpointError,
    EndpointRefused,
    EndpointUnavailable,
    PromptTooLong,
    QuotaExhausted,
)
from chorus.llm import Gateway, MemoryLedger, Patience
from tests.endpoint import EndpointServer, Fault, Kind, mixed_faults
from tests.figures import show
from tests.integration.llm.asking import a_prompt, a_site
from tests.integration.llm.conftest import CANARY, OpenGateway


class Brief(BaseModel):
    title: str
    beats: list[str] = Field(min_length=2, max_length=4)
    tension: int = Field(ge=1, le=5)


PASSING = [
    (Kind.HTTP_500, Outcome.SERVER_ERROR),
    (Kind.HTTP_503, Outcome.SERVER_ERROR),
    (Kind.ECHO_KEY, Outcome.SERVER_ERROR),
    (Kind.RATE_LIMIT, Outcome.RATE_LIMITED),
    (Kind.RESET, Outcome.CONNECTION_ERROR),
    (Kind.CUT_STREAM, Outcome.STREAM_CUT),
    (Kind.ERROR_IN_STREAM, Outcome.SERVER_ERROR),
    (Kind.HTML, Outcome.NOT_AN_LLM),
    (Kind.JSON_LIST, Outcome.NOT_AN_LLM),
    (Kind.HALF_CLOSED, Outcome.STREAM_CUT),
    (Kind.OVERLOADED_529, Outcome.SERVER_ERROR),
    (Kind.EMPTY, Outcome.EMPTY),
    (Kind.TRUNCATED_JSON, Outcome.INVALID_JSON),
    (Kind.BROKEN_JSON, Outcome.INVALID_JSON),
    (Kind.WRONG_SHAPE, Outcome.SCHEMA_MISMATCH),
    (Kind.LENGTH, Outcome.TRUNCATED),
]


@pytest.mark.parametrize(("kind", "outcome"), PASSING)
async def test_a_passing_fault_is_named_and_got_over(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, kind: Kind, outcome: Outcome
) -> None:
    server.faults = [kind]
    brief = await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert [call.outcome for call in ledger.calls] == [outcome, Outcome.OK]
    assert len(server.calls) == 2
    assert 2 <= len(brief.value.beats) <= 4
    assert brief.answer.call_ids == tuple(call.id for call in ledger.calls)
    assert CANARY not in str([call.model_dump() for call in ledger.calls])


MALFORMED = [
    Fault(Kind.RAW_BODY, raw=('{"choices": [null]}',)),
    Fault(Kind.RAW_BODY, raw=('{"choices": [{"message": "hi", "finish_reason": "stop"}]}',)),
    Fault(Kind.RAW_BODY, raw=("[" * 100_000,)),
    Fault(Kind.RAW_EVENTS, raw=('{"choices": ["hi"]}', "[DONE]")),
    Fault(Kind.RAW_EVENTS, raw=('{"choices": [{"delta": "hi"}], "usage": {"prompt_tokens": 1e999}}', "[DONE]")),
    Fault(Kind.RAW_EVENTS, raw=('{"choices": {"0": {}}, "usage": {"prompt_tokens": NaN}}', "[DONE]")),
]


@pytest.mark.parametrize("fault", MALFORMED, ids=lambda fault: fault.raw[0][:40])
async def test_an_answer_that_is_made_of_anything_is_named_and_got_over(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, fault: Fault
) -> None:
    server.faults = [fault]
    await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert [call.outcome for call in ledger.calls] == [Outcome.NOT_AN_LLM, Outcome.OK]


async def test_an_endpoint_that_has_answered_is_away_when_it_answers_like_no_model(
    server: EndpointServer, gateway: Gateway
) -> None:
    await gateway.complete(a_prompt(), a_site())
    server.faults = lambda _index: Kind.HTML
    with pytest.raises(EndpointUnavailable, match="not like an OpenAI-compatible endpoint") as raised:
        await gateway.complete(a_prompt("another"), a_site())
    assert raised.value.outcome == "not_an_llm"


ECHOES = [Kind.ECHO_KEY, Kind.ECHO_KEY_HTML, Kind.ECHO_KEY_IN_STREAM, Kind.ECHO_KEY_IN_PROSE]


@pytest.mark.parametrize("kind", ECHOES)
async def test_a_key_that_comes_back_is_seen_by_nobody(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, kind: Kind
) -> None:
    server.faults = [kind]
    heard: list[str] = []
    answer = await gateway.complete(a_prompt("Write 40 words."), a_site(), on_text=heard.append)
    assert CANARY not in "".join(heard) + answer.text + str([call.model_dump() for call in ledger.calls])
    assert ("***" in "".join(heard)) == (kind is Kind.ECHO_KEY_IN_PROSE)


UNPAID = [Kind.HTTP_500, Kind.RATE_LIMIT, Kind.HTML, Kind.JSON_LIST]
PERHAPS_PAID = [Kind.RESET, Kind.CUT_STREAM, Kind.ERROR_IN_STREAM, Kind.HALF_CLOSED]


@pytest.mark.parametrize("kind", [*UNPAID, *PERHAPS_PAID])
async def test_what_was_sent_and_not_heard_out_counts(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, kind: Kind
) -> None:
    server.faults = [kind]
    await gateway.complete(a_prompt(), a_site())
    first, _ = ledger.calls
    assert first.is_unanswered == (kind in PERHAPS_PAID)
    assert (first.prompt_tokens > 0) == (kind in PERHAPS_PAID)


async def test_what_never_left_costs_nothing(open_test_gateway: OpenGateway, ledger: MemoryLedger) -> None:
    with pytest.raises(EndpointUnavailable):
        await open_test_gateway(base_url="http://127.0.0.1:9/v1").complete(a_prompt(), a_site())
    assert not any(call.prompt_tokens or call.is_unanswered for call in ledger.calls)


async def test_a_timeout_counts_as_what_was_set_aside(
    server: EndpointServer, open_test_gateway: OpenGateway, ledger: MemoryLedger
) -> None:
    server.faults = lambda _index: Fault(Kind.HANG, pause_s=30)
    with pytest.raises(EndpointUnavailable):
        await open_test_gateway(patience=Patience(deadline_s=0.6)).complete(a_prompt(), a_site())
    assert ledger.calls[0].is_unanswered
    assert ledger.calls[0].prompt_tokens > 0


HARMLESS = [Kind.OTHER_TYPE, Kind.SLOPPY_JSON, Kind.PROSE_AROUND, Kind.NO_USAGE]


@pytest.mark.parametrize("kind", HARMLESS)
async def test_a_slip_is_mended_without_another_call(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, kind: Kind
) -> None:
    server.faults = [kind]
    await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert [call.outcome for call in ledger.calls] == [Outcome.OK]
    assert ledger.calls[0].usage_estimated == (kind is Kind.NO_USAGE)
    assert ledger.calls[0].prompt_tokens > 0
    assert ledger.calls[0].completion_tokens > 0


FINAL = [
    (Kind.UNAUTHORIZED, Outcome.AUTH_ERROR, EndpointRefused, "OPENAI_API_KEY was refused by 127.0.0.1"),
    (Kind.NO_SUCH_MODEL, Outcome.NOT_FOUND, EndpointRefused, "'test-model'.* check STORY_ARCHITECT_MODEL"),
    (Kind.QUOTA, Outcome.QUOTA_EXHAUSTED, QuotaExhausted, "no credit left"),
    (Kind.UNPROCESSABLE, Outcome.BAD_REQUEST, EndpointRefused, "does not accept"),
    (Kind.BAD_REQUEST, Outcome.BAD_REQUEST, EndpointRefused, "does not accept"),
    (Kind.TOO_LONG, Outcome.CONTEXT_OVERFLOW, PromptTooLong, "STORY_ARCHITECT_MODEL.*CONTEXT_TOKENS"),
    (Kind.REFUSAL, Outcome.REFUSAL, AnswerDeclined, "STORY_ARCHITECT_FALLBACK"),
    (Kind.CONTENT_FILTER, Outcome.CONTENT_FILTER, AnswerDeclined, "STORY_ARCHITECT_FALLBACK"),
    (Kind.FILTERED_400, Outcome.CONTENT_FILTER, AnswerDeclined, "STORY_ARCHITECT_FALLBACK"),
]


@pytest.mark.parametrize(("kind", "outcome", "error", "words"), FINAL)
async def test_a_final_fault_is_asked_once_and_says_what_to_do(
    server: EndpointServer,
    gateway: Gateway,
    ledger: MemoryLedger,
    kind: Kind,
    outcome: Outcome,
    error: type[EndpointError],
    words: str,
) -> None:
    server.faults = lambda _index: kind
    with pytest.raises(error, match=words) as raised:
        await gateway.complete(a_prompt(), a_site())
    assert [call.outcome for call in ledger.calls] == [outcome]
    assert CANARY not in str(raised.value)


LASTING = [
    (Kind.HTTP_500, EndpointUnavailable, 4),
    (Kind.RATE_LIMIT, EndpointUnavailable, 4),
    (Kind.RESET, EndpointUnavailable, 3),
    (Kind.CUT_STREAM, EndpointUnavailable, 4),
    (Kind.HTML, EndpointRefused, 3),
    (Kind.EMPTY, AnswerUnusable, 3),
    (Kind.BROKEN_JSON, AnswerUnusable, 3),
    (Kind.LENGTH, AnswerUnusable, 2),
    (Kind.ECHO_KEY, EndpointUnavailable, 4),
]


@pytest.mark.parametrize(("kind", "error", "calls"), LASTING)
async def test_a_lasting_fault_ends_in_an_error_after_few_calls(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, kind: Kind, error: type[EndpointError], calls: int
) -> None:
    server.faults = lambda _index: kind
    with pytest.raises(error) as raised:
        await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert len(server.calls) == len(ledger.calls) == calls
    assert not any(call.outcome is Outcome.IN_FLIGHT for call in ledger.calls)
    assert CANARY not in str(raised.value) + str([call.model_dump() for call in ledger.calls])


@pytest.mark.parametrize("kind", [Kind.REFUSAL, Kind.CONTENT_FILTER, Kind.HTTP_500, Kind.NO_SUCH_MODEL, Kind.EMPTY])
async def test_the_fallback_model_answers_when_the_first_cannot(
    server: EndpointServer, open_test_gateway: OpenGateway, kind: Kind
) -> None:
    server.faults = lambda index: kind if server.calls[index].model == "test-model" else None
    answer = await open_test_gateway(fallback="second-model").complete(a_prompt(), a_site())
    assert answer.model == "second-model"
    asked = len(server.calls)
    again = await open_test_gateway(fallback="second-model").complete(a_prompt(), a_site())
    assert (again.text, again.replayed, len(server.calls)) == (answer.text, True, asked)


async def test_prose_cut_at_the_limit_is_an_answer(server: EndpointServer, gateway: Gateway) -> None:
    server.faults = [Kind.LENGTH]
    answer = await gateway.complete(a_prompt(), a_site())
    assert answer.finish_reason == "length"
    assert len(server.calls) == 1


async def test_a_cut_value_is_asked_again_with_twice_the_room(server: EndpointServer, gateway: Gateway) -> None:
    server.faults = [Kind.LENGTH]
    await gateway.complete_as(a_prompt(), a_site(), Brief)
    assert [call.body["max_tokens"] for call in server.calls] == [400, 800]


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "1"},
        {"retry-after-ms": "1000", "retry-after": "30"},
        {"x-ratelimit-reset-requests": "1s", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-tokens": "9m0s",
         "x-ratelimit-remaining-tokens": "4000"},
        {"x-ratelimit-reset-tokens": "1000ms"},
    ],
)  # fmt: skip
async def test_retry_after_is_kept_to_in_every_form(
    server: EndpointServer, gateway: Gateway, ledger: MemoryLedger, headers: dict[str, str]
) -> None:
    server.faults = [Fault(Kind.RATE_LIMIT, headers=tuple(headers.items()))]
    await gateway.complete(a_prompt(), a_site())
    waited_s = server.calls[1].began_s - server.calls[0].began_s
    assert 1.0 <= waited_s < 4
    assert ledger.calls[1].waits["backoff"] == pytest.approx(1000, abs=60), "the row says why it was late"


async def test_a_failure_says_how_often_it_was_the_same_and_keeps_what_was_said(
    server: EndpointServer, open_test_gateway: OpenGateway
) -> None:
    server.faults = lambda _index: Kind.WRONG_SHAPE
    with pytest.raises(AnswerUnusable, match="The last 3 failures were the same") as raised:
        await open_test_gateway().complete_as(a_prompt(), a_site(), Brief)
    assert raised.value.alike == 3
    assert raised.value.raw
    assert "altogether" in raised.value.raw
    with pytest.raises(AnswerUnusable) as again:
        await open_test_gateway().complete_as(a_prompt(), a_site(), Brief)
    assert (again.value.alike, len(server.calls)) == (3, 3), "a replayed failure is the same failure"


async def test_a_wait_that_is_named_is_not_worth_it_where_another_model_can_answer(
    server: EndpointServer, open_test_gateway: OpenGateway
) -> None:
    server.faults = [Fault(Kind.RATE_LIMIT, retry_after="20")]
    gateway = open_test_gateway(fallback="second-model", patience=Patience(deadline_s=120))
    began_s = time.monotonic()
    assert (await gateway.complete(a_prompt(), a_site())).model == "second-model"
    assert time.monotonic() - began_s < 3


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_a_wait_beyond_the_deadline_is_not_begun(server: EndpointServer, gateway: Gateway, form: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=150), usegmt=True)
    server.faults = [Fault(Kind.RATE_LIMIT, retry_after="150" if form == "seconds" else date)]
    with pytest.raises(EndpointUnavailable, match="LLM_REQUESTS_PER_MINUTE"):
        await gateway.complete(a_prompt(), a_site())
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("kind", "pause_s", "deadline_s"),
    [
        (Kind.DRIP, 0.1, 1.0),
        (Kind.HANG, 30.0, 1.0),
        pytest.param(Kind.DRIP, 5.0, 32.0, marks=[pytest.mark.soak, pytest.mark.timeout(120)]),
    ],
)
async def test_the_deadline_holds_against_a_slow_endpoint(
    server: EndpointServer,
    open_test_gateway: OpenGateway,
    ledger: MemoryLedger,
    kind: Kind,
    pause_s: float,
    deadline_s: float,
) -> None:
    server.faults = lambda _index: Fault(kind, pause_s=pause_s)
    gateway = open_test_gateway(patience=Patience(deadline_s=deadline_s))
    began_s = time.monotonic()
    with pytest.raises(EndpointUnavailable, match="in time"):
        await gateway.complete(a_prompt(), a_site())
    late_s = time.monotonic() - began_s - deadline_s
    show(f"A {kind} of one byte per {pause_s} s", [{"deadline_s": deadline_s, "held within_s": late_s}])
    assert abs(late_s) < 1.0
    assert ledger.calls[-1].outcome is Outcome.TIMEOUT
    assert bool(ledger.calls[0].response_text) == (kind is Kind.DRIP), "what had come is kept"


async def test_nothing_at_the_address_is_said_soon(open_test_gateway: OpenGateway, ledger: MemoryLedger) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    with pytest.raises(EndpointUnavailable, match=f"Nothing answers at {url}: check OPENAI_API_BASE"):
        await open_test_gateway(base_url=url).complete(a_prompt(), a_site())
    assert [call.outcome for call in ledger.calls] == [Outcome.CONNECTION_ERROR] * 3


async def test_an_endpoint_that_has_answered_is_waited_for(
    server: EndpointServer, open_test_gateway: OpenGateway
) -> None:
    patient = Patience(deadline_s=10, failures=10, first_wait_s=0.02, longest_wait_s=0.3)
    gateway = open_test_gateway(patience=patient)
    await gateway.complete(a_prompt(), a_site())
    server.stop()
    asking = asyncio.create_task(gateway.complete(a_prompt("another"), a_site()))
    await asyncio.sleep(0.3)
    with EndpointServer(port=server.port) as revived:
        assert (await asking).text
        assert len(revived.calls) == 1


async def test_every_mixed_fault_has_a_name(
    server: EndpointServer, open_test_gateway: OpenGateway, ledger: MemoryLedger
) -> None:
    server.faults = mixed_faults(0.3, seed=7)
    gateway = open_test_gateway(patience=Patience(deadline_s=20, first_wait_s=0.01, longest_wait_s=0.1))
    asked = [gateway.complete_as(a_prompt(f"brief {n}"), a_site(f"scene/{n}/brief"), Brief) for n in range(40)]
    briefs = await asyncio.gather(*asked, return_exceptions=True)
    failed = [brief for brief in briefs if isinstance(brief, BaseException)]
    assert all(isinstance(error, AnswerUnusable) for error in failed)
    assert len(failed) <= 1
    assert not any(call.outcome in (Outcome.IN_FLIGHT, Outcome.CANCELLED) for call in ledger.calls)
    assert len(ledger.calls) == len(server.calls) <= 40 * 1.6
