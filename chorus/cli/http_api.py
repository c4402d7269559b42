"""``api``: the HTTP API as a server of its own."""

import ipaddress
import signal
import ssl
from pathlib import Path

from chorus.cli.dashboard import bow, ensure_free, url_of
from chorus.cli.terminal import say
from chorus.errors import ConfigError, InvalidInput


def serve(host: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None) -> int:
    """Serve until somebody ends it; the database may come later."""
    from chorus.logs import set_up
    from chorus.settings import load_config

    config = load_config()
    if not (config.access.tokens or is_loopback(host)):
        raise ConfigError(
            f"CHORUS_API_TOKENS: set it before the API listens on {host}, so that not everybody on the network may ask."
        )
    _check(tls_cert, tls_key)
    set_up(config, foreground=False)
    ensure_free(host, port)
    from chorus.api.serve import serve as serve_api

    address = url_of(host, port, "api/docs")
    say(f"The API: {address.replace('http://', 'https://', 1) if tls_cert else address} (Ctrl-C ends it)")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, bow)
    try:
        serve_api(host, port, tls_cert=tls_cert, tls_key=tls_key)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(tls_cert: Path | None, tls_key: Path | None) -> None:
    """See that there is a key with the certificate, and that both can be used."""
    if (tls_cert is None) is not (tls_key is None):
        raise InvalidInput("--tls-cert and --tls-key belong together: give both, or neither.")
    if tls_cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls_cert, tls_key)
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(f"--tls-cert and --tls-key cannot be used: {error.strerror or error}.") from error
