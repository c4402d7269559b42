"""``python -m tests.endpoint --port 0 --latency 0.5``: serve until killed; the first line of output is the port."""

import argparse
import threading
from pathlib import Path

from tests.endpoint import EndpointServer, Limits, mixed_faults


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds from request to last byte")
    parser.add_argument("--log", type=Path, help="append one JSON line per chat completion")
    parser.add_argument("--model", action="append", help="a model to list; may be given more than once")
    parser.add_argument("--faults", type=float, default=0.0, help="share of calls that get a fault, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="which calls those are")
    parser.add_argument("--in-flight", type=int, help="more calls than this at once get a 429")
    parser.add_argument("--limit", type=int, help="more calls than this in any window get a 429")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of that window")
    parser.add_argument("--outage", type=float, nargs=2, action="append", default=[], help="from and to, in seconds")
    parser.add_argument("--retry-after", help="sent with a 429 of a limit, as it is")
    asked = parser.parse_args()
    server = EndpointServer(
        port=asked.port,
        latency_s=asked.latency,
        log=asked.log,
        models=tuple(asked.model or ["test-model"]),
        faults=mixed_faults(asked.faults, asked.seed) if asked.faults else (),
    )
    server.limits = Limits(
        in_flight=asked.in_flight,
        per_window=(asked.limit, asked.window) if asked.limit else None,
        outages=tuple((start, end) for start, end in asked.outage),
        retry_after=asked.retry_after,
    )
    with server:
        print(server.port, flush=True)  # noqa: T201 - the caller reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
