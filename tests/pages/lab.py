"""An experiment for the pages: two arms, six premises, every story written."""

import random
from uuid import UUID

from chorus.domain.experiment import Arm, Experiment, Trial, TrialStatus
from chorus.domain.run import Run, RunSettings, RunStatus
from chorus.domain.story import Story
from chorus.experiments.design import design_of
from chorus.store import Database
from tests.pages.seed import approved, plan, unwritten
from tests.pages.tales import THE_TIDE_LEDGER

PREMISES = [f"A lantern number {number} burns without oil." for number in range(1, 7)]
DESIGN = {
    "premises": PREMISES,
    "primary": ["mattr", "repetition_across"],
}
ARMS = ({"temperature": 0.2}, {"temperature": 1.1})


async def seed_experiment(
    database: Database, gain: float = 0.1, name: str = "Cool or <b>warm</b>", arms: tuple[str, str] = ("cool", "warm")
) -> UUID:
    """Keep it, the second arm with richer words by ``gain``."""
    dice = random.Random(5)  # noqa: S311 - a seed is wanted
    design = design_of(
        {**DESIGN, "name": name, "arms": [{**arm, "name": n} for arm, n in zip(ARMS, arms, strict=True)]}
    )
    experiment = Experiment(name=design.name, design=design.model_dump(mode="json"))
    kept = [Arm(experiment_id=experiment.id, number=n, name=a.name) for n, a in enumerate(design.arms, 1)]
    trials = []
    async with database.transaction() as tx:
        for premise_number, premise in enumerate(PREMISES, 1):
            for arm in kept:
                story = Story(title=f"Tale {premise_number} {arm.name}", premise=premise)
                outline, texts = plan(story, THE_TIDE_LEDGER, 1)
                await tx.stories.add(story)
                await tx.stories.add_outline(
                    outline.model_copy(update={"scenes": tuple(unwritten(scene) for scene in outline.scenes)})
                )
                await tx.stories.add_revisions(texts)
                await tx.stories.save_scene(approved(outline.scenes[0], texts[0]))
                run = Run(story_id=story.id, status=RunStatus.COMPLETE, settings=RunSettings(scenes=1))
                await tx.runs.add(run)
                richness = 0.6 + 0.02 * dice.random() + (gain if arm.number == 2 else 0)
                trials.append(
                    Trial(
                        experiment_id=experiment.id,
                        arm_id=arm.id,
                        premise_number=premise_number,
                        repeat=1,
                        story_id=story.id,
                        run_id=run.id,
                        status=TrialStatus.COMPLETE,
                        measures={
                            "mattr": richness,
                            "repetition_across": 0.1,
                            "tokens": 900.0 + arm.number,
                            "cost_usd": 0.01 * arm.number,
                            "active_s": 60.0 - arm.number,
                            "words": 300,
                        },
                    )
                )
        await tx.experiments.add(experiment, kept, trials)
    return experiment.id
