"""The nodes of one leg. Each reads rows, does its one thing through the guard or the planner, and writes rows.

No node sends anything by itself, and no session is open while a planner or a system works.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from langgraph.runtime import Runtime
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import goal as goals
from agent import interpret, review, runs, steps, waits
from agent.interpret import Over, Progress
from agent.leg import ActInput, Leg, Services, step_path
from agent.plan import CannotDo, Plan, Question
from agent.planner import PlannerView
from agent.shortlist import shortlist
from agent.tables import PlanVersion, Run, RunState, StepRow, StepState, WaitKind
from discovery import service as catalog
from discovery.lower import signature
from tools import db, errors
from tools.action import AcceptedAction, ActionId
from tools.guard import audit
from tools.labels import Label, labelled
from tools.tables import Connection, System

GOAL = "goal"
#: the step name of a wait that is about the goal itself


async def load(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    """Everything the leg needs, read from rows."""
    async with runtime.context.database.write("leg.load") as session:
        await audit.hold(session, state["run"])
        await waits.close_due(session, state["run"])
        row = await session.get(Run, state["run"])
        assert row is not None
        text = await _said(session, row)
        connections = await _connected(session, row.workspace)
        version = await runs.plan_of(session, row)
        done = await runs.steps_of(session, row.id)
        actions = await _actions(session, row, version)
    loaded: dict[str, Any] = {
        "row": row,
        "text": text,
        "actions": actions,
        "connections": {connection.system: connection.id for connection, _ in connections},
        "systems": {system.slug: system.title for _, system in connections},
        "progress": None,
        "version": row.plan_version,
        "proposal": None,
        "defects": (),
        "tries": 0,
    }
    if version is not None:
        plan = Plan.model_validate(version.body)
        loaded["progress"] = Progress(
            plan=plan,
            author=version.author,
            goal=text,
            spans=goals.read_spans(text),
            now=version.created_at,
            over=_over(plan, done, actions),
        )
    return loaded


async def choose(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    """The shortlist: the signatures the planner is shown."""
    usable = [
        signature(accepted.action, accepted.defs)
        for accepted in state["actions"].values()
        if accepted.action.system in state["connections"]
    ]
    return {"signatures": shortlist(state["text"], usable, runtime.context.shortlist_tokens)}


async def propose(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    rejected = state.get("proposal")
    view = PlannerView(
        goal=state["text"],
        spans=goals.read_spans(state["text"]),
        today=runtime.context.clock.now().date(),
        signatures=state["signatures"],
        systems=state["systems"],
        rejected=rejected if isinstance(rejected, Plan) else None,
        defects=state["defects"],
    )
    try:
        proposal = await runtime.context.planner.propose(view)
    except errors.PlannerFailed as exc:
        if exc.data.get("is_transient") and await _wait_for_planner(state, runtime.context, exc):
            return {"ended": "rest"}
        proposal = CannotDo(why=exc.message, mend="try again, or rephrase the goal")
    return {"proposal": proposal, "tries": state["tries"] + 1}


async def judge_plan(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    """Review the proposal: store a sound plan, ask a person, refuse, or send it back with its defects."""
    proposal = state["proposal"]
    match proposal:
        case Plan():
            known = {one.id: one for one in state["signatures"]}
            defects = review.review(proposal, known, systems_connected=frozenset(state["connections"]))
            if not defects:
                return await _store(state, runtime.context, proposal)
            if state["tries"] < runtime.context.proposals:
                return {"defects": defects}
            why = f"no sound plan after {state['tries']} tries: {defects[0].problem}"
            problem = {"why": why, "defects": [defect.model_dump() for defect in defects]}
            return await _end(state, runtime.context, RunState.REFUSED, why, problem)
        case Question():
            return await _ask_goal(state, runtime.context, proposal)
        case CannotDo():
            return await _end(state, runtime.context, RunState.REFUSED, proposal.why, proposal.model_dump(mode="json"))
        case None:
            raise AssertionError("review runs after a proposal")
        case _:
            assert_never(proposal)


async def observe(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    """What is over by now, and what is ready next."""
    progress, row = state["progress"], state["row"]
    assert progress is not None
    async with runtime.context.database.read() as session:
        done = await runs.steps_of(session, row.id)
        waiting = {(wait.step, wait.iteration) for wait in await waits.opened(session, row.id)}
    fresh = Progress(
        plan=progress.plan,
        author=progress.author,
        goal=progress.goal,
        spans=progress.spans,
        now=progress.now,
        over=_over(progress.plan, done, state["actions"]),
    )
    try:
        units = interpret.ready(fresh)
    except errors.InterlockError as exc:
        return await _end(state, runtime.context, RunState.FAILED, exc.message, {"why": exc.message}) | {"units": []}
    free = [unit for unit in units if (step_path(state["version"], unit.step.id), unit.iteration) not in waiting]
    return {"progress": fresh, "units": free}


async def act(state: ActInput, runtime: Runtime[Services]) -> dict[str, Any]:
    """Do one ready unit, as far as it goes now: over, or waiting."""
    await steps.perform(state["whole"], runtime.context, state["unit"])
    return {}


async def decide(state: Leg, runtime: Runtime[Services]) -> dict[str, Any]:
    """Nothing is ready: the run is done, has failed, or rests until something wakes it."""
    if "ended" in state:
        return {}
    progress = state["progress"]
    assert progress is not None
    if failed := progress.failed():
        name = failed[0][0]
        async with runtime.context.database.read() as session:
            rows = await runs.steps_of(session, state["row"].id)
        problem = next((row.problem for row in rows if row.state is StepState.FAILED and row.problem), {"why": name})
        return await _end(state, runtime.context, RunState.FAILED, str(problem["why"]), problem)
    if interpret.is_finished(progress):
        skipped = [name for (name, _), over in progress.over.items() if over.state is StepState.SKIPPED]
        summary = "the goal is reached"
        if skipped and len({name for name, _ in progress.over}) == len(set(skipped)):
            summary = "nothing was to be done: the goal's condition does not hold"
        return await _end(state, runtime.context, RunState.DONE, summary)
    return {"ended": "rest"}


async def _wait_for_planner(state: Leg, services: Services, failure: errors.PlannerFailed) -> bool:
    """Let the run wait for a planner that does not answer now; False when it waited often enough."""
    async with services.database.write("wait.open") as session:
        await audit.hold(session, state["run"])
        times = await waits.times_waited(session, state["run"], GOAL, 0, WaitKind.TIMER)
        if times >= services.timer_waits:
            return False
        seconds = float(failure.data.get("retry_after_s") or waits.growing_delay_s(times))
        await waits.open_or_find(
            session,
            services.ids,
            state["row"],
            kind=WaitKind.TIMER,
            why=f"{failure.message.rstrip('.')}; next try in {seconds:.0f} s",
            owner="clock",
            step=GOAL,
            until=waits.due(await db.now(session), seconds),
        )
    return True


async def _store(state: Leg, services: Services, plan: Plan) -> dict[str, Any]:
    used = {step.action for step in plan.steps if step.action}
    surfaces = {str(action): state["actions"][action].revision for action in sorted(used)}
    async with services.database.write("plan.store") as session:
        version = await runs.store_plan(
            session,
            state["run"],
            state["leg"],
            author=services.planner.name,
            body=plan.model_dump(mode="json"),
            surfaces=surfaces,
        )
    progress = Progress(
        plan=plan,
        author=version.author,
        goal=state["text"],
        spans=goals.read_spans(state["text"]),
        now=version.created_at,
        over={},
    )
    return {"progress": progress, "version": version.version, "defects": ()}


async def _ask_goal(state: Leg, services: Services, question: Question) -> dict[str, Any]:
    why = f"the planner asks: {question.text}"
    async with services.database.write("wait.open") as session:
        await audit.hold(session, state["run"])
        await waits.open_or_find(
            session, services.ids, state["row"], kind=WaitKind.ANSWER, why=why, owner="submitter", step=GOAL
        )
    return {"ended": "rest"}


async def _end(
    state: Leg, services: Services, ending: RunState, summary: str, problem: dict[str, Any] | None = None
) -> dict[str, Any]:
    async with services.database.write("run.finish") as session:
        await runs.finish(session, state["run"], state["leg"], ending, summary, problem)
    return {"ended": "over"}


async def _said(session: AsyncSession, row: Run) -> str:
    """The goal in the person's own words: the text, and what they answered when the planner asked."""
    goal = await runs.goal_of(session, row)
    answers = await waits.answers(session, row.id, GOAL)
    return "\n".join([goal.text, *(str(answer) for answer in answers)])


