"""``app``: the dashboard, in this process or as one beside it."""

import asyncio
import ipaddress
import os
import runpy
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import chorus
from chorus.access import configured_access
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import say
from chorus.errors import EmbeddedError, InvalidInput
from chorus.logs import open_log
from chorus.pipeline.claim import is_dead, this_process
from chorus.settings import trust_proxies

if TYPE_CHECKING:
    from chorus.embedded import WorkerKeeper

LOCAL = "127.0.0.1"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
SUPERVISOR_LOOKED_AT_S = 0.5


def serve(
    address: str,
    port: int,
    supervisor: str | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
) -> int:
    """Be the dashboard, and look after one worker; both end with the ``supervisor``, if there is one.

    The database is opened first, so that the first page finds it warm.
    """
    check_certificate(tls_cert, tls_key)
    ensure_free(address, port)
    command = _command(address, port, tls_cert, tls_key)
    access = configured_access()
    trust_proxies(access.proxies)  # uvicorn, which Streamlit starts, would believe whoever is on this machine
    keeper = run(_warm_up())
    keeper.start()
    if supervisor:
        threading.Thread(target=_end_with, args=(supervisor,), daemon=True).start()
    say(f"The dashboard: {url_of(address, port, scheme='https' if tls_cert else 'http')} (Ctrl-C ends it)")
    if not (access.tokens or is_loopback(address)):
        say("Nobody on another machine can use it before CHORUS_API_TOKENS is set: .env.example says how.", "yellow")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, bow)  # the server raises again what it was ended by
    _, _, module, *sys.argv[1:] = command
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        keeper.stop()
    return 0


def bow(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave in good order when a signal says so."""
    raise SystemExit(0)


def _end_with(supervisor: str) -> None:
    """End this process when that one is gone, however it went."""
    while not is_dead(supervisor):
        time.sleep(SUPERVISOR_LOOKED_AT_S)
    os.kill(os.getpid(), signal.SIGTERM)


async def _warm_up() -> "WorkerKeeper":
    from chorus.embedded import EmbeddedPostgres, WorkerKeeper

    async with opened() as studio:
        system, embedded = studio.config.system, studio.config.uses_embedded_database
    postgres = EmbeddedPostgres(system.home)
    return WorkerKeeper(system.home, this_process(), may_start=lambda: embedded and not postgres.was_stopped())


def ensure_free(address: str, port: int) -> None:
    """Make sure that nobody serves there.

    Raises:
        InvalidInput: somebody does, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError as error:
            raise InvalidInput(f"Port {port} is not yours to serve on: choose one above 1023 with --port.") from error
        except OSError as error:
            raise InvalidInput(
                f"Port {port} on {address} is taken: choose another with --port, such as --port {port % 65535 + 1}."
            ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_certificate(tls_cert: Path | None, tls_key: Path | None) -> None:
    """See that there is a key with the certificate, and that both can be used."""
    if (tls_cert is None) is not (tls_key is None):
        raise InvalidInput("--tls-cert and --tls-key belong together: give both, or neither.")
    if tls_cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls_cert, tls_key)
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(f"--tls-cert and --tls-key cannot be used: {error.strerror or error}.") from error


def url_of(address: str, port: int, page: str = "", *, scheme: str = "http", **parameters: object) -> str:
    """Where a page of the dashboard is."""
    host = f"[{address}]" if ":" in address else address
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{scheme}://{host}:{port}/{page}{query}"


def _command(address: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None) -> list[str]:
    script = Path(chorus.__file__).resolve().parent.parent / "app.py"
    if not script.exists():
        raise InvalidInput(f"There is no {script}: the dashboard is served from a clone of the repository.")
    options: dict[str, object] = {
        "server.address": address,
        "server.port": port,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    if tls_cert and tls_key:
        options |= {"server.sslCertFile": tls_cert.resolve(), "server.sslKeyFile": tls_key.resolve()}
    flags = [flag for name, value in options.items() for flag in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


class Dashboard:
    """The dashboard as a child process with its output in a file."""

    def __init__(self, home: Path, port: int) -> None:
        """Start it."""
        self.port = port
        with open_log(home, "app") as log:
            self._log = log.name
            command = [sys.executable, "-m", "chorus", "app", "--port", str(port), "--supervisor", this_process()]
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def until_up(self) -> None:
        """Return once it answers, or raise EmbeddedError."""
        for _ in range(START_TIMEOUT_S * 5):
            if self._process.poll() is not None:
                break
            if await asyncio.to_thread(_answers, url_of(LOCAL, self.port, "_stcore/health")):
                return
            await asyncio.sleep(0.2)
        raise EmbeddedError(f"The dashboard does not start: {self._log} says why.")

    async def until_over(self) -> None:
        """Return when it has ended by itself."""
        while self._process.poll() is None:  # noqa: ASYNC110 - there is nobody who could set an event
            await asyncio.sleep(0.5)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _answers(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
