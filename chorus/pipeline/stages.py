"""Entering a stage: noted on the run, told to who looks on, once."""

from chorus.domain.run import Stage
from chorus.pipeline.desk import Desk

_DOING = {
    Stage.CONCEPT: "Working the premise out.",
    Stage.WORLD: "Making the world and the cast.",
    Stage.OUTLINE: "Planning the scenes.",
    Stage.SCENES: "Writing the scenes.",
    Stage.INTEGRATION: "Putting the chapters together.",
    Stage.FINISHED: "The story is finished.",
}


async def enter(desk: Desk, stage: Stage) -> None:
    """Note that the run has come to a stage."""
    async with desk.writing() as page:
        await page.tx.runs.enter(desk.lease, stage)
        page.record("stage", _DOING[stage], stage=stage.value)
