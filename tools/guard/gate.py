"""The gate: `Guard.submit` is the one door to the world. It judges a call, records that, and lets it happen once.

judge (pure) -> audit -> approval when asked -> reserve (one commit with all of these) -> send -> settle. Safe to call
again at any time with the same call: whatever is already settled is answered from the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, assert_never

from sqlmodel.ext.asyncio.session import AsyncSession

from tools import db, egress, errors, wire
from tools.action import ResolverKind
from tools.call import Call, StepPath, digest
from tools.clock import Ids
from tools.guard import answers, approvals, audit, ledger, policy, resolve, scope
from tools.guard.ledger import Lease
from tools.guard.prepare import Prepared, Registry, prepare, record
from tools.guard.scope import Grant
from tools.guard.verdict import Allow, Ask, Deny, InDoubt, Outcome, Refused, Settled, Verdict, Waiting
from tools.ratelimit import Pace
from tools.tables import ApprovalState, Effect, EffectState

_TAKEN_OVER = Waiting(kind="timer", why="another worker has taken this effect over", until_s=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what one submission may take."""

    timeout_s: float = 30.0
    #: longest a request may take; an action's own shorter timeout wins
    claim_s: float = 5.0
    #: a worker that could not send within this time of its claim gives it back instead: it may have lost its lease


