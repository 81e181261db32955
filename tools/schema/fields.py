"""The fields of a schema as a flat list: what an answer holds, for people, planners and reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from tools.action import Schema
from tools.schema.reading import Form, forms

MAX_FIELDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    path: str
    #: below the value: `id`, `company.name`, `data[].email`; "" or "[]" when there is no object to name it
    type: str
    #: a JSON type, several joined by `|`, or `any`
    format: str | None = None
    enum: tuple[JsonValue, ...] = ()


def fields_of(schema: Schema, defs: Mapping[str, Schema], depth: int = 3, limit: int = MAX_FIELDS) -> list[Field]:
    """The fields down to `depth` properties below the top, containers before their contents, at most `limit`.

    A list is not a level of its own, and a recursive schema ends at `depth`.
    """
    return list(islice(_fields(forms((schema,), defs), defs, "", depth), limit))


def _fields(known: tuple[Form, ...], defs: Mapping[str, Schema], path: str, depth: int) -> Iterator[Field]:
    for _ in range(3):
        # A list of lists of lists is as deep as anyone reads.
        if path or "array" in _types(known):
            yield _field(known, path)
        elements = tuple(form for one in known if (part := one.element(0)) for form in forms(part, defs))
        if not elements:
            break
        known, path = elements, f"{path}[]"
    if depth == 0:
        return
    names = dict.fromkeys(name for form in known for properties in form.of("properties") for name in properties)
    for name in names:
        inner = tuple(form for one in known if (part := one.property(name)) for form in forms(part, defs))
        yield from _fields(inner, defs, f"{path}.{name}" if path else name, depth - 1)


def _field(known: tuple[Form, ...], path: str) -> Field:
    formats = dict.fromkeys(str(one) for form in known for one in form.of("format"))
    choices = [list(form.of("enum")) for form in known]
    is_closed = bool(choices) and all(choices)
    values: list[JsonValue] = [value for listed in choices for value in listed[0]] if is_closed else []
    return Field(
        path=path,
        type="|".join(sorted(_types(known))) or "any",
        format=next(iter(formats)) if len(formats) == 1 else None,
        enum=tuple(value for index, value in enumerate(values) if value not in values[:index]),
    )


def _types(known: tuple[Form, ...]) -> set[str]:
    found: set[str] = set()
    for form in known:
        types = form.types or ({"object"} if any(form.of("properties")) else set())
        found |= types - {"integer"} if "number" in types else types
    return found
