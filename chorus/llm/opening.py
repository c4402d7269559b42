"""Puts gateway and embedder together from the settings; the SDK is imported here and no earlier (it takes a second)."""

from collections.abc import Awaitable, Callable

from chorus.domain.rate import Rate
from chorus.errors import ConfigError
from chorus.llm.admission import Turnstile
from chorus.llm.embeddings import EndpointEmbedder
from chorus.llm.endpoint import ConfiguredEndpoints, Endpoint, SettingNames
from chorus.llm.fleet import Fleet, LoneProcess
from chorus.llm.gateway import Gateway
from chorus.llm.late_wire import LateWire
from chorus.llm.ledger import Ledger
from chorus.llm.persistence import Clockwork, persist
from chorus.llm.prices import PriceList
from chorus.llm.record import Tally, count_roughly
from chorus.llm.resilience import Patience
from chorus.llm.wire import ModelsReply
from chorus.settings import ChorusConfig, EmbeddingConfig, LLMConfig

_PATIENCE = Patience()
_FOR_A_LIST = Patience(deadline_s=60.0)
_EMBEDDING_NAMES = SettingNames("EMBEDDING_API_BASE", "EMBEDDING_API_KEY", "EMBEDDING_MODEL")


def open_gateway(
    config: ChorusConfig,
    ledger: Ledger,
    *,
    embedded: Callable[[], Awaitable[Endpoint]],
    fleet: Fleet | None = None,
    patience: Patience = _PATIENCE,
    count_tokens: Callable[[str], int] = count_roughly,
) -> Gateway:
    """Make the process's gateway; ``embedded`` starts the local model, and is awaited only if an agent needs it.

    ``fleet`` is what all processes know together; without it this one has the limits to itself.
    """
    wire = LateWire(silence_s=patience.silence_s)

    async def list_models(endpoint: Endpoint) -> list[str]:
        def send(timeout_s: float) -> Awaitable[ModelsReply]:
            return wire.list_models(endpoint, timeout_s=timeout_s)

        reply = await persist(send, endpoint, "its models", _FOR_A_LIST, Clockwork(), proven=False)
        return list(reply.models)

    return Gateway(
        endpoints=ConfiguredEndpoints(config, list_models=list_models, embedded=embedded),
        ledger=ledger,
        wire=wire,
        admission=open_turnstile(config.llm, fleet or LoneProcess()),
        temperature=config.llm.temperature,
        patience=patience,
        tally=Tally(count_tokens, PriceList(config.llm.prices)),
    )


def open_turnstile(config: LLMConfig, fleet: Fleet, window_s: float = 60.0) -> Turnstile:
    """Make the one turnstile of a process; the limits are those of any ``window_s`` seconds."""
    requests, tokens = config.requests_per_minute, config.tokens_per_minute
    return Turnstile(
        fleet,
        most_in_flight=config.concurrency,
        requests=Rate(requests, window_s) if requests else None,
        tokens=Rate(tokens, window_s, counts_events=False) if tokens else None,
    )


def open_embedder(config: EmbeddingConfig) -> EndpointEmbedder:
    """Make the embedder for EMBEDDING_API_BASE.

    Raises:
        ConfigError: it or EMBEDDING_MODEL is not set.

    """
    if config.api_base is None or config.model is None:
        raise ConfigError("EMBEDDING_API_BASE and EMBEDDING_MODEL must both be set for an embeddings endpoint.")
    return EndpointEmbedder(Endpoint(config.api_base, config.api_key, config.model, None, _EMBEDDING_NAMES), LateWire())
