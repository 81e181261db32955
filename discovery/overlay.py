"""Lays reality over a surface: what a System does that its document does not say, each difference as one fact.

Facts are for people, and for the next revision of a document. They change nothing that the guard reads: labels, targets
and classes come from the accepted action alone, or a System could make its own words trusted by sending them often.
Results need no widening either: an undocumented field passes already, as free text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from discovery import shapes
from discovery.exchange import Exchange, is_json
from discovery.infer.observed import kind_of
from discovery.infer.paths import is_id
from discovery.matching import Matcher
from discovery.redaction import STAND_INS
from discovery.references import pointer
from tools.action import Action, Place, Schema
from tools.call import digest

FactKind = Literal[
    "operation", "argument", "status", "media_type", "field", "missing", "type", "null", "enum", "rate_limit"
]
LIMITS = re.compile(r"(x-)?rate-?limit(-limit|-policy)?|x-rate-limit-limit.*|x-ratelimit-limit.*")
#: headers that name a limit; the ones that count down change with every answer
SOUGHT_HEADERS = frozenset({"retry-after"})
ELEMENT = "*"
MAX_FORMS, MAX_DEPTH, MAX_FACTS = 20, 30, 200
#: alternatives of one schema, levels of one body, differences of one exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One difference, the same wherever and whenever it is seen."""

    action: str
    #: id; "" when no action is of the exchange
    pointer: str
    kind: FactKind
    value: Any = None
    #: what was seen: a JSON type, a word, a status, a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    count: int
    first_at: datetime
    last_at: datetime


def tally(found: Iterable[tuple[Fact, datetime]]) -> list[tuple[Fact, Sightings]]:
    """Every fact once, with how often and when it was seen."""
    seen: dict[str, tuple[Fact, Sightings]] = {}
    for fact, at in found:
        mark = digest([fact.action, fact.pointer, fact.kind, fact.value])
        known = seen.get(mark)
        before = known[1] if known else Sightings(count=0, first_at=at, last_at=at)
        now = Sightings(count=before.count + 1, first_at=min(before.first_at, at), last_at=max(before.last_at, at))
        seen[mark] = (fact, now)
    return list(seen.values())


def compare_all(
    actions: Iterable[Action], defs: Mapping[str, Schema], exchanges: Iterable[Exchange]
) -> list[tuple[Fact, datetime]]:
    """What the (redacted) exchanges show beyond the actions of one surface."""
    matcher = Matcher(actions)
    found: list[tuple[Fact, datetime]] = []
    for exchange in exchanges:
        match = matcher.match(exchange)
        if match is None:
            facts = [_operation(exchange)] if exchange.status < 400 else []
        else:
            facts = [*_arguments(match.action, exchange), *compare(match.action, defs, exchange)]
        found += [(fact, exchange.at) for fact in facts]
    return found


def compare(action: Action, defs: Mapping[str, Schema], exchange: Exchange) -> list[Fact]:
    """What the (redacted) answer shows beyond what the action says of it."""
    found = [*_limits(action, exchange)]
    status = exchange.status
    schema: Schema | None = action.result_schema
    if not 200 <= status < 300:
        known = [name for name in (str(status), f"{status // 100}XX", "default") if name in action.errors]
        schema = action.errors[known[0]] if known else None
        if schema is None and status != 429:
            found.append(Fact(action=action.id, pointer=str(status), kind="status", value=status))
    elif exchange.response_type and not _is_named(exchange.response_type, action.accepts):
        found.append(Fact(action=action.id, pointer=str(status), kind="media_type", value=exchange.response_type))
    if schema and exchange.response_body is not None:
        walk = _Walk(action.id, defs)
        walk.look(exchange.response_body, schema, str(status), 0)
        found += walk.facts
    return found


