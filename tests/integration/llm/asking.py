"""Questions for the tests to ask."""

from uuid import UUID

from chorus.llm import CallSite, Prompt

STORY = UUID("5a0d3c86-6c9e-4a56-9d0e-3f6f5d1a7b11")


def a_prompt(wish: str = "Plan the scene at the ferry landing.", *, max_tokens: int = 400) -> Prompt:
    return Prompt(
        agent="story_architect",
        node="plan",
        version="1",
        system="You plan stories.",
        user=wish,
        max_tokens=max_tokens,
    )


def a_site(path: str = "scene/1/plan", *, take: int = 0) -> CallSite:
    return CallSite(STORY, None, 1, path, take)
