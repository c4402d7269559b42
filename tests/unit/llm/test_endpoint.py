import asyncio
from dataclasses import replace

import pytest

from chorus.errors import ConfigError
from chorus.llm import ConfiguredEndpoints, Endpoint
from chorus.llm.endpoint import configured_endpoint
from chorus.settings import AgentModelConfig, AgentName, ChorusConfig, LLMConfig

LOCAL = Endpoint("http://127.0.0.1:5/v1", None, "small")


def a_config(llm: dict[str, str] | None = None, agents: dict[str, str] | None = None) -> ChorusConfig:
    return ChorusConfig(llm=LLMConfig.model_validate(llm or {}), agents=AgentModelConfig.model_validate(agents or {}))


class Listing:
    """Counts how often the models were asked for, and how often the local model was started."""

    def __init__(self, *models: str) -> None:
        self.models = list(models)
        self.asked = 0
        self.started = 0

    async def list_models(self, endpoint: Endpoint) -> list[str]:
        self.asked += 1
        await asyncio.sleep(0)
        return self.models

    async def embedded(self) -> Endpoint:
        self.started += 1
        await asyncio.sleep(0)
        return replace(LOCAL, base_url=f"http://127.0.0.1:{self.started}/v1")

    def endpoints(self, config: ChorusConfig) -> ConfiguredEndpoints:
        return ConfiguredEndpoints(config, list_models=self.list_models, embedded=self.embedded)


async def test_without_any_base_the_embedded_model_answers() -> None:
    listing = Listing()
    endpoints = listing.endpoints(a_config({"api_key": "sk-unused-unused"}))
    first = await endpoints.for_agent("scene_generator")
    assert first.model == LOCAL.model
    assert await endpoints.for_agent("scene_generator") == first
    assert listing.started == 1


async def test_an_embedded_model_that_has_gone_is_started_again_once() -> None:
    listing = Listing()
    endpoints = listing.endpoints(a_config())
    gone = await endpoints.for_agent("scene_generator")
    revived = await asyncio.gather(*(endpoints.revived(gone) for _ in range(5)))
    assert len(set(revived)) == 1
    assert revived[0].base_url != gone.base_url
    assert await endpoints.for_agent("scene_generator") == revived[0]
    assert listing.started == 2


async def test_other_endpoints_are_not_started_by_us() -> None:
    listing = Listing("only")
    endpoints = listing.endpoints(a_config({"api_base": "https://one.example/v1"}))
    endpoint = await endpoints.for_agent("scene_generator")
    assert await endpoints.revived(endpoint) == endpoint
    assert listing.started == 0


async def test_an_agent_with_a_base_of_its_own_starts_nothing() -> None:
    listing = Listing("only")
    own = {"scene_generator_api_base": "https://other.example/v1"}
    endpoint = await listing.endpoints(a_config(agents=own)).for_agent("scene_generator")
    assert (endpoint.base_url, endpoint.model) == ("https://other.example/v1", "only")
    assert listing.started == 0


async def test_the_list_of_models_is_asked_for_once() -> None:
    listing = Listing("only")
    endpoints = listing.endpoints(a_config({"api_base": "https://one.example/v1"}))
    agents: tuple[AgentName, ...] = ("story_architect", "scene_generator", "continuity_editor")
    found = await asyncio.gather(*(endpoints.for_agent(agent) for agent in agents))
    assert {endpoint.model for endpoint in found} == {"only"}
    assert listing.asked == 1


@pytest.mark.parametrize(("models", "words"), [((), "lists no model"), (tuple("abcdefghij"), "a, b, .* and 2 more")])
async def test_a_model_that_must_be_chosen_is_asked_for_by_name(models: tuple[str, ...], words: str) -> None:
    endpoints = Listing(*models).endpoints(a_config({"api_base": "https://one.example/v1"}))
    with pytest.raises(ConfigError, match=f"CONTINUITY_EDITOR_MODEL: one.example.*{words}"):
        await endpoints.for_agent("continuity_editor")


def test_the_common_key_does_not_travel_to_another_host() -> None:
    common = {"api_base": "https://one.example/v1", "api_key": "sk-common-0123456"}
    elsewhere = {"scene_generator_api_base": "https://two.example/v1", "scene_generator_model": "m"}
    same_host = {"scene_generator_api_base": "https://one.example/other/v1"}
    away = configured_endpoint(a_config(common, elsewhere), "scene_generator")
    near = configured_endpoint(a_config(common, same_host), "scene_generator")
    assert away is not None
    assert near is not None
    assert away.secret is None
    assert away.names.api_key == "SCENE_GENERATOR_API_KEY"
    assert away.names.base_url == "SCENE_GENERATOR_API_BASE"
    assert near.secret == "sk-common-0123456"
    assert near.names.api_key == "OPENAI_API_KEY"


def test_an_endpoint_tells_its_host_and_hides_its_key() -> None:
    config = a_config({"api_base": "https://me:pw@one.example:8443/v1?x=y", "api_key": " sk-common-0123456 \n"})
    endpoint = configured_endpoint(config, "story_architect")
    assert endpoint is not None
    assert endpoint.host == "one.example:8443"
    assert endpoint.secret == "sk-common-0123456"
    assert "sk-common" not in repr(endpoint)
    assert not endpoint.is_local
    assert LOCAL.is_local
