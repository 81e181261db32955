"""A call: one action with labelled arguments at one position of a run, and the ids that make it happen at most once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NewType

import orjson
from pydantic import JsonValue

from tools import errors
from tools.action import ActionId
from tools.labels import Labelled

RunId = NewType("RunId", str)
EffectId = NewType("EffectId", str)
StepPath = NewType("StepPath", str)
#: the step's id in its plan, with the plan version that first held it: `3/create_customer`


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where in a run a call stands."""

    run: RunId
    step: StepPath
    iteration: int = 0
    #: index in the step's `for_each`, 0 without one

    @property
    def effect_id(self) -> EffectId:
        """The same for every attempt at this position, in this process or the next."""
        return EffectId("eff_" + digest([self.run, self.step, self.iteration])[:32])


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    position: Position
    action: ActionId
    surface: int
    #: revision of the System's surface that the run is pinned to
    connection: str
    arguments: Labelled
    purpose: str = ""


def canonical(value: JsonValue | dict[str, Any] | list[Any]) -> bytes:
    """JSON with sorted keys and no spaces, so equal values have equal bytes (in the manner of RFC 8785).

    Raises `Invalid` for what JSON cannot say: NaN, infinities, integers beyond 64 bits, half a surrogate pair.
    """
    try:
        # Each refuses what the other lets pass: orjson integers beyond 64 bits and half a surrogate pair, json NaN.
        orjson.dumps(value)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except (TypeError, ValueError) as exc:
        raise errors.Invalid("a value here cannot be written as JSON") from exc


def digest(value: JsonValue | dict[str, Any] | list[Any]) -> str:
    """sha256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
