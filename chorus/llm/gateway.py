"""The one way to a language model: replays what is recorded, asks what is not, and records before it answers.

Decisions are taken in ``resilience``, judgements in ``verdict``, words for the user in ``failures``; here is only the
acting on them.
"""

import asyncio
import logging
import math
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace

from pydantic import BaseModel

from chorus.domain.llm_call import Outcome, Usage
from chorus.failpoints import Failpoint, reach
from chorus.llm.admission import Admission, Attempt, Hold, InFlightLimit, NotAdmitted
from chorus.llm.answer import Answer, Structured
from chorus.llm.ask import Ask
from chorus.llm.dialect import Dialect
from chorus.llm.endpoint import Endpoints
from chorus.llm.failures import failure, turned_away
from chorus.llm.ledger import Ledger
from chorus.llm.manners import Manners
from chorus.llm.persistence import Clockwork
from chorus.llm.progress import OnText, Progress, Tried
from chorus.llm.prompt import CallSite, Prompt, Reused
from chorus.llm.record import Entry, Tally, ending
from chorus.llm.resilience import Action, Patience, RetryDecision, Situation, decide, share_s
from chorus.llm.spending import most_prompt_tokens, reserved
from chorus.llm.structured import Shape, shape_of
from chorus.llm.trouble import long_wait, trouble
from chorus.llm.verdict import heard_again, judge
from chorus.llm.wire import ChatReply, ChatRequest, Wire
from chorus.settings import AgentName

_log = logging.getLogger(__name__)
_PATIENCE = Patience()
_CLOCKWORK = Clockwork()
_TALLY = Tally()
_LEAST_TIME_S = 0.5
_OUT_OF_REACH = frozenset({Outcome.CONNECTION_ERROR, Outcome.TIMEOUT, Outcome.NOT_AN_LLM})

