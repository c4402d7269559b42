"""Asks an endpoint, once and for nothing, which models it has; for those who inspect, not for those who write."""

from dataclasses import dataclass

from chorus.domain.llm_call import Outcome
from chorus.llm.endpoint import Endpoint
from chorus.llm.failures import failure


@dataclass(frozen=True, slots=True)
class Probe:
    """What an endpoint said when asked for its models."""

    outcome: Outcome
    models: tuple[str, ...]
    remedy: str | None
    """What to do, if it gave no list."""

    def knows(self, model: str) -> bool:
        """Whether it lists a model: by its name, with a tag behind it, or by a pattern that fits."""
        return any(_fits(model, listed) for listed in self.models)


async def probe(endpoint: Endpoint, timeout_s: float) -> Probe:
    """Ask an endpoint for its models; says how it ended and never raises."""
    from chorus.llm.openai_wire import OpenAIWire

    wire = OpenAIWire(silence_s=timeout_s)
    try:
        reply = await wire.list_models(endpoint, timeout_s=timeout_s)
    finally:
        await wire.aclose()
    if reply.outcome is Outcome.OK:
        return Probe(reply.outcome, reply.models, None)
    error = failure(reply.outcome, endpoint, node="its models", error=reply.error, tries=1)
    return Probe(reply.outcome, (), str(error))


def _fits(model: str, listed: str) -> bool:
    if listed.endswith("*"):
        return model.startswith(listed[:-1])
    return model == listed or listed.partition(":")[0] == model
