"""Carries acceptance over to a new revision, for the actions that need no second look.

Acceptance belongs to a revision, because that is what the admin saw. What did not change, though, was seen.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel.ext.asyncio.session import AsyncSession

from discovery import service
from discovery.diff import diff, touched
from discovery.differences import Impact
from tools import errors
from tools.action import ActionId


class Carry(StrEnum):
    UNCHANGED = "unchanged"
    #: not one finding: the same request, schemas and proposals
    SAFE = "safe"
    #: also those whose every finding is harmless, such as a new field of a result


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What may be carried from one revision to another."""

    system: str
    since: int
    revision: int
    actions: tuple[ActionId, ...]
    left: tuple[ActionId, ...]
    #: accepted before, and changed or gone: for the admin to look at


async def offer(session: AsyncSession, workspace: str, system: str, carry: Carry, revision: int | None = None) -> Offer:
    """What can go over to `revision` (None: the latest) from the newest before it of which anything is accepted.

    Raises `Unknown` when there is no such revision.
    """
    after = await service.surface_of(session, workspace, system, revision)
    since, accepted = await service.last_accepted(session, workspace, system, after.revision)
    if not since:
        raise errors.Unknown(f"no revision of {system!r} before {after.revision} has accepted actions to carry over")
    old = await service.proposed(session, workspace, system, since)
    new = await service.proposed(session, workspace, system, after.revision)
    findings = await asyncio.to_thread(diff, old, new)
    changed = touched(findings, at_least=Impact.SAFE if carry is Carry.UNCHANGED else Impact.MAY_BREAK)
    staying = accepted & {one.id for one in new.actions} - changed
    return Offer(
        system=system,
        since=since,
        revision=after.revision,
        actions=tuple(sorted(staying)),
        left=tuple(sorted(accepted - staying)),
    )


async def accept(session: AsyncSession, workspace: str, offered: Offer, by: str) -> list[ActionId]:
    """Accept what was offered, but for what was withdrawn meanwhile; the ids, sorted."""
    since, still = await service.last_accepted(session, workspace, offered.system, offered.revision)
    actions = [one for one in offered.actions if since == offered.since and one in still]
    return await service.accept(session, workspace, offered.system, by=by, revision=offered.revision, actions=actions)
