"""Labels an answer by the schema that its action documents: what the schema closes is `typed`, all else is `text`.

A closed value cannot carry a sentence: a number, a date, one of a fixed set, an id. Its schema must say so and the
value must be so; a field that the document does not name is free text, whatever it holds.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from pydantic import JsonValue

from tools.action import Schema
from tools.labels import Label, Labelled, labelled
from tools.schema.reading import MAX_FORMS, Form, forms

MAX_DEPTH = 100

#: Ours and linear; never a document's pattern.
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_ID_NAME = re.compile(r"id|.*(?:_id|Id|ID|_ids|Ids|IDs|_number|Number|[kK]ey|[cC]ode)", re.DOTALL)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
#: as the HTML standard has it (section 4.10.5.1.5): no quoted local part, in which a sentence fits
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_DURATION = re.compile(r"P[0-9DWMYTHS.]{2,40}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?", re.ASCII)

_Value = str | int | float | bool | None | Mapping[str, Labelled] | tuple[Labelled, ...]


def label_by_schema(value: JsonValue, schema: Schema, defs: Mapping[str, Schema], origin: str) -> Labelled:
    """`value` with a label on every leaf, all from `origin`.

    Of several alternatives that the value may have, all must close it. A container is `typed` when the document names
    its type and every property in it. A URL is never closed.
    """
    return _Labelling(defs, origin).label(value, forms((schema,), defs), "", 0)


class _Labelling:
    def __init__(self, defs: Mapping[str, Schema], origin: str) -> None:
        self._defs = defs
        self._origin = origin
        self._known: dict[tuple[int, ...], tuple[tuple[Schema, ...], tuple[Form, ...]]] = {}
        #: by the identity of the schemas, which are kept alive beside: a list repeats them for every element

    def label(self, value: JsonValue, documented: tuple[Form, ...], name: str, depth: int) -> Labelled:
        """`name` is that of the property under which the value, or the list around it, stands."""
        if depth > MAX_DEPTH:
            return labelled(value, Label.TEXT, self._origin)
        fitting = [form for form in documented if form.fits(value)]
        if isinstance(value, dict):
            return self._object(value, fitting, depth)
        if isinstance(value, list):
            return self._list(value, fitting, name, depth)
        if value is None or isinstance(value, bool):
            return self._made(value, is_typed=bool(documented))
        return self._made(value, is_typed=bool(fitting) and all(_closes(form, name, value) for form in fitting))

    def _object(self, value: dict[str, JsonValue], fitting: list[Form], depth: int) -> Labelled:
        documented = {name: self._forms([form.property(name) for form in fitting]) for name in value}
        parts = {name: self.label(part, documented[name], name, depth + 1) for name, part in value.items()}
        return self._made(parts, is_typed=_all_name(fitting, "object") and all(documented.values()))

    def _list(self, value: list[JsonValue], fitting: list[Form], name: str, depth: int) -> Labelled:
        documented = [self._forms([form.element(index) for form in fitting]) for index in range(len(value))]
        parts = tuple(self.label(part, of, name, depth + 1) for part, of in zip(value, documented, strict=True))
        return self._made(parts, is_typed=_all_name(fitting, "array"))

    def _forms(self, choices: list[tuple[Schema, ...]]) -> tuple[Form, ...]:
        """The alternatives for a part of a value, over all forms of the value; () when one of them does not name it."""
        if not choices or not all(choices):
            return ()
        found = {id(form): form for schemas in choices for form in self._laid_out(schemas)}
        return tuple(found.values()) if len(found) <= MAX_FORMS else (Form(({},)),)

    def _laid_out(self, schemas: tuple[Schema, ...]) -> tuple[Form, ...]:
        key = tuple(map(id, schemas))
        if key not in self._known:
            self._known[key] = (schemas, forms(schemas, self._defs))
        return self._known[key][1]

    def _made(self, value: _Value, *, is_typed: bool) -> Labelled:
        own = Label.TYPED if is_typed else Label.TEXT
        return Labelled(value=value, own=own, sources=frozenset((self._origin,)))


def _all_name(fitting: list[Form], kind: str) -> bool:
    return bool(fitting) and all(
        kind in form.types or (kind == "object" and any(form.of("properties"))) for form in fitting
    )


def _closes(form: Form, name: str, value: str | int | float) -> bool:
    """Whether the form, which the value fits, leaves no room for free text in it."""
    if any(True for keyword in ("enum", "const") for _ in form.of(keyword)):
        return True
    if not isinstance(value, str):
        return bool(form.types & {"integer", "number"})
    formats = [known for known in form.of("format") if known in _CLOSED]
    if formats:
        return any(_CLOSED[known](value) for known in formats)
    is_open = any(known in _OPEN for known in form.of("format"))
    return not is_open and bool(_ID_NAME.fullmatch(name)) and bool(_ID.fullmatch(value))


def _parses(read: Callable[[str], object]) -> Callable[[str], bool]:
    def is_read(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return is_read


def _is_date(text: str) -> bool:
    return len(text) == len("2026-01-02") and text.isascii() and text[4] == "-" and _parses(date.fromisoformat)(text)


def _is_instant(text: str) -> bool:
    return bool(_INSTANT.fullmatch(text)) and _parses(datetime.fromisoformat)(text.upper())


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: len(text) <= 320 and pattern.fullmatch(text) is not None


_CLOSED: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_instant,
    "time": _matches(_TIME),
    "duration": _matches(_DURATION),
    "uuid": _matches(_UUID),
    "email": _matches(_EMAIL),
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _matches(re.compile(r"[0-9A-Fa-f:.]{2,45}")),
    **dict.fromkeys(("int32", "int64", "decimal", "float", "double", "number", "numeric"), _matches(_NUMBER)),
}
_OPEN = frozenset(("uri", "uri-reference", "uri-template", "url", "iri", "iri-reference", "hostname", "idn-hostname"))
#: targets of their own: never closed, even under the name of an id
