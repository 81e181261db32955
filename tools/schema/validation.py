"""Validates values with jsonschema-rs (JSON Schema 2020-12), and says what is wrong without repeating the value.

Patterns come from documents, so only the linear-time engine runs them; one that it cannot run is left out and named in
`Validator.unchecked`. Nothing is ever fetched for a reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jsonschema_rs
from pydantic import JsonValue

from tools import errors
from tools.action import Schema
from tools.schema.reading import def_name

MAX_PROBLEMS = 30
_SHOWN = 12
#: enum values, property names and types named in one problem
_REGEX = jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)
_Validator = jsonschema_rs.Draft202012Validator

#: Keywords with schemas in them (core sections 10 and 11): one schema, a list of them, or named ones.
_ONE = frozenset(
    {
        *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
        *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
    }
)
_LISTED = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which a value does not fit."""

    path: str
    #: JSON pointer (RFC 6901) into the value; "" for the whole
    expected: str
    came: str
    #: the value's type or size; never the value

    def __str__(self) -> str:
        return f"{self.path or 'the whole'}: expected {self.expected}, came {self.came}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A compiled schema. Compiling costs far more than checking, so callers keep it."""

    unchecked: tuple[str, ...]
    #: JSON pointers, into the schema, of the patterns that the linear-time engine cannot run
    _compiled: _Validator = field(repr=False, compare=False)

    @classmethod
    def compile(cls, schema: Schema, defs: Mapping[str, Schema]) -> Validator:
        """A validator for `schema`, whose references point into `defs`.

        Raises DocumentInvalid, with the place in the schema, when it is not a schema or a reference leads nowhere.
        """
        reached = _reached(schema, defs)
        unchecked: list[str] = []
        document = _runnable({**schema, "$defs": {name: defs[name] for name in sorted(reached)}}, "", unchecked)
        try:
            compiled = _Validator(document, pattern_options=_REGEX, validate_formats=True, offline=True)
        except jsonschema_rs.ValidationError as exc:
            pointer = _pointer(exc.instance_path)
            raise errors.DocumentInvalid(
                f"the schema cannot be used: see {pointer or 'its references'} in it", pointer=pointer
            ) from exc
        return cls(unchecked=tuple(unchecked), _compiled=compiled)

    def problems(self, value: JsonValue) -> tuple[Problem, ...]:
        """Everything wrong with `value`, at most MAX_PROBLEMS; empty when it fits."""
        try:
            found = (problem for error in self._compiled.iter_errors(value) for problem in _problems(error))
            return tuple(islice(found, MAX_PROBLEMS))
        except (ValueError, RecursionError):
            # What jsonschema-rs cannot read as JSON: nested too deep, or half a surrogate pair.
            return (Problem(path="", expected="JSON", came="a value that JSON cannot say"),)


def told(problems: Sequence[Problem]) -> str:
    """What is wrong, in one sentence: the first problem, and how many there are besides."""
    return f"{problems[0]}" + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else "")


