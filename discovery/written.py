"""A surface as the registry keeps it: each part is JSON already, so nobody builds records only to write them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tools.action import Action, ActionId, Flaw, Quarantined, Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSurface:
    system: str
    digest: str
    title: str
    dialect: str
    quarantine: tuple[Quarantined, ...]
    flaws: tuple[Flaw, ...]
    defs: bytes
    #: the shared schemas, a JSON object
    actions: Mapping[ActionId, bytes]
    #: each a JSON object, in the document's order

    @classmethod
    def of(cls, surface: Surface) -> WrittenSurface:
        return cls(
            system=surface.system,
            digest=surface.digest,
            title=surface.title,
            dialect=surface.dialect,
            quarantine=surface.quarantine,
            flaws=surface.flaws,
            defs=orjson.dumps(surface.defs),
            actions={action.id: action.model_dump_json().encode() for action in surface.actions},
        )

    def surface(self) -> Surface:
        """The surface itself, its actions as records."""
        return Surface(
            system=self.system,
            digest=self.digest,
            title=self.title,
            dialect=self.dialect,
            quarantine=self.quarantine,
            flaws=self.flaws,
            defs=orjson.loads(self.defs),
            actions=tuple(Action.model_validate_json(body) for body in self.actions.values()),
        )

    def told(self) -> dict[str, Any]:
        """All but the large parts, as JSON values; `parts` are those."""
        return {
            "system": self.system,
            "digest": self.digest,
            "title": self.title,
            "dialect": self.dialect,
            "quarantine": [one.model_dump() for one in self.quarantine],
            "flaws": [one.model_dump() for one in self.flaws],
            "actions": list(self.actions),
        }

    def parts(self) -> Sequence[bytes]:
        return [self.defs, *self.actions.values()]

    @classmethod
    def from_told(cls, told: Mapping[str, Any], parts: Sequence[bytes]) -> WrittenSurface:
        """What `told` and `parts` of another process describe."""
        return cls(
            system=told["system"],
            digest=told["digest"],
            title=told["title"],
            dialect=told["dialect"],
            quarantine=tuple(Quarantined.model_validate(one) for one in told["quarantine"]),
            flaws=tuple(Flaw.model_validate(one) for one in told["flaws"]),
            defs=parts[0],
            actions=dict(zip(map(ActionId, told["actions"]), parts[1:], strict=True)),
        )
