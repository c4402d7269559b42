"""``api``: the HTTP API as a server of its own."""

import signal
from pathlib import Path

from chorus.cli.dashboard import bow, check_certificate, ensure_free, is_loopback, url_of
from chorus.cli.terminal import say
from chorus.errors import ConfigError


def serve(host: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None) -> int:
    """Serve until somebody ends it; the database may come later."""
    from chorus.logs import set_up
    from chorus.settings import load_config

    config = load_config()
    if not (config.access.tokens or is_loopback(host)):
        raise ConfigError(
            f"CHORUS_API_TOKENS: set it before the API listens on {host}, so that not everybody on the network may ask."
        )
    check_certificate(tls_cert, tls_key)
    set_up(config, foreground=False)
    ensure_free(host, port)
    from chorus.api.serve import serve as serve_api

    say(f"The API: {url_of(host, port, 'api/docs', scheme='https' if tls_cert else 'http')} (Ctrl-C ends it)")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, bow)
    try:
        serve_api(host, port, tls_cert=tls_cert, tls_key=tls_key)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
