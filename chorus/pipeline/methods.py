"""Which graph makes a story, by the method a run was asked for."""

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from chorus.domain.run import Method
from chorus.pipeline.desk import Desk
from chorus.pipeline.single_pass import single_pass_graph
from chorus.pipeline.state import RunState
from chorus.pipeline.story import STORY, set_up


def plan_graph() -> CompiledStateGraph[RunState, Desk, RunState, RunState]:
    """Wire a run that makes the plan and goes no further."""
    graph = StateGraph(RunState, context_schema=Desk)
    graph.add_node("set_up", set_up)
    graph.add_edge(START, "set_up")
    graph.add_edge("set_up", END)
    return graph.compile()


GRAPHS = {Method.CREW: STORY, Method.SINGLE: single_pass_graph(), Method.PLAN: plan_graph()}
