"""From a document's bytes to a Surface of proposed actions: pure, apart from the process that reads the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from discovery import actions, classify, document, naming, operations
from discovery.described import Operation
from discovery.document import Caps, Document
from discovery.references import unusable
from discovery.schemas import Schemas, closure
from tools.action import Action, Quarantined, Surface


def build(system: str, source: bytes, *, name: str | None = None, caps: Caps | None = None) -> Surface:
    """All that `source` says of the System with slug `system`; `name` stands in for the document's own title.

    Every operation is among `actions` or in `quarantine`. Raises `DocumentInvalid` when the document is not one.
    """
    return compile_surface(system, document.load(source, caps), name=name)


async def build_in_thread(system: str, source: bytes, *, name: str | None = None, caps: Caps | None = None) -> Surface:
    """As `build`, without keeping the event loop waiting."""
    return await asyncio.to_thread(build, system, source, name=name, caps=caps)


def compile_surface(system: str, loaded: Document, *, name: str | None = None) -> Surface:
    walked = list(operations.walk(loaded))
    described = [one for one in walked if isinstance(one, Operation)]
    lost = [one for one in walked if isinstance(one, Quarantined)]
    schemas = Schemas(loaded.root)
    proposed, unbuilt = _build_all(system, described, schemas)
    schemas.finish()
    usable, tainted = _without_broken(proposed, schemas)
    headers = {one.pointer: frozenset().union(*(answer.headers for answer in one.answers)) for one in described}
    return Surface(
        system=system,
        digest=loaded.digest,
        title=name or loaded.title,
        dialect=loaded.dialect,
        actions=classify.classify(usable, schemas.defs, headers),
        defs=schemas.defs,
        quarantine=tuple(lost + unbuilt + tainted),
    )


def _build_all(system: str, described: Sequence[Operation], schemas: Schemas) -> tuple[list[Action], list[Quarantined]]:
    proposed, lost = [], []
    for name, one in zip(naming.names(described), described, strict=True):
        try:
            proposed.append(actions.build(system, name, one, schemas))
        except Exception as exc:  # one operation must never lose the others; the entry says what it was
            lost.append(operations.quarantined(exc, one.method, one.path, one.pointer))
    return proposed, lost


def _without_broken(proposed: list[Action], schemas: Schemas) -> tuple[list[Action], list[Quarantined]]:
    """Set apart the actions whose arguments reach a shared schema with a reference that leads nowhere."""
    if not schemas.broken:
        return proposed, []
    usable, lost = [], []
    for action in proposed:
        reached = closure(actions.argument_schemas(action), schemas.defs.get) & schemas.broken.keys()
        if reached:
            cause = unusable(f"in the schema {min(reached)!r}: {schemas.broken[min(reached)]}")
            lost.append(operations.quarantined(cause, action.method, action.path, action.pointer))
        else:
            usable.append(action)
    return usable, lost
