"""The rules that judge a call: an admin's YAML rules, and the class table below them. Pure: no clock, no database.

A rule's `when` is an expression over `action` (id, system, class, method, resource; write `action["class"]`, since a
bare `class` is a word of Python), `args`, `labels` (argument -> label) and `run` (requester). Deny beats ask beats
allow; when no rule matches, the class table judges; any error is deny.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal, assert_never

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tools import errors, expressions
from tools.action import Action, ActionClass, Argument
from tools.guard.verdict import Allow, Ask, Deny, Verdict
from tools.labels import Label, Labelled, labelled

_SPAN = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class By(BaseModel):
    """Who must say yes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    role: str = "approver"
    count: int = Field(default=1, ge=1, le=10)
    not_requester: bool = True
    within: timedelta = timedelta(days=3)

    @field_validator("within", mode="before")
    @classmethod
    def _read_span(cls, value: object) -> object:
        if isinstance(value, str) and (found := _SPAN.fullmatch(value.strip())):
            return timedelta(**{_UNITS[found[2]]: int(found[1])})
        return value


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    why: str = Field(min_length=1)
    #: in words that a reviewer who writes no code can judge; people see it with every decision
    when: str
    then: Literal["allow", "ask", "deny"]
    by: By = By()

    @field_validator("when")
    @classmethod
    def _must_parse(cls, source: str) -> str:
        try:
            expressions.parse(source)
        except errors.ExpressionInvalid as exc:
            # As a ValueError, so that pydantic says in which rule it stands.
            raise ValueError(exc.message) from exc
        return source

    @cached_property
    def condition(self) -> expressions.Expression:
        return expressions.parse(self.when)

    def verdict(self) -> Verdict:
        if self.then == "allow":
            return Allow(rule=self.id, why=self.why)
        if self.then == "deny":
            return Deny(rule=self.id, why=self.why)
        return Ask(rule=self.id, why=self.why, **self.by.model_dump())


class Ruleset(BaseModel):
    """The workspace's rules and the cap for money, in major units of whatever currency a call names."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rules: tuple[Rule, ...] = ()
    money_cap: float = Field(default=1000.0, ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that a judgement may depend on."""

    action: Action
    arguments: Labelled
    requester: str
    now: datetime


@lru_cache(maxsize=64)
def read(source: str) -> Ruleset:
    """A ruleset from YAML, read once however often it judges. Raises `PolicyInvalid` naming the rule and the mend."""
    try:
        body = yaml.safe_load(source) or {}
        ruleset = Ruleset.model_validate(body)
    except yaml.YAMLError as exc:
        raise errors.PolicyInvalid(f"the policy is not YAML: {str(exc).splitlines()[0]}") from exc
    except ValidationError as exc:
        where, what = _first_problem(exc)
        raise errors.PolicyInvalid(f"{where}: {what}", pointer=where) from exc
    seen: set[str] = set()
    for rule in ruleset.rules:
        if rule.id in seen:
            raise errors.PolicyInvalid(f"two rules are called {rule.id}; give each its own id", pointer=rule.id)
        seen.add(rule.id)
    return ruleset


def judge(question: Question, ruleset: Ruleset) -> Verdict:
    """What the rules say, and the class table where they are silent. Never raises: an error is a Deny that says so."""
    if question.action.action_class is ActionClass.UNKNOWN:
        # Before the rules: an admin classifies an action first, then writes rules about it.
        return Deny(rule="class.unknown", why=f"nobody has said yet what {question.action.id} does")
    try:
        matched = [rule.verdict() for rule in ruleset.rules if _matches(rule, question)]
    except errors.InterlockError as exc:
        return Deny(rule="policy.error", why=f"a rule could not be judged: {exc.message}")
    for strongest in (Deny, Ask, Allow):
        asks = [verdict for verdict in matched if isinstance(verdict, strongest)]
        if asks:
            return max(asks, key=lambda verdict: verdict.count if isinstance(verdict, Ask) else 0)
    return by_class(question, ruleset)


