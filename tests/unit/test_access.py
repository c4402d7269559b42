"""Tokens, signed sessions and the pace of who asks."""

import pytest
from pydantic import SecretStr

from chorus.access import MOST_REMEMBERED, Pace, configured_access, role_of_session, role_of_token, session_of
from chorus.settings import AccessConfig, Role

EDITOR = "editor-of-the-house-canary"
HOUSE = AccessConfig(tokens=((Role.VIEWER, SecretStr("viewer-of-the-house")), (Role.EDITOR, SecretStr(EDITOR))))


def test_a_session_is_as_good_as_its_token_until_it_is_over() -> None:
    session = session_of(EDITOR, now_s=1_000)
    assert EDITOR not in session
    assert role_of_session(HOUSE, session, now_s=1_001) is Role.EDITOR
    assert role_of_session(HOUSE, session, now_s=1_000 + 13 * 3600) is None
    assert role_of_session(AccessConfig(tokens=()), session, now_s=1_001) is None


@pytest.mark.parametrize(
    "forged", ["", ".", "x", "9999999999.", "9999999999.00", "²." + "0" * 64, "1" * 400, "\udcff."]
)
def test_a_forged_session_is_none(forged: str) -> None:
    assert role_of_session(HOUSE, forged, now_s=0) is None


def test_a_session_cannot_be_made_longer() -> None:
    until, _, signature = session_of(EDITOR, now_s=0).partition(".")
    assert role_of_session(HOUSE, f"{int(until) + 1}.{signature}", now_s=0) is None


@pytest.mark.parametrize("token", ["", "x", EDITOR[:-1], EDITOR + "x", "\udcff"])
def test_what_is_nearly_a_token_is_none(token: str) -> None:
    assert role_of_token(HOUSE, token) is None


def test_a_minutes_worth_may_come_at_once_and_then_in_its_time() -> None:
    now = [0.0]
    pace = Pace(60, clock=lambda: now[0])
    assert [pace.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert pace.wait_s("a") == pytest.approx(1)
    assert pace.wait_s("b") == 0
    now[0] = 1.0
    assert pace.wait_s("a") == 0
    assert pace.wait_s("a") == pytest.approx(1)


def test_no_more_are_remembered_than_there_is_room_for() -> None:
    pace = Pace(60, clock=lambda: 0.0)
    for number in range(MOST_REMEMBERED + 50):
        pace.wait_s(str(number))
    assert len(pace._due_s) == MOST_REMEMBERED


def test_what_else_is_set_wrong_forgets_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_API_TOKENS", f"editor={EDITOR}")
    monkeypatch.setenv("CHORUS_API_HOSTS", "chorus.example")
    monkeypatch.setenv("OPENAI_API_BASE", "nonsense")
    access = configured_access()
    assert (role_of_token(access, EDITOR), access.hosts) == (Role.EDITOR, ("chorus.example",))


def test_tokens_that_cannot_be_read_let_nobody_in(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CHORUS_API_TOKENS", "editor=short")
    access = configured_access()
    assert access.tokens
    assert role_of_token(access, "short") is None
    assert "CHORUS_API_TOKENS" in caplog.text
    assert "short" not in caplog.text
