"""The effect ledger: the world is touched at most once per intent.

`intended -> sending(attempt, worker, fence) -> done | refused | in_doubt -> done | intended | parked`. A row is
`sending` before its first byte leaves; whoever finds it so does not know whether it happened and must not send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from tools import db, errors
from tools.action import Action
from tools.call import Call, digest
from tools.guard import audit
from tools.tables import Attempt, Effect, EffectState


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The worker that acts, and the number of its leg: a later leg's number fences out an earlier one's."""

    worker: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """The right to send the stored request, this once."""

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Settled already; the outcome is in the row."""

    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Somebody may have sent it and did not live to say. Resolve it or ask, never resend blindly."""

    effect: Effect


def identify(action: Action, arguments: JsonValue) -> str:
    """The digest under which the same thing asked for twice is recognised."""
    return digest([action.id, arguments])


async def find(session: AsyncSession, effect_id: str) -> Effect | None:
    return await session.get(Effect, effect_id)


async def intend(
    session: AsyncSession, *, workspace: str, call: Call, action: Action, request: dict[str, Any], key: str
) -> Effect:
    """The row of this call, written now if it is new. Raises `KeyReused` when the id stands for another request."""
    effect_id = call.position.effect_id
    request_digest = digest(request)
    existing = await find(session, effect_id)
    if existing is not None:
        if existing.digest != request_digest:
            raise errors.KeyReused(effect=effect_id)
        return existing
    arguments = call.arguments.plain()
    effect = Effect(
        id=effect_id,
        workspace=workspace,
        run=call.position.run,
        step=call.position.step,
        iteration=call.position.iteration,
        action=action.id,
        connection=call.connection,
        surface=call.surface,
        digest=request_digest,
        request=request,
        arguments=arguments if isinstance(arguments, dict) else {},
        arguments_digest=identify(action, arguments),
        key=key,
        state=EffectState.INTENDED,
        created_at=await db.now(session),
    )
    session.add(effect)
    return effect


async def reserve(session: AsyncSession, effect: Effect, lease: Lease) -> Reserved | Replayed | Doubtful:
    """Claim the right to send, at most once. The caller commits before the first byte leaves.

    `Replayed` carries the outcome settled under the same id. `Doubtful` means an earlier attempt may have sent it. An
    attempt with a lower fence than the row's has lost its lease: it gets `Doubtful` too, and so never sends.
    """
    if effect.state in (EffectState.DONE, EffectState.REFUSED, EffectState.PARKED):
        return Replayed(effect=effect)
    if effect.state is not EffectState.INTENDED or lease.fence < effect.fence:
        return Doubtful(effect=effect)
    moment = await db.now(session)
    await session.flush()
    claimed = await session.exec(
        update(Effect)
        .where(
            col(Effect.id) == effect.id,
            col(Effect.state) == EffectState.INTENDED,
            col(Effect.attempt) == effect.attempt,
        )
        .values(
            state=EffectState.SENDING,
            attempt=effect.attempt + 1,
            worker=lease.worker,
            fence=lease.fence,
            sent_at=moment,
        )
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:
        await session.refresh(effect)
        return Doubtful(effect=effect)
    await session.refresh(effect)
    session.add(Attempt(effect=effect.id, number=effect.attempt, worker=lease.worker, began_at=moment))
    body = {"effect": effect.id, "attempt": effect.attempt, "digest": effect.digest, "action": effect.action}
    await _record(session, effect, "effect.sending", body)
    return Reserved(effect=effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt, or the doubt after it, ended."""

    state: EffectState
    cause: str
    #: one sentence, without any value of the request or the answer
    status: int | None = None
    result: JsonValue = None
    how: str | None = None
    delay_s: float | None = None


async def settle(session: AsyncSession, effect_id: str, attempt: int, ending: Ending) -> Effect:
    """Write down how attempt number `attempt` ended. A worker whose attempt is no longer the row's changes nothing.

    Raises `Conflict` then: somebody else has taken the effect over, and their word counts.
    """
    moment = await db.now(session)
    over = ending.state in (EffectState.DONE, EffectState.REFUSED, EffectState.PARKED)
    changed = await session.exec(
        update(Effect)
        .where(
            col(Effect.id) == effect_id,
            col(Effect.attempt) == attempt,
            col(Effect.state).in_([EffectState.SENDING, EffectState.IN_DOUBT]),
        )
        .values(
            state=ending.state,
            status=ending.status,
            result=ending.result,
            problem=None if ending.state is EffectState.DONE else ending.cause,
            how=ending.how,
            settled_at=moment if over else None,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise errors.Conflict("another worker has taken this effect over", effect=effect_id)
    await session.exec(
        update(Attempt)
        .where(col(Attempt.effect) == effect_id, col(Attempt.number) == attempt, col(Attempt.outcome).is_(None))
        .values(ended_at=moment, outcome=ending.state.value, cause=ending.cause, delay_s=ending.delay_s)
        .execution_options(synchronize_session=False)
    )
    effect = await session.get(Effect, effect_id, populate_existing=True)
    assert effect is not None
    body = {"effect": effect.id, "attempt": attempt, "state": ending.state.value, "cause": ending.cause}
    await _record(session, effect, f"effect.{ending.state.value}", body | {"status": ending.status, "how": ending.how})
    return effect


async def repair(
    session: AsyncSession, effect: Effect, state: EffectState, *, actor: str, result: JsonValue, reason: str
) -> Effect:
    """A person's finding on a parked effect: `done` with its result, or `intended` again. Raises `Conflict`."""
    changed = await session.exec(
        update(Effect)
        .where(col(Effect.id) == effect.id, col(Effect.state) == EffectState.PARKED)
        .values(state=state, result=result, how="person", problem=None)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise errors.Conflict(f"the effect is {effect.state}, not parked")
    await session.refresh(effect)
    body = {"effect": effect.id, "state": state.value, "reason": reason, "step": effect.step}
    await audit.append(
        session, workspace=effect.workspace, chain=effect.run, kind="effect.repaired", actor=actor, body=body
    )
    return effect


async def count(session: AsyncSession, run: str) -> int:
    """How many effects the run has in all, whatever became of them."""
    return (await session.exec(select(func.count()).select_from(Effect).where(Effect.run == run))).one()


async def done_before(session: AsyncSession, run: str, arguments_digest: str, effect_id: str) -> Effect | None:
    """A confirmed effect of the same run, elsewhere in its plan, that did exactly this."""
    found = await session.exec(
        select(Effect).where(
            Effect.run == run,
            Effect.arguments_digest == arguments_digest,
            Effect.state == EffectState.DONE,
            Effect.id != effect_id,
        )
    )
    return found.first()


def age_s(effect: Effect, moment: datetime) -> float:
    """Seconds since the last attempt began."""
    return (moment - (effect.sent_at or effect.created_at)).total_seconds()


async def _record(session: AsyncSession, effect: Effect, kind: str, body: dict[str, Any]) -> None:
    await audit.append(
        session,
        workspace=effect.workspace,
        chain=effect.run,
        kind=kind,
        actor="guard",
        body=body | {"step": effect.step, "iteration": effect.iteration},
    )
