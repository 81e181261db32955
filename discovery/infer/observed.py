"""What values were seen in one place, counted; from it a JSON Schema that claims no more than the counts bear out.

A claim that a later value could break (required, never null, one of these) needs `ENOUGH` values. The counts
stay in the schema as `x-seen`, for people.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs
import orjson

from discovery.exchange import FILE
from discovery.infer.paths import is_id
from discovery.redaction import HIDDEN, STAND_INS
from discovery.words import split
from tools.action import Schema

ENOUGH = 12
#: values that bear out "always": a property left out once in ten is still missed by three in ten such samples, so
#: records of one kind are counted together wherever they are answered
ENOUGH_FORMATTED = 3
PER_WORD = 8
#: values for each word of an enumeration
MAX_WORDS = 12
MAX_COUNTED = 60
#: different texts that are counted in one place
MAX_PROPERTIES = 300
MANY_KEYS = 40
WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*([ _./:-][A-Za-z0-9]+){0,4}")
TELLING = frozenset({"object", "type", "kind", "event"})
#: properties of which one value alone is a constant of the kind of record
NOT_CLOSED = frozenset({"id", "ids", "name", "city", "country", "currency", "locale", "language", "timezone", "code",
                        "slug", "sku", "login", "username", "key", "number", "version", "tag", "tags"})  # fmt: skip
LIKELY = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:.+"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}-.{27}"),
    "email": re.compile(r"\S+@\S+\.\S+"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]+://\S+"),
}
JUDGES = {
    name: jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True, offline=True) for name in LIKELY
}
#: the very judges that results are checked with later


@dataclass(slots=True)
class Observed:
    """Everything that was seen in one place. `name` is that of the property, which says what may be enumerated."""

    name: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    properties: dict[str, Observed] = field(default_factory=dict)
    entries: Observed | None = None
    #: of an object whose keys are ids: what stands under them
    items: Observed | None = None
    kind: Kind | None = None
    #: the kind of record whose objects stand here, counted there together with those of other places
    pool: Observed | None = None
    #: this place together with others of the same thing; what may stand here is judged from it

    @property
    def count(self) -> int:
        return self.kinds.total()

    def add(self, value: Any) -> None:
        kind = kind_of(value)
        self.kinds[kind] += 1
        if kind == "object":
            self._add_object(value) if self.kind is None else self.kind.add(value)
        elif kind == "array":
            self.items = self.items or Observed(name=self.name)
            for part in value:
                self.items.add(part)
        elif kind == "string":
            self._add_text(value)

    def _add_object(self, value: dict[str, Any]) -> None:
        for name, part in value.items():
            if is_id(name):
                self.entries = self.entries or Observed(name=self.name)
                self.entries.add(part)
            elif name in self.properties or len(self.properties) < MAX_PROPERTIES:
                self.properties.setdefault(name, Observed(name=name)).add(part)

    def _add_text(self, text: str) -> None:
        self.formats.update(formats_of(text))
        # One more than is counted tells that there were too many.
        if text in self.words or len(self.words) <= MAX_COUNTED:
            self.words[text] += 1

    def property(self, name: str) -> Observed:
        return self.properties.setdefault(name, Observed(name=name))

    def contradicts(self, other: Observed) -> bool:
        """Whether the two places have values, and none of one type."""
        own, others = set(self.kinds) - {"null"}, set(other.kinds) - {"null"}
        return bool(own and others) and not own & others

    def absorb(self, other: Observed) -> None:
        """Count what was seen there as if it had been here."""
        self.kinds += other.kinds
        self.words += other.words
        self.formats += other.formats
        if other.items is not None:
            self.items = self.items or Observed(name=self.name)
            self.items.absorb(other.items)
        if other.entries is not None:
            self.entries = self.entries or Observed(name=self.name)
            self.entries.absorb(other.entries)
        for name, place in other.properties.items():
            self.property(name).absorb(place)

    def schema(self) -> Schema:
        """The schema of what was seen here, with `x-seen`: how often, and `x-null`: how often null."""
        if self.pool is not None:
            return self.pool.schema() | {"x-seen": self.count}
        kinds = set(self.kinds) - {"null"}
        if "number" in kinds:
            kinds.discard("integer")
        forms = [self._form(kind) for kind in sorted(kinds)]
        seen: Schema = {"x-seen": self.count} | ({"x-null": self.kinds["null"]} if self.kinds["null"] else {})
        may_be_null = bool(self.kinds["null"])
        if not forms:
            return seen
        if len(forms) > 1 and all(set(form) == {"type"} for form in forms):
            types = [form["type"] for form in forms]
            return {"type": [*types, "null"] if may_be_null else types} | seen
        if len(forms) > 1 or "$ref" in forms[0]:
            branches = [*forms, {"type": "null"}] if may_be_null else forms
            return (branches[0] if len(branches) == 1 else {"anyOf": branches}) | seen
        (form,) = forms
        if may_be_null:
            form["type"] = [form["type"], "null"]
            if "enum" in form:
                form["enum"] = [*form["enum"], None]
        return form | seen

    def _form(self, kind: str) -> Schema:
        if kind == "object":
            return self._object() if self.kind is None else {"$ref": f"#/components/schemas/{self.kind.name}"}
        if kind == "array":
            return {"type": "array", "items": self.items.schema() if self.items and self.items.count else {}}
        if kind == "string":
            return self._text()
        return {"type": kind}

    def _object(self) -> Schema:
        times = self.kinds["object"]
        schema: Schema = {"type": "object"}
        named, entries = self.properties, self.entries
        if len(named) > MANY_KEYS and sum(one.count for one in named.values()) < 0.3 * times * len(named):
            # Hardly two objects share a key: the keys are data.
            return schema | {"additionalProperties": merged([*named.values(), *([entries] if entries else [])])}
        if named:
            schema["properties"] = {name: one.schema() for name, one in sorted(named.items())}
        always = [name for name, one in sorted(named.items()) if one.count == times]
        if always and times >= ENOUGH:
            schema["required"] = always
        if entries is not None:
            schema["additionalProperties"] = entries.schema()
        return schema

    def _text(self) -> Schema:
        times, schema = self.kinds["string"], {"type": "string"}
        if FILE in self.words:
            return schema | {"format": "binary"}
        if set(self.words) == {HIDDEN}:
            return schema | {"format": "password"}
        every = [name for name in LIKELY if self.formats[name] == times]
        if every and times >= ENOUGH_FORMATTED:
            return schema | {"format": every[0]}
        return {**schema, "enum": sorted(self.words)} if self._is_closed(times) else dict(schema)

    def _is_closed(self, times: int) -> bool:
        """Whether the texts are words of a fixed list: few, each seen again, none an id, a name or a stand-in."""
        last = split(self.name)[-1:]
        if last and last[0] in NOT_CLOSED:
            return False
        is_many = len(self.words) > MAX_WORDS or times < max(PER_WORD * len(self.words), ENOUGH)
        if is_many or min(self.words.values()) < 2:
            return False
        if not all(WORD.fullmatch(word) and word not in STAND_INS and not is_id(word) for word in self.words):
            return False
        return len(self.words) > 1 or self.name in TELLING


@dataclass(slots=True)
class Kind:
    """A kind of record, such as a customer, wherever the API answers one; the same state of it counts once."""

    name: str
    observed: Observed = field(default_factory=Observed)
    seen: set[bytes] = field(default_factory=set)

    def add(self, record: dict[str, Any]) -> None:
        digest = hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).digest()
        if digest not in self.seen:
            self.seen.add(digest)
            self.observed.add(record)


def merged(parts: list[Observed]) -> Schema:
    """One schema for values that stand under different keys: the schema that all share, else anything."""
    schemas = [{key: value for key, value in one.schema().items() if not key.startswith("x-")} for one in parts]
    return schemas[0] if all(one == schemas[0] for one in schemas) else {}


def kind_of(value: Any) -> str:
    """The JSON type of `value`, with `integer` for a whole number (JSON Schema 2020-12 section 6.1.1)."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def formats_of(text: str) -> list[str]:
    if len(text) > 500:
        return []
    return [name for name, form in LIKELY.items() if form.fullmatch(text) and JUDGES[name].is_valid(text)]
