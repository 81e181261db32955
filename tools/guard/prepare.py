"""From a call to a request that could be sent: its action, connection, bytes, and the rules that will judge it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import JsonValue
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from tools import egress, errors, schema, wire
from tools.action import AcceptedAction, Action, ActionId
from tools.call import Call
from tools.guard import approvals, audit, policy
from tools.guard.scope import Grant
from tools.guard.verdict import Refused, Waiting
from tools.labels import Label, Labelled, labelled
from tools.tables import Connection, Policy, System


class Registry(Protocol):
    async def accepted(
        self, session: AsyncSession, workspace: str, action: ActionId, revision: int | None
    ) -> AcceptedAction | None:
        """The action as accepted in that revision of its surface (None: the latest), or None when it is not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A call that could be sent: everything the judgement, the approval and the wire need."""

    call: Call
    grant: Grant
    action: Action
    defs: dict[str, Any]
    request: wire.Request
    key: str
    target: egress.Target
    connection: Connection
    ruleset: policy.Ruleset
    policy_version: int
    is_edited: bool

    def bound(self) -> dict[str, Any]:
        """What an approval of this call is an approval of."""
        return {
            "request": self.request.canonical(),
            "labels": {pointer: leaf.label.word for pointer, leaf in self.call.arguments.leaves()},
            "run": self.call.position.run,
            "step": self.call.position.step,
            "iteration": self.call.position.iteration,
            "policy": self.policy_version,
            "surface": self.call.surface,
            "connection": [self.connection.id, self.connection.version],
        }


async def prepare(
    session: AsyncSession, registry: Registry, call: Call, grant: Grant, *, timeout_s: float
) -> Prepared | Refused | Waiting:
    """Look up, check and render everything about `call`; nothing is judged yet. A refusal is on the record already."""
    accepted = await registry.accepted(session, grant.workspace, call.action, call.surface)
    if accepted is None:
        return Refused(by="guard", why=f"{call.action} is not an accepted action")
    action = accepted.action
    connection = await _connection(session, grant.workspace, call.connection)
    system = await _system(session, grant.workspace, action.system)
    if system is None or connection is None or connection.system != action.system:
        return Refused(by="guard", why=f"there is no connection to {action.system} for this call")
    if connection.sealed is None and connection.auth_kind != "none":
        return Waiting(kind="credential", why=f"the connection to {action.system} has no secret yet")
    call, is_edited = await _with_edits(session, call)
    plain = call.arguments.plain()
    if found := schema.Validator.compile(action.args_schema(), accepted.defs).problems(plain):
        await record(session, grant, call, "guard.deny", {"rule": "arguments", "problems": _shown(found)})
        return Refused(
            by="guard", why=f"the arguments do not fit {action.id}: {schema.told(found)}", detail=_shown(found)
        )
    assert isinstance(plain, dict)
    try:
        request = wire.render(action, plain, system.base_url)
    except errors.RequestUnsafe as exc:
        await record(session, grant, call, "guard.deny", {"rule": "wire", "why": exc.message})
        return Refused(by="guard", why=exc.message)
    key = call.position.effect_id
    if action.resolver.key_header:
        request = request.with_header(action.resolver.key_header, key)
    active = await _active_policy(session, grant.workspace)
    try:
        ruleset = policy.read(active.source) if active else policy.Ruleset()
    except errors.PolicyInvalid as exc:
        why = f"the active policy cannot be read, so nothing is allowed: {exc.message}"
        await record(session, grant, call, "guard.deny", {"rule": "policy.error", "why": why})
        return Refused(by="guard", why=why)
    return Prepared(
        call=call,
        grant=grant,
        action=action,
        defs=accepted.defs,
        request=request,
        key=key,
        target=replace(
            _target(system, connection, min(action.timeout_s, timeout_s)), action=action.id, revision=call.surface
        ),
        connection=connection,
        ruleset=ruleset,
        policy_version=active.version if active else 0,
        is_edited=is_edited,
    )


async def _with_edits(session: AsyncSession, call: Call) -> tuple[Call, bool]:
    """The call with what a person put in place of its arguments; those values are the person's own word."""
    edit = await approvals.edited(session, call.position)
    if edit is None or edit.edited_arguments is None:
        return call, False
    given = dict(call.arguments.value) if isinstance(call.arguments.value, dict) else {}
    for name, value in edit.edited_arguments.items():
        if name not in given or given[name].plain() != value:
            given[name] = labelled(value, Label.USER, f"approval:{edit.id}")
    kept = {name: value for name, value in given.items() if name in edit.edited_arguments}
    return replace(call, arguments=Labelled(value=kept, own=Label.USER)), True


async def record(session: AsyncSession, grant: Grant, call: Call, kind: str, body: dict[str, Any]) -> None:
    """Append what the guard decided about the call to the run's chain."""
    place = {"step": call.position.step, "iteration": call.position.iteration, "action": call.action}
    await audit.append(
        session, workspace=grant.workspace, chain=call.position.run, kind=kind, actor="guard", body=place | body
    )


def _shown(problems: tuple[schema.Problem, ...]) -> JsonValue:
    return [str(problem) for problem in problems]


def _target(system: System, connection: Connection, timeout_s: float) -> egress.Target:
    return egress.Target(
        workspace=connection.workspace,
        connection=connection.id,
        base_url=system.base_url,
        allow_private=system.allow_private,
        auth_kind=connection.auth_kind,
        public=connection.public,
        envelope=connection.sealed,
        timeout_s=timeout_s,
    )


async def _connection(session: AsyncSession, workspace: str, connection: str) -> Connection | None:
    found = await session.exec(select(Connection).where(Connection.workspace == workspace, Connection.id == connection))
    return found.first()


async def _system(session: AsyncSession, workspace: str, slug: str) -> System | None:
    return (await session.exec(select(System).where(System.workspace == workspace, System.slug == slug))).first()


async def _active_policy(session: AsyncSession, workspace: str) -> Policy | None:
    found = await session.exec(
        select(Policy)
        .where(Policy.workspace == workspace, col(Policy.is_active).is_(True))
        .order_by(col(Policy.version).desc())
        .limit(1)
    )
    return found.first()
