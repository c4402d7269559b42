"""The one way to a language model: replays what is recorded, asks what is not, and records before it answers.

Decisions are taken in ``resilience``, judgements in ``verdict``, words for the user in ``failures``; here is only the
acting on them.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from pydantic import BaseModel

from chorus.domain.llm_call import Outcome
from chorus.failpoints import Failpoint, reach
from chorus.llm.admission import Admission, InFlightLimit
from chorus.llm.answer import Answer, Structured
from chorus.llm.ask import Ask
from chorus.llm.dialect import Dialect
from chorus.llm.endpoint import Endpoints
from chorus.llm.failures import failure
from chorus.llm.ledger import Ledger
from chorus.llm.persistence import Clockwork
from chorus.llm.progress import OnText, Progress, Tried
from chorus.llm.prompt import CallSite, Prompt
from chorus.llm.record import Entry, count_roughly, ending
from chorus.llm.resilience import Action, Patience, RetryDecision, Situation, decide, share_s
from chorus.llm.structured import Shape, shape_of
from chorus.llm.verdict import heard_again, judge
from chorus.llm.wire import ChatReply, ChatRequest, Wire

_log = logging.getLogger(__name__)
_PATIENCE = Patience()
_CLOCKWORK = Clockwork()
_LEAST_TIME_S = 0.5
_OUT_OF_REACH = frozenset({Outcome.CONNECTION_ERROR, Outcome.TIMEOUT, Outcome.NOT_AN_LLM})


class Gateway:
    """Asks models for prose and for values, durably.

    One per process: it holds the connections, what it learned about each endpoint, and the limit on calls in flight.
    """

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        ledger: Ledger,
        wire: Wire,
        admission: Admission | None = None,
        temperature: float = 0.7,
        patience: Patience = _PATIENCE,
        count_tokens: Callable[[str], int] = count_roughly,
        clockwork: Clockwork = _CLOCKWORK,
    ) -> None:
        self._endpoints = endpoints
        self._ledger = ledger
        self._wire = wire
        self._admission = admission or InFlightLimit(8)
        self._temperature = temperature
        self._patience = patience
        self._count_tokens = count_tokens
        self._time = clockwork
        self._dialects: dict[tuple[str, str], Dialect] = {}
        self._proven: set[str] = set()

    async def complete(self, prompt: Prompt, site: CallSite, *, on_text: OnText | None = None) -> Answer:
        """Ask for prose; ``on_text`` hears the pieces as they arrive; an empty one means: from the start again.

        Raises:
            EndpointError: nothing usable came, even after retries and the fallback model.

        """
        answer, _ = await self._settle(await self._ask(prompt, site, None), on_text)
        return answer

    async def complete_as[M: BaseModel](self, prompt: Prompt, site: CallSite, schema: type[M]) -> Structured[M]:
        """Ask for a value of ``schema``.

        Raises:
            AnswerUnusable: no answer fits the schema, even after repair, re-asks and the fallback model.
            EndpointError: nothing usable came.

        """
        answer, value = await self._settle(await self._ask(prompt, site, shape_of(schema)), None)
        if value is None:
            raise AssertionError("an answer that is used for a schema has a value")
        return Structured(value, answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _ask[M: BaseModel](self, prompt: Prompt, site: CallSite, shape: Shape[M] | None) -> Ask[M]:
        endpoint = await self._endpoints.for_agent(prompt.agent)
        temperature = self._temperature if prompt.temperature is None else prompt.temperature
        return Ask(prompt, site, endpoint, temperature, shape)

    async def _settle[M: BaseModel](self, ask: Ask[M], on_text: OnText | None) -> tuple[Answer, M | None]:
        """Go on until there is an answer to use or nothing more to try."""
        progress = Progress(on_text)
        while True:
            tried = await self._heard(ask, progress) or await self._sent(ask, progress)
            decision = self._decide(tried, progress)
            if decision.action is Action.USE:
                return _answer(tried, progress), tried.verdict.value
            if decision.action is Action.GIVE_UP:
                raise _failure(tried, progress)
            _log.info("%s, %s: %s", tried.ask.path, tried.ask.endpoint.model, decision.reason)
            ask = await self._next(decision, tried, progress)

    async def _heard[M: BaseModel](self, ask: Ask[M], progress: Progress) -> Tried[M] | None:
        """Find the answer in the ledger, or the fallback's: it may have stood in when this model was out of reach."""
        for candidate in (ask, ask.fallen_back()) if ask.can_fall_back else (ask,):
            recorded = await self._ledger.find_answer(candidate.address)
            if recorded is not None:
                reply = heard_again(recorded)
                progress.hear_again(recorded.call_id, reply.text)
                return Tried(candidate, reply, judge(reply, candidate.shape), replayed=True)
        return None

    async def _sent[M: BaseModel](self, ask: Ask[M], progress: Progress) -> Tried[M]:
        """Ask the endpoint, and have its answer in the ledger before anybody sees it."""
        dialect = progress.dialect or self._dialects.get(_place(ask), Dialect())
        call = ask.call(dialect, progress.attempts + 1)
        request = ChatRequest(ask.endpoint, ask.prompt.node, call.request, self._patience.deadline_s)
        async with self._admission.enter(request):
            begun_s = progress.begin(self._time.clock())
            entry = Entry(self._ledger, call)
            reach(Failpoint.BEFORE_SEND)
            reply = await self._exchange(replace(request, timeout_s=self._time_left_s(ask, progress)), entry, progress)
            latency_ms = (self._time.clock() - begun_s) * 1000
        verdict = judge(reply, ask.shape)
        columns = await ending(call, ask.endpoint, reply, verdict.outcome, self._count_tokens)
        reach(Failpoint.ANSWER_BEFORE_LEDGER)
        closed = await entry.close(**columns, latency_ms=latency_ms)
        self._learn(ask, dialect, reply)
        progress.note(closed, dialect)
        return Tried(ask, replace(reply, usage=closed.usage), verdict, replayed=False)

    async def _exchange(self, request: ChatRequest, entry: Entry, progress: Progress) -> ChatReply:
        try:
            return await self._wire.chat(request, progress.on_text)
        except BaseException as error:
            with suppress(Exception):  # what stopped us matters more than that the ledger is out of reach too
                await entry.close(outcome=Outcome.CANCELLED, error=type(error).__name__)
            raise

    def _time_left_s[M: BaseModel](self, ask: Ask[M], progress: Progress) -> float:
        share = share_s(self._patience, can_fall_back=ask.can_fall_back)
        return max(_LEAST_TIME_S, share - progress.elapsed_s(self._time.clock()))

    def _learn[M: BaseModel](self, ask: Ask[M], dialect: Dialect, reply: ChatReply) -> None:
        """Remember the dialect that got an answer, and that somebody is there."""
        if reply.outcome.is_answer:
            self._dialects[_place(ask)] = dialect
        if reply.outcome not in _OUT_OF_REACH:
            self._proven.add(ask.endpoint.base_url)

    def _decide[M: BaseModel](self, tried: Tried[M], progress: Progress) -> RetryDecision:
        ask, verdict = tried.ask, tried.verdict
        situation = Situation(
            outcome=verdict.outcome,
            elapsed_s=progress.elapsed_s(self._time.clock()),
            failures=progress.failures,
            reasks=ask.reasks,
            structured=ask.shape is not None,
            has_text=bool(verdict.text.strip()),
            lengthened=ask.lengthened,
            can_concede=progress.humbler(tried) is not None,
            can_fall_back=ask.can_fall_back,
            proven=ask.endpoint.base_url in self._proven,
            retry_after_s=tried.reply.retry_after_s,
        )
        return decide(situation, self._patience, self._time.dice)

    async def _next[M: BaseModel](self, decision: RetryDecision, tried: Tried[M], progress: Progress) -> Ask[M]:
        """Do what was decided, and give the question to go on with."""
        match decision.action:
            case Action.REASK:
                return tried.ask.reasked(tried.verdict.problems, tried.verdict.text)
            case Action.LENGTHEN:
                return tried.ask.with_more_room()
            case Action.FALL_BACK:
                progress.start_over()
                return tried.ask.fallen_back()
            case Action.CONCEDE:
                progress.concede(tried)
        await self._time.sleep(decision.wait_s)
        if tried.verdict.outcome is not Outcome.CONNECTION_ERROR:
            return tried.ask
        return replace(tried.ask, endpoint=await self._endpoints.revived(tried.ask.endpoint))


def _place[M: BaseModel](ask: Ask[M]) -> tuple[str, str]:
    return ask.endpoint.base_url, ask.endpoint.model


def _answer[M: BaseModel](tried: Tried[M], progress: Progress) -> Answer:
    return Answer(
        text=tried.verdict.text,
        finish_reason=tried.reply.finish_reason,
        usage=tried.usage,
        call_ids=tuple(progress.call_ids),
        replayed=tried.replayed,
        model=tried.ask.endpoint.model,
    )


def _failure[M: BaseModel](tried: Tried[M], progress: Progress) -> Exception:
    error = tried.reply.error or "; ".join(tried.verdict.problems[:3]) or None
    tries = max(1, len(progress.call_ids))
    end = failure(tried.verdict.outcome, tried.ask.endpoint, node=tried.ask.prompt.node, error=error, tries=tries)
    end.path = tried.ask.site.path
    return end