def by_class(question: Question, ruleset: Ruleset) -> Verdict:
    """The class table: how far each argument must be trusted for this class of action."""
    action = question.action
    match action.action_class:
        case ActionClass.READ:
            return _judge_read(question)
        case ActionClass.WRITE:
            weak = _weaker_than(question, Label.TYPED, targets=True)
            return _ask_if(weak, "class.write", "its target was not looked up or given")
        case ActionClass.MONEY:
            return _judge_money(question, ruleset)
        case ActionClass.MESSAGE:
            weak = _weaker_than(question, Label.ADMIN, targets=True) + _weaker_than(
                question, Label.ADMIN, targets=False
            )
            return _ask_if(weak, "class.message", "a message leaves, and this part of it was not in the goal")
        case ActionClass.DELETE:
            return Ask(rule="class.delete", why="it removes something; a person confirms every removal")
        case ActionClass.PERMISSION:
            return Ask(rule="class.permission", why="it changes who may do what; two people confirm that", count=2)
        case ActionClass.UNKNOWN:
            return Deny(rule="class.unknown", why=f"nobody has said yet what {action.id} does")
        case _:
            assert_never(action.action_class)


def _judge_read(question: Question) -> Verdict:
    # A URL that the system would fetch for us is a way out, so it must come from a person or an admin.
    urls = [a.name for a in question.action.arguments if a.json_schema.get("format") in ("uri", "url", "uri-reference")]
    given = _children(question.arguments)
    if weak := [name for name in urls if name in given and given[name].label < Label.ADMIN]:
        return Ask(rule="class.read_url", why=f"it reads a free address ({', '.join(weak)}) that was not in the goal")
    return Allow(rule="class.read", why="it only reads")


def _judge_money(question: Question, ruleset: Ruleset) -> Verdict:
    given = _children(question.arguments)
    amounts = [argument for argument in question.action.arguments if is_amount(argument) and argument.name in given]
    over = [a.name for a in amounts if _major(a, given[a.name]) > ruleset.money_cap]
    weak = [
        name
        for name in _weaker_than(question, Label.ADMIN, targets=True)
        if name not in {a.name for a in amounts} or name in over
    ]
    weak += _weaker_than(question, Label.ADMIN, targets=False)
    if over:
        why = f"it moves more than {ruleset.money_cap:g} ({', '.join(over)}); two people confirm that"
        return Ask(rule="class.money_over_cap", why=why, count=2)
    return _ask_if(weak, "class.money", "money moves, and this part of it was not in the goal")


def is_amount(argument: Argument) -> bool:
    """Whether the argument says how much money: a numeric target named so, or one counted in minor units."""
    if argument.unit == "minor":
        return True
    words = set(re.split(r"[^a-z]+", argument.name.lower()))
    is_numeric = argument.json_schema.get("type") in ("number", "integer", "string")
    return argument.is_target and is_numeric and bool(words & {"amount", "total", "price", "sum", "value"})


def _major(argument: Argument, value: Labelled) -> float:
    try:
        amount = float(str(value.plain()))
    except ValueError:
        return float("inf")
    # Two decimals for every currency: the cap is a number without one, and a yen is nearer to a cent than to a euro.
    return amount / 100 if argument.unit == "minor" else amount


def _weaker_than(question: Question, floor: Label, *, targets: bool) -> list[str]:
    """The arguments (targets or content) that hold something less trusted than `floor`."""
    return [
        name
        for name, value in _children(question.arguments).items()
        if value.label < floor and _is_target(question.action, name) is targets
    ]


def _is_target(action: Action, name: str) -> bool:
    argument = action.argument(name)
    return argument is None or argument.is_target


def _ask_if(weak: list[str], rule: str, why: str) -> Verdict:
    if weak:
        return Ask(rule=rule, why=f"{why}: {', '.join(weak)}")
    return Allow(rule=rule, why="everything it says comes from the goal, the registry or a typed look-up")


def _matches(rule: Rule, question: Question) -> bool:
    scope = _scope(question)
    return bool(rule.condition.evaluate(scope, question.now, Label.ADMIN).plain())


def _scope(question: Question) -> dict[str, Labelled]:
    action = question.action
    described: dict[str, Any] = {
        "action": {
            "id": action.id,
            "system": action.system,
            "class": action.action_class.value,
            "method": action.method,
            "resource": action.resource,
        },
        "labels": {name: value.label.word for name, value in _children(question.arguments).items()},
        "run": {"requester": question.requester},
    }
    return {name: labelled(part, Label.ADMIN) for name, part in described.items()} | {"args": question.arguments}


def _children(arguments: Labelled) -> Mapping[str, Labelled]:
    return arguments.value if isinstance(arguments.value, Mapping) else {}


def _first_problem(exc: ValidationError) -> tuple[str, str]:
    first = exc.errors(include_url=False, include_input=False)[0]
    return "/" + "/".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")
