"""Whether values fit before anything runs: literals against an argument's signature, paths against a result's.

What a signature does not say fits. The full schema is checked again when the call is made.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import jsonschema_rs
from pydantic import JsonValue

from discovery.lower import MAX_FIELDS, ArgumentSignature, ResultField, Signature
from tools.expressions.language import MARK
from tools.schema import described

ANY = "any"
_UNSAID = {ANY, "null"}
_NESTED_FIELDS_SHOWN = MAX_FIELDS // 3
#: a signature shows at least so many fields of a nested object; from there on it may have left some out
_SHOWN_CHARS = 80
_SEGMENT = re.compile(r'\[\]|\["(?:[^"\\]|\\.)*"\]|[^.\[]+')


class Fault(NamedTuple):
    problem: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is known of a value to come."""

    type: str = ANY
    #: as in signatures: a JSON type, several joined by `|`, or `any`
    parts: Mapping[str, Shape] = field(default_factory=dict)
    #: by field name; `[]` is each element of a list
    is_cut: bool = False
    #: there may be more parts than are known

    @property
    def is_open(self) -> bool:
        """Whether a part that is not known may be there all the same."""
        kinds = set(self.type.split("|"))
        return self.is_cut or ANY in kinds or (not self.parts and bool(kinds & {"object", "array"}))


UNKNOWN = Shape()


def result_shape(signature: Signature) -> Shape:
    """The shape of what the action answers."""
    is_cut = len(signature.result) >= MAX_FIELDS
    if not signature.result:
        return UNKNOWN
    return _shape([(_segments(one.path), one) for one in signature.result], is_cut)


def list_of(element: Shape) -> Shape:
    return Shape(type="array", parts={"[]": element})


def follow(shape: Shape, path: str) -> Shape | Fault:
    """What stands at `path` below a value of this shape; the first segment of `path` names the value itself."""
    name, *rest = _segments(path)
    for segment in rest:
        if segment.startswith('["'):
            return UNKNOWN
        if segment not in shape.parts:
            return UNKNOWN if shape.is_open else _no_such_part(name, segment, shape)
        shape, name = shape.parts[segment], name + (segment if segment == "[]" else f".{segment}")
    return shape


def arguments(
    wanted: Sequence[ArgumentSignature],
    given: Mapping[str, JsonValue],
    type_of: Callable[[str], str],
    *,
    prefix: str = "",
    is_whole: bool = True,
) -> Iterator[Fault]:
    """Why `given` does not fit the arguments (or the fields of an object) `wanted`; nothing when it does.

    `type_of` tells an expression's type, `any` when it cannot. Without `is_whole` there may be fields not in `wanted`.
    """
    known = {one.name: one for one in wanted}
    for name, value in given.items():
        if name in known:
            yield from _value(known[name], value, type_of, prefix + name)
        elif is_whole:
            yield Fault(f"there is no argument `{prefix}{shown(name)}`", nearest(name, known, "arguments"))
    for one in wanted:
        if one.required and one.name not in given:
            problem = f"the required argument `{prefix}{one.name}` ({one.type}) is missing"
            yield Fault(problem, f"give `{prefix}{one.name}`")


