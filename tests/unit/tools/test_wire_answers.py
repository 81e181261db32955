"""Answers: whatever a body holds, reading it ends with an answer, and what is wrong with it is said."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.action import Action, ActionId
from tools.wire import Answer, read_answer

JSON_TYPE = (("Content-Type", "application/json; charset=utf-8"),)


def action(accepts: tuple[str, ...] = ("application/json",), result: dict[str, Any] | None = None) -> Action:
    return Action(
        id=ActionId("crm.act"), system="crm", operation="act", method="POST", path="/x", pointer="", accepts=accepts,
        result_schema={"type": "object"} if result is None else result,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, JSON_TYPE, b'{"a": [1, null]}', Answer(status=200, body={"a": [1, None]}, media_type="application/json")),
        (200, (("content-type", "Application/HAL+JSON"),), b"[]",
         Answer(status=200, body=[], media_type="application/hal+json")),
        (200, (), b"\xef\xbb\xbf1", Answer(status=200, body=1)),
        (204, (), b"", Answer(status=204)),
        (404, (("Content-Type", "text/html"),), b"<p>no", Answer(status=404, body="<p>no", media_type="text/html")),
        (422, (("Content-Type", "application/problem+json"),), b'{"title":"x"}',
         Answer(status=422, body={"title": "x"}, media_type="application/problem+json")),
    ],
)  # fmt: skip
def test_a_sound_answer_has_no_problem(status: int, headers: Any, body: bytes, expected: Answer) -> None:
    assert expected == read_answer(action(), status, headers, body)


@pytest.mark.parametrize(
    ("headers", "body", "problem"),
    [
        (JSON_TYPE, b"", "empty where the document promises one"),
        (JSON_TYPE, b'{"a": 1', "not JSON, or it is cut"),
        (JSON_TYPE, b"\xff\xfe\xfd", "not JSON"),
        (JSON_TYPE, b'{"a": 1, "a": 2}', "same key twice"),
        (JSON_TYPE, b"[NaN]", "NaN or an infinity"),
        (JSON_TYPE, b"[-Infinity]", "NaN or an infinity"),
        (JSON_TYPE, b"[1e999]", "beyond all bounds"),
        (JSON_TYPE, b"[18446744073709551616]", "more than 64 bits"),
        (JSON_TYPE, b"9" * 5_000, "not JSON"),
        (JSON_TYPE, b'["\\ud800"]', "surrogate"),
        (JSON_TYPE, b'{"\\udc00": 1}', "surrogate"),
        (JSON_TYPE, b"[" * 101 + b"]" * 101, "nested too deep"),
        (JSON_TYPE, b"[" * 100_000 + b"]" * 100_000, "nested too deep"),
        (JSON_TYPE, b'{"a":' * 100_000, "nested too deep"),
        ((*JSON_TYPE, ("Content-Length", "99")), b"{}", "shorter than its Content-Length"),
        ((("Content-Type", "text/html"),), b"<html>", "media type is not one"),
    ],
    ids=str,
)
def test_a_body_that_cannot_be_relied_on_is_told_without_quoting_it(headers: Any, body: bytes, problem: str) -> None:
    answer = read_answer(action(), 201, headers, body)
    assert problem in (answer.problem or "")
    assert 201 == answer.status


def test_a_body_is_not_missed_where_none_is_promised() -> None:
    assert Answer(status=200) == read_answer(action(result={}), 200, (), b"  ")


def test_what_is_no_text_comes_as_a_file() -> None:
    answer = read_answer(action(("application/pdf",)), 200, (("Content-Type", "application/pdf"),), b"\x00\xff")
    assert Answer(status=200, body="data:application/pdf;base64,AP8=", media_type="application/pdf") == answer


def test_text_is_read_in_its_charset_and_never_fails() -> None:
    latin = (("Content-Type", "text/plain; charset=ISO-8859-1"),)
    assert "é" == read_answer(action(("text/*",)), 200, latin, b"\xe9").body
    assert "\ufffd" == read_answer(action(("text/*",)), 200, (("Content-Type", "text/plain"),), b"\xe9").body


def test_a_large_sound_body_is_read_soon() -> None:
    body = b"[" + b",".join([b'{"id": "c_1", "name": "Ann", "tags": ["a", "b"]}'] * 20_000) + b"]"
    began = time.process_time()
    assert read_answer(action(), 200, JSON_TYPE, body).problem is None
    assert time.process_time() - began < 3


@settings(max_examples=100)
@given(
    st.binary() | st.text().map(lambda text: text.encode(errors="replace")),
    st.sampled_from([100, 200, 204, 302, 404, 500]),
    st.lists(st.tuples(st.sampled_from(["Content-Type", "content-length", "X"]), st.text(max_size=20))),
)
def test_no_answer_makes_reading_it_fail(body: bytes, status: int, headers: list[tuple[str, str]]) -> None:
    assert status == read_answer(action(), status, headers, body).status