class Guard:
    def __init__(
        self,
        database: db.Database,
        registry: Registry,
        sender: egress.Egress,
        ids: Ids,
        pace: Pace,
        limits: Limits | None = None,
    ) -> None:
        self._db = database
        self._registry = registry
        self._egress = sender
        self._ids = ids
        self._pace = pace
        self._limits = limits or Limits()

    async def submit(self, call: Call, grant: Grant, lease: Lease) -> Outcome:
        """Make `call` happen at most once, or say why it does not.

        `Settled`: it happened, or was read. `Refused`: it definitely did not. `Waiting`: nothing was sent, something is
        awaited. `InDoubt`: nobody can tell; a person must look.
        """
        async with self._turn("guard.decide", call) as session:
            effect = await ledger.find(session, call.position.effect_id)
            if effect is not None and (known := _already(effect)) is not None:
                return known
            prepared = await prepare(session, self._registry, call, grant, timeout_s=self._limits.timeout_s)
            if isinstance(prepared, Refused | Waiting):
                return prepared
            pause_s = self._pace.wait_s(prepared.connection.id, prepared.action.id)
            if pause_s > 0:
                return Waiting(kind="timer", why=f"{prepared.action.system} asked to slow down", until_s=pause_s)
            if effect is not None and effect.state in (EffectState.SENDING, EffectState.IN_DOUBT):
                claimed: Effect | Outcome | None = None
            else:
                claimed = await self._decide(session, prepared, effect, lease)
        if isinstance(claimed, Settled | Refused | Waiting | InDoubt):
            return claimed
        if claimed is not None:
            return await self._send(prepared, claimed, lease)
        if effect is not None:
            return await self._resolve(prepared, effect, lease)
        return await self._read(prepared)

    @asynccontextmanager
    async def _turn(self, name: str, call: Call) -> AsyncIterator[AsyncSession]:
        """A transaction that has the call's run to itself."""
        async with self._db.write(name) as session:
            await audit.hold(session, call.position.run)
            yield session

    async def _decide(
        self, session: AsyncSession, prepared: Prepared, effect: Effect | None, lease: Lease
    ) -> Effect | Outcome | None:
        """Judge and record. An Effect is claimed for sending; None means a read may go; anything else is the answer."""
        verdict = await self._judge(session, prepared, effect)
        await record(session, prepared.grant, prepared.call, f"guard.{_word(verdict)}", _told(verdict, prepared))
        match verdict:
            case Deny():
                return Refused(by="guard", why=verdict.why)
            case Ask():
                if not await self._is_approved(session, prepared, effect):
                    return await self._ask(session, prepared, verdict)
            case Allow():
                pass
            case _:
                assert_never(verdict)
        if not prepared.action.has_effect:
            return None
        try:
            effect = await ledger.intend(
                session,
                workspace=prepared.grant.workspace,
                call=prepared.call,
                action=prepared.action,
                request=prepared.request.canonical(),
                key=prepared.key,
            )
        except errors.KeyReused as exc:
            return Refused(by="guard", why=exc.message)
        await session.flush()
        return _claimed(await ledger.reserve(session, effect, lease))

    async def _judge(self, session: AsyncSession, prepared: Prepared, effect: Effect | None) -> Verdict:
        moment = await db.now(session)
        used = await ledger.count(session, prepared.call.position.run)
        usage = scope.Usage(
            effects=used - (1 if effect is not None else 0),
            now=moment,
            scopes=None if prepared.connection.scopes is None else frozenset(prepared.connection.scopes),
            is_enabled=prepared.connection.is_enabled,
        )
        if denied := scope.outside(prepared.grant, prepared.action, usage):
            return denied
        question = policy.Question(
            action=prepared.action,
            arguments=prepared.call.arguments,
            requester=prepared.grant.requester,
            now=moment,
        )
        verdict = policy.judge(question, prepared.ruleset)
        if not isinstance(verdict, Allow) or not prepared.action.has_effect:
            return verdict
        if prepared.is_edited:
            return Ask(rule="edited", why="a person changed the arguments; the request as it is now needs a yes")
        identity = ledger.identify(prepared.action, prepared.call.arguments.plain())
        if await ledger.done_before(session, prepared.call.position.run, identity, prepared.call.position.effect_id):
            return Ask(rule="done_before", why="this run already did exactly this", count=1)
        return verdict

    async def _is_approved(self, session: AsyncSession, prepared: Prepared, effect: Effect | None) -> bool:
        bound = digest(prepared.bound())
        if await approvals.use(session, position=prepared.call.position, bound_digest=bound) is not None:
            return True
        if effect is None or effect.attempt == 0:
            return False
        # The same request goes again because it provably did not happen: the yes it had is for this very effect.
        last = await approvals.last_word(session, prepared.call.position)
        return last is not None and last.state is ApprovalState.USED and last.digest == bound

    async def _ask(self, session: AsyncSession, prepared: Prepared, ask: Ask) -> Outcome:
        call = prepared.call
        last = await approvals.last_word(session, call.position)
        if last is not None and last.state is ApprovalState.REJECTED:
            return Refused(by="person", why=last.decisions[-1]["reason"] or "a person rejected it")
        if last is not None and last.state is ApprovalState.EXPIRED:
            return Refused(by="person", why="nobody approved it in time")
        approval = await approvals.open_or_find(
            session,
            self._ids,
            position=call.position,
            bound=prepared.bound(),
            ask=ask,
            facts={
                "workspace": prepared.grant.workspace,
                "action": prepared.action.id,
                "connection": prepared.connection.id,
                "arguments": call.arguments.plain(),
                "labels": {pointer: leaf.label.word for pointer, leaf in call.arguments.leaves()},
                "requester": prepared.grant.requester,
            },
        )
        people = "a person" if ask.count == 1 else f"{ask.count} people"
        return Waiting(
            kind="approval",
            why=f"{prepared.action.id} waits for {people} with the role {ask.role}: {ask.why}",
            reference=approval.id,
        )

    async def _send(self, prepared: Prepared, effect: Effect, lease: Lease) -> Outcome:
        """Send a claimed effect, again while it definitely did not happen and the action's retry policy allows."""
        retry = prepared.action.retry
        claimed_at = asyncio.get_running_loop().time()
        for number in range(1, retry.attempts + 1):
            if asyncio.get_running_loop().time() - claimed_at > self._limits.claim_s:
                sent: egress.Sent = egress.NotSent(reason="the claim was too old", cause=egress.Cause.DEADLINE)
            else:
                sent = await self._egress.send(wire.Request.from_canonical(effect.request), prepared.target)
            pause_s = self._pause_s(prepared, sent, number)
            ending = answers.ending(prepared.action, sent, has_key=bool(prepared.action.resolver.key_header))
            if ending.state is EffectState.INTENDED and number < retry.attempts:
                ending = replace(ending, delay_s=pause_s)
            try:
                async with self._turn("ledger.settle", prepared.call) as session:
                    effect = await ledger.settle(session, effect.id, effect.attempt, ending)
            except errors.Conflict:
                return _TAKEN_OVER
            if effect.state is EffectState.IN_DOUBT:
                return await self._resolve(prepared, effect, lease)
            if effect.state is not EffectState.INTENDED:
                return _outcome(effect)
            if answers.needs_credential(sent):
                return Waiting(kind="credential", why=f"{effect.action} needs a working credential: {effect.problem}")
            if pause_s > retry.max_delay_s:
                return Waiting(kind="timer", why=f"{effect.action}: {effect.problem}", until_s=pause_s)
            if number == retry.attempts:
                break
            await asyncio.sleep(pause_s)
            async with self._turn("ledger.reserve", prepared.call) as session:
                fresh = await session.get(Effect, effect.id)
                assert fresh is not None
                claimed = _claimed(await ledger.reserve(session, fresh, lease))
            if not isinstance(claimed, Effect):
                return claimed
            effect, claimed_at = claimed, asyncio.get_running_loop().time()
        return Waiting(kind="timer", why=f"{effect.action} was tried {effect.attempt} times: {effect.problem}")

    async def _read(self, prepared: Prepared) -> Outcome:
        action, retry = prepared.action, prepared.action.retry
        read = answers.Read()
        for number in range(1, retry.attempts + 1):
            sent = await self._egress.send(prepared.request, prepared.target)
            pause_s = self._pause_s(prepared, sent, number)
            read = answers.reading(action, sent)
            if read.problem is None:
                return Settled(result=read.result, status=read.status or 200)
            if answers.needs_credential(sent):
                return Waiting(kind="credential", why=f"{action.id} needs a working credential: {read.problem}")
            if not read.may_recover:
                why = f"{action.id}: the system {read.problem}"
                return Refused(by="system", why=why, status=read.status, detail=read.result)
            if pause_s > retry.max_delay_s:
                return Waiting(kind="timer", why=f"{action.id}: {read.problem}", until_s=pause_s)
            if number < retry.attempts:
                await asyncio.sleep(pause_s)
        return Waiting(kind="timer", why=f"{action.system} does not serve {action.id}: {read.problem}")

    def _pause_s(self, prepared: Prepared, sent: egress.Sent, number: int) -> float:
        """Seconds to wait after attempt `number`: the action's own delay, or what the system asks for."""
        retry = prepared.action.retry
        own = min(retry.base_delay_s * 2.0 ** (number - 1), retry.max_delay_s)
        if not isinstance(sent, egress.Answered):
            return own
        asked = self._pace.learn(prepared.connection.id, prepared.action.id, sent.status, sent.headers)
        return max(own, asked)

    async def _resolve(self, prepared: Prepared, effect: Effect, lease: Lease) -> Outcome:
        """Find out what became of an effect in doubt; send it again only when that is safe."""
        async with self._turn("ledger.doubt", prepared.call) as session:
            row = await session.get(Effect, effect.id)
            assert row is not None
            moment = await db.now(session)
            if row.state is EffectState.SENDING:
                if lease.fence < row.fence or (lease.fence == row.fence and lease.worker != row.worker):
                    return _TAKEN_OVER
                cause = "the worker stopped between sending and settling"
                row = await ledger.settle(
                    session, row.id, row.attempt, ledger.Ending(state=EffectState.IN_DOUBT, cause=cause)
                )
        rest_s = prepared.target.timeout_s - ledger.age_s(row, moment)
        means = resolve.means(prepared.action, row, moment)
        if rest_s > 0 and means is not ResolverKind.KEY:
            # The old request may still be under way; a look now could come before it.
            why = f"{prepared.action.id} may still be under way; what became of it is looked up then"
            return Waiting(kind="timer", why=why, until_s=rest_s + 0.1)
        if means is ResolverKind.KEY:
            return await self._again(
                prepared,
                row,
                lease,
                ledger.Ending(
                    state=EffectState.INTENDED,
                    cause="the system keeps the idempotency key, so the same request is safe",
                ),
            )
        if means in (ResolverKind.NATURAL_KEY, ResolverKind.PROBE):
            found = await self._look(prepared, row)
            match found:
                case Waiting():
                    return found
                case resolve.Found():
                    ending = ledger.Ending(
                        state=EffectState.DONE, cause="", status=row.status, result=found.record, how=means.value
                    )
                    async with self._turn("ledger.settle", prepared.call) as session:
                        return _outcome(await ledger.settle(session, row.id, row.attempt, ending))
                case resolve.Absent():
                    cause = "a look-up showed that it did not happen"
                    return await self._again(
                        prepared, row, lease, ledger.Ending(state=EffectState.INTENDED, cause=cause)
                    )
                case resolve.Unclear():
                    why = found.why
                case _:
                    assert_never(found)
        else:
            why = "the action has no means to find out"
        async with self._turn("ledger.park", prepared.call) as session:
            parked = ledger.Ending(state=EffectState.PARKED, cause=f"{row.problem or 'in doubt'}; {why}", how="park")
            return _outcome(await ledger.settle(session, row.id, row.attempt, parked))

    async def _again(self, prepared: Prepared, row: Effect, lease: Lease, proof: ledger.Ending) -> Outcome:
        """Send the stored request once more, judged anew, after `proof` that doing so is safe."""
        if row.attempt >= prepared.action.retry.attempts + 3:
            async with self._turn("ledger.park", prepared.call) as session:
                parked = ledger.Ending(
                    state=EffectState.PARKED, cause="tried too often without a clear answer", how="park"
                )
                return _outcome(await ledger.settle(session, row.id, row.attempt, parked))
        async with self._turn("ledger.reserve", prepared.call) as session:
            row = await ledger.settle(session, row.id, row.attempt, proof)
            if row.digest != digest(prepared.request.canonical()):
                return Refused(by="guard", why="the request would no longer be the one that was stored")
            claimed = await self._decide(session, prepared, row, lease)
        if isinstance(claimed, Effect):
            return await self._send(prepared, claimed, lease)
        assert claimed is not None
        return claimed

    async def _look(self, prepared: Prepared, row: Effect) -> resolve.Looked | Waiting:
        """Run the action's probe: a read through this same gate, at a position of its own."""
        probe = prepared.action.resolver.probe
        assert probe is not None
        look = replace(
            prepared.call,
            position=replace(prepared.call.position, step=StepPath(f"{prepared.call.position.step}#probe")),
            action=probe.action,
            arguments=resolve.probe_arguments(probe, prepared.call.arguments),
            purpose=f"find out whether {prepared.action.id} happened",
        )
        outcome = await self.submit(look, prepared.grant, Lease(worker=row.worker or "", fence=row.fence))
        match outcome:
            case Settled():
                return resolve.compare(probe, row.arguments, outcome.result)
            case Refused() if outcome.status == 404:
                return resolve.Absent()
            case Refused() | InDoubt():
                return resolve.Unclear(why=f"the look-up failed: {outcome.why}")
            case Waiting():
                return outcome
            case _:
                assert_never(outcome)


