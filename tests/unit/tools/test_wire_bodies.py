"""Bodies: what is written is what an independent reader gets back."""

from __future__ import annotations

import base64
import json
import math
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionId, Argument, Body, Place
from tools.wire import Request, render

FORM = "application/x-www-form-urlencoded"
FILE = {"type": "string", "format": "binary"}


def sent(body: Body, arguments: dict[str, Any], schemas: dict[str, Any] | None = None) -> Request:
    names = ["body"] if body.is_whole else list(arguments)
    action = Action(
        id=ActionId("billing.create"),
        system="billing",
        operation="create",
        method="POST",
        path="/x",
        pointer="",
        arguments=tuple(
            Argument(name=name, wire_name=name, place=Place.BODY, json_schema=(schemas or {}).get(name, {}))
            for name in names
        ),
        body=body,
    )
    return render(action, arguments, "https://h")


def test_a_json_body_has_its_arguments_as_properties_under_their_wire_names() -> None:
    action = Action(
        id=ActionId("crm.create"), system="crm", operation="create", method="PUT", path="/c/{id}", pointer="",
        arguments=(
            Argument(name="id", wire_name="id", place=Place.PATH),
            Argument(name="body_id", wire_name="id", place=Place.BODY),
            Argument(name="tags", wire_name="tags", place=Place.BODY),
        ),
        body=Body(content_type="application/vnd.crm+json; version=2"),
    )  # fmt: skip
    request = render(action, {"tags": ["b", None], "id": "p", "body_id": 7}, "https://h")
    assert (
        Request(
            method="PUT",
            url="https://h/c/p",
            headers=(("Accept", "application/json"),),
            body=b'{"id":7,"tags":["b",null]}',
            content_type="application/vnd.crm+json; version=2",
        )
        == request
    )


@pytest.mark.parametrize(
    ("body", "arguments", "expected"),
    [
        (Body(content_type="application/json"), {}, (None, None)),
        (Body(content_type="application/json", required=True), {}, (b"{}", "application/json")),
        (Body(content_type="application/json", is_whole=True), {"body": [1, "é"]},
         ('[1,"é"]'.encode(), "application/json")),
        (Body(content_type="application/json", is_whole=True), {"body": None}, (b"null", "application/json")),
        (Body(content_type="*/*", is_whole=True), {"body": {"a": 1}}, (b'{"a":1}', "application/json")),
        (Body(content_type="text/plain", is_whole=True), {"body": "é"}, ("é".encode(), "text/plain; charset=utf-8")),
        (Body(content_type="application/xml", is_whole=True), {"body": "<a/>"},
         (b"<a/>", "application/xml; charset=utf-8")),
        (Body(content_type="application/octet-stream", is_whole=True), {"body": "data:;base64,AP8="},
         (b"\x00\xff", "application/octet-stream")),
        (Body(content_type="image/*", is_whole=True), {"body": "data:image/png;base64,AP8="},
         (b"\x00\xff", "image/png")),
        (Body(content_type=FORM), {"a": "x y", "b": [1, 2], "c": True, "d": None},
         (b"a=x%20y&b=1&b=2&c=true", FORM)),
        (Body(content_type=FORM), {"meta": {"k": 1}}, (b"meta=%7B%22k%22%3A1%7D", FORM)),
        (Body(content_type=FORM, is_whole=True), {"body": {"a": 1, "b": "é"}}, (b"a=1&b=%C3%A9", FORM)),
        (Body(content_type=FORM, encoding={"ids": {"style": "form", "explode": False}}), {"ids": ["a", "b,c"]},
         (b"ids=a,b%2Cc", FORM)),
        (Body(content_type=FORM, encoding={"tags": {"contentType": "application/json"}}), {"tags": ["a"]},
         (b"tags=%5B%22a%22%5D", FORM)),
    ],
)  # fmt: skip
def test_a_body_is_written_by_its_media_type(body: Body, arguments: dict[str, Any], expected: Any) -> None:
    request = sent(body, arguments)
    assert expected == (request.body, request.content_type)


