"""What a container asks itself is answered by a server that serves, and by no other."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chorus.api.alive import is_alive


@contextmanager
def serving(status: int, body: bytes) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "alive"),
    [
        (200, json.dumps({"status": "ok"}).encode(), True),
        (503, json.dumps({"status": "unavailable"}).encode(), False),
        (200, b"<!doctype html>", False),
    ],
)
def test_only_a_server_that_serves_is_alive(status: int, body: bytes, alive: bool) -> None:
    with serving(status, body) as port:
        assert is_alive(port) is alive
    assert not is_alive(port)
