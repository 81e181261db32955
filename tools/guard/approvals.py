"""A person's decision on one exact rendered request: opened by the gate, decided once, used once.

What is bound is the digest over the request's bytes and everything that gave them their meaning. When any of it
changes, it is another question.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from tools import db, errors
from tools.call import Position, digest
from tools.clock import Ids
from tools.guard import audit
from tools.guard.verdict import Ask
from tools.schema import described
from tools.tables import Approval, ApprovalState, Role

Choice = Literal["approve", "reject", "edit"]


async def open_or_find(
    session: AsyncSession, ids: Ids, *, position: Position, bound: dict[str, Any], ask: Ask, facts: dict[str, Any]
) -> Approval:
    """The open question about exactly `bound`, asked now if it was not yet.

    `facts` are the row's other columns: workspace, action, connection, arguments, labels, requester. An older open
    question at the same position about other bytes is superseded: nobody may approve what is no longer asked.
    """
    bound_digest = digest(bound)
    moment = await db.now(session)
    for older in await _at(session, position, ApprovalState.OPEN):
        if older.digest == bound_digest and older.expires_at > moment:
            return older
        await _close(session, older, _ended(older, moment), actor="guard", reason="")
    approval = Approval(
        id=ids.new("apr"),
        run=position.run,
        step=position.step,
        iteration=position.iteration,
        digest=bound_digest,
        bound=bound,
        rule=ask.rule,
        why=ask.why,
        role=ask.role,
        count=ask.count,
        not_requester=ask.not_requester,
        state=ApprovalState.OPEN,
        decisions=[],
        opened_at=moment,
        expires_at=moment + ask.within,
        **facts,
    )
    session.add(approval)
    body = {"approval": approval.id, "digest": bound_digest, "rule": ask.rule, "why": ask.why, "count": ask.count}
    await audit.append(
        session,
        workspace=approval.workspace,
        chain=position.run,
        kind="approval.opened",
        actor="guard",
        body=body | {"step": position.step, "action": approval.action, "expires_at": approval.expires_at.isoformat()},
    )
    return approval


async def decide(
    session: AsyncSession,
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
    """Record one person's choice about the request whose digest they saw.

    `edit` closes the question with other arguments; they are rendered, judged and asked about anew. Raises `Unknown`,
    `Forbidden` (wrong role, or the requester where another person is asked) and `Conflict` (already decided, expired,
    decided by the same person before, or another request than the one seen).
    """
    approval = await fetch(session, workspace, approval_id)
    _check_person(approval, actor, roles)
    if approval.digest != digest_seen:
        raise errors.Conflict("the request is not the one you saw; open the approval again")
    moment = await db.now(session)
    if approval.state is ApprovalState.OPEN and approval.expires_at <= moment:
        await _close(session, approval, ApprovalState.EXPIRED, actor="guard", reason="nobody decided in time")
        return approval
    if approval.state is not ApprovalState.OPEN:
        raise errors.Conflict(f"this approval is {approval.state} already")
    entry = {"actor": actor, "choice": choice, "reason": reason, "at": moment.isoformat()}
    decisions = [*approval.decisions, entry]
    if choice == "reject":
        return await _move(session, approval, ApprovalState.REJECTED, decisions, actor, reason)
    if choice == "edit":
        if edited_arguments is None:
            raise errors.Invalid("an edit names the arguments as they should be")
        _check_types(approval.arguments, edited_arguments)
        approval.edited_arguments = edited_arguments
        return await _move(session, approval, ApprovalState.SUPERSEDED, decisions, actor, reason)
    said_yes = sum(1 for decision in decisions if decision["choice"] == "approve")
    state = ApprovalState.APPROVED if said_yes >= approval.count else ApprovalState.OPEN
    return await _move(session, approval, state, decisions, actor, reason)


async def use(session: AsyncSession, *, position: Position, bound_digest: str) -> Approval | None:
    """Spend the approval of exactly these bytes at this position, if one holds: once, and not after its time."""
    moment = await db.now(session)
    for approval in await _at(session, position, ApprovalState.APPROVED):
        if approval.digest != bound_digest or digest(approval.bound) != bound_digest:
            continue
        if approval.expires_at <= moment:
            await _close(
                session, approval, ApprovalState.EXPIRED, actor="guard", reason="approved, but not used in time"
            )
            continue
        return await _move(session, approval, ApprovalState.USED, approval.decisions, "guard", "")
    return None


async def last_word(session: AsyncSession, position: Position) -> Approval | None:
    """The newest question at this position, however it ended."""
    found = await session.exec(_where(position).order_by(col(Approval.opened_at).desc(), col(Approval.id)).limit(1))
    return found.first()


async def edited(session: AsyncSession, position: Position) -> Approval | None:
    """The newest question at this position that was answered with other arguments, if any was."""
    found = await session.exec(_where(position).order_by(col(Approval.opened_at).desc()))
    return next((approval for approval in found if approval.edited_arguments is not None), None)


async def overdue(session: AsyncSession) -> list[Approval]:
    """Every open question whose time is over."""
    moment = await db.now(session)
    late = await session.exec(
        select(Approval).where(Approval.state == ApprovalState.OPEN, Approval.expires_at <= moment)
    )
    return list(late)


async def expire(session: AsyncSession, workspace: str, approval_id: str) -> Approval:
    """Close the question if its time is over and nobody decided it meanwhile."""
    approval = await fetch(session, workspace, approval_id)
    if approval.state is ApprovalState.OPEN and approval.expires_at <= await db.now(session):
        await _close(session, approval, ApprovalState.EXPIRED, actor="guard", reason="nobody decided in time")
    return approval


async def fetch(session: AsyncSession, workspace: str, approval_id: str) -> Approval:
    """The approval, with its run held. Raises `Unknown`."""
    found = await session.exec(select(Approval).where(Approval.workspace == workspace, Approval.id == approval_id))
    if (approval := found.first()) is None:
        raise errors.Unknown(f"there is no approval {approval_id}")
    await audit.hold(session, approval.run)
    await session.refresh(approval)
    return approval


def _check_person(approval: Approval, actor: str, roles: frozenset[str]) -> None:
    if approval.role not in roles and Role.ADMIN not in roles:
        raise errors.Forbidden(f"this needs the role {approval.role}")
    if approval.not_requester and actor == approval.requester:
        raise errors.Forbidden("whoever asked for the run may not approve this; another person must")
    if any(decision["actor"] == actor for decision in approval.decisions):
        raise errors.Conflict("you decided this already; another person is needed")


def _check_types(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, value in after.items():
        if name in before and before[name] is not None and type(before[name]) is not type(value):
            kinds = f"expected the kind that it was ({described(before[name])}), came {described(value)}"
            raise errors.Invalid(f"/{name}: {kinds}", pointer=f"/{name}")


async def _move(
    session: AsyncSession,
    approval: Approval,
    state: ApprovalState,
    decisions: list[dict[str, Any]],
    actor: str,
    reason: str,
) -> Approval:
    """Compare and set: of two who act on the same version, one succeeds."""
    moment = await db.now(session)
    changed = await session.exec(
        update(Approval)
        .where(col(Approval.id) == approval.id, col(Approval.version) == approval.version)
        .values(
            state=state,
            decisions=decisions,
            version=approval.version + 1,
            edited_arguments=approval.edited_arguments,
            closed_at=None if state is ApprovalState.OPEN else moment,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise errors.Conflict("somebody else decided this at the same moment")
    await session.refresh(approval)
    body = {"approval": approval.id, "digest": approval.digest, "state": state.value, "reason": reason}
    await audit.append(
        session,
        workspace=approval.workspace,
        chain=approval.run,
        kind=f"approval.{decisions[-1]['choice'] if state is ApprovalState.OPEN else state.value}",
        actor=actor,
        body=body | {"step": approval.step, "decisions": len(decisions)},
    )
    return approval


async def _close(session: AsyncSession, approval: Approval, state: ApprovalState, *, actor: str, reason: str) -> None:
    await _move(session, approval, state, approval.decisions, actor, reason)


def _ended(approval: Approval, moment: Any) -> ApprovalState:
    return ApprovalState.EXPIRED if approval.expires_at <= moment else ApprovalState.SUPERSEDED


async def _at(session: AsyncSession, position: Position, state: ApprovalState) -> list[Approval]:
    return list(await session.exec(_where(position).where(Approval.state == state)))


def _where(position: Position) -> SelectOfScalar[Approval]:
    return select(Approval).where(
        Approval.run == position.run, Approval.step == position.step, Approval.iteration == position.iteration
    )
