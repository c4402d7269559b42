"""PgBouncer as Debian has it, in transaction pooling before a server that is reached by a socket."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

POOL_SIZE = 20
"""Connections to the server at most."""
START_S = 20.0


def find_pgbouncer() -> str | None:
    """Where the program is; Debian puts it where only root looks."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


def require_program(name: str, found: str | None) -> str:
    """Give what was found; a test that needs it is skipped where there is none, and fails in CI."""
    if found:
        return found
    if os.environ.get("CHORUS_BROWSER_TESTS") == "required":
        pytest.fail(f"{name} is required here: apt-get install {name}")
    pytest.skip(f"needs {name}")


@contextmanager
def pooled(url: str, program: str) -> Iterator[str]:
    """Start one before the server at this URL, and tell its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = conninfo_to_dict(url.replace("+psycopg", ""))
    owner = Path(str(known["host"])).stat().st_uid  # who alone may open the socket; PgBouncer refuses to be root
    with tempfile.TemporaryDirectory(prefix="chorus-pool-") as home:
        Path(home).chmod(0o755)
        config = Path(home) / "pgbouncer.ini"
        config.write_text(
            f"[databases]\nchorus = host={known['host']} dbname={known['dbname']} user={known['user']}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = transaction\nmax_client_conn = 500\ndefault_pool_size = {POOL_SIZE}\n"
        )
        config.chmod(0o644)
        account = owner if os.geteuid() == 0 else None
        with subprocess.Popen([program, "-q", str(config)], user=account, stderr=subprocess.DEVNULL) as process:
            try:
                _until_it_listens(process, port)
                yield f"postgresql+psycopg://chorus@127.0.0.1:{port}/chorus"
            finally:
                process.terminate()


def _until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("PgBouncer does not start")
