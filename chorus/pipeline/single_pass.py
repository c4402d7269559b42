"""A story in one answer: no plan, no memory, no check. What the crew's work is measured against."""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chorus.agents.lines import title_of
from chorus.agents.parts import Part
from chorus.domain.run import Stage
from chorus.domain.story import Chapter, Outline, Revision, RevisionCause, Scene, SceneBrief, SceneStatus, Story
from chorus.llm import Answer
from chorus.memory import memories_of_scene
from chorus.pipeline.desk import Desk, Page
from chorus.pipeline.finish import finalize_story, validate_story
from chorus.pipeline.stages import enter
from chorus.pipeline.state import RunState

type Step = dict[str, object]


async def write_at_once(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Ask for the whole story and keep its scenes, in one transaction."""
    desk = runtime.context
    await enter(desk, Stage.SCENES)
    async with desk.reading() as tx:
        frame = await desk.load_frame(tx)
        outline = await tx.stories.load_outline(frame.story.id)
    if not outline.scenes:
        settings = desk.run.settings
        parts, answer = await desk.crew.generator.write_story(
            frame, settings.scenes, settings.words, desk.site("write_story")
        )
        async with desk.writing() as page:
            await _keep(page, frame.story, parts, answer)
    return {}


async def _keep(page: Page, story: Story, parts: list[Part], answer: Answer) -> None:
    title = story.title or title_of(story.premise)
    chapter = Chapter(story_id=story.id, number=1, title=title)
    made = [_scene(page, chapter, number, part, answer) for number, part in enumerate(parts, 1)]
    stories = page.tx.stories
    if not story.title:
        await stories.retitle(story.id, title)
    await stories.add_outline(Outline(chapters=(chapter,), scenes=tuple(scene for scene, _ in made)))
    await stories.add_revisions([revision for _, revision in made])
    for scene, revision in made:
        await stories.save_scene(
            scene.model_copy(
                update={"revision_id": revision.id, "status": SceneStatus.APPROVED, "words": revision.words}
            )
        )
        await page.tx.memories.add(memories_of_scene(scene, revision, []))
        message = f"Scene {scene.number} of {len(made)} is written: {scene.title}, {revision.words} words."
        page.record("scene_committed", message, scene.number, words=revision.words)
    await stories.touch(story.id)


def _scene(page: Page, chapter: Chapter, number: int, part: Part, answer: Answer) -> tuple[Scene, Revision]:
    brief = SceneBrief(purpose="", target_words=page.run.settings.words)
    scene = Scene(story_id=chapter.story_id, chapter_id=chapter.id, number=number, title=part.title, brief=brief)
    revision = Revision(
        story_id=chapter.story_id,
        scene_id=scene.id,
        number=1,
        cause=RevisionCause.DRAFT,
        text=part.text,
        words=part.words,
        run_id=page.run.id,
        call_id=answer.call_ids[-1] if answer.call_ids else None,
    )
    return scene, revision


def single_pass_graph() -> CompiledStateGraph[RunState, Desk, RunState, RunState]:
    """Wire it."""
    graph = StateGraph(RunState, context_schema=Desk)
    graph.add_node("write_at_once", write_at_once)
    graph.add_node("validate_story", validate_story)
    graph.add_node("finalize_story", finalize_story)
    graph.add_edge(START, "write_at_once")
    graph.add_edge("write_at_once", "validate_story")
    graph.add_edge("validate_story", "finalize_story")
    graph.add_edge("finalize_story", END)
    return graph.compile()