def _already(effect: Effect) -> Outcome | None:
    """The outcome of an effect that is over; None while it is not."""
    if effect.state in (EffectState.DONE, EffectState.REFUSED, EffectState.PARKED):
        outcome = _outcome(effect)
        return replace(outcome, is_replay=True) if isinstance(outcome, Settled) else outcome
    return None


def _outcome(effect: Effect) -> Outcome:
    if effect.state is EffectState.DONE:
        return Settled(result=effect.result, status=effect.status or 200)
    if effect.state is EffectState.REFUSED:
        why = f"{effect.action}: the system {effect.problem}"
        return Refused(by="system", why=why, status=effect.status, detail=effect.result)
    return InDoubt(why=f"{effect.action}: {effect.problem}", known={"effect": effect.id, "status": effect.status})


def _claimed(reservation: ledger.Reserved | ledger.Replayed | ledger.Doubtful) -> Effect | Outcome:
    match reservation:
        case ledger.Reserved():
            return reservation.effect
        case ledger.Replayed():
            return _outcome(reservation.effect)
        case ledger.Doubtful():
            return _TAKEN_OVER
        case _:
            assert_never(reservation)


def _word(verdict: Verdict) -> str:
    return type(verdict).__name__.lower()


def _told(verdict: Verdict, prepared: Prepared) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "why": verdict.why,
        "class": prepared.action.action_class.value,
        "digest": digest(prepared.request.canonical()),
        "labels": {pointer: leaf.label.word for pointer, leaf in prepared.call.arguments.leaves()},
        "policy": prepared.policy_version,
        "surface": prepared.call.surface,
    }
