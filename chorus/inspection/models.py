"""The models: the embedded one, the endpoint of each agent, the embedder. No question is asked that costs something."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from chorus.domain.llm_call import Outcome
from chorus.embedded import EmbeddedEmbedder, EmbeddedModel
from chorus.embedded.weights import DEFAULT_WEIGHTS, check_gguf
from chorus.errors import ChorusError, ConfigError
from chorus.inspection.report import Area, Condition, Part
from chorus.llm import Endpoint, EndpointEmbedder, Probe, SettingNames, open_embedder, probe
from chorus.llm.endpoint import configured_endpoint, only_model
from chorus.settings import AgentName, ChorusConfig

ASK_FOR_S = 8.0
HASH_FOR_S = 45.0
_CONNECT = (
    "A larger model writes far better: set OPENAI_API_BASE, OPENAI_API_KEY and STORY_ARCHITECT_MODEL to connect one."
)
_SENTENCE = "The lamp had burned for a hundred years, and nobody had ever lit it."
_REFUSALS = {
    Outcome.AUTH_ERROR: "refuses the key",
    Outcome.CONNECTION_ERROR: "does not answer",
    Outcome.TIMEOUT: "does not answer in time",
    Outcome.NOT_AN_LLM: "answers, but not like an LLM endpoint",
    Outcome.QUOTA_EXHAUSTED: "has no credit left",
    Outcome.RATE_LIMITED: "takes no more requests for now",
}


async def inspect_model(config: ChorusConfig) -> Sequence[Part]:
    """Look at the weights and the server of the embedded model."""
    if all(configured_endpoint(config, agent) for agent in get_args(AgentName)):
        said = "not in use: every agent has an endpoint"
        return [_part("model", "Embedded model", Condition.OFF, said)]
    return [await asyncio.to_thread(_embedded_model, config)]


def _embedded_model(config: ChorusConfig) -> Part:
    gguf = config.llm.gguf
    status = EmbeddedModel(config.system.home, gguf).status()
    runs = f"runs (process {status.pid}, port {status.port})" if status.running else "not running"
    figures: dict[str, int | float | str | None] = {"weights_bytes": status.weights_bytes, "pid": status.pid}
    condition, remedy = Condition.OK if status.running else Condition.OFF, _CONNECT
    if gguf:
        try:
            check_gguf(gguf)
        except ChorusError as error:
            condition, runs, remedy = Condition.PROBLEM, "cannot be loaded", str(error)
    elif status.weights is None:
        runs = f"not here yet; the first story fetches {DEFAULT_WEIGHTS.size_bytes / 1e9:.1f} GB"
    else:
        figures["sha256"] = digest = _digest(status.weights)
        if digest is None:
            condition, remedy = Condition.WARNING, f"{status.weights} is read so slowly that its hash was not checked."
        elif digest != DEFAULT_WEIGHTS.sha256:
            condition, runs = Condition.PROBLEM, "its file is damaged"
            remedy = f"Delete {status.weights} to have it fetched again."
        else:
            runs = f"{runs}; its file is whole"
    location = str(gguf or status.weights or config.system.home / "models")
    return _part(
        "model",
        "Embedded model",
        condition,
        runs,
        version=status.name,
        location=location,
        remedy=remedy,
        figures=figures,
    )


def _digest(weights: Path) -> str | None:
    """Hash a file; None if that takes too long."""
    give_up = time.monotonic() + HASH_FOR_S
    digest = hashlib.sha256()
    with weights.open("rb") as file:
        while block := file.read(1 << 23):
            digest.update(block)
            if time.monotonic() > give_up:
                return None
    return digest.hexdigest()


async def inspect_agents(config: ChorusConfig) -> Sequence[Part]:
    """Ask the endpoint of each agent for its models; the same endpoint is asked once."""
    agents: tuple[AgentName, ...] = get_args(AgentName)
    endpoints = {agent: configured_endpoint(config, agent) for agent in agents}
    different = {(each.base_url, each.secret): each for each in endpoints.values() if each}
    probes = await asyncio.gather(*(probe(each, ASK_FOR_S) for each in different.values()))
    said = dict(zip(different, probes, strict=True))
    return [
        _agent(agent, endpoint, said[endpoint.base_url, endpoint.secret])
        if endpoint
        else _embedded_agent(agent, config)
        for agent, endpoint in endpoints.items()
    ]


def _embedded_agent(agent: AgentName, config: ChorusConfig) -> Part:
    model = EmbeddedModel(config.system.home, config.llm.gguf).name
    return _part(agent, _title(agent), Condition.OK, "answered by the embedded model", version=model)


def _agent(agent: AgentName, endpoint: Endpoint, probed: Probe) -> Part:
    condition, said, remedy = _verdict(endpoint, probed)
    model = endpoint.model or (probed.models[0] if len(probed.models) == 1 else None)
    return _part(agent, _title(agent), condition, said, version=model, location=_address(endpoint), remedy=remedy)


def _verdict(endpoint: Endpoint, probed: Probe) -> tuple[Condition, str, str | None]:
    if probed.outcome is Outcome.NOT_FOUND:
        remedy = (
            f"Whether the key and the model are right shows with the first story; if nothing works, check "
            f"{endpoint.names.base_url} (it often ends in /v1)."
        )
        return Condition.WARNING, "answers, and lists no models", remedy
    if probed.outcome is not Outcome.OK:
        return Condition.PROBLEM, _REFUSALS.get(probed.outcome, "is in trouble"), probed.remedy
    if not endpoint.model:
        return _only(endpoint, probed)
    if not probed.knows(endpoint.model):
        return Condition.PROBLEM, f"knows no model '{endpoint.model}'", _choose(endpoint.names.model, probed)
    if endpoint.fallback and not probed.knows(endpoint.fallback):
        fallback = endpoint.names.model.removesuffix("_MODEL") + "_FALLBACK"
        return Condition.WARNING, f"knows no fallback '{endpoint.fallback}'", _choose(fallback, probed)
    return Condition.OK, "answers, takes the key, has the model", None


def _only(endpoint: Endpoint, probed: Probe) -> tuple[Condition, str, str | None]:
    try:
        only_model([*probed.models], endpoint)
    except ConfigError as error:
        return Condition.PROBLEM, f"answers with {len(probed.models)} models, and none is chosen", str(error)
    return Condition.OK, "answers, takes the key, has one model", None


def _choose(setting: str, probed: Probe) -> str:
    shown = ", ".join(sorted(probed.models)[:8])
    return f"Set {setting} to one that it lists: {shown}{' …' if len(probed.models) > 8 else ''}."


async def inspect_embedder(config: ChorusConfig) -> Sequence[Part]:
    """Embed a sentence; at an endpoint that may cost something, only ask whether it is there."""
    if config.embedding.api_base is None:
        return [await _embed(EmbeddedEmbedder(), "embedded")]
    names = SettingNames("EMBEDDING_API_BASE", "EMBEDDING_API_KEY", "EMBEDDING_MODEL")
    endpoint = Endpoint(config.embedding.api_base, config.embedding.api_key, config.embedding.model or "", None, names)
    if endpoint.is_local:
        embedder = open_embedder(config.embedding)
        try:
            return [await _embed(embedder, _address(endpoint))]
        finally:
            await embedder.aclose()
    condition, said, remedy = _verdict(endpoint, await probe(endpoint, ASK_FOR_S))
    return [
        _part(
            "embedder", "Embedder", condition, said, version=endpoint.model, location=_address(endpoint), remedy=remedy
        )
    ]


async def _embed(embedder: EmbeddedEmbedder | EndpointEmbedder, location: str) -> Part:
    began = time.monotonic()
    try:
        (vector,) = await embedder.embed([_SENTENCE])
    except ChorusError as error:
        said, remedy = "gave no vector", str(error)
        return _part(
            "embedder", "Embedder", Condition.PROBLEM, said, version=embedder.name, location=location, remedy=remedy
        )
    took_ms = round(1000 * (time.monotonic() - began))
    figures = {"dimensions": len(vector), "took_ms": took_ms}
    said = f"a sentence becomes {len(vector)} numbers"
    return _part("embedder", "Embedder", Condition.OK, said, version=embedder.name, location=location, figures=figures)


def _title(agent: AgentName) -> str:
    return "".join(word.capitalize() for word in agent.split("_"))


def _address(endpoint: Endpoint) -> str:
    return endpoint.base_url if "@" not in endpoint.base_url else endpoint.host


def _part(name: str, title: str, condition: Condition, said: str, **more: object) -> Part:
    return Part.model_validate(
        {"area": Area.MODELS, "name": name, "title": title, "condition": condition, "said": said, **more}
    )
