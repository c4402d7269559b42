"""Where each agent's model answers: read from the settings, or asked of the endpoint where they say nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from chorus.errors import ConfigError
from chorus.settings import AgentName, ChorusConfig

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_MODELS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SettingNames:
    """The environment variables behind an endpoint, so that an error can say what to change."""

    base_url: str = "OPENAI_API_BASE"
    api_key: str = "OPENAI_API_KEY"
    model: str = "STORY_ARCHITECT_MODEL"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one OpenAI-compatible address."""

    base_url: str
    api_key: SecretStr | None
    model: str
    fallback: str | None = None
    names: SettingNames = SettingNames()
    takes_grammar: bool = False
    """Whether it is llama.cpp with llguidance, as the embedded model is: it is asked for JSON without line breaks."""

    @property
    def host(self) -> str:
        """Host and port, without user, password, path or query."""
        return _host(self.base_url)

    @property
    def address(self) -> str:
        """Where it is, without user, password or query: what limits and dialects are remembered under."""
        return _address(self.base_url)

    @property
    def place(self) -> str:
        """Address and model: what is in trouble, or has a dialect of its own."""
        return f"{self.address} {self.model}"

    @property
    def is_local(self) -> bool:
        """Whether it answers on this machine."""
        return _hostname(self.base_url) in _LOCAL_HOSTS

    @property
    def secret(self) -> str | None:
        """The bare key, for the wire alone."""
        return (self.api_key.get_secret_value().strip() or None) if self.api_key else None


class Endpoints(Protocol):
    """Tells which endpoint answers an agent."""

    async def for_agent(self, agent: AgentName) -> Endpoint:
        """Give the agent's endpoint; it may take a while the first time (a local model starts)."""

    async def revived(self, endpoint: Endpoint) -> Endpoint:
        """Give an endpoint again at which nothing answers any more; a model of ours is started anew, somewhere."""


class FixedEndpoint:
    """The same endpoint for everybody."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Hold the one endpoint there is."""
        self._endpoint = endpoint

    async def for_agent(self, agent: AgentName) -> Endpoint:  # noqa: ARG002 - nobody differs
        """Give the one endpoint."""
        return self._endpoint

    async def revived(self, endpoint: Endpoint) -> Endpoint:
        """Give it back as it is: nobody here can start it."""
        return endpoint


class ConfiguredEndpoints:
    """Endpoints as the settings say; without any, the model that Chorus runs itself."""

    def __init__(
        self,
        config: ChorusConfig,
        *,
        list_models: Callable[[Endpoint], Awaitable[list[str]]],
        embedded: Callable[[], Awaitable[Endpoint]],
    ) -> None:
        """Remember whom to ask; nothing is asked before an agent needs it."""
        self._config = config
        self._list_models = list_models
        self._embedded = embedded
        self._known: dict[AgentName, Endpoint] = {}
        self._listed: dict[str, list[str]] = {}
        self._local: Endpoint | None = None
        self._gone: set[Endpoint] = set()
        self._lock = asyncio.Lock()

    async def for_agent(self, agent: AgentName) -> Endpoint:
        """Give the agent's endpoint.

        Raises:
            ConfigError: no model is set and the endpoint does not list exactly one.
        """
        if agent in self._known:
            return self._known[agent]
        async with self._lock:
            if agent not in self._known:
                self._known[agent] = await self._resolve(agent)
            return self._known[agent]

    async def revived(self, endpoint: Endpoint) -> Endpoint:
        """Start the embedded model again if it is the one that has gone; other people's endpoints are waited for."""
        async with self._lock:
            if endpoint in self._gone and self._local:
                return self._local
            if endpoint != self._local:
                return endpoint
            self._gone.add(endpoint)
            self._local = await self._embedded()
            self._gone.discard(self._local)
            self._known = {agent: self._local if old == endpoint else old for agent, old in self._known.items()}
            return self._local

    async def _resolve(self, agent: AgentName) -> Endpoint:
        endpoint = configured_endpoint(self._config, agent)
        if endpoint is None:
            self._local = self._local or await self._embedded()
            return self._local
        return endpoint if endpoint.model else await self._with_listed_model(endpoint)

    async def _with_listed_model(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.base_url not in self._listed:
            self._listed[endpoint.base_url] = await self._list_models(endpoint)
        model = only_model(self._listed[endpoint.base_url], endpoint)
        return Endpoint(endpoint.base_url, endpoint.api_key, model, endpoint.fallback, endpoint.names)


def configured_endpoint(config: ChorusConfig, agent: AgentName) -> Endpoint | None:
    """Read an agent's endpoint from the settings; its model is empty if none is set; None means: the embedded model.

    The common key goes only where the common settings point: an agent with a host of its own brings its own key.
    """
    own = config.agents.endpoint_of(agent)
    base_url = own.api_base or config.llm.api_base
    if base_url is None:
        return None
    shares_host = own.api_base is None or _origin(own.api_base) == _origin(config.llm.api_base or "")
    key = own.api_key or (config.llm.api_key if shares_host else None)
    prefix = agent.upper()
    names = SettingNames(
        base_url=f"{prefix}_API_BASE" if own.api_base else "OPENAI_API_BASE",
        api_key="OPENAI_API_KEY" if own.api_key is None and shares_host else f"{prefix}_API_KEY",
        model=f"{prefix}_MODEL",
    )
    return Endpoint(base_url, key, own.model or "", own.fallback, names)


def only_model(listed: list[str], endpoint: Endpoint) -> str:
    """Choose the model of an endpoint that has just one.

    Raises:
        ConfigError: there is none, or there are several to choose from.
    """
    if len(listed) == 1:
        return listed[0]
    if not listed:
        raise ConfigError(f"{endpoint.names.model}: {endpoint.host} lists no model; set it to one that it serves.")
    shown = ", ".join(sorted(listed)[:_MODELS_SHOWN])
    more = f" and {len(listed) - _MODELS_SHOWN} more" if len(listed) > _MODELS_SHOWN else ""
    raise ConfigError(
        f"{endpoint.names.model}: {endpoint.host} serves {len(listed)} models; set it to one of them: {shown}{more}."
    )


@cache
def _hostname(url: str) -> str | None:
    return urlsplit(url).hostname


@cache
def _host(url: str) -> str:
    port = urlsplit(url).port
    return f"{_hostname(url)}:{port}" if port else str(_hostname(url))


@cache
def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{_host(url)}{parts.path.rstrip('/')}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
