"""Ask the ContinuityEditor about planted scenes, as the scene graph does."""

from random import Random

from benchmarks.planted.suite import Case
from chorus.agents import ContinuityEditor
from chorus.agents.continuity_editor import Check
from chorus.domain.canon import Finding
from chorus.domain.context import ContextItem, ItemKind, SceneContext, StoryFrame
from chorus.domain.story import Revision, RevisionCause, Story
from chorus.domain.words import count_words
from chorus.llm import CallSite
from chorus.memory import assemble

PREMISE = "Two friends find out what happened in their town before they were born, and who would rather they had not."
ALSO_TOLD = (
    "The town has a chapel, a mill and a market on Thursdays.",
    "Nobody has heard from the old keeper since the winter.",
    "They have agreed to tell nobody what they know.",
)


def revision_of(case: Case, story: Story) -> Revision:
    """The text of a case as a revision."""
    text = case.subject.text
    scene = case.subject.cast[0].id
    return Revision(
        story_id=story.id, scene_id=scene, number=1, cause=RevisionCause.DRAFT, text=text, words=count_words(text)
    )


def context_of(case: Case) -> SceneContext:
    """What is known before the scene: what was told, among other things."""
    told = [*ALSO_TOLD, *([case.told] if case.told else [])]
    Random(case.name).shuffle(told)  # noqa: S311 - no secret
    items = [ContextItem(kind=ItemKind.SUMMARY, source=f"scene {n}", text=text) for n, text in enumerate(told, 1)]
    return assemble(items, 2000)


async def judge(editor: ContinuityEditor, case: Case, story: Story) -> Check:
    """Check one scene."""
    frame = StoryFrame(story=story, characters=case.subject.cast)
    site = CallSite(story.id, None, case.number, f"benchmark/{case.name}")
    return await editor.check_scene(frame, context_of(case), revision_of(case, story), site)


def is_right(finding: Finding, case: Case) -> bool:
    """Whether a finding quotes what was planted, or a part of it."""
    return bool(case.planted) and (finding.quote in case.planted or case.planted in finding.quote)
