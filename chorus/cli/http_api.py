"""``api``: the HTTP API as a server of its own."""

import signal

from chorus.cli.dashboard import bow, ensure_free, url_of
from chorus.cli.terminal import say


def serve(host: str, port: int) -> int:
    """Serve until somebody ends it; the database may come later."""
    from chorus.logs import set_up
    from chorus.settings import load_config

    set_up(load_config(), foreground=False)
    ensure_free(host, port)
    from chorus.api.serve import serve as serve_api

    say(f"The API: {url_of(host, port, 'api/docs')} (Ctrl-C ends it)")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, bow)
    try:
        serve_api(host, port)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0
