"""What the gateway hands back: text, or text that became a value."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel

from chorus.domain.llm_call import Usage


@dataclass(frozen=True, slots=True)
class Answer:
    """A text that a model gave; ``finish_reason`` "length" means that it was cut there."""

    text: str
    finish_reason: str | None
    usage: Usage
    call_ids: tuple[UUID, ...]
    """Ids of the attempts behind it, the one that answered last."""
    replayed: bool
    """Whether the ledger had it and nobody was asked."""
    model: str


@dataclass(frozen=True, slots=True)
class Structured[M: BaseModel]:
    """An answer that fits the schema that was asked for."""

    value: M
    answer: Answer
