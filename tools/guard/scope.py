"""The grant of a run: what it may use at the most. A narrower grant never allows more."""

from __future__ import annotations

from datetime import datetime

from tools.action import Action, Record
from tools.guard.verdict import Deny


class Grant(Record):
    """What one run may touch and spend. `None` means: whatever is accepted in the workspace."""

    workspace: str
    requester: str
    #: the principal who submitted the goal; their approvals do not count where another's is asked
    systems: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    effects: int = 100
    #: how many effects the run may have in all
    until: datetime | None = None
    #: no call is sent after this moment

    def narrowed(
        self,
        *,
        systems: frozenset[str] | None = None,
        actions: frozenset[str] | None = None,
        effects: int | None = None,
    ) -> Grant:
        """This grant and no more than the given limits."""
        return self.model_copy(
            update={
                "systems": _both(self.systems, systems),
                "actions": _both(self.actions, actions),
                "effects": self.effects if effects is None else min(self.effects, effects),
            }
        )


class Usage(Record):
    """What the run has used so far, and the access the connection gives."""

    effects: int
    now: datetime
    scopes: frozenset[str] | None
    #: granted to the connection; None when its kind of credential has none
    is_enabled: bool
    #: the connection's kill switch is off


def outside(grant: Grant, action: Action, usage: Usage) -> Deny | None:
    """Why `action` is outside the grant or the connection's access, or None when it is inside."""
    if grant.systems is not None and action.system not in grant.systems:
        return Deny(rule="grant.systems", why=f"this run may not use the system {action.system}")
    if grant.actions is not None and action.id not in grant.actions:
        return Deny(rule="grant.actions", why=f"this run may not use the action {action.id}")
    if grant.until is not None and usage.now > grant.until:
        return Deny(rule="grant.until", why="the run's deadline has passed")
    if action.has_effect and usage.effects >= grant.effects:
        return Deny(rule="grant.effects", why=f"the run's budget of {grant.effects} effects is used up")
    if not usage.is_enabled:
        return Deny(rule="kill_switch", why=f"the connection to {action.system} is switched off")
    if usage.scopes is not None and (missing := sorted(set(action.scopes) - usage.scopes)):
        return Deny(rule="scope", why=f"the connection to {action.system} lacks the scope {', '.join(missing)}")
    return None


def _both(mine: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if mine is None or other is None:
        return other if mine is None else mine
    return mine & other
