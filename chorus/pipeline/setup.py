"""The setup graph: from a premise to an outline. Every node does nothing if its rows are there already."""

import asyncio
from collections.abc import Sequence

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chorus.agents.outline_lint import LintProblem, lint_outline
from chorus.agents.outline_repair import repair_outline
from chorus.domain.context import StoryFrame
from chorus.domain.run import ReviewKind, ReviewMode, Run, Stage
from chorus.domain.story import CharacterState, Outline, OutlineCause
from chorus.memory import memories_of_lore
from chorus.pipeline.concepts import settle_concept
from chorus.pipeline.continuation import frame_so_far, tell_so_far
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.pause import gate
from chorus.pipeline.stages import enter
from chorus.pipeline.state import SetupState

HEAD_START_S = 0.05

type Step = dict[str, object]


async def generate_concepts(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Work the premise out into candidate concepts."""
    desk = runtime.context
    await enter(desk, Stage.CONCEPT)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        concepts = await tx.stories.list_concepts(frame.story.id)
    if not concepts and not state["scenes"]:
        count = desk.run.settings.concepts
        concepts = await desk.crew.architect.propose_concepts(frame, count, desk.site("generate_concepts"))
        async with desk.writing() as page:
            await page.tx.stories.add_concepts(concepts)
    return {"concepts": len(concepts)}


async def select_concept(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Select the best concept, as a person says or by its score; a story without a title takes the concept's."""
    desk = runtime.context
    async with desk.reading() as tx:
        concepts = await tx.stories.list_concepts(desk.run.story_id)
    if not concepts or any(concept.selected for concept in concepts):
        return {}
    wanted = desk.run.settings.choose_concept
    if wanted == "ask":
        await gate(desk, ReviewKind.CONCEPT, "Which concept shall it be? Resuming the run takes the best by score.")
    best = max(concepts, key=lambda concept: (str(concept.number) == wanted, concept.score, -concept.number))
    async with desk.writing() as page:
        message = await settle_concept(page.tx, best)
        page.record("concept_selected", message, title=best.title, number=best.number)
    return {}


async def name_cast(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Settle all names once, so that world and cast can be made side by side."""
    desk = runtime.context
    await enter(desk, Stage.WORLD)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        if state["scenes"] and not frame.characters:
            outline = await tx.stories.load_outline(frame.story.id)
            frame = frame_so_far(frame, await tell_so_far(tx, outline))
    if frame.characters:
        return {"characters": len(frame.characters), "world_elements": len(frame.world)}
    names = await desk.crew.architect.name_cast(frame, desk.run.settings.scenes, desk.site("name_cast"))
    async with desk.writing() as page:
        await page.tx.stories.add_characters(names.characters)
        await page.tx.stories.add_world(names.places)
        cast = ", ".join(character.name for character in names.characters)
        page.record("cast_named", f"The cast: {cast}.", names=[c.name for c in names.characters])
    return {"characters": len(names.characters), "world_elements": len(names.places)}


async def generate_world(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Describe the world."""
    desk = runtime.context
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
    if state["scenes"] or any(element.description for element in frame.world):
        return {}
    world = await desk.crew.architect.build_world(frame, desk.site("generate_world"))
    async with desk.writing() as page:
        await page.tx.stories.replace_world(frame.story.id, world)
        page.record("world_ready", f"The world has {len(world)} elements.", elements=len(world))
    return {}


async def generate_profiles(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Write the profiles of the cast."""
    desk = runtime.context
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
    if state["scenes"] or any(character.description for character in frame.characters):
        return {}
    profiles = await desk.crew.architect.profile_cast(frame, desk.site("generate_profiles"))
    async with desk.writing() as page:
        await page.tx.stories.save_characters(profiles.characters)
        await page.tx.stories.add_relationships(profiles.relationships)
        page.record("cast_ready", f"{len(profiles.characters)} characters have their profiles.")
    return {}


async def seed_narrative_context(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Remember what holds before the story begins."""
    desk = runtime.context
    async with desk.writing() as page:
        frame = await desk.load_frame(page.tx)
        before = [
            CharacterState(story_id=frame.story.id, character_id=character.id, scene_number=0, goal=character.want)
            for character in frame.characters
        ]
        await page.tx.canon.add_states(before)
        await page.tx.memories.add(memories_of_lore(frame.story, frame.world, frame.characters))
    return {}


async def generate_outline(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Plan exactly the scenes that were asked for; of a story that is begun, those that it has not."""
    desk = runtime.context
    await enter(desk, Stage.OUTLINE)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        outline = await tx.stories.load_outline(frame.story.id)
    if not outline.scenes:
        settings = desk.run.settings
        meanwhile = asyncio.create_task(_embed_meanwhile(desk))
        try:
            planned = await desk.crew.architect.plan_outline(frame, settings.scenes, settings.words, desk.site)
        finally:
            meanwhile.cancel()
        outline, repairs = repair_outline(planned, [character.name for character in frame.characters])
        await _keep(desk, outline, outline, OutlineCause.PLAN, repairs)
    elif len(outline.scenes) < desk.run.settings.scenes:
        outline = await _plan_more(desk, frame, outline)
    return {"scenes": len(outline.scenes)}


async def _embed_meanwhile(desk: Desk) -> None:
    """Embed what holds before the story begins, once the question is out; what is not begun here is, with a scene."""
    await asyncio.sleep(HEAD_START_S)
    desk.backlog.start(0)


async def lint(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Say what is doubtful about the outline, as long as nothing is written by it."""
    desk = runtime.context
    if not is_planning(desk.run):
        return {}
    async with desk.writing() as page:
        for problem in await _doubts(desk, page):
            page.record("outline_doubt", problem.words, lint=problem.kind.value, scenes=list(problem.scenes))
    return {}


async def outline_gate(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Wait for a person's word on the outline, if the run was asked to; the question says what is doubtful."""
    desk = runtime.context
    if desk.run.settings.review is ReviewMode.OUTLINE:
        async with desk.writing() as page:
            doubts = [problem.model_dump(mode="json") for problem in await _doubts(desk, page)]
        question = "Is this outline good? Edit it as you like; resume the run to approve it."
        await gate(desk, ReviewKind.OUTLINE, question, doubts=doubts)
    return {}


async def prepare_scenes(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Announce the scenes that will be written."""
    desk = runtime.context
    if not is_planning(desk.run):
        return {}
    async with desk.writing() as page:
        outline = await page.tx.stories.load_outline(desk.run.story_id)
        await page.tx.stories.touch(desk.run.story_id)
        page.record(
            "outline_ready",
            f"The outline has {len(outline.scenes)} scenes in {len(outline.chapters)} chapters.",
            scenes=len(outline.scenes),
            chapters=len(outline.chapters),
            titles=[scene.title for scene in outline.scenes],
        )
    return {}


def is_planning(run: Run) -> bool:
    """Whether a run, when it was taken up, had not come to its scenes yet: on later ones all this was said."""
    return run.stage in (Stage.CONCEPT, Stage.WORLD, Stage.OUTLINE)


async def _plan_more(desk: Desk, frame: StoryFrame, before: Outline) -> Outline:
    async with desk.reading() as tx:
        so_far = await tell_so_far(tx, before)
    settings = desk.run.settings
    more = settings.scenes - len(before.scenes)
    added = await desk.crew.architect.plan_more(
        frame_so_far(frame, so_far), before, so_far, more, settings.words, desk.site
    )
    planned = Outline(chapters=(*before.chapters, *added.chapters), scenes=(*before.scenes, *added.scenes))
    first = len(before.scenes) + 1
    whole, repairs = repair_outline(planned, [character.name for character in frame.characters], first=first)
    new = Outline(chapters=added.chapters, scenes=whole.scenes[first - 1 :])
    await _keep(desk, new, whole, OutlineCause.MORE, repairs)
    return whole


async def _keep(desk: Desk, new: Outline, whole: Outline, cause: OutlineCause, repairs: Sequence[LintProblem]) -> None:
    """Keep new chapters and scenes, and the outline they make as a version of its own."""
    async with desk.writing() as page:
        await page.tx.stories.add_outline(new)
        await page.tx.outlines.add_version(desk.run.story_id, whole, cause)
        for repair in repairs:
            page.record("outline_repaired", repair.words, lint=repair.kind.value, scenes=list(repair.scenes))


async def _doubts(desk: Desk, page: Page) -> list[LintProblem]:
    frame = await desk.load_frame(page.tx)
    outline = await page.tx.stories.load_outline(frame.story.id)
    return lint_outline(outline, [character.name for character in frame.characters], frame.world)


def setup_graph() -> CompiledStateGraph[SetupState, Desk, SetupState, SetupState]:
    """Wire the setup: world and profiles are made side by side, after one naming pass."""
    graph = StateGraph(SetupState, context_schema=Desk)
    nodes = {
        "generate_concepts": generate_concepts,
        "select_concept": select_concept,
        "name_cast": name_cast,
        "generate_world": generate_world,
        "generate_profiles": generate_profiles,
        "seed_narrative_context": seed_narrative_context,
        "generate_outline": generate_outline,
        "lint_outline": lint,
        "outline_gate": outline_gate,
        "prepare_scenes": prepare_scenes,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "generate_concepts")
    graph.add_edge("generate_concepts", "select_concept")
    graph.add_edge("select_concept", "name_cast")
    graph.add_edge("name_cast", "generate_world")
    graph.add_edge("name_cast", "generate_profiles")
    graph.add_edge(["generate_world", "generate_profiles"], "seed_narrative_context")
    graph.add_edge("seed_narrative_context", "generate_outline")
    graph.add_edge("generate_outline", "lint_outline")
    graph.add_edge("lint_outline", "outline_gate")
    graph.add_edge("outline_gate", "prepare_scenes")
    graph.add_edge("prepare_scenes", END)
    return graph.compile()