def shown(text: str) -> str:
    """A name or expression that a planner wrote, short enough for a message."""
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def nearest(name: str, known: Iterable[str], what: str) -> str:
    """A mend for a name that is not there: the closest that is, else the first few."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=1, cutoff=0.6):
        return f"did you mean `{close[0]}`?"
    if not names:
        return f"there are no {what}"
    return f"there are these {what}: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def _shape(fields: Sequence[tuple[Sequence[str], ResultField]], is_cut: bool) -> Shape:
    groups: dict[str, list[tuple[Sequence[str], ResultField]]] = defaultdict(list)
    for path, one in fields:
        if path:
            groups[path[0]].append((path[1:], one))
    leaf = next((one.type for path, one in fields if not path), None)
    kind = leaf or ("array" if "[]" in groups else "object")
    parts = {name: _shape(group, is_cut) for name, group in groups.items()}
    return Shape(type=kind, parts=parts, is_cut=is_cut and "object" in kind)


def _segments(path: str) -> list[str]:
    return _SEGMENT.findall(path)


def _no_such_part(name: str, segment: str, shape: Shape) -> Fault:
    if segment == "[]":
        return Fault(f"`{name}` is no list ({shape.type})", nearest("", shape.parts, "fields"))
    if "[]" in shape.parts:
        return Fault(
            f"`{name}` is a list; it has no field `{segment}`",
            f"write `{name}[0].{segment}`, or `[x.{segment} for x in {name}]`, or use for_each",
        )
    if not shape.parts:
        return Fault(f"`{name}` is {shape.type}; it has no field `{segment}`", f"use `{name}` itself")
    return Fault(
        f"the result `{name}` has no documented field `{shown(segment)}`", nearest(segment, shape.parts, "fields")
    )


def _value(wanted: ArgumentSignature, value: JsonValue, type_of: Callable[[str], str], path: str) -> Iterator[Fault]:
    if isinstance(value, dict) and MARK in value:
        source = value[MARK]
        if isinstance(source, str):
            yield from _computed(wanted, type_of(source), source, path)
        return
    if not _is_of_type(value, wanted.type):
        yield Fault(f"`{path}` must be {_told(wanted)}, not {_json_type(value)}", _literal_mend(value, wanted, path))
    elif isinstance(value, list):
        yield from _elements(wanted, value, type_of, path)
    elif isinstance(value, dict):
        if wanted.fields:
            is_whole = len(wanted.fields) < _NESTED_FIELDS_SHOWN
            yield from arguments(wanted.fields, value, type_of, prefix=f"{path}.", is_whole=is_whole)
    else:
        yield from _scalar(wanted, value, path)


def _elements(
    wanted: ArgumentSignature, values: list[JsonValue], type_of: Callable[[str], str], path: str
) -> Iterator[Fault]:
    element = wanted.model_copy(update={"type": "object" if wanted.fields else ANY})
    for index, value in enumerate(values):
        yield from _value(element, value, type_of, f"{path}[{index}]")


def _scalar(wanted: ArgumentSignature, value: JsonValue, path: str) -> Iterator[Fault]:
    if wanted.enum and value not in wanted.enum:
        allowed = ", ".join(str(one) for one in wanted.enum[:30])
        yield Fault(f"`{path}` must be one of a fixed list; came {described(value)}", f"use one of: {allowed}")
    elif wanted.format and isinstance(value, str) and not is_of_format(value, wanted.format):
        problem = f"`{path}` must be written as {wanted.format}; came {described(value)}"
        yield Fault(problem, _EXAMPLES.get(wanted.format, ""))


_EXAMPLES = {
    "date": "write it as 2026-01-31",
    "date-time": "write it as 2026-01-31T09:00:00Z",
    "email": "write it as name@example.com",
    "uuid": "write it as 123e4567-e89b-12d3-a456-426614174000",
    "uri": "write it as https://example.com/path",
}


def _computed(wanted: ArgumentSignature, given: str, source: str, path: str) -> Iterator[Fault]:
    have, want = set(given.split("|")) - {"null"}, set(wanted.type.split("|"))
    if not have or (have | want) & _UNSAID or have & want or ("number" in want and "integer" in have):
        return
    problem = f"`{path}` must be {_told(wanted)}, but `{shown(source)}` is {given}"
    if "string" in want and have <= {"integer", "number"}:
        yield Fault(problem, f'write the text {{"$": "f\\"{{{shown(source)}}}\\""}}')
    elif "integer" in want and "number" in have:
        yield Fault(problem, f"write round({shown(source)}), times 100 first where cents are wanted")
    else:
        yield Fault(problem, f"use a result field of type {wanted.type}")


def _is_of_type(value: JsonValue, kinds: str) -> bool:
    wanted = set(kinds.split("|"))
    if ANY in wanted or _json_type(value) in wanted:
        return True
    # JSON Schema 2020-12 section 6.1.1: a number without a fraction is an integer.
    is_whole = isinstance(value, float) and value.is_integer()
    return (_json_type(value) == "integer" and "number" in wanted) or (is_whole and "integer" in wanted)


def _json_type(value: JsonValue) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def is_of_format(value: JsonValue, name: str) -> bool:
    return name not in _EXAMPLES or jsonschema_rs.Draft202012Validator(
        {"type": "string", "format": name}, validate_formats=True
    ).is_valid(value)


def _told(wanted: ArgumentSignature) -> str:
    return wanted.type + (" in the currency's smallest unit" if wanted.unit == "minor" else "")


def _literal_mend(value: JsonValue, wanted: ArgumentSignature, path: str) -> str:
    if value is None:
        return f"leave `{path}` out, or give a value"
    if isinstance(value, str) and {"integer", "number", "boolean"} & set(wanted.type.split("|")):
        return "write it without quotes"
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in wanted.type:
        return "write it in quotes"
    return f"give {'an' if wanted.type[0] in 'aeio' else 'a'} {wanted.type}"
