"""API and app over TLS with a certificate of our own: a wrong host, a missing token, an oversized body are refused."""

import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from chorus.api.alive import is_alive
from tests.acceptance.conftest import Terminal
from tests.pooler import require_program

TOKEN = "editor-of-the-house-canary"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    openssl = require_program("openssl", shutil.which("openssl"))
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def until_up(client: httpx.Client) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            client.get("/health")
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def until_alive(port: int) -> None:
    """Wait until a container would be called healthy: it asks over TLS, and the studio is open."""
    deadline = time.monotonic() + 60
    while not is_alive(port):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_https_lets_in_who_may_and_nobody_else(terminal: Terminal, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    terminal.environment |= {"CHORUS_API_TOKENS": f"editor={TOKEN}", "CHORUS_API_HOSTS": "localhost"}
    port = free_port()
    terminal.start("api", "--port", str(port), "--tls-cert", str(cert), "--tls-key", str(key))
    trusted = ssl.create_default_context(cafile=cert)
    with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, timeout=30) as client:
        until_up(client)
        told = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/stories", headers=told).status_code == 200
        assert client.get("/api/stories").status_code == 401
        assert client.delete("/api/stories", headers=told).status_code == 403
        assert "max-age" in client.get("/api/stories", headers=told).headers["Strict-Transport-Security"]
        assert client.get("/api/stories", headers={**told, "Host": "evil.example"}).status_code == 421
        refused = client.post("/api/stories", content=b"x" * 2_000_000, headers=told)
        assert refused.status_code == 413
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://localhost:{port}/health", timeout=10)


def test_the_app_over_https_is_for_who_has_signed_in(terminal: Terminal, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    terminal.environment |= {"CHORUS_API_TOKENS": f"editor={TOKEN}", "CHORUS_API_HOSTS": "localhost"}
    port = free_port()
    terminal.start("app", "--port", str(port), "--tls-cert", str(cert), "--tls-key", str(key))
    trusted = ssl.create_default_context(cafile=cert)
    with httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, timeout=30) as client:
        until_up(client)
        until_alive(port)
        assert client.get("/stories").headers["Location"] == "/sign-in?next=%2Fstories"
        assert client.post("/sign-in", data={"token": "nobody's token"}).status_code == 401
        assert client.post("/sign-in", content=b"x" * 100_000).status_code == 401
        assert client.get("/stories", headers={"Host": "evil.example"}).status_code == 421
        entered = client.post("/sign-in", params={"next": "/stories"}, data={"token": TOKEN})
        assert (entered.status_code, entered.headers["Location"]) == (303, "/stories")
        assert "Secure" in entered.headers["Set-Cookie"]
        page = client.get("/stories")
        assert "<title>" in page.text
        assert "max-age" in page.headers["Strict-Transport-Security"]
        assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
        assert client.get("/api/stories").status_code == 401
        told = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/stories", headers=told).status_code == 200
        assert client.post("/api/stories", headers=told, content=b"x" * 2_000_000).status_code == 413
        assert client.get("/api/stories", headers={**told, "Host": "evil.example"}).status_code == 421


def test_an_api_for_the_network_wants_tokens_first(terminal: Terminal, certificate: tuple[Path, Path]) -> None:
    said = terminal.chorus("api", "--host", "0.0.0.0")  # noqa: S104 - that is what is refused
    assert said.code != 0
    assert "CHORUS_API_TOKENS" in said.err
    half = terminal.chorus("api", "--tls-cert", str(certificate[0]))
    assert "belong together" in half.err
