"""The rows of an approval page: read from the bound request, each with the label its value was judged by."""

from __future__ import annotations

from typing import Any

from api.web.request import Field, body_text, fields


def bound(labels: dict[str, str], **request: Any) -> dict[str, Any]:
    usual = {
        "method": "POST",
        "url": "https://crm.example/v2/contacts",
        "headers": [],
        "content_type": None,
        "body": None,
    }
    return {"request": usual | request, "labels": labels}


def rows(*shown: tuple[str, str, str, str | None]) -> list[Field]:
    return [Field(place=place, name=name, value=value, label=label) for place, name, value, label in shown]


def test_a_json_body_is_told_leaf_by_leaf() -> None:
    labels = {"/email": "user", "/lines/0/sku": "typed", "/lines/0/count": "user", "/tags": "model"}
    body = {"text": '{"email":"a@b.example","lines":[{"count":2,"sku":"X-1"}],"tags":[],"note":null}'}
    assert fields(bound(labels, body=body, content_type="application/json"), {}) == rows(
        ("body", "email", "a@b.example", "user"),
        ("body", "lines.0.count", "2", "user"),
        ("body", "lines.0.sku", "X-1", "typed"),
        ("body", "tags", "[]", "model"),
        ("body", "note", "null", None),
    )


def test_a_form_body_finds_the_labels_of_nested_names() -> None:
    labels = {"/amount": "user", "/items/0/price": "typed"}
    body = {"text": "amount=1250&items%5B0%5D%5Bprice%5D=pr_1"}
    assert fields(bound(labels, body=body, content_type="application/x-www-form-urlencoded"), {}) == rows(
        ("body", "amount", "1250", "user"), ("body", "items[0][price]", "pr_1", "typed")
    )


def test_path_and_query_are_told_too() -> None:
    labels = {"/group_id": "user", "/q": "model"}
    url = "https://crm.example/groups/grp%2F1/members?q=a%20b&flag="
    assert fields(bound(labels, url=url), {"group_id": "grp/1", "other": "elsewhere"}) == rows(
        ("path", "group_id", "grp/1", "user"), ("query", "q", "a b", "model"), ("query", "flag", "", None)
    )


def test_a_whole_body_takes_its_labels_below_body() -> None:
    body = {"text": '[{"id":1}]'}
    assert fields(bound({"/body/0/id": "typed"}, body=body, content_type="application/json"), {}) == rows(
        ("body", "0.id", "1", "typed")
    )


def test_what_cannot_be_taken_apart_is_shown_whole() -> None:
    assert fields(bound({}, body={"text": "{cut"}, content_type="application/json"), {}) == rows(
        ("body", "", "{cut", None)
    )
    assert "base64:AAH/" == body_text({"body": {"base64": "AAH/"}})
    assert body_text({"body": None}) is None
