"""One exact question: what is asked of which model, and the address of its answer. Every change makes a new one."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from chorus.domain.llm_call import AnswerAddress, LLMCall
from chorus.llm.dialect import Dialect, with_grammar
from chorus.llm.endpoint import Endpoint
from chorus.llm.prompt import CallSite, Prompt, fingerprint
from chorus.llm.structured import Shape, reask_words


@dataclass(frozen=True, slots=True)
class Ask[M: BaseModel]:
    """A question as it is put now; ``first`` is how the agent put it.

    The dialect is not part of the address: it is how the endpoint is spoken to, not what it is asked.
    """

    prompt: Prompt
    site: CallSite
    endpoint: Endpoint
    temperature: float
    shape: Shape[M] | None = None
    reasks: int = 0
    lengthened: bool = False
    first: "Ask[M] | None" = None

    @property
    def address(self) -> AnswerAddress:
        """Where the answer to exactly this is kept."""
        return AnswerAddress(
            story_id=self.site.story_id,
            node_path=self.path,
            prompt_hash=self.prompt.hash_with(self.shape.packed) if self.shape else self.prompt.hash,
            model=self.endpoint.model,
            settings_hash=fingerprint(self.settings),
            take=self.site.take,
        )

    @property
    def path(self) -> str:
        """The node's path, and below it which follow-up this is."""
        reask = f"/reask/{self.reasks}" if self.reasks else ""
        return f"{self.site.path}{reask}{'/longer' if self.lengthened else ''}"

    @property
    def settings(self) -> dict[str, Any]:
        """What shapes the answer besides the words."""
        stop = list(self.prompt.stop)
        return {"temperature": self.temperature, "max_tokens": self.prompt.max_tokens, "stop": stop}

    def body(self, dialect: Dialect) -> dict[str, Any]:
        """The request in a dialect."""
        wish = self.shape.wish if self.shape else None
        body = dialect.body(self.prompt, self.endpoint.model, self.temperature, wish)
        return with_grammar(body) if self.endpoint.takes_grammar else body

    def call(self, dialect: Dialect, attempt: int) -> LLMCall:
        """Begin the record of one attempt."""
        address = self.address
        return LLMCall(
            **address.model_dump(),
            run_id=self.site.run_id,
            scene_number=self.site.scene_number,
            agent=self.prompt.agent,
            node=self.prompt.node,
            attempt=attempt,
            prompt_version=self.prompt.version,
            settings=self.settings,
            endpoint=self.endpoint.host,
            request=self.body(dialect),
            manifest=self.site.manifest,
        )

    def reasked(self, problems: tuple[str, ...], bad_answer: str) -> "Ask[M]":
        """Ask again, saying what was wrong. Built on the first wording, so that prompts do not pile up."""
        origin = self.first or self
        user = origin.prompt.user
        if problems:
            user = f"{user}\n\n{reask_words(problems, bad_answer)}"
        prompt = self.prompt.model_copy(update={"user": user})
        return replace(self, prompt=prompt, reasks=self.reasks + 1, first=origin)

    def with_more_room(self) -> "Ask[M]":
        """Ask the same with twice the room for the answer."""
        prompt = self.prompt.model_copy(update={"max_tokens": self.prompt.max_tokens * 2})
        return replace(self, prompt=prompt, lengthened=True, first=self.first or self)

    @property
    def can_fall_back(self) -> bool:
        """Whether another model waits behind this one."""
        return bool(self.endpoint.fallback) and self.endpoint.fallback != self.endpoint.model

    def fallen_back(self) -> "Ask[M]":
        """Ask the first question of the fallback model, which has none behind it."""
        origin = self.first or self
        endpoint = replace(self.endpoint, model=self.endpoint.fallback or self.endpoint.model, fallback=None)
        return replace(origin, endpoint=endpoint, first=None)
