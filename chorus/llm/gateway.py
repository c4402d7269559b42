"""The one way to a language model: replays what is recorded, asks what is not, and records before it answers."""

from collections.abc import Callable

from pydantic import BaseModel

from chorus.llm.answer import Answer, Structured
from chorus.llm.prompt import CallSite, Prompt


class Gateway:
    """Ask a model, durably."""

    async def complete(self, prompt: Prompt, site: CallSite, *, on_text: Callable[[str], None] | None = None) -> Answer:
        """Ask for prose; ``on_text`` hears the pieces as they arrive.

        Raises:
            EndpointError: nothing usable came, even after retries and the fallback model.
        """
        raise NotImplementedError

    async def complete_as[M: BaseModel](self, prompt: Prompt, site: CallSite, schema: type[M]) -> Structured[M]:
        """Ask for a value of ``schema``.

        Raises:
            AnswerUnusable: no answer fits the schema, even after repair, re-asks and the fallback model.
            EndpointError: nothing usable came.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the connections."""
