import pytest

from chorus.domain.llm_call import Outcome
from chorus.llm.endpoint import Endpoint
from chorus.llm.resilience import Action
from chorus.llm.trouble import long_wait, trouble

ENDPOINT = Endpoint("http://user:secret@models.example:8080/v1", None, "quill", "pen")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.IN_FLIGHT])
@pytest.mark.parametrize("action", [Action.RETRY, Action.REASK, Action.LENGTHEN, Action.CONCEDE, Action.FALL_BACK])
def test_every_trouble_is_a_sentence_without_a_secret(outcome: Outcome, action: Action) -> None:
    said = trouble("draft_scene", outcome, action, ENDPOINT)
    assert said.startswith("draft_scene: ")
    assert said.endswith(".")
    assert "{" not in said
    assert "secret" not in said


def test_the_fallback_is_named() -> None:
    said = trouble("draft_scene", Outcome.REFUSAL, Action.FALL_BACK, ENDPOINT)
    assert said == "draft_scene: 'quill' declined to answer; 'pen' is asked instead."


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ({}, None),
        ({"breaker": 1500.0, "retry_after": 600.0}, None),
        ({"place": 60_000.0, "limiter": 60_000.0}, None),
        ({"breaker": 12_400.0, "retry_after": 3000.0}, "check: waited 12 s, until the endpoint was well again."),
        ({"retry_after": 3000.0}, "check: waited 3 s, as the endpoint had asked."),
    ],
)
def test_only_long_waits_that_mean_trouble_are_told(waits: dict[str, float], said: str | None) -> None:
    assert long_wait("check", waits) == said