def test_nested_form_values_are_bracketed_as_stripe_reads_them() -> None:
    deep = {"style": "deepObject", "explode": True}
    body = Body(content_type=FORM, encoding={"metadata": deep, "items": deep, "expand": deep})
    request = sent(
        body, {"customer": "cus_1", "metadata": {"a": 1}, "items": [{"price": "x", "qty": 2}], "expand": ["data"]}
    )
    assert request.body is not None
    assert [
        ("customer", "cus_1"),
        ("metadata[a]", "1"),
        ("items[0][price]", "x"),
        ("items[0][qty]", "2"),
        ("expand[0]", "data"),
    ] == parse_qsl(request.body.decode())


def parts_read(request: Request) -> list[Message]:
    assert request.content_type is not None
    head = f"Content-Type: {request.content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    parts = message_from_bytes(head + (request.body or b"")).get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, Message)]


def test_a_multipart_reader_gets_back_fields_files_and_json() -> None:
    pdf = "data:application/pdf;name=q%201.pdf;base64," + base64.b64encode(b"%PDF\r\n--x\x00\xff").decode()
    request = sent(
        Body(content_type="multipart/form-data", encoding={"note": {"contentType": "text/markdown"}}),
        {"note": "é", "meta": {"a": [1]}, "file": pdf, "raw": "plain", "ids": [1, 2], "none": None},
        {"file": FILE, "raw": FILE},
    )
    read = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part["Content-Type"],
            part.get_payload(decode=True),
        )
        for part in parts_read(request)
    ]
    assert [
        ("note", None, "text/markdown", "é".encode()),
        ("meta", None, "application/json", b'{"a":[1]}'),
        ("file", "q 1.pdf", "application/pdf", b"%PDF\r\n--x\x00\xff"),
        ("raw", "raw", "application/octet-stream", b"plain"),
        ("ids", None, "text/plain; charset=utf-8", b"1"),
        ("ids", None, "text/plain; charset=utf-8", b"2"),
    ] == read


@pytest.mark.parametrize(
    ("body", "arguments", "schemas"),
    [
        (Body(content_type="application/json"), {"a": math.nan}, {}),
        (Body(content_type="application/json"), {"a": [math.inf]}, {}),
        (Body(content_type="application/json"), {"a": 2**70}, {}),
        (Body(content_type="application/json"), {"a": "\ud800"}, {}),
        (Body(content_type="application/xml"), {"a": "x"}, {}),
        (Body(content_type="text/plain", is_whole=True), {"body": {"a": 1}}, {}),
        (Body(content_type="text/plain", is_whole=True), {"body": "\udfff"}, {}),
        (Body(content_type="text/plain\r\nX: 1", is_whole=True), {"body": "x"}, {}),
        (Body(content_type=FORM, is_whole=True), {"body": [1]}, {}),
        (Body(content_type=FORM), {"a": [None]}, {}),
        (Body(content_type="multipart/form-data"), {"f": "data:application/pdf;base64,!"}, {"f": FILE}),
        (Body(content_type="multipart/form-data"), {"f": "data:no comma"}, {"f": FILE}),
        (Body(content_type="multipart/form-data"), {"f": "data:a\r\nX: 1,x"}, {"f": FILE}),
        (Body(content_type="multipart/form-data"), {"f": "data:text/plain;name=a%0d%0aX: 1,x"}, {"f": FILE}),
        (Body(content_type="multipart/form-data"), {"a\r\nb": "x"}, {}),
    ],
)
def test_a_body_that_cannot_be_said_is_refused(body: Body, arguments: dict[str, Any], schemas: dict[str, Any]) -> None:
    with pytest.raises(errors.RequestUnsafe):
        sent(body, arguments, schemas)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=60)
@given(JSON)
def test_a_json_reader_gets_back_every_value(value: Any) -> None:
    request = sent(Body(content_type="application/json", is_whole=True), {"body": value})
    assert value == json.loads(request.body or b"")


@settings(max_examples=60)
@given(TEXTS, st.binary(max_size=60))
def test_a_multipart_reader_gets_back_every_text_and_file(text: str, content: bytes) -> None:
    file = f"data:a/b;base64,{base64.b64encode(content).decode()}"
    request = sent(Body(content_type="multipart/form-data"), {"text": text, "file": file}, {"file": FILE})
    boundary = b"--" + (request.content_type or "").partition("boundary=")[2].encode()
    assert request.body is not None
    between = request.body.split(boundary)
    assert [b"", text.encode(), content, b"--\r\n"] == [
        between[0], *(part[:-2].partition(b"\r\n\r\n")[2] for part in between[1:-1]), between[-1]
    ]  # fmt: skip
