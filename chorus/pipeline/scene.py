"""The scene graph: recall, draft, look, check beside digest, revise at most twice, commit in turn.

A clean scene costs three calls.

Every node finds out from the rows what is done already, so that a run that was killed goes on where it stood. The
nodes are next door: ``scene_draft`` writes, ``scene_look`` and ``scene_check`` read what was written, ``scene_turn``
waits for the scenes before and looks again if they changed something that this one reads, ``scene_commit`` makes it
canon. What only chooses the next node is ``async`` as well: LangGraph would send it to a thread else.
"""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from chorus.domain.story import Scene
from chorus.pipeline.desk import Desk
from chorus.pipeline.scene_check import coherence_check, digest_scene, revise_or_finalize
from chorus.pipeline.scene_commit import finalize_scene
from chorus.pipeline.scene_draft import draft_scene, lore_context, retrieve_memory, revise_scene
from chorus.pipeline.scene_look import look_at_text, mend_or_check
from chorus.pipeline.scene_turn import look_again, revise_or_go_on, take_turn
from chorus.pipeline.state import SceneState, unwritten


def scene_graph() -> CompiledStateGraph[SceneState, Desk, SceneState, SceneState]:
    """Wire one scene."""
    graph = StateGraph(SceneState, context_schema=Desk)
    nodes = {
        "lore_context": lore_context,
        "retrieve_memory": retrieve_memory,
        "draft_scene": draft_scene,
        "look_at_text": look_at_text,
        "coherence_check": coherence_check,
        "digest_scene": digest_scene,
        "revise_scene": revise_scene,
        "take_turn": take_turn,
        "look_again": look_again,
        "finalize_scene": finalize_scene,
    }
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "lore_context")
    graph.add_edge(START, "retrieve_memory")
    graph.add_edge(["lore_context", "retrieve_memory"], "draft_scene")
    for writer in ("draft_scene", "revise_scene"):
        graph.add_edge(writer, "look_at_text")
    after_look = ["revise_scene", "coherence_check", "digest_scene"]
    graph.add_conditional_edges("look_at_text", mend_or_check, after_look)
    graph.add_edge(["coherence_check", "digest_scene"], "take_turn")
    graph.add_conditional_edges("take_turn", revise_or_go_on, ["revise_scene", "look_again", "finalize_scene"])
    graph.add_conditional_edges("look_again", revise_or_finalize, ["revise_scene", "finalize_scene"])
    graph.add_edge("finalize_scene", END)
    return graph.compile()


_SCENES = scene_graph()


async def write_scene(desk: Desk, scene: Scene) -> None:
    """Write a scene until it is committed."""
    await _SCENES.ainvoke(unwritten(scene.story_id, scene.number), context=desk)
