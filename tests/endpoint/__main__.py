"""``python -m tests.endpoint --port 0 --latency 0.5``: serve until killed; the first line of output is the port."""

import argparse
import threading
from pathlib import Path

from tests.endpoint import EndpointServer, mixed_faults


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds from request to last byte")
    parser.add_argument("--log", type=Path, help="append one JSON line per chat completion")
    parser.add_argument("--model", action="append", help="a model to list; may be given more than once")
    parser.add_argument("--faults", type=float, default=0.0, help="share of calls that get a fault, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="which calls those are")
    asked = parser.parse_args()
    server = EndpointServer(
        port=asked.port,
        latency_s=asked.latency,
        log=asked.log,
        models=tuple(asked.model or ["test-model"]),
        faults=mixed_faults(asked.faults, asked.seed) if asked.faults else (),
    )
    with server:
        print(server.port, flush=True)  # noqa: T201 - the caller reads it
        threading.Event().wait()


if __name__ == "__main__":
    main()
