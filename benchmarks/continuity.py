"""How well a model finds planted contradictions, and code planted faults: a table on stdout, kept for the dashboard.

    python -m benchmarks.continuity [--cases 60] [--clean 20] [--seed 0]

The model is the one that the settings name for the ContinuityEditor: the embedded one if they name none.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence

from benchmarks.planted.judge import PREMISE, is_right, judge
from benchmarks.planted.suite import Case, clean_scenes, contradictions, faulty_scenes
from chorus.agents import ContinuityEditor
from chorus.agents.continuity_editor import Check
from chorus.continuity import Fault, look_over
from chorus.domain.story import Story
from chorus.domain.value import now
from chorus.errors import AnswerUnusable
from chorus.inspection.benchmarks import CategoryResult, ContinuityResult, keep_continuity_result
from chorus.settings import load_config
from chorus.studio import Studio, open_studio

NOTHING = Check(findings=(), dropped=())


async def ask(studio: Studio, story: Story, cases: Sequence[Case]) -> list[tuple[Case, Check]]:
    """Have every case checked; an answer that is of no use finds nothing."""
    editor = ContinuityEditor(studio.gateway)
    answered: list[tuple[Case, Check]] = []
    for case in cases:
        try:
            check = await judge(editor, case, story)
        except AnswerUnusable:
            check = NOTHING
        answered.append((case, check))
        print(f"{case.name:16}{len(check.findings)} found, {len(check.dropped)} dropped", flush=True)
    return answered


def summed_up(answers: Sequence[tuple[Case, Check]], model: str, seed: int) -> ContinuityResult:
    """The figures of a run."""
    planted = [(case, check) for case, check in answers if case.category]
    clean = [check for case, check in answers if not case.category]
    hits = [(case, any(is_right(finding, case) for finding in check.findings)) for case, check in planted]
    by_category = Counter(case.category.value for case, _ in hits if case.category)
    found = Counter(case.category.value for case, hit in hits if hit and case.category)
    faulty, harmless = faulty_scenes(seed), clean_scenes(seed)
    return ContinuityResult(
        model=model,
        measured_at=now(),
        planted=len(planted),
        found=found.total(),
        kept=sum(len(check.findings) for _, check in answers),
        right=sum(is_right(finding, case) for case, check in answers for finding in check.findings),
        dropped=sum(len(check.dropped) for _, check in answers),
        clean=len(clean),
        alarms=sum(bool(check.findings) for check in clean),
        code_planted=len(faulty),
        code_found=sum(any(f.kind is case.fault for f in look(case)) for case in faulty),
        code_alarms=sum(bool(look(case)) for case in harmless),
        categories=tuple(CategoryResult(category=c, planted=n, found=found[c]) for c, n in by_category.items()),
    )


def look(case: Case) -> list[Fault]:
    """What code finds in a case."""
    return look_over(case.subject, case.echoes, case.number)


def show(result: ContinuityResult) -> None:
    """Print the figures."""
    print(f"\n{result.model}: precision {result.precision:.2f}, recall {result.recall:.2f}")
    print(f"  {result.kept} findings kept, {result.right} of them right, {result.dropped} dropped as without evidence")
    print(f"  {result.alarms} of {result.clean} clean scenes with a finding")
    for each in result.categories:
        print(f"  {each.category:12}{each.found:4} of {each.planted}")
    print(f"code: {result.code_found} of {result.code_planted} faults, {result.code_alarms} alarms in clean scenes")


def spread(cases: Sequence[Case], count: int) -> list[Case]:
    """So many of the cases, of all categories alike."""
    step = max(1, len(cases) // max(1, count))
    return list(cases[::step][:count])


async def main() -> None:
    """Ask, sum up, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.continuity")
    parser.add_argument("--cases", type=int, default=60, help="planted contradictions to ask about, at most 60")
    parser.add_argument("--clean", type=int, default=20, help="clean scenes to ask about")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    config = load_config()
    story = Story(title="Continuity benchmark", premise=PREMISE)
    cases = [*spread(contradictions(asked.seed), asked.cases), *clean_scenes(asked.seed, asked.clean)]
    async with open_studio(config) as studio:
        async with studio.store.transaction() as tx:
            await tx.stories.add(story)
        try:
            answers = await ask(studio, story, cases)
            async with studio.store.reading() as tx:
                calls = await tx.calls.list_of(story.id)
        finally:
            async with studio.store.transaction() as tx:
                await tx.stories.remove(story.id)
    result = summed_up(answers, calls[0].model if calls else "no model", asked.seed)
    show(result)
    print(f"kept in {keep_continuity_result(config.system.home, result)}")


if __name__ == "__main__":
    asyncio.run(main())