def _problems(error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    """The problem, at the place of the property that is missing or too many rather than at the object around it."""
    kinds = jsonschema_rs.ValidationErrorKind
    path, value = _pointer(error.instance_path), error.instance
    match error.kind:
        case kinds.Required(name):
            yield Problem(path=path + _pointer([name]), expected="a value, since it is required", came="nothing")
        case kinds.AdditionalProperties(unexpected) | kinds.UnevaluatedProperties(unexpected):
            for name in unexpected:
                came = described(value[name]) if isinstance(value, dict) else "a value"
                yield Problem(path=path + _pointer([_cut(name)]), expected="no property of this name", came=came)
        case _:
            yield Problem(path=path, expected=_expected(error.kind, path), came=described(value))


def _expected(kind: jsonschema_rs.ValidationErrorKind, path: str = "") -> str:
    kinds = jsonschema_rs.ValidationErrorKind
    match kind:
        case kinds.Type(types):
            return _listed(sorted(types), " or ")
        case kinds.Enum(options):
            return "one of " + _listed([_short(option) for option in options])
        case kinds.Constant(expected):
            return _short(expected)
        case kinds.Required(name):
            return f"the property {name!r}"
        case kinds.AdditionalProperties(unexpected) | kinds.UnevaluatedProperties(unexpected):
            return "no property " + _listed([_short(name) for name in unexpected], " or ")
        case kinds.Format(name):
            return f"the format {name}"
        case kinds.Pattern(pattern):
            return f"the pattern {pattern[:100]}"
        case kinds.Minimum(limit):
            return f"at least {limit}"
        case kinds.Maximum(limit):
            return f"at most {limit}"
        case kinds.ExclusiveMinimum(limit):
            return f"more than {limit}"
        case kinds.ExclusiveMaximum(limit):
            return f"less than {limit}"
        case kinds.MultipleOf(step):
            return f"a multiple of {step}"
        case kinds.MinLength(limit):
            return f"at least {_counted(limit, 'character')}"
        case kinds.MaxLength(limit):
            return f"at most {_counted(limit, 'character')}"
        case kinds.MinItems(limit):
            return f"at least {_counted(limit, 'element')}"
        case kinds.MaxItems(limit):
            return f"at most {_counted(limit, 'element')}"
        case kinds.MinProperties(limit):
            return f"at least {_counted(limit, 'property', 'properties')}"
        case kinds.MaxProperties(limit):
            return f"at most {_counted(limit, 'property', 'properties')}"
        case kinds.AnyOf(context) | kinds.OneOfNotValid(context):
            return f"one of its {len(context)} forms ({'; or '.join(_branches(context, path))})"
        case kinds.OneOfMultipleValid(context):
            return f"just one of its {len(context)} forms; it has several"
        case _:
            return f"what `{kind.name}` asks for"


def _branches(context: list[list[jsonschema_rs.ValidationError]], path: str) -> Iterator[str]:
    """The first thing each alternative misses, at its place below `path`."""
    for branch in context[:4]:
        if branch:
            place = _pointer(branch[0].instance_path).removeprefix(path)
            yield f"{place + ': ' if place else ''}{_nested(branch[0].kind)}"


def _nested(kind: jsonschema_rs.ValidationErrorKind) -> str:
    kinds = jsonschema_rs.ValidationErrorKind
    return "another form" if isinstance(kind, kinds.AnyOf | kinds.OneOfNotValid) else _expected(kind)


def described(value: Any) -> str:
    """A value by its type and size, for messages that must not repeat it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case str():
            return f"a text of {_counted(len(value), 'character')}"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"an object with {_counted(len(value), 'property', 'properties')}"
        case _:
            return "a number"


def _listed(names: list[str], between: str = ", ") -> str:
    more = f"{between}{len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return between.join(names[:_SHOWN]) + more


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _short(value: Any) -> str:
    return _cut(repr(value))


def _cut(shown: str) -> str:
    return shown if len(shown) <= 60 else shown[:60] + "…"


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _reached(schema: Schema, defs: Mapping[str, Schema]) -> set[str]:
    """The names in `defs` that `schema` refers to, directly or not."""
    reached: set[str] = set()
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            name = def_name(part["$ref"]) if isinstance(part.get("$ref"), str) else ""
            if name in defs and name not in reached:
                reached.add(name)
                waiting.append(defs[name])
        elif isinstance(part, list):
            waiting += part
    return reached


def _runnable(schema: Any, pointer: str, unchecked: list[str]) -> Any:
    """`schema` without the patterns that the linear-time engine cannot run; their places go to `unchecked`."""
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        place = f"{pointer}/{keyword}"
        if keyword in _ONE:
            made[keyword] = _runnable(value, place, unchecked)
        elif keyword in _LISTED and isinstance(value, list):
            made[keyword] = [_runnable(part, f"{place}/{index}", unchecked) for index, part in enumerate(value)]
        elif keyword in _NAMED and isinstance(value, dict):
            made[keyword] = {name: _runnable(part, place + _pointer([name]), unchecked) for name, part in value.items()}
        elif keyword == "pattern" and isinstance(value, str) and not _is_linear(value):
            unchecked.append(place)
        else:
            made[keyword] = value
    patterns = schema.get("patternProperties", {})
    if isinstance(patterns, dict) and (odd := [name for name in patterns if not _is_linear(name)]):
        unchecked += [f"{pointer}/patternProperties{_pointer([name])}" for name in odd]
        made["patternProperties"] = {name: part for name, part in made["patternProperties"].items() if name not in odd}
        # Which properties are additional can no longer be told.
        made.pop("additionalProperties", None)
        made.pop("unevaluatedProperties", None)
    return made


def _is_linear(pattern: str) -> bool:
    try:
        _Validator({"pattern": pattern}, pattern_options=_REGEX, offline=True)
    except jsonschema_rs.ValidationError:
        return False
    return True
