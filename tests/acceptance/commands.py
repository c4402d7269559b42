"""``chorus`` commands as processes that need not load Chorus anew: each is forked from one that has loaded it.

Loading takes longer than most commands do. What is tested of starting itself, of signals and of kills is started as a
user would (``Terminal.start``); this is for commands that say something and end.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

_LOADED = (
    "import chorus.studio, chorus.cli.commands, chorus.cli.outcome, chorus.pipeline.runner, chorus.llm.openai_wire"
)


@dataclass
class Commands:
    """Runs ``chorus`` commands; the process they are forked from starts with the first, and ends with this one."""

    _mother: "subprocess.Popen[bytes] | None" = None

    def run(
        self, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, stdin: str, timeout_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; raises ``TimeoutExpired`` when it takes too long, and ends it."""
        with tempfile.TemporaryDirectory(prefix="chorus-cli-") as name:
            place = Path(name)
            (place / "stdin").write_text(stdin, encoding="utf-8")
            order = {"arguments": arguments, "environment": dict(environment), "folder": str(folder), "place": name}
            with self._connected() as line:
                line.settimeout(timeout_s)
                line.sendall(json.dumps(order).encode() + b"\n")
                told = line.makefile(encoding="utf-8")
                pid = int(told.readline())
                try:
                    code = int(told.readline())
                except TimeoutError:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(arguments), timeout_s) from None
            out, err = ((place / each).read_text(encoding="utf-8") for each in ("stdout", "stderr"))
        return subprocess.CompletedProcess(list(arguments), code, out, err)

    @cached_property
    def _home(self) -> "tempfile.TemporaryDirectory[str]":
        """Where the socket is; made by whoever runs commands, and gone with them."""
        return tempfile.TemporaryDirectory(prefix="chorus-cli-", ignore_cleanup_errors=True)

    @property
    def _address(self) -> str:
        return f"{self._home.name}/socket"

    def _connected(self) -> socket.socket:
        if self._mother is None or self._mother.poll() is not None:
            mother = [sys.executable, "-c", f"{_LOADED}\nfrom tests.acceptance.commands import serve\nserve()"]
            root = str(Path(__file__).parents[2])
            plain = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": root}
            self._mother = subprocess.Popen(
                [*mother, self._address], env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert self._mother.stdout is not None
            self._mother.stdout.readline()
        line = socket.socket(socket.AF_UNIX)
        line.connect(self._address)
        return line


def serve() -> NoReturn:
    """Fork a process for each order that comes, until whoever began this one is gone."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(sys.argv[1])
    listening.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if os.fork() == 0:  # waits for the end of whoever began us, whose death closes the pipe
        sys.stdin.buffer.read()
        os.kill(os.getppid(), signal.SIGTERM)
        os._exit(0)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        line, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _keep(line)
        line.close()


def _keep(line: socket.socket) -> NoReturn:
    """Start the command, wait for it, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order = json.loads(line.makefile(encoding="utf-8").readline())
    pid = os.fork()
    if pid == 0:
        line.close()
        _become(order["arguments"], order["environment"], order["folder"], Path(order["place"]))
    line.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str], folder: str, place: Path) -> NoReturn:
    """Be ``chorus`` with these arguments, in a process group of its own."""
    from chorus.cli import main

    os.setpgrp()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        opened = os.open(place / name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    modes = ("r", "w", "w")
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, encoding="utf-8") for n, mode in enumerate(modes))
    sys.argv = ["chorus", *arguments]
    code: object = 1
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


COMMANDS = Commands()
