"""What an answer, or its absence, says about the effect. Pure.

Definitely not done: nothing was sent, a 4xx that by its meaning had no effect, 429. In doubt: everything else that is
not a readable 2xx (a 5xx may come after the commit; a redirect or a cut body says nothing either way).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from pydantic import JsonValue

from tools import egress, wire
from tools.action import Action
from tools.guard.ledger import Ending
from tools.tables import EffectState

_MAY_HAVE_HAPPENED = frozenset({408, 425, 499})
#: 4xx that a proxy or a slow server sends without knowing what became of the request

UNAUTHORIZED, FORBIDDEN, CONFLICT, TOO_MANY = 401, 403, 409, 429


def ending(action: Action, sent: egress.Sent, *, has_key: bool) -> Ending:
    """How an attempt at an effect ended, from what egress saw. `has_key`: an idempotency key went with it."""
    match sent:
        case egress.NotSent(cause=egress.Cause.REQUEST | egress.Cause.ADDRESS):
            return Ending(state=EffectState.REFUSED, cause=f"was never asked: {sent.reason}", how="egress")
        case egress.NotSent():
            return Ending(state=EffectState.INTENDED, cause=f"not sent: {sent.reason}")
        case egress.MaybeSent():
            return Ending(state=EffectState.IN_DOUBT, cause=f"no usable answer: {sent.reason}", status=sent.status)
        case egress.Answered():
            return _of_answer(action, sent, has_key=has_key)
        case _:
            assert_never(sent)


def _of_answer(action: Action, sent: egress.Answered, *, has_key: bool) -> Ending:
    status = sent.status
    answer = wire.read_answer(action, status, sent.headers, sent.body)
    if 200 <= status < 300:
        if answer.problem:
            return Ending(state=EffectState.IN_DOUBT, cause=f"answered {status}, but {answer.problem}", status=status)
        return Ending(state=EffectState.DONE, cause="", status=status, result=answer.body, how="answer")
    if status == TOO_MANY:
        return Ending(state=EffectState.INTENDED, cause="the system asked to slow down (429)", status=status)
    if status in (UNAUTHORIZED, FORBIDDEN):
        return Ending(state=EffectState.INTENDED, cause=f"the system refused the credential ({status})", status=status)
    if status == CONFLICT and has_key:
        # With a key, 409 may mean that the first request with it is still being worked on (idempotency-key draft).
        return Ending(
            state=EffectState.IN_DOUBT, cause="409 with an idempotency key: it may be in flight", status=status
        )
    if 400 <= status < 500 and status not in _MAY_HAVE_HAPPENED:
        return Ending(state=EffectState.REFUSED, cause=refusal(status), status=status, result=answer.body, how="answer")
    return Ending(
        state=EffectState.IN_DOUBT, cause=f"answered {status}, which leaves open what was done", status=status
    )


def refusal(status: int) -> str:
    """One sentence for a refusal; the system's own words stay in the detail, for people only."""
    meaning = {
        400: "it could not read the request",
        404: "there is no such record",
        405: "it does not allow that operation",
        409: "it conflicts with what is there",
        410: "the record is gone",
        415: "it does not take that content type",
        422: "it found the values invalid",
    }.get(status, "it refused the request")
    return f"answered {status}: {meaning}"


def needs_credential(sent: egress.Sent) -> bool:
    """Whether only a person who mends the connection's credential can help."""
    match sent:
        case egress.Answered():
            return sent.status in (UNAUTHORIZED, FORBIDDEN)
        case egress.NotSent():
            return sent.cause is egress.Cause.CREDENTIAL
        case egress.MaybeSent():
            return False
        case _:
            assert_never(sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a read gave: its result, or the problem and whether trying again may help."""

    result: JsonValue = None
    status: int | None = None
    problem: str | None = None
    may_recover: bool = False


def reading(action: Action, sent: egress.Sent) -> Read:
    """What a read's answer says. A read has no effect, so whatever went wrong may be tried again."""
    if isinstance(sent, egress.NotSent | egress.MaybeSent):
        is_final = isinstance(sent, egress.NotSent) and sent.cause in (egress.Cause.REQUEST, egress.Cause.ADDRESS)
        return Read(problem=sent.reason, may_recover=not is_final)
    status = sent.status
    answer = wire.read_answer(action, status, sent.headers, sent.body)
    if 200 <= status < 300:
        return Read(
            result=None if answer.problem else answer.body,
            status=status,
            problem=answer.problem and f"answered {status}, but {answer.problem}",
            may_recover=True,
        )
    may_recover = status >= 500 or status in (*_MAY_HAVE_HAPPENED, TOO_MANY)
    problem = f"answered {status}" if may_recover else refusal(status)
    return Read(result=answer.body, status=status, problem=problem, may_recover=may_recover)
