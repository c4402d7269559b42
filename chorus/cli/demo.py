"""``demo``: the whole of Chorus on one example, from a premise to a story read in the browser."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from chorus.cli.dashboard import LOCAL, Dashboard, ensure_free, url_of
from chorus.cli.files import export_to_folder
from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import say, tell
from chorus.cli.watch import Onlooker, onlooker
from chorus.cli.writing import report, settings_of, work_watched
from chorus.domain.run import RunSummary
from chorus.export import find_exporter

if TYPE_CHECKING:
    from chorus.studio import Studio

PREMISE = (
    "Ines keeps the last lighthouse on a coast that the sea is slowly taking. On the night before the lamp is to be "
    "put out for good, an empty boat drifts in with her lost brother's lantern still burning in it, and she has until "
    "dawn to find out who lit it."
)
SCENES = 4
WORDS = 85


def demo(port: int | None) -> int:
    """Write the example story and export it; with a ``port``, show it in the dashboard until Ctrl-C."""
    if port is not None:
        ensure_free(LOCAL, port)
    return run(_demo(port))


async def _demo(port: int | None) -> int:
    dashboard: Dashboard | None = None
    try:
        with onlooker() as looking_on:
            async with opened(looking_on) as studio:
                if port is not None:
                    dashboard = Dashboard(studio.config.system.home, port)
                    await dashboard.until_up()
                summary, file = await _write(studio, looking_on, port)
        code = report(summary, as_json=False)
        tell(f"The story: {file}")
        if dashboard:
            await _serve(dashboard, summary)
        return code
    finally:
        if dashboard:
            dashboard.stop()


async def _write(studio: "Studio", looking_on: Onlooker, port: int | None) -> tuple[RunSummary, Path]:
    settings = settings_of(studio, {"scenes": SCENES, "words": WORDS})
    begun = await studio.start_run(PREMISE, settings=settings)
    if port is not None:
        say(f"Watch it being written: {url_of(LOCAL, port, 'story', story_id=begun.story_id)}", style="bold")
    summary = await work_watched(studio, begun, looking_on)
    bundle = await studio.load_bundle(begun.story_id)
    return summary, export_to_folder(bundle, find_exporter("md"), studio.config.system.home / "exports")


async def _serve(dashboard: Dashboard, summary: RunSummary) -> None:
    """Keep the dashboard up until somebody wants to go; that is no failure."""
    tell(f"Read it at: {url_of(LOCAL, dashboard.port, 'read', story_id=summary.story_id)}")
    say("The dashboard stays up until Ctrl-C.", style="dim")
    try:
        await dashboard.until_over()
    except asyncio.CancelledError:
        say("Chorus leaves the stage. The database runs on; `chorus stop` ends it.", style="dim")