@dataclass(slots=True)
class _Walk:
    """Goes over one body beside its schema. Of several alternatives, what any of them names is documented."""

    action: str
    defs: Mapping[str, Schema]
    facts: list[Fact]

    def __init__(self, action: str, defs: Mapping[str, Schema]) -> None:
        self.action, self.defs, self.facts = action, defs, []

    def tell(self, where: str, kind: FactKind, value: Any = None) -> None:
        if len(self.facts) < MAX_FACTS:
            self.facts.append(Fact(action=self.action, pointer=where, kind=kind, value=value))

    def look(self, value: Any, schema: Schema, where: str, depth: int) -> None:
        forms = self.forms(schema)
        kinds = {kind for form in forms for kind in shapes.types(form, self.defs.get)}
        kind = kind_of(value)
        if depth > MAX_DEPTH or not all(forms):
            return
        if kinds and kind not in kinds and not (kind == "integer" and "number" in kinds):
            self.tell(where, "null") if value is None else self.tell(where, "type", kind)
        elif isinstance(value, dict):
            self.look_into(value, forms, where, depth)
        elif isinstance(value, list):
            items = [form["items"] for form in forms if isinstance(form.get("items"), dict)]
            for part in value if items else ():
                self.look(part, _any_of(items), f"{where}/{ELEMENT}", depth + 1)
        elif value is not None and value not in STAND_INS:
            self.look_at_word(value, forms, where)

    def look_at_word(self, value: Any, forms: list[Schema], where: str) -> None:
        closed = [
            form["enum"] if "enum" in form else [form["const"]] for form in forms if {"enum", "const"} & set(form)
        ]
        if len(closed) == len(forms) and not any(value in words for words in closed):
            self.tell(where, "enum", value)

    def look_into(self, value: dict[str, Any], forms: list[Schema], where: str, depth: int) -> None:
        objects = [shapes.object_of(form, self.defs.get) for form in forms]
        named: dict[str, list[Schema]] = {}
        for one in objects:
            for name, part in one.properties.items():
                named.setdefault(name, []).append(part)
        extra = [form.get("additionalProperties") for form in forms]
        is_map = not named or any(isinstance(part, dict) or part is True for part in extra)
        is_map = is_map or any("patternProperties" in form for form in forms)
        for name, part in value.items():
            below = f"{where}{pointer(ELEMENT if is_id(name) else name)}"
            if name in named:
                self.look(part, _any_of(named[name]), below, depth + 1)
            elif additional := [form for form in extra if isinstance(form, dict) and form]:
                self.look(part, _any_of(additional), f"{where}/{ELEMENT}", depth + 1)
            elif not is_map:
                self.tell(below, "field", kind_of(part))
        if len(objects) == 1:
            for name in sorted(objects[0].required - value.keys()):
                self.tell(f"{where}{pointer(name)}", "missing")

    def forms(self, schema: Schema) -> list[Schema]:
        """The alternatives of a schema; a schema that is also more than its alternatives stays one of them."""
        waiting: list[Schema] = [schema]
        found: list[Schema] = []
        while waiting and len(found) < MAX_FORMS:
            form = shapes.plain(waiting.pop(), self.defs.get)
            inner = [part for key in ("oneOf", "anyOf") for part in form.get(key, ())]
            if not inner or "properties" in form or "allOf" in form:
                found.append(form)
            waiting += inner[:MAX_FORMS]
        return found


def _any_of(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _operation(exchange: Exchange) -> Fact:
    form = "/".join("{}" if is_id(part) else part for part in exchange.path.split("/"))
    return Fact(action="", pointer=form, kind="operation", value=exchange.method)


def _arguments(action: Action, exchange: Exchange) -> Iterator[Fact]:
    known = {one.wire_name for one in action.arguments if one.place is Place.QUERY}
    stems = {name.partition("[")[0] for name in known}
    for name in sorted({name for name, _ in exchange.query} - known):
        if name.partition("[")[0] not in stems and exchange.status < 400:
            yield Fact(action=action.id, pointer=f"request{pointer('query', name)}", kind="argument")


def _limits(action: Action, exchange: Exchange) -> Iterator[Fact]:
    """Limits on how often the System may be asked (RFC 6585 section 4, and the headers that came before a standard)."""
    for name, value in exchange.response_headers:
        if LIMITS.fullmatch(name) and value not in STAND_INS:
            yield Fact(action=action.id, pointer=name, kind="rate_limit", value=value[:100])
    if exchange.status == 429:
        asked = next((value for name, value in exchange.response_headers if name in SOUGHT_HEADERS), None)
        yield Fact(action=action.id, pointer="429", kind="rate_limit", value=_asked_s(asked, exchange.at))


def _asked_s(value: str | None, at: datetime) -> dict[str, float] | None:
    """Seconds that Retry-After asks for (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return {"retry_after_s": int(value)}
    try:
        return {"retry_after_s": max(0, round((parsedate_to_datetime(value) - at).total_seconds()))}
    except (ValueError, TypeError):
        return None


def _is_named(media_type: str, accepts: tuple[str, ...]) -> bool:
    named = [one.partition(";")[0].strip().lower() for one in accepts]
    if not named or media_type in named or "*/*" in named:
        return True
    return any(one.endswith("/*") and media_type.startswith(one[:-1]) for one in named) or (
        is_json(media_type) and any(is_json(one) for one in named)
    )
