"""What is kept of an exchange: no secret in any spelling, no words of people, and still every shape."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery import redaction
from discovery.exchange import Exchange
from discovery.redaction import HIDDEN, PAGE, PERSON, TEXT, redact

PLAIN = Exchange(at=datetime(2026, 1, 1, tzinfo=UTC), method="POST", path="/things", status=200)
#: Long, and begun with what the program's own words do not hold, so that nothing is found by chance.
SECRETS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";,"), min_size=9, max_size=40).map(
    lambda text: f"Zq7{text}7qZ"
)


def kept(exchange: Exchange, marked: frozenset[str] = frozenset()) -> str:
    """All that would be stored, as text."""
    return orjson.dumps(redact(exchange, marked)).decode()


def spellings(secret: str) -> set[str]:
    encoded = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(encoded).decode().rstrip("="),
        base64.urlsafe_b64encode(encoded).decode().rstrip("="),
        encoded.hex(),
    }


PLACES: dict[str, Any] = {
    "authorization": lambda s: {"request_headers": (("authorization", f"Bearer {s}"),)},
    "own scheme": lambda s: {"request_headers": (("authorization", s),)},
    "key header": lambda s: {"request_headers": (("x-api-key", s),)},
    "odd header": lambda s: {"request_headers": (("x-acme-session-token", s),)},
    "cookie": lambda s: {"request_headers": (("cookie", f"a=1; sid={s}"),)},
    "set-cookie": lambda s: {"response_headers": (("set-cookie", f"sid={s}; HttpOnly; Path=/"),)},
    "query": lambda s: {"query": (("access_token", s),)},
    "form": lambda s: {"request_type": "application/x-www-form-urlencoded", "request_body": {"client_secret": s}},
    "body": lambda s: {"request_body": {"user": {"password": s}}},
    "list": lambda s: {"request_body": {"recovery_codes": ["1"], "tokens": [{"value": s}, [s]]}},
    "answer": lambda s: {"response_body": {"data": [{"refreshToken": s}]}},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@given(secret=SECRETS)
@settings(max_examples=25, deadline=None)
def test_a_secret_survives_in_no_spelling_wherever_it_is_repeated(place: Any, secret: str) -> None:
    echoes = {f"e{number}": spelling for number, spelling in enumerate(sorted(spellings(secret)))}
    echoes |= {"in words": f"your {secret} is wrong", "nested": json.dumps({"deep": secret})}
    exchange = replace(PLAIN, **place(secret))
    answered = exchange.response_body or {}
    segment = quote(secret, safe="") if "/" in secret else secret
    exchange = replace(exchange, path=f"/things/{segment}", response_body={**answered, "echo": echoes})
    told = kept(exchange)
    assert [] == [one for one in spellings(secret) if one in told]


@given(password=st.text("abcdefghij0123456789", min_size=12, max_size=30))
@settings(max_examples=25, deadline=None)
def test_both_halves_of_basic_credentials_are_hidden(password: str) -> None:
    pair = base64.b64encode(f"rosa-{password}:{password}".encode()).decode()
    told = kept(replace(PLAIN, request_headers=(("authorization", f"Basic {pair}"),), response_body={"x": password}))
    assert password not in told
    assert pair not in told
    assert '"Basic (hidden)"' in told


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N",
        "sk_live_51Hx9aZq8Rt2Yw",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abcdefghij",
        "4242 4242 4242 4242",
        "5555555555554444",
        "the card 4111-1111-1111-1111 was charged",
        "Bearer abcdefghijkl",
        "password=hunter2hunter2",
        "078-05-1120",
        "-----BEGIN PRIVATE KEY-----\nMIIE",
    ],
)
def test_what_looks_like_a_secret_is_hidden_under_any_name(text: str) -> None:
    found = redact(replace(PLAIN, response_body={"value": text, "list": [{"x": text}]}))
    assert {"value": HIDDEN, "list": [{"x": HIDDEN}]} == found.response_body


@pytest.mark.parametrize(
    "text",
    ["Kq8mX2vLp9Zr4TnB7cYd", "9f2c8b7a6d5e4f3c", "3f9d2c1e-8b7a-4d5e-9f2c-1a2b3c4d5e6f", "aHVudGVyMmh1bnRlcjI"],
)
def test_a_long_random_text_becomes_another_of_the_same_form_and_equal_ones_stay_equal(text: str) -> None:
    found = redact(replace(PLAIN, path=f"/things/{text}", response_body={"id": text, "parent": text}))
    made = found.response_body["id"]
    assert {"id": made, "parent": made} == found.response_body
    assert f"/things/{made}" == found.path
    assert text != made
    assert len(text) == len(made)
    assert redaction.is_random(made)
    assert [one.isdigit() for one in text] == [one.isdigit() for one in made] or redaction.UUID.fullmatch(text)


def test_private_words_leave_and_shapes_stay() -> None:
    body = {
        "first_name": "Rosa",
        "email": "rosa.diaz@acme.com",
        "website": "https://acme.com/rosa?x=1",
        "phone": "+49 30 1234567",
        "birth_date": "1991-02-03",
        "note": "call her back",
        "status": "in_progress",
        "stage": "In Progress",
        "created_at": "2026-01-01T00:00:00Z",
        "total": 12.5,
        "count": 3,
        "is_vip": True,
        "parent": None,
        "latitude": 52.5,
        "tags": ["a", "b"],
        "pin": 1234,
    }
    assert {
        "first_name": TEXT,
        "email": PERSON,
        "website": PAGE,
        "phone": TEXT,
        "birth_date": "1970-01-01",
        "note": TEXT,
        "status": "in_progress",
        "stage": "In Progress",
        "created_at": "2026-01-01T00:00:00Z",
        "total": 12.5,
        "count": 3,
        "is_vip": True,
        "parent": None,
        "latitude": 0.0,
        "tags": ["a", "b"],
        "pin": 0,
    } == redact(replace(PLAIN, response_body=body)).response_body


def test_a_name_that_the_document_calls_secret_is_one() -> None:
    schema = {"properties": {"shibboleth": {"type": "string", "format": "password"}, "gate": {"writeOnly": True}}}
    marked = redaction.marked_names([{"allOf": [schema]}])
    assert frozenset({"shibboleth", "gate"}) == marked
    body = {"shibboleth": "friend", "gate": "open", "other": "friend"}
    assert {"shibboleth": HIDDEN, "gate": HIDDEN, "other": HIDDEN} == redact(
        replace(PLAIN, request_body=body), marked
    ).request_body


def test_keys_that_are_data_are_redacted_too() -> None:
    body = {"rosa@acme.com": 1, "Kq8mX2vLp9Zr4TnB7cYd": 2, "plain": 3}
    found = redact(replace(PLAIN, response_body=body)).response_body
    assert [PERSON, "plain"] == [name for name in found if not redaction.is_random(name)]
    assert "Kq8mX2vLp9Zr4TnB7cYd" not in found


@pytest.mark.parametrize(
    "name", ["next_page_token", "continuation_token", "max_tokens", "author", "passenger", "pinned"]
)
def test_a_harmless_name_is_no_secret(name: str) -> None:
    assert not redaction.is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "apiKey", "client_secret", "PHPSESSION", "refreshToken", "cardNumber", "user.password", "CVV"]
)
def test_a_telling_name_is_one_in_any_spelling(name: str) -> None:
    assert redaction.is_secret_name(name) == (name != "PHPSESSION")


def test_only_the_headers_that_are_needed_keep_their_values() -> None:
    given_headers = (("content-type", "application/json"), ("x-ratelimit-limit", "60"), ("etag", "W/1"), ("via", "me"))
    assert (
        ("content-type", "application/json"),
        ("x-ratelimit-limit", "60"),
        ("etag", HIDDEN),
        ("via", HIDDEN),
    ) == redact(replace(PLAIN, response_headers=given_headers)).response_headers
