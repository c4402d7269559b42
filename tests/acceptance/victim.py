"""A process that works on a run and kills itself, with SIGKILL, when it has passed a failpoint so often."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from chorus.cli import main
from chorus.failpoints import Failpoint, arm
from chorus.settings import AgentModelConfig, ChorusConfig, DatabaseConfig, EmbeddingConfig, LLMConfig, SystemConfig
from chorus.studio import open_studio


def config_of(database_url: str, endpoint_url: str, home: Path) -> ChorusConfig:
    """Everything, the vectors too, comes from the endpoint: a process that dies soon should start soon."""
    return ChorusConfig(
        database=DatabaseConfig(url=database_url),
        llm=LLMConfig(api_base=endpoint_url, api_key=SecretStr("canary-key")),
        embedding=EmbeddingConfig(api_base=endpoint_url, api_key=SecretStr("canary-key"), model="vectors"),
        agents=AgentModelConfig(story_architect_model="test-model"),
        system=SystemConfig(home=home),
    )


def work(config: ChorusConfig, run_id: UUID, point: Failpoint, passes: int) -> None:
    """Work on a run; die at the failpoint's next but ``passes``-th reaching."""
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it is about to die
    arm(point, _killer(passes))
    asyncio.run(_work(config, run_id))


def _killer(passes: int) -> Callable[[], None]:
    left = iter(range(passes))

    def reached() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


async def _work(config: ChorusConfig, run_id: UUID) -> None:
    async with open_studio(config) as studio:
        await studio.work_on(run_id)


_IMPORTED_LATE = [
    "chorus.pipeline.runner",
    "chorus.cli.experimenting",
    "chorus.llm.openai_wire",
    "openai.resources",
    "httpcore2",
    "anyio._backends._asyncio",
    "truststore",
    "structlog",
    "rich.traceback",
]
"""What a run imports when it first needs it: half of a short life, if each victim did so anew."""


def command(arguments: Sequence[str], environment: Mapping[str, str], out: Path) -> None:
    """Be ``chorus`` with these arguments; what it says goes to a file."""
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout = out.open("w", encoding="utf-8")
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it is about to end
    code = main(arguments)
    sys.stdout.flush()
    sys.exit(code)


class Victims:
    """Starts victims quickly: from a server that has imported everything and holds no threads."""

    def __init__(self) -> None:
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.acceptance.victim", *_IMPORTED_LATE])

    def die(self, config: ChorusConfig, run_id: UUID, point: Failpoint, passes: int) -> bool:
        """Let one work until it dies; False if it was done before it came to that."""
        process: BaseProcess = self._context.Process(target=work, args=(config, run_id, point, passes), daemon=True)
        process.start()
        process.join(60)
        assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
        return process.exitcode != 0

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path) -> BaseProcess:
        """Start ``chorus`` as a process that somebody else may kill."""
        process: BaseProcess = self._context.Process(target=command, args=(arguments, environment, out), daemon=True)
        process.start()
        return process
