from datetime import UTC, datetime

import pytest

from chorus.domain.llm_call import Outcome
from chorus.llm.faults import outcome_of_status, redact_known, retry_after_s, shorten
from chorus.redaction import redact

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "300"}, 300.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Sun, 01 Mar 2026 12:02:30 GMT"}, 150.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:10 -0000"}, 10.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_retry_after_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOON) == seconds


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (401, "", Outcome.AUTH_ERROR),
        (403, "forbidden", Outcome.AUTH_ERROR),
        (404, "", Outcome.NOT_FOUND),
        (429, "slow down", Outcome.RATE_LIMITED),
        (429, "insufficient_quota", Outcome.QUOTA_EXHAUSTED),
        (402, "", Outcome.QUOTA_EXHAUSTED),
        (400, "unknown field", Outcome.BAD_REQUEST),
        (422, "unknown field", Outcome.BAD_REQUEST),
        (400, "maximum context length is 8192", Outcome.CONTEXT_OVERFLOW),
        (400, '{"code": "content_filter"}', Outcome.CONTENT_FILTER),
        (408, "", Outcome.TIMEOUT),
        (500, "", Outcome.SERVER_ERROR),
        (529, "overloaded", Outcome.SERVER_ERROR),
        (418, "", Outcome.BAD_REQUEST),
    ],
)
def test_every_status_has_a_name(status: int, text: str, outcome: Outcome) -> None:
    assert outcome_of_status(status, text) is outcome


@pytest.mark.parametrize(
    "text",
    [
        "Illegal header value b'Bearer my-secret-key-1'",
        "Incorrect API key provided: sk-proj-abcdefghij",
        "authorization: bearer eyJhbGciOi.J9",
        "proxy at http://user:hunter2@example.org failed",
    ],
)
def test_keys_are_taken_out_of_error_texts(text: str) -> None:
    clean = redact(text, ["my-secret-key-1"])
    assert "***" in clean
    assert not any(key in clean for key in ("my-secret-key-1", "abcdefghij", "eyJ", "hunter2"))


def test_a_dummy_key_does_not_eat_words_of_the_story() -> None:
    assert redact_known("She wanted none of it.", ["none"]) == "She wanted none of it."
    assert redact_known("It is sk-0123456789abcdef.", ["sk-0123456789abcdef"]) == "It is ***."


def test_long_errors_are_cut() -> None:
    assert len(shorten("<p>trouble</p>\n" * 1000)) < 700


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
        ({"x-ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-reset": str(int(NOON.timestamp()) + 45)}, 45.0),
        ({"ratelimit-reset": "12"}, 12.0),
        ({"anthropic-ratelimit-requests-reset": "2026-03-01T12:00:20Z"}, 20.0),
        ({"x-ratelimit-reset-requests": "9s", "x-ratelimit-remaining-requests": "3"}, None),
        ({"x-ratelimit-reset-requests": "9s", "x-ratelimit-remaining-requests": "0"}, 9.0),
        ({"x-ratelimit-reset-requests": "9s", "retry-after": "2"}, 2.0),
        ({"x-ratelimit-reset-requests": "later"}, None),
    ],
)
def test_a_used_up_limit_says_when_it_is_fresh(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOON, is_limit=True) == seconds
    if "retry-after" not in headers:
        assert retry_after_s(headers, NOON) is None, "endpoints send these with every answer"
