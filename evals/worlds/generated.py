"""APIs that nobody described: a seed makes one of 30 operations or more, and realistic traffic of it, as exchanges.

Nothing is served; the exchanges are what a recorder between a client and such an API would have kept.
"""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from discovery.exchange import Exchange

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
NOUNS = ("customers", "orders", "invoices", "products", "tickets", "employees", "shipments", "contracts", "projects",
         "warehouses", "vendors", "campaigns", "assets", "devices", "subscriptions", "leads", "expenses",
         "bookings")  # fmt: skip
PARTS = ("notes", "lines", "attachments", "members", "events", "addresses")
VERBS = ("cancel", "archive", "approve", "close", "reopen")
WORDS = ("alpha harbour cedar motion quiet river stone amber field cobalt lantern meadow north orchid paper quartz "
         "saddle timber umber velvet willow yellow zephyr").split()  # fmt: skip
ENUMS = {
    "status": ("draft", "open", "closed", "cancelled"),
    "priority": ("low", "normal", "high"),
    "channel": ("web", "phone", "partner", "in_store"),
    "tier": ("bronze", "silver", "gold"),
    "stage": ("New Lead", "In Progress", "Done"),
    "billing": ("monthly", "yearly"),
}
SKEW = (20, 12, 4, 2)
#: how much more often the first words of an enumeration are used than the last
RECORDS = 60
#: of each resource at the start


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    name: str
    make: Callable[[random.Random], Any]
    share: float = 1.0
    #: how often it is there
    nulls: float = 0.0
    is_given: bool = True
    #: by the client; else the server makes it


@dataclass(slots=True, kw_only=True)
class Resource:
    noun: str
    properties: tuple[Property, ...]
    make_id: Callable[[random.Random], Any]
    parts: tuple[Resource, ...] = ()
    verbs: tuple[str, ...] = ()
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def singular(self) -> str:
        return self.noun.removesuffix("es") if self.noun.endswith("sses") else self.noun.removesuffix("s")