_ABOUT_THE_MODEL = frozenset({Hold.BREAKER, Hold.RETRY_AFTER})


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
        tally: Tally = _TALLY,
        clockwork: Clockwork = _CLOCKWORK,
    ) -> None:
        self._endpoints = endpoints
        self._ledger = ledger
        self._wire = wire
        self._admission = admission or InFlightLimit(8)
        self._temperature = temperature
        self._patience = patience
        self._tally = tally
        self._manners = Manners(self._admission.fleet)
        self._time = clockwork
        self._proven: set[str] = set()

    async def complete(self, prompt: Prompt, site: CallSite, *, on_text: OnText | None = None) -> Answer:
        """Ask for prose; ``on_text`` hears the pieces as they arrive; an empty one means: from the start again.

        Raises:
            EndpointError: nothing usable came, even after retries and the fallback model.
            BudgetExceeded: the next call might overshoot the site's budget; it was not sent.

        """
        answer, _ = await self._settle(await self._ask(prompt, site, None), on_text)
        return answer

    async def complete_as[M: BaseModel](self, prompt: Prompt, site: CallSite, schema: type[M]) -> Structured[M]:
        """Ask for a value of ``schema``.

        Raises:
            AnswerUnusable: no answer fits the schema, even after repair, re-asks and the fallback model.
            EndpointError: nothing usable came.
            BudgetExceeded: the next call might overshoot the site's budget; it was not sent.

        """
        answer, value = await self._settle(await self._ask(prompt, site, shape_of(schema)), None)
        if value is None:
            raise AssertionError("an answer that is used for a schema has a value")
        return Structured(value, answer)

    async def model_of(self, agent: AgentName) -> str:
        """The model that answers an agent, where a run names no other; raises ConfigError if none is settled."""
        return (await self._endpoints.for_agent(agent)).model

    async def unpriced(self, agents: Iterable[AgentName]) -> list[str]:
        """Name the models of some agents whose price nobody knows: with them a budget in USD cannot be kept."""
        endpoints = [await self._endpoints.for_agent(agent) for agent in agents]
        models = {each.model: replace(each, model=each.model) for each in endpoints}
        models |= {each.fallback: replace(each, model=each.fallback) for each in endpoints if each.fallback}
        one = Usage(prompt_tokens=1, completion_tokens=1)
        costs = {name: await asyncio.to_thread(self._tally.prices.cost_usd, each, one) for name, each in models.items()}
        return sorted(name for name, cost in costs.items() if cost is None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _ask[M: BaseModel](self, prompt: Prompt, site: CallSite, shape: Shape[M] | None) -> Ask[M]:
        endpoint = await self._endpoints.for_agent(prompt.agent)
        if prompt.agent in site.models:
            endpoint = replace(endpoint, model=site.models[prompt.agent])
        extra = next((said for node, said in site.prompts.items() if node == prompt.node), None)
        prompt = prompt.told_more(extra) if extra else prompt
        temperature = self._temperature if prompt.temperature is None else prompt.temperature
        return Ask(prompt, site, endpoint, temperature, shape)

    async def _settle[M: BaseModel](self, ask: Ask[M], on_text: OnText | None) -> tuple[Answer, M | None]:
        """Go on until there is an answer to use or nothing more to try."""
        progress = Progress(on_text)
        while True:
            try:
                tried = await self._heard(ask, progress)
                if tried is None:
                    tried = await ask.site.door.carry(self._sent(ask, progress))
            except NotAdmitted as denied:
                ask = self._turned_away(ask, progress, denied)
                continue
            decision = self._decide(tried, progress)
            if decision.action is Action.USE:
                return _answer(tried, progress), tried.verdict.value
            progress.compare(tried)
            if decision.action is Action.GIVE_UP:
                raise _failure(tried, progress, proven=tried.ask.endpoint.base_url in self._proven)
            _log.info("%s, %s: %s", tried.ask.path, tried.ask.endpoint.model, decision.reason)
            ask.site.tell(trouble(ask.prompt.node, tried.verdict.outcome, decision.action, tried.ask.endpoint))
            ask = await self._next(decision, tried, progress)

    async def _heard[M: BaseModel](self, ask: Ask[M], progress: Progress) -> Tried[M] | None:
        """Find the answer in the ledger, or the fallback's: it may have stood in when this model was out of reach."""
        for candidate in (ask, ask.fallen_back()) if ask.can_fall_back else (ask,):
            if ask.site.answered is not None and candidate.path not in ask.site.answered:
                continue  # most questions are new, and looking is a round trip
            recorded = await self._ledger.find_answer(candidate.address)
            if recorded is not None:
                reply = heard_again(recorded)
                progress.hear_again(recorded.call_id, reply.text)
                ask.site.reuse(Reused(recorded.call_id, ask.prompt.node, candidate.path, kept=False))
                return Tried(candidate, reply, judge(reply, candidate.shape), replayed=True)
        return await self._kept(ask, progress) if ask.site.kept_s and ask.first is None else None

    async def _kept[M: BaseModel](self, ask: Ask[M], progress: Progress) -> Tried[M] | None:
        """Find what another story was answered a little while ago, if it is of use."""
        recorded = await self._ledger.find_kept(ask.address, ask.site.kept_s)
        if recorded is None:
            return None
        reply = heard_again(recorded)
        verdict = judge(reply, ask.shape)
        if ask.shape is not None and verdict.value is None:
            return None
        progress.hear_again(recorded.call_id, reply.text)
        ask.site.reuse(Reused(recorded.call_id, ask.prompt.node, ask.path, kept=True))
        return Tried(ask, reply, verdict, replayed=True)

    async def _sent[M: BaseModel](self, ask: Ask[M], progress: Progress) -> Tried[M]:
        """Ask the endpoint, and have its answer in the ledger before anybody sees it."""
        dialect = progress.dialect or await self._manners.towards(ask.endpoint.place)
        entry = Entry(self._ledger, ask.call(dialect, progress.attempts + 1), self._tally)
        async with AsyncExitStack() as way:  # out of the run's door from the sending until the answer is written down
            try:
                await ask.site.door.pass_if_open()
                async with self._admission.enter(await self._attempt(ask, entry, progress)) as permit:
                    await way.enter_async_context(ask.site.door.outside())
                    waits = progress.begin(permit.waits)
                    entry.begin(waits)
                    if waited := long_wait(ask.prompt.node, waits):
                        ask.site.tell(waited)
                    reach(Failpoint.BEFORE_SEND)
                    request = self._request(ask, entry, progress)
                    began_s = self._time.clock()
                    reply = permit.reply = await self._wire.chat(request, progress.on_text)
                    latency_ms = (self._time.clock() - began_s) * 1000
            except BaseException as error:
                await entry.abandon(error)
                raise
            verdict = judge(reply, ask.shape)
            columns = await ending(entry.call, ask.endpoint, reply, verdict.outcome, self._tally)
            reach(Failpoint.ANSWER_BEFORE_LEDGER)
            closed = await entry.close(**columns, latency_ms=latency_ms)
            if ask.site.answered is not None:
                ask.site.answered.add(ask.path)
        await self._learn(ask, dialect, reply)
        progress.note(closed, dialect, is_probe=permit.is_probe)
        return Tried(ask, replace(reply, usage=closed.usage), verdict, replayed=False)

    async def _attempt[M: BaseModel](self, ask: Ask[M], entry: Entry, progress: Progress) -> Attempt:
        """What admission wants to know of an attempt."""
        most_tokens = most_prompt_tokens(entry.call.request) + ask.prompt.max_tokens
        budget = ask.site.budget

        def left_s() -> float:
            progress.start_clock(self._time.clock())
            return self._time_left_s(ask, progress)

        entry.call = await reserved(entry.call, most_tokens, budget, ask.endpoint, self._tally.prices)
        patience_s = self._patience.before_fallback_s if ask.can_fall_back else math.inf
        attempt = Attempt(ask.endpoint, most_tokens, left_s, patience_s=patience_s)
        return replace(attempt, reserve=lambda: entry.open_within(budget, left_s)) if budget else attempt

    def _request[M: BaseModel](self, ask: Ask[M], entry: Entry, progress: Progress) -> ChatRequest:
        timeout_s = max(_LEAST_TIME_S, self._time_left_s(ask, progress))
        return ChatRequest(ask.endpoint, ask.prompt.node, entry.call.request, timeout_s)

    def _time_left_s[M: BaseModel](self, ask: Ask[M], progress: Progress) -> float:
        share = share_s(self._patience, can_fall_back=ask.can_fall_back)
        return share - progress.elapsed_s(self._time.clock())

    async def _learn[M: BaseModel](self, ask: Ask[M], dialect: Dialect, reply: ChatReply) -> None:
        """Remember the dialect that got an answer, and that somebody is there."""
        if reply.outcome.is_answer:
            await self._manners.understood(ask.endpoint.place, dialect)
        if reply.outcome not in _OUT_OF_REACH:
            self._proven.add(ask.endpoint.base_url)

    def _turned_away[M: BaseModel](self, ask: Ask[M], progress: Progress, denied: NotAdmitted) -> Ask[M]:
        """Go on with the fallback model if that one is not held back by the same.

        Raises:
            EndpointUnavailable: there is none.

        """
        if ask.can_fall_back and denied.hold in _ABOUT_THE_MODEL:
            progress.start_over()
            return ask.fallen_back()
        end = turned_away(denied, ask.endpoint, ask.prompt.node, self._patience.deadline_s)
        end.path = ask.site.path
        raise end from None

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
        progress.backoff_s += decision.wait_s
        await self._time.sleep(decision.wait_s)
        if tried.verdict.outcome is not Outcome.CONNECTION_ERROR:
            return tried.ask
        return replace(tried.ask, endpoint=await self._endpoints.revived(tried.ask.endpoint))


def _answer[M: BaseModel](tried: Tried[M], progress: Progress) -> Answer:
    return Answer(
        text=tried.verdict.text,
        finish_reason=tried.reply.finish_reason,
        usage=tried.usage,
        call_ids=tuple(progress.call_ids),
        replayed=tried.replayed,
        model=tried.ask.endpoint.model,
    )


def _failure[M: BaseModel](tried: Tried[M], progress: Progress, *, proven: bool) -> Exception:
    end = failure(
        tried.verdict.outcome,
        tried.ask.endpoint,
        node=tried.ask.prompt.node,
        error=tried.reply.error or "; ".join(tried.verdict.problems[:3]) or None,
        tries=max(1, len(progress.call_ids)),
        alike=progress.alike,
        raw=tried.verdict.text or None,
        proven=proven,
    )
    end.path, end.outcome = tried.ask.site.path, tried.verdict.outcome.value
    return end
