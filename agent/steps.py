"""Doing one unit of a plan, as far as it goes now: it is over, or it waits.

A call goes to the world through `Guard.submit` and nowhere else. Doing a unit again is safe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from pydantic import JsonValue

from agent import interpret, runs, waits
from agent.interpret import Progress, Unit
from agent.leg import Leg, Services, step_path
from agent.tables import Run, StepRow, StepState, WaitKind
from tools import db, errors, schema
from tools.action import AcceptedAction
from tools.call import Call, Position, RunId, StepPath
from tools.guard import approvals, audit
from tools.guard.ledger import Lease
from tools.guard.scope import Grant
from tools.guard.verdict import InDoubt, Outcome, Refused, Settled, Waiting
from tools.labels import Label, Labelled
from tools.tables import ApprovalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a unit stands, for rows and effects."""

    run: Run
    path: StepPath
    unit: Unit
    lease: Lease
    grant: Grant = field(repr=False)

    @property
    def position(self) -> Position:
        return Position(run=RunId(self.run.id), step=self.path, iteration=self.unit.iteration)


async def perform(state: Leg, services: Services, unit: Unit) -> None:
    """Do one ready unit of the leg's plan."""
    progress = state["progress"]
    assert progress is not None
    place = Place(
        run=state["row"],
        path=step_path(state["version"], unit.step.id),
        unit=unit,
        lease=Lease(worker=state["worker"], fence=state["leg"]),
        grant=Grant.model_validate(state["row"].grant),
    )
    try:
        if not interpret.is_wanted(progress, unit):
            return await _end(services, place, StepState.SKIPPED, None)
        match unit.step.kind:
            case "call":
                await _call(state, services, progress, place)
            case "let":
                await _let(services, progress, place)
            case "ask":
                await _ask(services, progress, place)
            case "wait":
                await _wait(services, progress, place)
            case "extract":
                await _fail(services, place, "reading free text needs a model, and none is connected for that")
            case _:
                assert_never(unit.step.kind)
    except (errors.ExpressionFailed, errors.Invalid) as exc:
        await _fail(services, place, exc.message)


def label_result(accepted: AcceptedAction, step: str, result: JsonValue) -> Labelled:
    """A call's result, labelled by what the action's schema says of each field."""
    return schema.label_by_schema(result, accepted.action.result_schema, accepted.defs, f"step:{step}")


async def _let(services: Services, progress: Progress, place: Place) -> None:
    bound = interpret.bind(progress, place.unit)
    value = bound.value["value"] if isinstance(bound.value, dict) and "value" in bound.value else bound
    await _end(services, place, StepState.DONE, value.plain(), label=value.label)


async def _call(state: Leg, services: Services, progress: Progress, place: Place) -> None:
    step = place.unit.step
    accepted = state["actions"].get(step.action) if step.action else None
    if accepted is None:
        return await _fail(services, place, f"{step.id}: {step.action} is not an accepted action any more")
    async with services.database.read() as session:
        if not await runs.is_led_by(session, place.run.id, place.lease.fence):
            raise errors.Conflict("another leg has taken this run over, or it was cancelled", run=place.run.id)
    connection = state["connections"].get(accepted.action.system)
    if connection is None:
        return await _fail(services, place, f"{step.id}: there is no connection to {accepted.action.system}")
    call = Call(
        position=place.position,
        action=accepted.action.id,
        surface=accepted.revision,
        connection=connection,
        arguments=interpret.bind(progress, place.unit, accepted.action),
        purpose=step.purpose,
    )
    outcome = await services.guard.submit(call, place.grant, place.lease)
    await _settle(services, progress, place, accepted, outcome)


async def _settle(
    services: Services, progress: Progress, place: Place, accepted: AcceptedAction, outcome: Outcome
) -> None:
    step = place.unit.step
    match outcome:
        case Settled():
            result = label_result(accepted, step.id, outcome.result)
            if interpret.is_as_expected(progress, place.unit, result):
                await _end(services, place, StepState.DONE, outcome.result)
            else:
                why = f"{step.id}: the answer is not what the plan expected ({step.expect})"
                await _end(services, place, StepState.FAILED, outcome.result, problem={"why": why})
        case Refused():
            problem: dict[str, JsonValue] = {"why": outcome.why, "by": outcome.by, "status": outcome.status}
            await _end(services, place, StepState.FAILED, outcome.detail, problem=problem)
        case Waiting():
            await _wait_for(services, place, outcome)
        case InDoubt():
            why = f"{outcome.why}. Nobody can tell whether it happened; a person must look"
            reference = str(outcome.known.get("effect"))
            await _open_wait(services, place, WaitKind.REPAIR, why, "approver", reference=reference)
        case _:
            assert_never(outcome)


