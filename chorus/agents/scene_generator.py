"""The SceneGenerator writes: drafts, and revisions of drafts."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from chorus.agents.parts import Part, parts_of
from chorus.agents.prompts import scene_generator as ask
from chorus.agents.prompts import single_pass
from chorus.domain.canon import Finding
from chorus.domain.context import SceneContext, StoryFrame
from chorus.domain.prose import clean_prose, cut_to_length
from chorus.domain.story import Scene
from chorus.domain.value import Value
from chorus.domain.words import count_words
from chorus.errors import AnswerUnusable
from chorus.llm import Answer, CallSite, Gateway, Prompt

FEWEST_WORDS = 5


class Prose(Value):
    """The text of a scene as it was written, in whole sentences, and the call that gave it."""

    text: str
    words: int
    call_id: UUID | None


class SceneGenerator:
    """Writes scenes through the gateway."""

    def __init__(self, gateway: Gateway, temperature: float) -> None:
        self._gateway = gateway
        self._temperature = temperature

    async def draft_scene(
        self,
        frame: StoryFrame,
        scene: Scene,
        scenes: int,
        context: SceneContext,
        site: CallSite,
        on_text: Callable[[str], None] | None = None,
        *,
        note: str = "",
    ) -> Prose:
        """Write a scene; ``note`` is what an editor asks of it.

        Raises:
            AnswerUnusable: twice, no prose came.
        """
        prompt = ask.draft(frame, scene, scenes, context, self._temperature, note)
        return await self._write(prompt, scene.brief.target_words, site, on_text)

    async def revise_scene(
        self,
        frame: StoryFrame,
        scene: Scene,
        scenes: int,
        context: SceneContext,
        text: str,
        findings: Sequence[Finding],
        site: CallSite,
        on_text: Callable[[str], None] | None = None,
    ) -> Prose:
        """Write a scene again without what was found wrong in it; raises as ``draft_scene`` does."""
        prompt = ask.revision(frame, scene, scenes, context, text, findings, self._temperature)
        return await self._write(prompt, scene.brief.target_words, site, on_text)

    async def write_story(
        self, frame: StoryFrame, scenes: int, words: int, site: CallSite
    ) -> tuple[list[Part], Answer]:
        """Write a whole story in one answer, told in parts.

        Raises:
            AnswerUnusable: no prose came.
        """
        answer = await self._gateway.complete(single_pass.story(frame, scenes, words, self._temperature), site)
        parts = parts_of(answer.text, scenes)
        if not parts:
            raise _no_prose("the story", site)
        return parts, answer

    async def _write(self, prompt: Prompt, words: int, site: CallSite, on_text: Callable[[str], None] | None) -> Prose:
        """Ask for prose; a model that gives none, or declines, is asked once more in other words."""
        with suppress(AnswerUnusable):
            prose = _prose_of(await self._gateway.complete(prompt, site, on_text=on_text), words)
            if prose.words >= FEWEST_WORDS:
                return prose
        if on_text:
            on_text("")
        again = prompt.model_copy(update={"user": f"{prompt.user}\n\n{ask.ONCE_MORE}"})
        there = replace(site, path=f"{site.path}/again")
        try:
            prose = _prose_of(await self._gateway.complete(again, there, on_text=on_text), words)
        except AnswerUnusable as error:
            error.path = site.path  # whoever tries again asks both questions anew
            raise
        if prose.words < FEWEST_WORDS:
            raise _no_prose(f"scene {site.scene_number}", site)
        return prose


def _no_prose(what: str, site: CallSite) -> AnswerUnusable:
    error = AnswerUnusable(f"The model gave no prose for {what}: try another model.")
    error.path = site.path
    return error


def _prose_of(answer: Answer, words: int) -> Prose:
    """The prose of an answer; one that was cut at its limit has no ending to lose, and is cut to its length."""
    text = clean_prose(answer.text)
    if answer.finish_reason == "length":
        text = cut_to_length(text, words)
    return Prose(text=text, words=count_words(text), call_id=answer.call_ids[-1] if answer.call_ids else None)
