"""What exchanges without a document become: typed actions that claim no more than was seen often enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.exchange import FORM, MULTIPART, Exchange
from discovery.infer.description import describe, infer
from discovery.infer.observed import ENOUGH, Observed
from discovery.matching import Matcher, arguments
from discovery.redaction import redact
from tools.action import Action, ActionClass, Place, Quarantined, Surface
from tools.schema import Validator

AT = datetime(2026, 1, 1, tzinfo=UTC)
JSON = "application/json"


def seen(
    method: str,
    path: str,
    status: int = 200,
    answer: Any = None,
    sent: Any = None,
    *,
    times: int = 1,
    kind: str = JSON,
    **more: Any,
) -> list[Exchange]:
    one = Exchange(
        at=AT,
        method=method,
        path=path,
        status=status,
        request_type=kind if sent is not None else "",
        request_body=sent,
        response_type=JSON if answer is not None else "",
        response_body=answer,
        **more,
    )
    return [redact(replace(one, at=AT + timedelta(minutes=number))) for number in range(times)]


def action(surface: Surface, method: str, path: str) -> Action:
    (found,) = [one for one in surface.actions if (one.method, one.path) == (method, path)]
    return found


def order(number: int, **more: Any) -> dict[str, Any]:
    states = ("open", "paid", "void")
    return {"id": number, "status": states[number % 3], "total": number / 2, "placed_at": "2026-01-01T00:00:00Z"} | more


def shop() -> list[Exchange]:
    auth: dict[str, Any] = {"request_headers": (("authorization", "Bearer abcdefghijklmnop"), ("accept", JSON))}
    found: list[Exchange] = []
    for number in range(1, 31):
        extra = {"coupon": None} if number % 5 else {"coupon": f"C-{number}"}
        found += seen("GET", f"/v1/orders/{number}", answer=order(number, **extra), **auth)
        sent = {"status": "open", "total": number / 2, "gift": number % 2 == 0}
        found += seen("POST", "/v1/orders", 201, answer=order(number + 100), sent=sent, **auth)
        query = (("page", str(number)), ("status", ("open", "paid")[number % 2]), ("tag", "a"), ("tag", "b"))
        page = {"data": [order(number + 200)], "next_page": number + 1}
        found += seen("GET", "/v1/orders", answer=page, query=query, **auth)
    found += seen("POST", "/v1/orders", 422, answer={"error": {"code": "invalid", "message": "no"}}, sent={}, **auth)
    found += seen("DELETE", "/v1/orders/3", 204, **auth)
    found += seen("GET", "/v1/secrets/1", 403, answer={"error": {"code": "denied", "message": "no"}}, **auth)
    return found


def test_exchanges_become_the_actions_that_a_document_would_give() -> None:
    surface = infer("shop", shop())
    assert [
        ("shop.delete_v1_orders_order_id", ActionClass.DELETE),
        ("shop.get_v1_orders", ActionClass.READ),
        ("shop.get_v1_orders_order_id", ActionClass.READ),
        ("shop.post_v1_orders", ActionClass.WRITE),
    ] == sorted((one.id, one.action_class) for one in surface.actions)
    assert ("traffic", "shop, as its traffic shows it") == (surface.dialect, surface.title)
    (lost,) = surface.quarantine
    assert (
        Quarantined(
            pointer="/paths/~1v1~1secrets~1{secret_id}/get",
            method="GET",
            path="/v1/secrets/{secret_id}",
            reason="it was tried 1 times and never succeeded (answered 403)",
            section="traffic",
        )
        == lost
    )


def test_arguments_have_their_places_types_and_words() -> None:
    surface = infer("shop", shop())
    listed = {
        (one.name, one.place, one.required): one.json_schema for one in action(surface, "GET", "/v1/orders").arguments
    }
    assert {
        ("page", Place.QUERY, True): {"type": "integer"},
        ("status", Place.QUERY, True): {"type": "string", "enum": ["open", "paid"]},
        ("tag", Place.QUERY, True): {"type": "array", "items": {"type": "string"}},
    } == listed
    made = {
        (one.name, one.place, one.required): one.json_schema for one in action(surface, "POST", "/v1/orders").arguments
    }
    assert {
        ("gift", Place.BODY, True): {"type": "boolean"},
        ("status", Place.BODY, True): {"type": "string", "enum": ["open", "paid", "void"]},
        ("total", Place.BODY, True): {"type": "number"},
    } == made
    (path,) = action(surface, "GET", "/v1/orders/{order_id}").arguments
    assert ("order_id", Place.PATH, True, True, {"type": "integer"}) == (
        path.name,
        path.place,
        path.required,
        path.is_target,
        path.json_schema,
    )


def test_records_are_counted_together_wherever_they_are_answered() -> None:
    surface = infer("shop", shop())
    assert {
        "type": "object",
        "properties": {
            "coupon": {"type": ["string", "null"]},
            "id": {"type": "integer"},
            "placed_at": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "enum": ["open", "paid", "void"]},
            "total": {"type": "number"},
        },
        "required": ["id", "placed_at", "status", "total"],
    } == surface.defs["Order"]
    assert {"$ref": "#/$defs/Order"} == action(surface, "GET", "/v1/orders/{order_id}").result_schema
    listed = action(surface, "GET", "/v1/orders").result_schema
    assert {"type": "array", "items": {"$ref": "#/$defs/Order"}} == listed["properties"]["data"]


def test_refusals_have_one_shape_and_are_expected_everywhere() -> None:
    surface = infer("shop", shop())
    assert {"422", "default"} == action(surface, "POST", "/v1/orders").errors.keys()
    assert {"$ref": "#/$defs/Error"} == action(surface, "DELETE", "/v1/orders/{order_id}").errors["default"]
    code = surface.defs["Error"]["properties"]["error"]["properties"]["code"]
    assert {"type": "string"} == code


def test_every_action_tells_how_often_it_was_seen() -> None:
    surface = infer("shop", shop())
    first = action(surface, "POST", "/v1/orders").evidence[0]
    assert ("traffic", "seen 31 times between 2026-01-01 and 2026-01-01: 201 30 times, 422 1 times") == (
        first.field,
        first.why,
    )
    tree = describe(shop(), "Shop").tree
    assert {
        "count": 31,
        "statuses": {"201": 30, "422": 1},
        "first": "2026-01-01T00:00:00+00:00",
        "last": "2026-01-01T00:00:00+00:00",
    } == tree["paths"]["/v1/orders"]["post"]["x-seen"]
    coupon = tree["components"]["schemas"]["Order"]["properties"]["coupon"]
    assert {"type": ["string", "null"], "x-seen": 30, "x-null": 24} == coupon
    assert {"http_bearer": {"type": "http", "scheme": "bearer"}} == tree["components"]["securitySchemes"]


def test_more_of_the_same_is_the_same_surface() -> None:
    once = infer("shop", shop())
    again = infer("shop", [*shop(), *[replace(one, at=one.at + timedelta(days=1)) for one in shop()]])
    other = infer("shop", [*shop(), *seen("GET", "/v1/carts/1", answer={"id": 1, "size": 2, "owner_id": 3})])
    assert once.digest == again.digest != other.digest
    assert [one.json_schema for action in once.actions for one in action.arguments] == [
        one.json_schema for action in again.actions for one in action.arguments
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["open", "paid"] * ENOUGH, {"type": "string", "enum": ["open", "paid"]}),
        (["open", "paid"] * 3, {"type": "string"}),
        (["open", "paid"] * ENOUGH + ["odd"], {"type": "string"}),
        (["open", None] * ENOUGH, {"type": ["string", "null"]}),
        (["a", "b", None] * ENOUGH, {"type": ["string", "null"], "enum": ["a", "b", None]}),
        ([1, 2.5], {"type": "number"}),
        ([1, "a"], {"type": ["integer", "string"]}),
        ([None, None], {}),
        (["2026-01-31"] * 3, {"type": "string", "format": "date"}),
        (["2026-01-31"] * 2, {"type": "string"}),
        (["2026-02-31"] * 3, {"type": "string"}),
        (["2026-01-31", "soon", "2026-01-31"], {"type": "string"}),
        (["3f9d2c1e-8b7a-4d5e-9f2c-1a2b3c4d5e6f"] * 3, {"type": "string", "format": "uuid"}),
        (["cus_9s8"] * 99, {"type": "string"}),
        ([[1], []], {"type": "array", "items": {"type": "integer"}}),
        ([[]], {"type": "array", "items": {}}),
        (["(hidden)"] * 3, {"type": "string", "format": "password"}),
        (["(text)"] * 99, {"type": "string"}),
    ],
)
def test_a_schema_claims_what_its_values_bear_out(values: list[Any], expected: dict[str, Any]) -> None:
    place = Observed(name="state")
    for value in values:
        place.add(value)
    assert expected == without_counts(place.schema())


def without_counts(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: without_counts(part) for name, part in schema.items() if not name.startswith("x-")}
    return [without_counts(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("name", ["id", "owner_id", "city", "currency", "sku", "displayName"])
def test_what_names_a_thing_is_no_fixed_list_however_few_were_seen(name: str) -> None:
    place = Observed(name=name)
    for value in ["alpha", "beta"] * 40:
        place.add(value)
    assert {"type": "string"} == without_counts(place.schema())


def test_an_object_keyed_by_ids_is_a_map() -> None:
    place = Observed()
    for number in range(20):
        place.add({str(1000 + number): {"on": True}})
    assert {
        "type": "object",
        "additionalProperties": {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]},
    } == without_counts(place.schema())


def test_forms_and_files_are_read_as_what_they_are() -> None:
    found: list[Exchange] = []
    for number in range(ENOUGH):
        charge = {
            "amount": str(number + 1),
            "metadata": {"order": f"o{number}x"},
            "capture": ("true", "false")[number % 2],
        }
        found += seen("POST", "/v1/charges", answer={"id": f"ch_{number}a"}, sent=charge, kind=FORM)
        upload = {"title": "x", "document": "(file)"}
        found += seen("POST", "/v1/files", answer={"id": f"file_{number}a"}, sent=upload, kind=MULTIPART)
    surface = infer("pay", found)
    charged = action(surface, "POST", "/v1/charges")
    assert charged.body is not None
    assert (FORM, {"metadata": {"style": "deepObject", "explode": True}}) == (
        charged.body.content_type,
        charged.body.encoding,
    )
    assert {"amount": "integer", "capture": "boolean", "metadata": "object"} == {
        one.name: one.json_schema["type"] for one in charged.arguments
    }
    document = action(surface, "POST", "/v1/files").argument("document")
    assert document is not None
    assert {"type": "string", "format": "binary"} == document.json_schema


@pytest.mark.parametrize(
    ("carried", "expected"),
    [
        ({"request_headers": (("authorization", "Basic YWJjOmRlZmdoaQ=="),)}, {"type": "http", "scheme": "basic"}),
        ({"request_headers": (("x-api-key", "k" * 12),)}, {"type": "apiKey", "in": "header", "name": "x-api-key"}),
        ({"request_headers": (("cookie", "a=b; session=1"),)}, {"type": "apiKey", "in": "cookie", "name": "session"}),
        ({"query": (("api_key", "k" * 12),)}, {"type": "apiKey", "in": "query", "name": "api_key"}),
    ],
    ids=["basic", "header", "cookie", "query"],
)  # fmt: skip
def test_credentials_are_a_scheme_and_never_an_argument(carried: dict[str, Any], expected: dict[str, str]) -> None:
    found = seen("GET", "/things", answer=[{"id": 1}], **carried)
    assert [expected] == list(describe(found, "x").tree["components"]["securitySchemes"].values())
    assert () == infer("x", found).actions[0].arguments


def test_headers_that_mean_something_are_arguments_and_those_of_browsers_are_not() -> None:
    headers = (("x-tenant", "acme"), ("sec-fetch-mode", "cors"), ("x-requested-with", "x"), ("user-agent", "y"),
               ("idempotency-key", "abc"), ("x-csrf-token", "z"))  # fmt: skip
    (made,) = infer("x", seen("POST", "/things", answer={"id": 1}, sent={"a": 1}, request_headers=headers)).actions
    assert ["a", "x-tenant"] == sorted(one.name for one in made.arguments)
    assert "idempotency-key" == made.resolver.key_header


def _value(depth: int) -> st.SearchStrategy[Any]:
    scalar = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.sampled_from("abc"))
    if not depth:
        return scalar
    inner = _value(depth - 1)
    return st.one_of(scalar, st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, max_size=4))


@given(values=st.lists(_value(3), min_size=1, max_size=40))
@settings(max_examples=80, deadline=None)
def test_whatever_was_seen_fits_what_was_inferred_from_it(values: list[Any]) -> None:
    place = Observed(name="state")
    for value in values:
        place.add(value)
    validator = Validator.compile(place.schema(), {})
    assert [] == [problem for value in values for problem in validator.problems(value)]


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_exchanges_fit_the_surface_that_was_inferred_from_them(data: st.DataObject) -> None:
    record = st.fixed_dictionaries(
        {"id": st.integers(1, 50), "name": st.sampled_from(["Ann", "Bea"])}, optional={"extra": _value(2)}
    )
    found: list[Exchange] = []
    for one in data.draw(st.lists(record, min_size=1, max_size=25)):
        found += seen("POST", "/people", 201, answer=one, sent={key: one[key] for key in one if key != "id"})
        found += seen("GET", f"/people/{one['id']}", answer=one)
    surface = infer("x", found)
    matcher = Matcher(surface.actions)
    for exchange in found:
        match = matcher.match(exchange)
        assert match is not None
        given_arguments = arguments(match, exchange, surface.defs)
        assert () == Validator.compile(match.action.args_schema(), surface.defs).problems(given_arguments)
        assert () == Validator.compile(match.action.result_schema, surface.defs).problems(exchange.response_body)
