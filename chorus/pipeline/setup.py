"""The setup graph: from a premise to an outline. Every node does nothing if its rows are there already."""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chorus.agents.outline import lint_outline
from chorus.domain.run import ReviewKind, ReviewMode, Stage
from chorus.domain.story import CharacterState
from chorus.memory import memories_of_lore
from chorus.pipeline.desk import Desk
from chorus.pipeline.pause import gate
from chorus.pipeline.stages import enter
from chorus.pipeline.state import SetupState

type Step = dict[str, object]


async def generate_concepts(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Work the premise out into candidate concepts."""
    desk = runtime.context
    await enter(desk, Stage.CONCEPT)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        concepts = await tx.stories.list_concepts(frame.story.id)
    if not concepts:
        concepts = await desk.crew.architect.propose_concepts(frame, desk.site("generate_concepts"))
        async with desk.writing() as page:
            await page.tx.stories.add_concepts(concepts)
    return {"concepts": len(concepts)}


async def select_concept(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Select the best concept by its score; a story without a title takes the concept's."""
    desk = runtime.context
    async with desk.writing() as page:
        stories = page.tx.stories
        concepts = await stories.list_concepts(desk.run.story_id)
        if not any(concept.selected for concept in concepts):
            best = max(concepts, key=lambda concept: (concept.score, -concept.number))
            await stories.select_concept(best)
            story = await stories.load(best.story_id)
            if not story.title:
                await stories.retitle(story.id, best.title)
            page.record("concept_selected", f"The story will be “{best.title}”: {best.logline}", title=best.title)
    return {}


async def name_cast(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Settle all names once, so that world and cast can be made side by side."""
    desk = runtime.context
    await enter(desk, Stage.WORLD)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
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
    if any(element.description for element in frame.world):
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
    if any(character.description for character in frame.characters):
        return {}
    profiles = await desk.crew.architect.profile_cast(frame, desk.site("generate_profiles"))
    async with desk.writing() as page:
        await page.tx.stories.save_characters(profiles.characters)
        await page.tx.stories.add_relationships(profiles.relationships)
        page.record("cast_ready", f"{len(profiles.characters)} characters have their profiles.")
    return {}


async def seed_narrative_context(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Remember what holds before the story begins, and begin to embed it."""
    desk = runtime.context
    async with desk.writing() as page:
        frame = await desk.load_frame(page.tx)
        before = [
            CharacterState(story_id=frame.story.id, character_id=character.id, scene_number=0, goal=character.want)
            for character in frame.characters
        ]
        await page.tx.canon.add_states(before)
        await page.tx.memories.add(memories_of_lore(frame.story, frame.world, frame.characters))
    desk.backlog.start(0)
    return {}


async def generate_outline(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Plan exactly the scenes that were asked for."""
    desk = runtime.context
    await enter(desk, Stage.OUTLINE)
    settings = desk.run.settings
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        outline = await tx.stories.load_outline(frame.story.id)
    if not outline.scenes:
        site = desk.site("generate_outline")
        outline = await desk.crew.architect.plan_outline(frame, settings.scenes, settings.words, site)
        async with desk.writing() as page:
            await page.tx.stories.add_outline(outline)
    return {"scenes": len(outline.scenes)}


async def lint(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Say what is doubtful about the outline."""
    desk = runtime.context
    async with desk.writing() as page:
        frame = await desk.load_frame(page.tx)
        outline = await page.tx.stories.load_outline(frame.story.id)
        for problem in lint_outline(outline, [character.name for character in frame.characters]):
            page.record("outline_doubt", problem)
    return {}


async def outline_gate(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Wait for a person's word on the outline, if the run was asked to."""
    desk = runtime.context
    if desk.run.settings.review is ReviewMode.OUTLINE:
        await gate(desk, ReviewKind.OUTLINE, "Is this outline good? Resume the run to approve it.")
    return {}


async def prepare_scenes(state: SetupState, runtime: Runtime[Desk]) -> Step:
    """Announce the scenes that will be written."""
    desk = runtime.context
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
