"""The whole run as one graph: set up, write the scenes, put them together."""

from itertools import pairwise

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chorus.domain.run import Stage
from chorus.pipeline.desk import Desk
from chorus.pipeline.finish import finalize_story, integrate_chapters, mend_chapters, validate_story
from chorus.pipeline.reading import read_canon
from chorus.pipeline.redo import choose_work, redo_scenes
from chorus.pipeline.rollback import refuse_unplanned
from chorus.pipeline.schedule import write_in_turn
from chorus.pipeline.setup import setup_graph
from chorus.pipeline.stages import enter
from chorus.pipeline.state import RunState, SetupState

SETUP = setup_graph()

type Step = dict[str, object]


async def set_up(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Make the plan, as far as it is not made; what was imported and is to be written again needs one by a person."""
    async with runtime.context.reading() as tx:
        begun = len((await refuse_unplanned(tx, runtime.context.run.story_id)).scenes)
    start = SetupState(story_id=state["story_id"], concepts=0, characters=0, world_elements=0, scenes=begun)
    await SETUP.ainvoke(start, context=runtime.context)
    runtime.context.forget_frame()  # the plan has changed it
    return {}


async def write_scenes(state: RunState, runtime: Runtime[Desk]) -> Step:
    """Write what is not approved yet, within the window of the run."""
    desk = runtime.context
    await enter(desk, Stage.SCENES)
    async with desk.reading() as tx:
        scenes = (await tx.stories.load_outline(desk.run.story_id)).scenes
    await write_in_turn(desk, scenes)
    desk.backlog.start(len(scenes))
    return {"scenes_done": len(scenes)}


def story_graph() -> CompiledStateGraph[RunState, Desk, RunState, RunState]:
    """Wire the whole run."""
    graph = StateGraph(RunState, context_schema=Desk)
    steps = {
        "set_up": set_up,
        "write_scenes": write_scenes,
        "integrate_chapters": integrate_chapters,
        "validate_story": validate_story,
        "finalize_story": finalize_story,
    }
    for name, node in steps.items():
        graph.add_node(name, node)
    for before, after in pairwise([*steps, END]):
        graph.add_edge(before, after)
    graph.add_node("redo_scenes", redo_scenes)
    graph.add_node("read_canon", read_canon)
    graph.add_conditional_edges(START, choose_work, ["set_up", "redo_scenes", "read_canon"])
    graph.add_node("mend_chapters", mend_chapters)
    graph.add_edge("redo_scenes", "mend_chapters")
    graph.add_edge("read_canon", "mend_chapters")
    graph.add_edge("mend_chapters", "validate_story")
    return graph.compile()


STORY = story_graph()
