"""Who is let in: this machine, or whoever brings a token of the right role (part of bars 4 and 8)."""

import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from chorus.access import is_near
from chorus.api.app import create_app
from chorus.api.door import Doorkeeper, needed_for
from chorus.settings import AccessConfig, Role

TOKENS = tuple((role, SecretStr(f"{role.value}-of-the-house-canary")) for role in Role)
NOBODY = AccessConfig(tokens=(), hosts=())
HOUSE = AccessConfig(tokens=TOKENS, hosts=())


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("in")(scope, receive, send)


async def status_of(
    door: Doorkeeper, method: str = "GET", path: str = "/api/stories", client: str = "127.0.0.1", **headers: str
) -> int:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        said.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await door({"type": "http", "method": method, "path": path, "client": (client, 5), "headers": raw}, receive, send)
    return int(said[0]["status"])


def bearer(role: Role) -> str:
    return f"Bearer {dict(TOKENS)[role].get_secret_value()}"


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_without_tokens_this_machine_may_ask(client: str) -> None:
    assert await status_of(Doorkeeper(inside, NOBODY), client=client) == 200


@pytest.mark.parametrize("client", ["10.0.0.7", "2001:db8::1", "::ffff:10.0.0.7", "nonsense"])
async def test_without_tokens_no_other_machine_may(client: str) -> None:
    door = Doorkeeper(inside, NOBODY)
    assert await status_of(door, client=client) == 403
    assert await status_of(door, client=client, path="/health") == 200


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
async def test_what_a_proxy_passed_on_is_not_from_here(header: str) -> None:
    assert await status_of(Doorkeeper(inside, NOBODY), **{header: "10.0.0.7"}) == 403


ROUTES = sorted(
    (method.upper(), path) for path, methods in create_app().openapi()["paths"].items() for method in methods
)


@pytest.mark.parametrize("role", [None, *Role])
async def test_every_route_wants_its_role(role: Role | None) -> None:
    door = Doorkeeper(inside, HOUSE)
    told = {"authorization": bearer(role)} if role else {}
    for method, path in ROUTES:
        status = await status_of(door, method, path, **told)
        if path == "/health":
            assert status == 200
        elif role is None:
            assert status == 401, (method, path)
        else:
            assert status == (200 if role.may(needed_for(method, path)) else 403), (role, method, path)


@pytest.mark.parametrize("wrong", ["Bearer nobody", "Basic eDp5", "Bearer ", "", "bearer", "Bearer \u00e9"])
async def test_a_wrong_token_is_none(wrong: str) -> None:
    assert await status_of(Doorkeeper(inside, HOUSE), authorization=wrong) == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("chorus.example.org", 200),
        ("Chorus.Example.Org:8502", 200),
        ("[::1]:8502", 200),
        ("evil.example", 421),
        ("", 421),
    ],
)
async def test_only_known_names_are_answered(host: str, status: int) -> None:
    door = Doorkeeper(inside, AccessConfig(tokens=(), hosts=("chorus.example.org", "::1")))
    assert await status_of(door, host=host) == status


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "chorus.localhost", ""])
async def test_without_tokens_this_machine_asks_under_a_name_of_its_own(host: str) -> None:
    assert await status_of(Doorkeeper(inside, NOBODY), host=host) == 200


async def test_a_name_that_was_made_to_lead_here_is_none() -> None:
    door = Doorkeeper(inside, NOBODY)
    assert await status_of(door, host="evil.example:8501") == 421
    assert await status_of(door, host="evil.example:8501", path="/health") == 200
    assert await status_of(Doorkeeper(inside, HOUSE), host="any.example", authorization=bearer(Role.VIEWER)) == 200


@pytest.mark.parametrize(
    "of_a_page",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
    ],
)
async def test_a_page_of_another_site_changes_nothing(of_a_page: dict[str, str]) -> None:
    door = Doorkeeper(inside, NOBODY)
    assert await status_of(door, "POST", host="localhost:8501", **of_a_page) == 403
    assert await status_of(door, "DELETE", host="localhost:8501", **of_a_page) == 403
    token = {"authorization": bearer(Role.EDITOR)}
    assert await status_of(Doorkeeper(inside, HOUSE), "POST", host="localhost:8501", **of_a_page, **token) == 200


@pytest.mark.parametrize("of_a_page", [{"sec_fetch_site": "same-origin"}, {"origin": "http://localhost:8501"}, {}])
async def test_a_page_of_ours_may_write(of_a_page: dict[str, str]) -> None:
    assert await status_of(Doorkeeper(inside, NOBODY), "POST", host="localhost:8501", **of_a_page) == 200


def test_a_request_without_an_address_is_from_here() -> None:
    assert is_near(None, Headers({}))


def test_tokens_are_read_by_role_and_shown_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_API_TOKENS", "viewer=aaaaaaaaaaaaaaaa, admin=bbbbbbbbbbbbbbbb,admin=cccccccccccccccc")
    monkeypatch.setenv("CHORUS_API_HOSTS", "a.example, b.example")
    access = AccessConfig()
    assert [role for role, _ in access.tokens] == [Role.VIEWER, Role.ADMIN, Role.ADMIN]
    assert access.hosts == ("a.example", "b.example")
    assert "aaaa" not in repr(access)


@pytest.mark.parametrize("wrong", ["aaaaaaaaaaaaaaaa", "owner=aaaaaaaaaaaaaaaa", "viewer=short"])
def test_tokens_that_are_none_are_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHORUS_API_TOKENS", wrong)
    with pytest.raises(ValueError, match="16 characters"):
        AccessConfig()
