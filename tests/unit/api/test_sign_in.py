"""The dashboard's door: nothing of it is served to who has not signed in, and nobody is sent elsewhere."""

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from chorus.access import COOKIE, session_of
from chorus.api.sign_in import TRIES_PER_MINUTE, FrontDoor
from chorus.settings import AccessConfig, Role

VIEWER = "viewer-of-the-house-canary"
HOUSE = AccessConfig(tokens=((Role.VIEWER, SecretStr(VIEWER)),), hosts=("chorus.example",))


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def visitor(
    access: AccessConfig, address: str = "10.0.0.7", scheme: str = "http", host: str = "chorus.example"
) -> TestClient:
    house = Starlette(routes=[WebSocketRoute("/_stcore/stream", socket), Route("/{path:path}", page)])
    house.add_middleware(FrontDoor, access=access)
    return TestClient(house, f"{scheme}://{host}", client=(address, 5), follow_redirects=False)


def sign_in(client: TestClient, token: str = VIEWER, wanted: str = "/read") -> httpx2.Response:
    return client.post("/sign-in", params={"next": wanted}, data={"token": token})


@pytest.mark.parametrize("path", ["/", "/read?story_id=7", "/static/x.js", "/media/1.pdf", "/_stcore/host-config"])
def test_nothing_is_served_before_signing_in(path: str) -> None:
    answer = visitor(HOUSE).get(path)
    assert (answer.status_code, answer.text) == (303, "")
    assert answer.headers["Location"].startswith("/sign-in?next=%2F")


def test_no_socket_is_opened_before_signing_in() -> None:
    client = visitor(HOUSE)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://chorus.example/_stcore/stream"):
        pass
    assert sign_in(client).status_code == 303
    with client.websocket_connect("ws://chorus.example/_stcore/stream"):
        pass


def test_who_has_signed_in_comes_to_the_page_they_wanted() -> None:
    client = visitor(HOUSE, scheme="https")
    answer = sign_in(client, wanted="/read?story_id=7")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/read?story_id=7")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(cookie.split("; "))
    assert VIEWER not in cookie
    assert client.get("/read").text == "inside"
    assert client.get("/sign-out").status_code == 303
    assert client.get("/read").status_code == 303


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\r\nX: 1", "read"]
)
def test_nobody_is_sent_elsewhere(elsewhere: str) -> None:
    assert sign_in(visitor(HOUSE), wanted=elsewhere).headers["Location"] == "/"


def test_a_wrong_token_is_told_and_not_tried_for_ever() -> None:
    client = visitor(HOUSE)
    tries = [sign_in(client, "nobody's token") for _ in range(TRIES_PER_MINUTE + 1)]
    assert [answer.status_code for answer in tries] == [401] * TRIES_PER_MINUTE + [429]
    assert "not known" in tries[0].text
    assert "Set-Cookie" not in tries[0].headers
    assert int(tries[-1].headers["Retry-After"]) > 0
    assert sign_in(visitor(HOUSE), "x" * 10_000).status_code == 401


def test_a_session_of_another_token_is_none() -> None:
    client = visitor(HOUSE)
    client.cookies.set(COOKIE, session_of("a token that was taken away"))
    assert client.get("/").status_code == 303


def test_a_wrong_name_is_refused() -> None:
    client = visitor(HOUSE)
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/_stcore/health", headers={"Host": "127.0.0.1:8501"}).text == "inside"


def test_without_tokens_only_this_machine_comes_in() -> None:
    nobody = AccessConfig(tokens=(), hosts=())
    assert visitor(nobody, "127.0.0.1", host="localhost:8501").get("/").text == "inside"
    for away in (visitor(nobody).get("/"), visitor(nobody, "::1").get("/", headers={"X-Forwarded-For": "10.0.0.7"})):
        assert away.status_code == 403
        assert "CHORUS_API_TOKENS" in away.text


def test_without_tokens_no_foreign_name_leads_in() -> None:
    client = visitor(AccessConfig(tokens=(), hosts=()), "127.0.0.1", host="evil.example:8501")
    assert client.get("/").status_code == 421
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://evil.example:8501/_stcore/stream"):
        pass


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/x.js", "/_stcore/health"])
def test_no_other_site_may_frame_the_dashboard(path: str) -> None:
    client = visitor(HOUSE)
    sign_in(client)
    headers = client.get(path).headers
    assert headers["X-Frame-Options"] in {"SAMEORIGIN", "DENY"}
    assert "frame-ancestors" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_over_tls_it_is_to_stay_tls() -> None:
    for path in ("/", "/sign-in"):
        assert "max-age" in visitor(HOUSE, scheme="https").get(path).headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "of_a_page",
    [{"Origin": "http://localhost:3000"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_page_of_another_site_opens_no_socket_and_sends_nothing(of_a_page: dict[str, str]) -> None:
    nobody = AccessConfig(tokens=(), hosts=())
    for client in (visitor(nobody, "127.0.0.1", host="localhost:8501"), visitor(HOUSE)):
        sign_in(client)
        url = str(client.base_url).replace("http:", "ws:") + "/_stcore/stream"
        with client.websocket_connect(url, headers={"Origin": str(client.base_url)}):
            pass
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(url, headers=of_a_page):
            pass
        assert client.put("/_stcore/upload_file/x", headers=of_a_page).status_code == 403
        assert client.get("/read", headers=of_a_page).text == "inside"  # a link is anybody's to follow


def test_a_browser_that_wants_the_documentation_is_led_to_the_door() -> None:
    client = visitor(HOUSE)
    browser = {"Accept": "text/html,*/*"}
    assert client.get("/api/docs", headers=browser).headers["Location"] == "/sign-in?next=%2Fapi%2Fdocs"
    assert client.get("/api/docs").text == "inside"
    assert client.get("/api/docs", headers={**browser, "Authorization": "Bearer x"}).text == "inside"
    sign_in(client)
    assert client.get("/api/docs", headers=browser).text == "inside"
