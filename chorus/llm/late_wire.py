"""The real wire, loaded when something is asked for the first time: its SDK takes longer to load than most commands."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from chorus.llm.endpoint import Endpoint
from chorus.llm.wire import ChatReply, ChatRequest, ModelsReply, VectorsReply

if TYPE_CHECKING:
    from chorus.llm.openai_wire import OpenAIWire


class LateWire:
    """An ``OpenAIWire`` that is made when it is needed."""

    def __init__(self, *, silence_s: float = 300.0) -> None:
        """Wait at most ``silence_s`` for each next byte."""
        self._silence_s = silence_s

    @cached_property
    def _wire(self) -> "OpenAIWire":
        from chorus.llm.openai_wire import OpenAIWire

        return OpenAIWire(silence_s=self._silence_s)

    async def chat(self, request: ChatRequest, on_text: Callable[[str], None] | None = None) -> ChatReply:
        """Ask for a chat completion and read it to its end, or to the end of the time it has."""
        return await self._wire.chat(request, on_text)

    async def embed(self, endpoint: Endpoint, texts: list[str], *, timeout_s: float) -> VectorsReply:
        """Ask for the vectors of some texts."""
        return await self._wire.embed(endpoint, texts, timeout_s=timeout_s)

    async def list_models(self, endpoint: Endpoint, *, timeout_s: float) -> ModelsReply:
        """Ask which models there are."""
        return await self._wire.list_models(endpoint, timeout_s=timeout_s)

    async def aclose(self) -> None:
        """Close every connection, if there ever was one."""
        if "_wire" in vars(self):
            await self._wire.aclose()