class GeneratedApi:
    """One API. `traffic` gives as many exchanges as asked; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"generated-{seed}")
        pick = self._random
        self.prefix = pick.choice(("", "/v1", "/api/v2", "/api/2"))
        self.envelope = pick.choice(("data", "items", "list", ""))
        self.error_style = pick.choice(("problem", "nested", "flat"))
        self.paging = pick.choice(("cursor", "page", "offset"))
        self.credential = pick.choice(("bearer", "key", "cookie"))
        self.resources = [self._resource(noun, depth=0) for noun in pick.sample(NOUNS, 6)]
        self._now = START

    def operations(self) -> int:
        """How many operations the API has."""
        return sum(5 + len(one.verbs) + 3 * len(one.parts) for one in self.resources)

    def traffic(self, count: int) -> list[Exchange]:
        return [next(self._calls) for _ in range(count)]

    @property
    def _calls(self) -> Iterator[Exchange]:
        while True:
            resource = self._random.choice(self.resources)
            yield self._call(resource)

    def _resource(self, noun: str, depth: int) -> Resource:
        pick = self._random
        made = Resource(noun=noun, properties=_properties(pick, depth), make_id=pick.choice(_ids(noun)))
        if depth == 0:
            made.parts = tuple(self._resource(part, 1) for part in pick.sample(PARTS, pick.randint(0, 2)))
            made.verbs = tuple(pick.sample(VERBS, pick.randint(1, 2)))
        for _ in range(RECORDS):
            self._make(made, {})
        return made

    def _make(self, resource: Resource, given: dict[str, Any]) -> dict[str, Any]:
        pick = self._random
        record = {"id": resource.make_id(pick)} | _values(pick, resource.properties)
        record |= {name: value for name, value in given.items() if name in record or value is not None}
        resource.records[str(record["id"])] = record
        return record

    def _call(self, resource: Resource) -> Exchange:
        pick = self._random
        self._now += timedelta(seconds=pick.randint(1, 90))
        base = f"{self.prefix}/{resource.noun}"
        kind = pick.choices(("list", "get", "create", "change", "delete", "verb", "part"), (5, 6, 4, 3, 2, 2, 4))[0]
        if kind == "part" and resource.parts:
            part, owner = pick.choice(resource.parts), pick.choice(list(resource.records))
            return self._plain(part, f"{base}/{owner}/{part.noun}", pick.choice(("list", "get", "create")))
        if kind in ("verb", "part"):
            record = pick.choice(list(resource.records.values()))
            verb = pick.choice(resource.verbs)
            body = {"reason": pick.choice(("duplicate", "mistake", "expired"))} if verb in ("cancel", "close") else None
            return self._answer("POST", f"{base}/{record['id']}/{verb}", 200, record, sent=body)
        return self._plain(resource, base, kind)

    def _plain(self, resource: Resource, base: str, kind: str) -> Exchange:
        pick = self._random
        if kind == "list":
            return self._list(resource, base)
        if kind == "create":
            given = _values(pick, [one for one in resource.properties if one.is_given])
            if pick.random() < 0.12:
                given.pop(next(iter(given)), None)
                return self._refuse("POST", base, pick.choice((400, 422)), "invalid", sent=given)
            return self._answer("POST", base, 201, self._make(resource, given), sent=given)
        if pick.random() < 0.08:
            return self._refuse("GET", f"{base}/{resource.make_id(pick)}", 404, "not_found")
        record = pick.choice(list(resource.records.values()))
        path = f"{base}/{record['id']}"
        if kind == "change":
            given = _values(pick, [one for one in resource.properties if one.is_given])
            given = dict(pick.sample(sorted(given.items()), min(2, len(given))))
            record |= given
            return self._answer("PATCH", path, 200, record, sent=given)
        if kind == "delete" and len(resource.records) > RECORDS // 2:
            del resource.records[str(record["id"])]
            return self._answer("DELETE", path, 204, None)
        return self._answer("GET", path, 200, record)

    def _list(self, resource: Resource, base: str) -> Exchange:
        pick = self._random
        count = pick.randint(0, 12)
        listed = pick.sample(list(resource.records.values()), count)
        query = {"limit": str(pick.choice((10, 20, 50)))} if pick.random() < 0.7 else {}
        more: dict[str, Any] = {}
        if self.paging == "cursor":
            more = {"next_cursor": _letters(pick, 24) if pick.random() < 0.5 else None}
            query |= {"cursor": _letters(pick, 24)} if pick.random() < 0.4 else {}
        elif self.paging == "page":
            page = pick.randint(1, 9)
            more, query = {"page": page, "total": pick.randint(0, 500)}, query | {"page": str(page)}
        else:
            more, query = {"total": pick.randint(0, 500)}, query | {"offset": str(pick.choice((0, 20, 40)))}
        enums = [one.name for one in resource.properties if one.name in ENUMS]
        if enums and pick.random() < 0.4:
            query[enums[0]] = pick.choice(ENUMS[enums[0]])
        body = {self.envelope: listed, **more} if self.envelope else listed
        return self._answer("GET", base, 200, body, query=tuple(query.items()))

    def _refuse(self, method: str, path: str, status: int, code: str, sent: Any = None) -> Exchange:
        pick = self._random
        words = " ".join(pick.sample(WORDS, 4))
        body: dict[str, Any]
        if self.error_style == "problem":
            body = {"type": "about:blank", "title": code, "status": status, "detail": words}
        elif self.error_style == "nested":
            body = {"error": {"code": code, "message": words, "param": pick.choice((None, "name", "amount"))}}
        else:
            body = {"code": code, "message": words, "request_id": str(uuid.UUID(int=pick.getrandbits(128), version=4))}
        return self._answer(method, path, status, body, sent=sent)

    def _answer(
        self, method: str, path: str, status: int, body: Any, *, sent: Any = None,
        query: tuple[tuple[str, str], ...] = (),
    ) -> Exchange:  # fmt: skip
        return Exchange(
            at=self._now,
            method=method,
            path=path,
            query=query,
            request_headers=self._credential(),
            request_type="" if sent is None else "application/json",
            request_body=_copy(sent),
            status=status,
            response_headers=(("content-type", "application/json"),) if body is not None else (),
            response_type="" if body is None else "application/json",
            response_body=_copy(body),
        )

    def _credential(self) -> tuple[tuple[str, str], ...]:
        secret = _letters(random.Random("secret"), 32)
        return {
            "bearer": (("authorization", f"Bearer {secret}"),),
            "key": (("x-api-key", secret),),
            "cookie": (("cookie", f"session={secret}"),),
        }[self.credential]


def _copy(value: Any) -> Any:
    """The value as it is now; records change later."""
    if isinstance(value, dict):
        return {name: _copy(part) for name, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list) else value


def _ids(noun: str) -> Sequence[Callable[[random.Random], Any]]:
    prefix = noun[:3]
    return (
        lambda pick: pick.randint(1, 99_999),
        lambda pick: str(uuid.UUID(int=pick.getrandbits(128), version=4)),
        lambda pick: f"{prefix}_{_letters(pick, 14)}",
        lambda pick: f"{pick.getrandbits(96):024x}",
    )


def _letters(pick: random.Random, length: int) -> str:
    return "".join(pick.choices(string.ascii_letters + string.digits, k=length))


def _instant(pick: random.Random) -> str:
    return (START - timedelta(seconds=pick.randint(0, 10**8))).isoformat().replace("+00:00", "Z")


def _properties(pick: random.Random, depth: int) -> tuple[Property, ...]:
    """A record's properties: a few that are always there, and a choice of optional, nullable, nested ones."""
    sure = [
        Property(name="name", make=lambda pick: " ".join(pick.sample(WORDS, 2)).title()),
        Property(name="created_at", make=_instant, is_given=False),
    ]
    choice = [
        Property(name="updated_at", make=_instant, nulls=0.4, is_given=False),
        Property(name="email", make=lambda pick: f"{pick.choice(WORDS)}@{pick.choice(WORDS)}.example"),
        Property(name="amount", make=lambda pick: pick.choice((pick.randint(0, 999), pick.randint(0, 10**6) / 100))),
        Property(name="quantity", make=lambda pick: pick.randint(1, 400), nulls=0.04),
        Property(name="is_active", make=lambda pick: pick.random() < 0.7, share=0.93),
        Property(name="due_on", make=lambda pick: _instant(pick)[:10], share=0.6),
        Property(name="website", make=lambda pick: f"https://{pick.choice(WORDS)}.example/", nulls=0.3),
        Property(name="reference", make=lambda pick: f"{pick.choice(WORDS).upper()}-{pick.randint(1, 999)}", share=0.5),
        Property(name="description", make=lambda pick: " ".join(pick.sample(WORDS, 8)), share=0.8, nulls=0.1),
        Property(name="tags", make=lambda pick: pick.sample(WORDS, pick.randint(0, 4))),
        Property(name="owner_id", make=lambda pick: str(uuid.UUID(int=pick.getrandbits(128), version=4)), nulls=0.2),
        Property(name="metadata", make=lambda pick: {pick.choice(WORDS): pick.choice(WORDS)}, share=0.4),
        Property(name="address", make=_address, share=0.7),
        Property(name="lines", make=lambda pick: [_line(pick) for _ in range(pick.randint(0, 3))]),
        Property(name="score", make=lambda pick: pick.randint(0, 100), nulls=0.15, is_given=False),
    ]
    enums = [_enumerated(name) for name in pick.sample(sorted(ENUMS), 2 if depth == 0 else 1)]
    return (*sure, *enums, *pick.sample(choice, 7 if depth == 0 else 3))


def _enumerated(name: str) -> Property:
    return Property(name=name, make=lambda pick: pick.choices(ENUMS[name], SKEW[: len(ENUMS[name])])[0])


def _address(pick: random.Random) -> dict[str, Any]:
    made = {"street": f"{pick.choice(WORDS).title()} St {pick.randint(1, 99)}", "city": pick.choice(WORDS).title()}
    return made | ({"unit": str(pick.randint(1, 40))} if pick.random() < 0.5 else {})


def _line(pick: random.Random) -> dict[str, Any]:
    return {
        "sku": f"SKU-{pick.randint(100, 999)}",
        "quantity": pick.randint(1, 9),
        "price": pick.randint(1, 9999) / 100,
    }


def _values(pick: random.Random, properties: Sequence[Property]) -> dict[str, Any]:
    return {
        one.name: None if pick.random() < one.nulls else one.make(pick)
        for one in properties
        if pick.random() < one.share
    }
