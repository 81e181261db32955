"""HAR files, good and hostile: what belongs to the system is read and redacted, the rest is passed over or refused."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from discovery import har
from discovery.document import Caps
from discovery.exchange import Exchange
from tools import errors

BASE = "https://api.shop.example/v1"
LIMIT_S = 5.0


def entry(url: str = f"{BASE}/orders/7?page=2", method: str = "GET", status: int = 200, **more: Any) -> dict[str, Any]:
    content = {"mimeType": "application/json; charset=utf-8", "text": '{"id": 7}'}
    request = {"method": method, "url": url, "headers": [{"name": "Accept", "value": "application/json"}]}
    response = {"status": status, "headers": [{"name": "Content-Type", "value": "application/json"}]}
    return {
        "startedDateTime": "2026-01-01T10:00:00.000+02:00",
        "request": request | more.get("request", {}),
        "response": response | {"content": content | more.get("content", {})} | more.get("response", {}),
    }


def file(*entries: Any) -> bytes:
    return orjson.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}})


def test_an_entry_becomes_an_exchange_below_the_base_url() -> None:
    posted = entry(
        f"{BASE}/orders",
        "POST",
        201,
        request={
            "cookies": [{"name": "sid", "value": "abcdefgh"}],
            "postData": {"mimeType": "application/json", "text": '{"note": "call me", "size": 3, "token": "abcdefgh"}'},
        },
        content={"text": base64.b64encode(b'{"id": 8}').decode(), "encoding": "base64"},
    )
    at = datetime(2026, 1, 1, 8, tzinfo=UTC)
    common: dict[str, Any] = {
        "at": at,
        "response_headers": (("content-type", "application/json"),),
        "response_type": "application/json",
    }
    assert (
        Exchange(
            method="GET",
            path="/orders/7",
            query=(("page", "2"),),
            request_headers=(("accept", "application/json"),),
            status=200,
            response_body={"id": 7},
            **common,
        ),
        Exchange(
            method="POST",
            path="/orders",
            request_headers=(("accept", "application/json"), ("cookie", "sid=(hidden)")),
            request_type="application/json",
            request_body={"note": "(text)", "size": 3, "token": "(hidden)"},
            status=201,
            response_body={"id": 8},
            **common,
        ),
    ) == har.read(file(entry(), posted), BASE).exchanges


def test_forms_are_read_from_their_text_or_from_their_fields() -> None:
    form = {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&b[c]=2&d[]=3"}
    upload = {
        "mimeType": "multipart/form-data; boundary=x",
        "params": [{"name": "title", "value": "t"}, {"name": "doc", "fileName": "a.pdf", "value": "%PDF"}],
    }
    made = har.read(
        file(*(entry(f"{BASE}/x", "POST", request={"postData": one}) for one in (form, upload))), BASE
    ).exchanges
    assert [{"a": "1", "b": {"c": "2"}, "d": ["3"]}, {"title": "(text)", "doc": "(file)"}] == [
        one.request_body for one in made
    ]


def test_what_is_no_traffic_of_the_system_is_passed_over_by_reason() -> None:
    recording = har.read(
        file(
            entry("https://www.shop.example/"),
            entry("https://api.shop.example/v2/orders"),
            entry("http://api.shop.example/v1/orders"),
            entry(method="OPTIONS"),
            entry(status=0),
            entry(status=302),
            entry(content={"mimeType": "text/html"}),
            {"request": {}},
            {"request": {"method": 1, "url": 2}, "response": {"status": "200"}},
            7,
            entry(),
        ),
        BASE,
    )
    assert {
        "it went to another address than the system's": 3,
        "it got no answer of its own (broken off, redirected, or answered from a cache)": 2,
        "its method is not one that actions have": 1,
        "it is part of a web page": 1,
        "it has no `response` object": 1,
        "it lacks a method, a URL or a status": 1,
        "it has no `request` object": 1,
    } == recording.passed_over
    assert 1 == len(recording.exchanges)
    assert {"https://www.shop.example", "https://api.shop.example", "http://api.shop.example"} == set(recording.hosts)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"<html>", "HTML page"),
        (b'{"log": {"entries": [', "cut off"),
        (b"[]", "no `log` object"),
        (b'{"openapi": "3.1.0", "paths": {}}', "no `log` object"),
        (b'{"log": {"version": "1.2"}}', "no list of `entries`"),
        (b'{"log": {"entries": {}}}', "no list of `entries`"),
        (b'{"log": {"entries": [' + b"7," * har.MAX_ENTRIES + b"7]}}", "the cap is 50,000"),
        (b'{"log": {"entries": ' + b"[" * 5000 + b"]" * 5000 + b"}}", "deeper than|depth limit"),
        (b'{"log": "' + b"x" * 33 * 2**20 + b'"}', "the cap is"),
        (b"\x00\x01", "cannot be used"),
    ],
    ids=["empty", "html", "cut", "list", "document", "no entries", "wrong entries", "many", "deep", "huge", "binary"],
)
def test_what_is_no_har_file_gets_one_clear_error(raw: bytes, says: str) -> None:
    with pytest.raises(errors.DocumentInvalid, match=says):
        har.read(raw, BASE)


HOSTILE = {
    "deep body": entry(content={"text": '{"a":' * 50_000}),
    "balanced deep body": entry(content={"text": "[" * 900 + "]" * 900}),
    "wide body": entry(content={"text": "[" + "1," * 400_000 + "1]"}),
    "many keys": entry(content={"text": orjson.dumps({f"k{n}": n for n in range(60_000)}).decode()}),
    "no JSON": entry(content={"text": "\x00{{{"}),
    "half a surrogate": entry(content={"text": '"\\ud800"'}),
    "broken base64": entry(content={"text": "%%%", "encoding": "base64"}),
    "long URL": entry(f"{BASE}/{'a/' * 50_000}?{'b=1&' * 50_000}"),
    "odd URL": entry("https://[::1/x"),
    "bracket form": entry(
        f"{BASE}/x",
        "POST",
        request={"postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a" + "[b]" * 50_000 + "=1"}},
    ),
    "repeated digits": entry(content={"text": orjson.dumps({"x": "1-" * 200_000, "y": "1" * 200_000}).decode()}),
    "long text": entry(content={"text": orjson.dumps({"x": "aB3" * 200_000, "token": "z" * 200_000}).decode()}),
    "many secrets": entry(content={"text": orjson.dumps({"tokens": [f"t{n}-abcdef" for n in range(30_000)]}).decode()}),
    "begun tokens": entry(content={"text": orjson.dumps({"x": "eyJ" * 200_000, "eyJ" * 20_000: 1}).decode()}),
    "odd values": entry(request={"headers": [{"name": 1}, 7], "cookies": "x", "postData": []}),
    "odd time": entry() | {"startedDateTime": "yesterday"},
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_entry_harms_nothing_and_costs_little(hostile: dict[str, Any]) -> None:
    started = sum(os.times()[:4])
    recording = har.read(file(hostile, entry()), BASE)
    assert {"id": 7} == recording.exchanges[-1].response_body
    assert sum(os.times()[:4]) - started < LIMIT_S


def test_the_caps_are_those_of_documents() -> None:
    with pytest.raises(errors.DocumentInvalid, match="more than 10 values"):
        har.read(file(entry()), BASE, caps=Caps(nodes=10))
