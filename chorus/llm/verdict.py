"""What a reply is worth: the same judgement for an answer that just came and for one out of the ledger. Pure."""

import re
from dataclasses import dataclass

from pydantic import BaseModel

from chorus.domain.llm_call import Outcome, RecordedAnswer
from chorus.llm.json_text import without_thoughts
from chorus.llm.structured import Shape
from chorus.llm.wire import ChatReply

_DECLINES = re.compile(
    r"\s*((I['’]m|I am) sorry,? (but )?|sorry,? (but )?|I apologi[sz]e,? but )?"
    r"I(['’]m| am)? ?(can(no|['’])t|unable to|not able to|won['’]t|must decline)\b",
    re.I,
)
_SPEAKS_OF_ITSELF = re.compile(
    r"\b(assist|as an AI|language model|guidelines|polic(y|ies)|(this|that|your) (request|content|prompt))\b", re.I
)
_LONGEST_REFUSAL = 500


@dataclass(frozen=True, slots=True)
class Verdict[M: BaseModel]:
    """The outcome of a reply, its words, and the value in them if one was asked for."""

    outcome: Outcome
    text: str = ""
    value: M | None = None
    problems: tuple[str, ...] = ()


def judge[M: BaseModel](reply: ChatReply, shape: Shape[M] | None) -> Verdict[M]:
    """Name what came. A wire's own verdict on a fault, a refusal or a filter stands."""
    text = without_thoughts(reply.text)
    if reply.outcome not in (Outcome.OK, Outcome.TRUNCATED):
        return Verdict(reply.outcome, text)
    if not text.strip():
        return Verdict(Outcome.TRUNCATED if reply.outcome is Outcome.TRUNCATED else Outcome.EMPTY)
    if _declines(text):
        return Verdict(Outcome.REFUSAL, text)
    return Verdict(reply.outcome, text) if shape is None else _judge_value(reply.outcome, text, shape)


def _declines(text: str) -> bool:
    """Whether a model talks about its own limits in place of an answer; a character who can't go on is no refusal."""
    is_short = len(text) <= _LONGEST_REFUSAL
    return is_short and bool(_DECLINES.match(text)) and bool(_SPEAKS_OF_ITSELF.search(text))


def _judge_value[M: BaseModel](outcome: Outcome, text: str, shape: Shape[M]) -> Verdict[M]:
    parsed = shape.parse(text)
    if parsed.outcome is not Outcome.OK and outcome is Outcome.TRUNCATED:
        return Verdict(Outcome.TRUNCATED, text)
    return Verdict(parsed.outcome, text, parsed.value, parsed.problems)


def heard_again(recorded: RecordedAnswer) -> ChatReply:
    """Turn a recorded answer back into the reply it was, to be judged by the code of today."""
    stands = recorded.outcome in (Outcome.REFUSAL, Outcome.CONTENT_FILTER)
    by_reason = Outcome.TRUNCATED if recorded.finish_reason == "length" else Outcome.OK
    return ChatReply(
        outcome=recorded.outcome if stands else by_reason,
        text=recorded.response_text or "",
        finish_reason=recorded.finish_reason,
        usage=recorded.usage,
    )
