from dataclasses import replace
from uuid import uuid4

from chorus.agents import SceneGenerator
from chorus.domain.context import SceneContext, StoryFrame
from chorus.domain.story import Scene, SceneBrief, Story
from chorus.llm import Answer, CallSite, scripted_gateway
from chorus.llm.gateway import Gateway
from chorus.llm.prompt import Prompt

STORY = Story(title="T", premise="P")
SCENE = Scene(
    story_id=STORY.id, chapter_id=uuid4(), number=1, title="S", brief=SceneBrief(purpose="p", target_words=12)
)
TEXT = " ".join(["The sea was calm that day."] * 4)


class Cutting:
    """A gateway whose answers stop for a reason."""

    def __init__(self, gateway: Gateway, reason: str) -> None:
        self._gateway, self._reason = gateway, reason

    async def complete(self, prompt: Prompt, site: CallSite, **more: object) -> Answer:
        return replace(await self._gateway.complete(prompt, site), finish_reason=self._reason)


async def words_of(reason: str) -> int:
    gateway, _ = scripted_gateway({"draft_scene": TEXT})
    writer = SceneGenerator(Cutting(gateway, reason), 0.8)  # type: ignore[arg-type]
    site = CallSite(STORY.id, None, 1, "scene/1/draft_scene")
    context = SceneContext(choices=(), budget_tokens=100)
    return (await writer.draft_scene(StoryFrame(story=STORY), SCENE, 3, context, site)).words


async def test_a_text_that_was_cut_at_its_limit_is_cut_to_its_length() -> None:
    assert await words_of("length") == 12


async def test_a_text_that_came_to_its_end_keeps_it() -> None:
    assert await words_of("stop") == 24