async def _connected(session: AsyncSession, workspace: str) -> list[tuple[Connection, System]]:
    """The connections with their systems; of several to one system the first, by name."""
    found = await session.exec(
        select(Connection, System)
        .join(System, (col(System.slug) == col(Connection.system)) & (col(System.workspace) == workspace))
        .where(Connection.workspace == workspace)
        .order_by(col(Connection.name).desc())
    )
    return list(found)


async def _actions(session: AsyncSession, row: Run, version: PlanVersion | None) -> dict[ActionId, AcceptedAction]:
    """What the plan was reviewed against, revision by revision; before there is a plan, all that is accepted."""
    if version is None:
        return {one.action.id: one for one in await catalog.accepted_all(session, row.workspace)}
    pinned = [
        await catalog.accepted(session, row.workspace, action, revision)
        for action, revision in version.surfaces.items()
    ]
    return {one.action.id: one for one in pinned if one is not None}


def _over(plan: Plan, rows: Sequence[StepRow], actions: dict[ActionId, AcceptedAction]) -> dict[tuple[str, int], Over]:
    """The finished units, their results labelled anew from the actions' schemas: labels are derived, never stored."""
    found: dict[tuple[str, int], Over] = {}
    for row in rows:
        name = row.path.split("/", 1)[1]
        step = plan.step(name)
        if step is None:
            continue
        accepted = actions.get(step.action) if step.action else None
        if accepted is not None and row.state is StepState.DONE:
            result = steps.label_result(accepted, name, row.result)
        else:
            result = labelled(row.result, Label[row.label.upper()], f"step:{name}")
        found[(name, row.iteration)] = Over(state=StepState(row.state), result=result)
    return found