async def _wait_for(services: Services, place: Place, waiting: Waiting) -> None:
    kind = WaitKind(waiting.kind)
    if kind is not WaitKind.TIMER:
        owner = "admin" if kind is WaitKind.CREDENTIAL else "approver"
        return await _open_wait(services, place, kind, waiting.why, owner, reference=waiting.reference)
    async with services.database.read() as session:
        times = await waits.times_waited(session, place.run.id, place.path, place.unit.iteration, WaitKind.TIMER)
    if times >= services.timer_waits:
        return await _fail(services, place, f"{waiting.why}. It was tried again {times} times over the hours")
    seconds = waiting.until_s if waiting.until_s is not None else waits.growing_delay_s(times)
    why = f"{waiting.why}; next try in {seconds:.0f} s"
    await _open_wait(services, place, kind, why, "clock", seconds=seconds)


async def _ask(services: Services, progress: Progress, place: Place) -> None:
    async with services.database.read() as session:
        answered = await waits.answered(session, place.run.id, place.path, place.unit.iteration)
    if answered is not None:
        return await _end(services, place, StepState.DONE, answered.answer, label=Label.USER)
    question = interpret.bind(progress, place.unit).plain()
    text = str(question.get("question", place.unit.step.purpose)) if isinstance(question, dict) else ""
    await _open_wait(services, place, WaitKind.ANSWER, f"a person is asked: {text}", place.grant.requester)


async def _wait(services: Services, progress: Progress, place: Place) -> None:
    async with services.database.read() as session:
        if await waits.times_waited(session, place.run.id, place.path, place.unit.iteration, WaitKind.TIMER):
            due = True
        else:
            due = False
    if due:
        return await _end(services, place, StepState.DONE, None, label=Label.TYPED)
    given = interpret.bind(progress, place.unit).plain()
    seconds = given.get("seconds") if isinstance(given, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        return await _fail(services, place, f"{place.unit.step.id}: a wait needs `seconds`, a number from 0")
    why = f"the plan waits {seconds:g} s: {place.unit.step.purpose}"
    await _open_wait(services, place, WaitKind.TIMER, why, "clock", seconds=float(seconds))


async def _open_wait(
    services: Services,
    place: Place,
    kind: WaitKind,
    why: str,
    owner: str,
    *,
    reference: str | None = None,
    seconds: float | None = None,
) -> None:
    async with services.database.write("wait.open") as session:
        await audit.hold(session, place.run.id)
        if kind is WaitKind.APPROVAL and reference is not None:
            asked = await approvals.fetch(session, place.run.workspace, reference)
            if asked.state is not ApprovalState.OPEN:
                return  # decided between the question and this row; the next leg acts on it
        moment = await db.now(session)
        await waits.open_or_find(
            session,
            services.ids,
            place.run,
            kind=kind,
            why=why,
            owner=owner,
            step=place.path,
            iteration=place.unit.iteration,
            reference=reference,
            until=None if seconds is None else waits.due(moment, seconds),
        )


async def _end(
    services: Services,
    place: Place,
    state: StepState,
    result: JsonValue,
    *,
    label: Label = Label.TEXT,
    problem: dict[str, JsonValue] | None = None,
) -> None:
    async with services.database.write("step.end") as session:
        moment = await db.now(session)
        row = StepRow(
            run=place.run.id,
            path=place.path,
            iteration=place.unit.iteration,
            state=state,
            result=result,
            label=label.word,
            problem=problem,
            began_at=moment,
            ended_at=moment,
        )
        await runs.end_step(session, place.run, row)


async def _fail(services: Services, place: Place, why: str) -> None:
    await _end(services, place, StepState.FAILED, None, problem={"why": why})
