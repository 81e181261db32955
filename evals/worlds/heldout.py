"""How well a surface that was inferred from one part of the traffic fits the other part, and what it refuses."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from discovery.exchange import Exchange
from discovery.infer.description import infer
from discovery.matching import Matcher, arguments
from discovery.redaction import redact
from evals.worlds.generated import GeneratedApi
from tools.action import Action, Surface
from tools.schema import Validator

SEEDS = (1, 2, 3)
EXCHANGES = 3000
TRAINED_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What became of the exchanges that were held out, and of their mutations."""

    operations: int
    inferred: int
    valid_share: float
    #: of the exchanges held out
    refused_share: float
    #: of mutated ones: a type changed, a required property left out, an unknown word
    refused_by_kind: dict[str, float]
    misfits: tuple[str, ...]
    #: what did not fit, a sentence each


def heldout_valid_share(seed: int) -> float:
    """Share of the held-out exchanges of generated system `seed` whose request and answer fit the inferred schemas."""
    return measure(seed).valid_share


def measure(seed: int, exchanges: int = EXCHANGES) -> Fit:
    """Train on a random part of the traffic as it would be stored, judge the rest as it was sent."""
    api = GeneratedApi(seed)
    traffic = api.traffic(exchanges)
    pick = random.Random(seed)
    pick.shuffle(traffic)
    cut = int(len(traffic) * TRAINED_SHARE)
    surface = infer("generated", [redact(one) for one in traffic[:cut]])
    judge = Judge(surface)
    misfits = [problem for one in traffic[cut:] if (problem := judge.problem(one))]
    refused: dict[str, list[bool]] = {}
    for one in traffic[cut:]:
        for kind, wrong in mutations(one, judge, pick):
            refused.setdefault(kind, []).append(judge.problem(wrong) is not None)
    every = [refusal for listed in refused.values() for refusal in listed]
    return Fit(
        operations=api.operations(),
        inferred=len(surface.actions),
        valid_share=1 - len(misfits) / (len(traffic) - cut),
        refused_share=sum(every) / max(len(every), 1),
        refused_by_kind={kind: sum(listed) / len(listed) for kind, listed in sorted(refused.items())},
        misfits=tuple(misfits[:50]),
    )


class Judge:
    """Validates exchanges against the actions of a surface, with the validator that calls and results meet."""

    def __init__(self, surface: Surface) -> None:
        self._matcher = Matcher(surface.actions)
        self._defs = surface.defs
        self._validators: dict[tuple[str, str], Validator] = {}

    def problem(self, exchange: Exchange) -> str | None:
        """The first thing that does not fit, or None."""
        match = self._matcher.match(exchange)
        if match is None:
            return f"{exchange.method} {exchange.path}: no action"
        action = match.action
        if 200 <= exchange.status < 300:
            given = arguments(match, exchange, self._defs)
            if found := self._validator(action, "args").problems(given):
                return f"{action.id}: argument {found[0]}"
        if exchange.response_body is None:
            return None
        if found := self._validator(action, self.answer_of(action, exchange.status)).problems(exchange.response_body):
            return f"{action.id}: {exchange.status} {found[0]}"
        return None

    def schema(self, action: Action, answer: str) -> dict[str, Any]:
        if answer == "args":
            return action.args_schema()
        return action.result_schema if answer == "result" else action.errors.get(answer, {"not": {}})

    def answer_of(self, action: Action, status: int) -> str:
        if 200 <= status < 300:
            return "result"
        return str(status) if str(status) in action.errors else "default"

    def action(self, exchange: Exchange) -> Action | None:
        match = self._matcher.match(exchange)
        return match.action if match else None

    def _validator(self, action: Action, answer: str) -> Validator:
        key = (action.id, answer)
        if key not in self._validators:
            self._validators[key] = Validator.compile(self.schema(action, answer), self._defs)
        return self._validators[key]


def mutations(exchange: Exchange, judge: Judge, pick: random.Random) -> Iterator[tuple[str, Exchange]]:
    """The exchange made wrong in one place, in each of three ways that the API itself would never show."""
    record = _record(exchange.response_body)
    if record is None or not 200 <= exchange.status < 300:
        return
    whole, target = record
    always = [name for name in ("id", "name", "created_at") if name in target]
    words = [name for name in ("status", "priority", "channel", "tier", "stage", "billing") if target.get(name)]
    yield "type", replace(exchange, response_body=whole(_changed(target, pick)))
    if always:
        dropped = pick.choice(always)
        kept = {name: value for name, value in target.items() if name != dropped}
        yield "required", replace(exchange, response_body=whole(kept))
    if words:
        yield "enum", replace(exchange, response_body=whole(target | {pick.choice(words): "no-such-word"}))


def _changed(record: dict[str, Any], pick: random.Random) -> dict[str, Any]:
    """The record with a value of another JSON type."""
    name = pick.choice([name for name, value in record.items() if value is not None])
    return record | {name: 7 if isinstance(record[name], str) else "seven"}


def _record(body: Any) -> tuple[Callable[[Any], Any], dict[str, Any]] | None:
    """A record in the answer, and how to put another in its place."""
    if isinstance(body, dict) and "id" in body:
        return (lambda record: record), body
    if isinstance(body, list) and body:
        return (lambda record: [record, *body[1:]]), body[0]
    if isinstance(body, dict):
        listed = [name for name, part in body.items() if isinstance(part, list) and part and isinstance(part[0], dict)]
        if listed:
            name, records = listed[0], body[listed[0]]
            return (lambda record: {**body, name: [record, *records[1:]]}), records[0]
    return None
