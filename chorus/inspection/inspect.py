"""All inspections at once, each with a limit of its own: one part that hangs keeps no other waiting."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from chorus import __version__
from chorus.errors import ChorusError, ConfigError
from chorus.inspection.benchmarks import inspect_checking
from chorus.inspection.database import inspect_database
from chorus.inspection.machine import inspect_home, inspect_packages, inspect_ports, inspect_python
from chorus.inspection.models import inspect_agents, inspect_embedder, inspect_model
from chorus.inspection.report import Area, Condition, Part, Report
from chorus.inspection.work import inspect_work
from chorus.redaction import redact
from chorus.settings import ChorusConfig, load_config


@dataclass(frozen=True)
class _Look:
    """One inspection: what it looks at, in case it never says, and how long it may take."""

    area: Area
    name: str
    look: Callable[[ChorusConfig], Awaitable[Sequence[Part]]]
    limit_s: float = 10.0


_LOOKS: tuple[_Look, ...] = (
    _Look(Area.MACHINE, "home", inspect_home),
    _Look(Area.MACHINE, "ports", inspect_ports),
    _Look(Area.DATABASE, "database", inspect_database, 20.0),
    _Look(Area.MODELS, "model", inspect_model, 60.0),
    _Look(Area.MODELS, "agents", inspect_agents, 20.0),
    _Look(Area.MODELS, "embedder", inspect_embedder, 60.0),
    _Look(Area.MODELS, "checking", inspect_checking),
    _Look(Area.WORK, "queue", inspect_work),
)


async def inspect(config: ChorusConfig | None = None) -> Report:
    """Look at every part, as the environment says unless a ``config`` is given; never raises."""
    parts = [inspect_python(), await asyncio.to_thread(inspect_packages)]
    secrets: tuple[str, ...] = ()
    try:
        config = config or load_config()
    except ConfigError as error:
        parts.append(_wrong_settings(error))
    else:
        found = await asyncio.gather(*(_within_limit(each, config) for each in _LOOKS))
        parts += [part for some in found for part in some]
        secrets = config.secrets()
    order = list(Area)
    parts.sort(key=lambda part: order.index(part.area))
    return Report(version=__version__, parts=tuple(_without_secrets(part, secrets) for part in parts))


async def _within_limit(each: _Look, config: ChorusConfig) -> Sequence[Part]:
    try:
        async with asyncio.timeout(each.limit_s):
            return await each.look(config)
    except TimeoutError:
        return [_failed(each, f"gave no answer within {each.limit_s:.0f} s", "Look at its log, and try again.")]
    except ChorusError as error:
        return [_failed(each, "cannot be inspected", str(error))]
    except Exception as error:  # noqa: BLE001 - a part that breaks its inspection is what an inspection is for
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return [_failed(each, "cannot be inspected", f"This should not happen ({reason}).")]


def _failed(each: _Look, said: str, remedy: str) -> Part:
    title = each.name.capitalize()
    return Part(area=each.area, name=each.name, title=title, condition=Condition.PROBLEM, said=said, remedy=remedy)


def _wrong_settings(error: ConfigError) -> Part:
    return Part(
        area=Area.MACHINE,
        name="settings",
        title="Settings",
        condition=Condition.PROBLEM,
        said="something is set wrong, so that nothing else could be looked at",
        remedy=str(error),
    )


def _without_secrets(part: Part, secrets: Sequence[str]) -> Part:
    texts = {name: getattr(part, name) for name in ("said", "version", "location", "remedy")}
    return part.model_copy(update={name: text and redact(text, secrets) for name, text in texts.items()})
