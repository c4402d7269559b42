import pytest

from chorus.redaction import names_a_secret, redact


@pytest.mark.parametrize(
    "text",
    [
        "sk-abcdefghij0123",
        "Authorization: Bearer canary-token",
        "{'Authorization': 'Basic canary-token'}",
        '{"api_key": "canary-token"}',
        "https://user:canary-token@host/v1",
        "https://:canary-token@host/v1",
        "https://host/v1?api_key=canary-token&k=1",
        "host=db password=canary-token dbname=x",
        "host=db password='canary token' dbname=x",
        "OPENAI_API_KEY=canary-token",
        "hf_canarycanarycanary",
        "known: my-canary-value",
    ],
)
def test_what_looks_like_a_secret_is_blanked(text: str) -> None:
    clean = redact(text, ["my-canary-value"])
    assert "***" in clean
    assert "canary" not in clean
    assert "abcdefghij" not in clean


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI_API_KEY: set it to a key that is valid there.",
        "The risk-assessment of the mask-maker",
        "postgresql://localhost:5432/chorus",
        "prompt_tokens=12, completion_tokens=7",
        "She wanted nonesuch, and none-too-soon.",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert redact(text, ["none-", "x"]) == text


def test_names_of_secrets_are_known() -> None:
    assert all(map(names_a_secret, ("Authorization", "api_key", "OPENAI_API_KEY", "x-api-key", "password")))
    assert not any(map(names_a_secret, ("prompt_tokens", "key", "author")))
