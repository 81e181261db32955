"""The machine of ONE leg: a LangGraph graph without a checkpointer, for everything durable is in our own tables."""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from agent import nodes
from agent.leg import ActInput, Leg, LegInput, Services

MAX_SUPERSTEPS = 5000
#: a plan of 100 steps with loops stays far below; a graph that goes round for ever does not

Compiled = CompiledStateGraph[Leg, Services, LegInput, Leg]


def build() -> Compiled:
    graph: StateGraph[Leg, Services, LegInput, Leg] = StateGraph(
        Leg, context_schema=Services, input_schema=LegInput, output_schema=Leg
    )
    graph.add_node("load", nodes.load)
    graph.add_node("shortlist", nodes.choose)
    graph.add_node("propose", nodes.propose)
    graph.add_node("review", nodes.judge_plan)
    graph.add_node("observe", nodes.observe)
    graph.add_node("act", nodes.act, input_schema=ActInput)
    graph.add_node("decide", nodes.decide)
    graph.add_edge(START, "load")
    graph.add_conditional_edges("load", _planned, ["shortlist", "observe"])
    graph.add_edge("shortlist", "propose")
    graph.add_conditional_edges("propose", _proposed, ["review", "decide"])
    graph.add_conditional_edges("review", _reviewed, ["propose", "observe", "decide"])
    graph.add_conditional_edges("observe", _ready, ["act", "decide"])
    graph.add_edge("act", "observe")
    graph.add_edge("decide", END)
    return graph.compile()


async def run_leg(compiled: Compiled, services: Services, *, run: str, leg: int, worker: str) -> str:
    """Lead the run as far as it goes now. Gives `rest` (something is awaited) or `over`."""
    config: Any = {"recursion_limit": MAX_SUPERSTEPS}
    state = await compiled.ainvoke(LegInput(run=run, leg=leg, worker=worker), config=config, context=services)
    return str(state["ended"])


def _planned(state: Leg) -> str:
    return "observe" if state["progress"] is not None else "shortlist"


def _proposed(state: Leg) -> str:
    return "decide" if "ended" in state else "review"


def _reviewed(state: Leg) -> str:
    if "ended" in state:
        return "decide"
    return "propose" if state["defects"] else "observe"


def _ready(state: Leg) -> list[Send] | str:
    if "ended" in state or not state["units"]:
        return "decide"
    return [Send("act", ActInput(whole=state, unit=unit)) for unit in state["units"]]
