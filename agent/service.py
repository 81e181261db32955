"""What people do to runs: submit, decide, answer, repair, cancel. Each is one transaction that also wakes the run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue
from sqlmodel.ext.asyncio.session import AsyncSession

from agent import runs, waits
from agent.durable import Queue, wake
from agent.tables import Run, Wait, WaitKind
from tools import db, errors
from tools.clock import Ids
from tools.guard import approvals, audit, ledger
from tools.guard.approvals import Choice
from tools.guard.scope import Grant
from tools.tables import Approval, ApprovalState, Effect, EffectState

MAX_GOAL = 4000
#: characters

Finding = Literal["happened", "did_not_happen"]


class Desk:
    """The people's side of the agent."""

    def __init__(self, database: db.Database, queue: Queue, ids: Ids) -> None:
        self._db = database
        self._queue = queue
        self._ids = ids

    async def submit(
        self,
        *,
        text: str,
        grant: Grant,
        purpose: str = "",
        deadline: datetime | None = None,
        request_key: str | None = None,
    ) -> Run:
        """Accept a goal: its run is a committed row, and queued, when this returns.

        Raises `Invalid` for an empty or over-long text.
        """
        if not text.strip():
            raise errors.Invalid("the goal is empty; say in a sentence what should be done", pointer="/text")
        if len(text) > MAX_GOAL:
            raise errors.Invalid(f"the goal is longer than {MAX_GOAL} characters; split it", pointer="/text")
        async with self._db.write("run.accept") as session:
            run, is_new = await runs.accept(
                session,
                self._ids,
                workspace=grant.workspace,
                text=text,
                submitter=grant.requester,
                grant=grant,
                purpose=purpose,
                deadline=deadline,
                request_key=request_key,
            )
            if is_new:
                await self._queue.enqueue(session, run.id)
        return run

    async def decide(
        self,
        *,
        workspace: str,
        approval_id: str,
        choice: Choice,
        actor: str,
        roles: frozenset[str],
        digest_seen: str,
        reason: str = "",
        edited_arguments: dict[str, Any] | None = None,
    ) -> Approval:
        """Record a person's choice, and wake the run unless more people are asked. Raises as `approvals.decide`."""
        async with self._db.write("approval.decide") as session:
            approval = await approvals.decide(
                session,
                workspace=workspace,
                approval_id=approval_id,
                choice=choice,
                actor=actor,
                roles=roles,
                digest_seen=digest_seen,
                reason=reason,
                edited_arguments=edited_arguments,
            )
            if approval.state is not ApprovalState.OPEN:
                await wake(session, self._queue, workspace, approval.id, how=approval.state.value, actor=actor)
        return approval

    async def answer(self, *, workspace: str, wait_id: str, actor: str, answer: JsonValue) -> Wait:
        """Give the answer that a run waits for. Raises `Unknown`, and `Conflict` when it waits no more."""
        async with self._db.write("wait.answer") as session:
            wait = await _open_wait(session, workspace, wait_id, WaitKind.ANSWER)
            await waits.close(session, wait, how="answered", actor=actor, answer=answer)
            await self._queue.enqueue(session, wait.run)
        return wait

    async def restore(self, *, workspace: str, wait_id: str, actor: str) -> Wait:
        """Say that a credential works again (or that a system does): the run tries anew at once."""
        async with self._db.write("wait.restore") as session:
            wait = await _open_wait(session, workspace, wait_id, WaitKind.CREDENTIAL, WaitKind.TIMER)
            await waits.close(session, wait, how="retry", actor=actor)
            await self._queue.enqueue(session, wait.run)
        return wait

    async def repair(
        self, *, workspace: str, effect_id: str, actor: str, finding: Finding, result: JsonValue = None, reason: str
    ) -> Effect:
        """A person's word on a parked effect: it happened (with this result), or it did not (and may be sent).

        Raises `Unknown`, and `Conflict` when the effect is not parked.
        """
        async with self._db.write("effect.repair") as session:
            effect = await ledger.find(session, effect_id)
            if effect is None or effect.workspace != workspace:
                raise errors.Unknown(f"there is no effect {effect_id}")
            await audit.hold(session, effect.run)
            state = EffectState.DONE if finding == "happened" else EffectState.INTENDED
            effect = await ledger.repair(session, effect, state, actor=actor, result=result, reason=reason)
            await wake(session, self._queue, workspace, effect.id, how=finding, actor=actor)
        return effect

    async def cancel(self, *, workspace: str, run_id: str, actor: str, reason: str = "") -> Run:
        async with self._db.write("run.cancel") as session:
            return await runs.cancel(session, workspace, run_id, actor, reason)


async def _open_wait(session: AsyncSession, workspace: str, wait_id: str, *kinds: WaitKind) -> Wait:
    wait = await session.get(Wait, wait_id)
    if wait is None or wait.workspace != workspace or wait.kind not in kinds:
        raise errors.Unknown(f"there is no {' or '.join(kinds)} wait {wait_id}")
    await audit.hold(session, wait.run)
    await session.refresh(wait)
    if wait.closed_at is not None:
        raise errors.Conflict(f"the run waits for this no more: {wait.closed_how}")
    return wait
