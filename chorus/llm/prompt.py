"""What an agent asks, and from where in the story it asks: together they make the address of the answer.

Nothing in a prompt or a path differs between two runs of one story: no id, no timestamp.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import Field

from chorus.domain.budget import Budget
from chorus.domain.nodes import AskingNode
from chorus.domain.value import Text, Value
from chorus.llm.door import Door
from chorus.settings import AgentName


class Prompt(Value):
    """One question to a model, built by a pure function of the agent. Raise ``version`` when the wording changes."""

    agent: AgentName
    node: str = Field(description="The pipeline step that asks, e.g. draft_scene.")
    version: str
    system: Text
    user: Text
    max_tokens: int = Field(ge=1, description="Most tokens of the answer.")
    temperature: float | None = Field(default=None, ge=0, le=2, description="None: as TEMPERATURE says.")
    stop: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """sha256 of the words that are sent (settings have a hash of their own)."""
        return self.hash_with(packed(None))

    def hash_with(self, schema: str) -> str:
        """sha256 of the words that are sent together with the JSON schema asked for, which is given ``packed``."""
        words = packed([self.system, self.user])
        return _sha256(f"{words[:-1]},{schema}]")

    def told_more(self, extra: str) -> "Prompt":
        """The same question with something more to follow; its version says so, and tells one extra from another."""
        version = f"{self.version}+{fingerprint(extra)[:8]}"
        return self.model_copy(update={"system": f"{self.system}\n\n{extra}".strip(), "version": version})

    @property
    def messages(self) -> list[dict[str, str]]:
        """The chat messages: the system prompt, left out if empty, and the user's."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": self.user}]


def _keep_to_yourself(_said: str) -> None:
    """Nobody wants to hear of troubles."""


@dataclass(frozen=True, slots=True)
class Reused:
    """A recorded answer that is used again: nothing was asked, nothing is paid."""

    call_id: UUID
    node: str
    path: str
    kept: bool
    """Whether it was given to another story, a little while ago."""


def _forget(_reused: Reused) -> None:
    """Nobody wants to hear of answers that are used again."""


@dataclass(frozen=True, slots=True)
class CallSite:
    """From where a question is asked. ``path`` is the node's path in the story, e.g. ``scene/3/draft_scene``.

    The same path, prompt, model, settings and ``take`` always mean the same answer; ``take`` rises only when a person
    or an experiment's repeat wants another one. ``manifest`` says what the prompt was told and why; it is kept, not
    sent. A call that finds its ``door`` shut is not begun.
    """

    story_id: UUID
    run_id: UUID | None
    scene_number: int | None
    path: str
    take: int = 0
    manifest: dict[str, Any] | None = field(default=None, compare=False)
    door: Door = field(default_factory=Door, compare=False, repr=False)
    budget: Budget | None = field(default=None, compare=False)
    models: Mapping[AgentName, str] = field(default_factory=dict, compare=False)
    """The models of this run, where they are not the configured ones."""
    prompts: Mapping[AskingNode, str] = field(default_factory=dict, compare=False)
    """What prompts of this run say in addition, by node."""
    tell: Callable[[str], None] = field(default=_keep_to_yourself, compare=False, repr=False)
    """Hears, in a sentence, what goes wrong on the way to the answer."""
    reuse: Callable[[Reused], None] = field(default=_forget, compare=False, repr=False)
    """Hears of recorded answers that are used again."""
    answered: set[str] | None = field(default=None, compare=False, repr=False)
    """The only paths under which there are answers in the ledger; those that come are added. None: nobody knows."""
    kept_s: int = field(default=0, compare=False)
    """For how many seconds another story's answer to the very same question stands in; 0: never."""


def fingerprint(value: object) -> str:
    """sha256 of a JSON value, blind to the order of keys."""
    return _sha256(packed(value))


def packed(value: object) -> str:
    """A JSON value as fingerprints are made of it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
