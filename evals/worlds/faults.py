"""Fault points: what may go wrong on purpose with the next requests of an operation, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from evals.worlds.document import Operation
from evals.worlds.refusal import invalid
from evals.worlds.schemas import Schema, compiled, find_defects

Point = Literal["before_commit", "after_commit", "before_reply", "mid_body"]
Action = Literal["drop", "reset", "delay", "status"]

SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["operation", "point", "action"],
    "properties": {
        "operation": {"type": "string"},
        "point": {"enum": ["before_commit", "after_commit", "before_reply", "mid_body"]},
        "action": {"enum": ["drop", "reset", "delay", "status"]},
        "times": {"type": "integer", "minimum": 1},
        "skip": {"type": "integer", "minimum": 0},
        "delay_s": {"type": "number", "minimum": 0, "maximum": 60},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "retry_after_s": {"type": "integer", "minimum": 0},
    },
}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault; it counts down as it strikes. `mid_body` cuts the reply in half; `status` does nothing there."""

    operation: str
    """An operationId, `METHOD /template`, or `*`."""
    point: Point
    action: Action
    times: int = 1
    """How many more requests are hit."""
    skip: int = 0
    """How many requests pass unharmed first."""
    delay_s: float = 1.0
    status: int = 503
    retry_after_s: int | None = None


def parse(value: Mapping[str, Any]) -> Fault:
    """The fault a JSON object tells; raises `Refused` with 422 where it is none."""
    defects = find_defects(compiled(SCHEMA), dict(value), "body")
    if defects:
        raise invalid(defects)
    return Fault(**value)


class Faults:
    def __init__(self) -> None:
        self._armed: list[Fault] = []

    @property
    def armed(self) -> list[Fault]:
        return self._armed

    def arm(self, fault: Fault) -> None:
        self._armed.append(fault)

    def clear(self) -> None:
        self._armed.clear()

    def strike(self, operation: Operation, point: Point) -> Fault | None:
        """The first fault armed for this moment, used up by one; None when all is to go well."""
        for fault in self._armed:
            if fault.point != point or fault.operation not in ("*", operation.id, operation.name):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self._armed.remove(fault)
            return fault
        return None
