"""Planning the scenes: a short book in one question; a long one by a spine of chapters, then a few chapters at a time.

What the questions about a long book's scenes are told hangs on the spine alone: they are asked side by side, and the
outline is the same whichever is answered first.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chorus.agents.answers import ChapterPlanAnswer, ScenePlanAnswer, ThreadAnswer, outline_of, spine_of
from chorus.agents.arc import arc_of, turn_of
from chorus.agents.lines import one_sentence, tidy_title
from chorus.agents.outline import (
    SHORT_BOOK,
    beats_for,
    chapter_sizes,
    complete_plans,
    is_short,
    more_of_plans,
    outline_of_plans,
    settle_outline,
)
from chorus.agents.prompts import outline as ask_long
from chorus.agents.prompts import story_architect as ask
from chorus.agents.threads import MOST_THREADS, Thread, in_scenes, settle_threads, wants_threads
from chorus.domain.context import StoryFrame
from chorus.domain.story import Outline
from chorus.domain.wording import wording_of
from chorus.llm import CallSite, Gateway

type Sites = Callable[[str], CallSite]
"""From where a question is asked, by the path of its node."""

CHAPTERS_PER_ASK = 24
SCENES_PER_PART = 12
TOLD_BEFORE = 4
"""Chapters before a part that its question tells of."""


@dataclass(frozen=True)
class Planner:
    """Asks for plans; ``temperature`` as in the run's settings."""

    gateway: Gateway
    temperature: float

    async def plan(self, frame: StoryFrame, scenes: int, words: int, sites: Sites) -> Outline:
        """Plan exactly ``scenes`` scenes of about ``words`` words each."""
        if is_short(scenes):
            return await self._plan_at_once(frame, scenes, words, sites)
        spine = await self._plan_spine(frame, scenes, sites)
        told = await asyncio.gather(*(self._plan_part(frame, spine, part, words, sites) for part in spine.parts))
        plans = [plan for part in told for plan in part]
        threads = in_scenes(spine.threads, spine.scenes, [plan.event for plan in plans])
        return outline_of_plans(frame, plans, [chapter.title for chapter in spine.chapters], words, threads)

    async def plan_more(
        self, frame: StoryFrame, outline: Outline, so_far: Sequence[str], more: int, words: int, sites: Sites
    ) -> Outline:
        """Plan ``more`` scenes after those there are; ``so_far`` tells what has happened, the newest last.

        Returns the new chapters and scenes alone, numbered on.
        """
        begun, total, told = len(outline.scenes), len(outline.scenes) + more, list(so_far)
        plans: list[ScenePlanAnswer] = []
        titles: list[str] = []
        threads: list[Thread] = []
        opened = [thread for scene in outline.scenes for thread in scene.brief.plants]
        for first in range(1, more + 1, SHORT_BOOK):
            part = range(first, min(first + SHORT_BOOK, more + 1))
            chapters, beats = len(chapter_sizes(len(part))), beats_for(words)
            asked = MOST_THREADS if wants_threads(len(part)) else 0
            prompt = ask.outline(
                frame,
                first=begun + part[0],
                last=begun + part[-1],
                total=total,
                chapters=chapters,
                arc=[arc_of(number, more) for number in part],
                so_far=told[-SHORT_BOOK:],
                beats=beats,
                threads=asked,
                temperature=self.temperature,
            )
            schema = outline_of(len(part), chapters, beats, asked)
            site = sites(f"generate_outline/more/{begun + part[0]}")
            answer = (await self.gateway.complete_as(prompt, site, schema)).value
            scenes = range(begun + part[0], begun + part[-1] + 1)
            plans += complete_plans(frame, answer.scenes, scenes=scenes, total=total)
            titles += [*answer.chapter_titles, *[""] * chapters][:chapters]
            known = [*opened, *(thread.question for thread in threads)]
            threads += settle_threads(answer.threads, scenes[-1], first=scenes[0], told=known)
            told += [plan.event for plan in plans[-len(part) :]]
        return more_of_plans(frame, outline, plans, titles, words, threads)

    async def _plan_at_once(self, frame: StoryFrame, scenes: int, words: int, sites: Sites) -> Outline:
        chapters, beats = len(chapter_sizes(scenes)), beats_for(words)
        threads = MOST_THREADS if wants_threads(scenes) else 0
        prompt = ask.outline(
            frame,
            first=1,
            last=scenes,
            total=scenes,
            chapters=chapters,
            arc=[arc_of(number, scenes) for number in range(1, scenes + 1)],
            so_far=(),
            beats=beats,
            threads=threads,
            temperature=self.temperature,
        )
        schema = outline_of(scenes, chapters, beats, threads)
        answer = (await self.gateway.complete_as(prompt, sites("generate_outline"), schema)).value
        return settle_outline(frame, answer.scenes, answer.chapter_titles, scenes, words, answer.threads)

    async def _plan_spine(self, frame: StoryFrame, scenes: int, sites: Sites) -> "Spine":
        sizes = chapter_sizes(scenes)
        total, lead = len(sizes), _lead(frame)
        word = wording_of(frame.story.language)["Chapter"]
        chapters: list[ChapterPlanAnswer] = []
        threads: list[ThreadAnswer] = []
        for first in range(1, total + 1, CHAPTERS_PER_ASK):
            last = min(first + CHAPTERS_PER_ASK - 1, total)
            prompt = ask_long.spine(
                frame,
                first=first,
                last=last,
                total=total,
                arc=[arc_of(number, total) for number in range(first, last + 1)],
                so_far=[chapter.event for chapter in chapters[-SHORT_BOOK:]],
                threads=MOST_THREADS,
                temperature=self.temperature,
            )
            here = sites(f"generate_outline/spine/{first}")
            schema = spine_of(last - first + 1, MOST_THREADS)
            answer = (await self.gateway.complete_as(prompt, here, schema)).value
            chapters += _settled(answer.chapters, range(first, last + 1), total, lead, word)
            threads += answer.threads[:MOST_THREADS]
        settled = settle_threads(threads, total, most=MOST_THREADS * (1 + (total - 1) // CHAPTERS_PER_ASK))
        return Spine(chapters, sizes, settled)

    async def _plan_part(
        self, frame: StoryFrame, spine: "Spine", part: range, words: int, sites: Sites
    ) -> list[ScenePlanAnswer]:
        """Plan the scenes of the chapters ``part``, counted from 0."""
        scenes = range(spine.scenes[part[0]].start, spine.scenes[part[-1]].stop)
        beats = beats_for(words)
        prompt = ask_long.part(
            frame,
            first=scenes[0],
            last=scenes[-1],
            total=spine.total,
            before=[spine.told(index) for index in range(max(0, part[0] - TOLD_BEFORE), part[0])],
            chapters=[spine.told(index, whole=True) for index in part],
            after=spine.told(part[-1] + 1) if part[-1] + 1 < len(spine.chapters) else "",
            beats=beats,
            temperature=self.temperature,
        )
        here = sites(f"generate_outline/{scenes[0]}")
        answer = (await self.gateway.complete_as(prompt, here, outline_of(len(scenes), 0, beats))).value
        events = [spine.chapters[index].event for index in part]
        return complete_plans(frame, answer.scenes, scenes=scenes, total=spine.total, events=events)


@dataclass(frozen=True)
class Spine:
    """A long book by chapters: what happens in each, how many scenes it has, and the threads between them."""

    chapters: Sequence[ChapterPlanAnswer]
    sizes: Sequence[int]
    threads: Sequence[Thread]

    @property
    def total(self) -> int:
        """All scenes of the book."""
        return sum(self.sizes)

    @property
    def scenes(self) -> list[range]:
        """The scene numbers of each chapter."""
        starts = [1 + sum(self.sizes[:index]) for index in range(len(self.sizes))]
        return [range(start, start + size) for start, size in zip(starts, self.sizes, strict=True)]

    @property
    def parts(self) -> list[range]:
        """The chapters, counted from 0, that are planned by one question: as many as have a dozen scenes together."""
        parts: list[range] = []
        start = 0
        for index in range(1, len(self.sizes) + 1):
            if index == len(self.sizes) or sum(self.sizes[start : index + 1]) > SCENES_PER_PART:
                parts.append(range(start, index))
                start = index
        return parts

    def told(self, index: int, *, whole: bool = False) -> str:
        """Tell one chapter on a line; ``whole``: with its scenes, how it ends, and its threads."""
        chapter, number = self.chapters[index], index + 1
        if not whole:
            return f"Chapter {number}, “{chapter.title}”: {chapter.event}"
        scenes = self.scenes[index]
        opens = [f"It opens the question: {thread.question}" for thread in self.threads if thread.opens == number]
        answers = [f"It answers the question: {thread.question}" for thread in self.threads if thread.answers == number]
        ends = [f"When it ends: {chapter.exit}"] if chapter.exit else []
        opening = f"Chapter {number}, “{chapter.title}” (scenes {scenes[0]} to {scenes[-1]}): {chapter.event}"
        return " ".join([opening, *ends, *opens, *answers])


def _settled(
    given: Sequence[ChapterPlanAnswer], numbers: range, total: int, lead: str, word: str
) -> list[ChapterPlanAnswer]:
    """Exactly these chapters, each with something that happens in it; ``word``: what a chapter is called."""
    found = [*given[: len(numbers)], *[_NOTHING] * max(0, len(numbers) - len(given))]
    return [
        ChapterPlanAnswer(
            title=tidy_title(chapter.title) or f"{word} {number}",
            event=one_sentence(chapter.event, 300) or turn_of(number, total, lead),
            exit=one_sentence(chapter.exit),
        )
        for number, chapter in zip(numbers, found, strict=True)
    ]


_NOTHING = ChapterPlanAnswer(title="", event="", exit="")


def _lead(frame: StoryFrame) -> str:
    return frame.characters[0].name if frame.characters else "the hero"
