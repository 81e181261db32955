"""A rendered request: stable, stored and rebuilt byte for byte, and never in charge of what is not its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import errors
from tools.action import Action, ActionId, Argument, Place
from tools.call import digest
from tools.wire import Request, redacted, render

REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST"]),
    url=st.just("https://h/a?b=%20"),
    headers=st.lists(st.tuples(st.sampled_from(["Accept", "X-A"]), st.text("ab ", max_size=3))).map(tuple),
    body=st.none() | st.binary() | st.text(st.characters(exclude_categories=["Cs"])).map(str.encode),
    content_type=st.none() | st.just("text/plain"),
)


@given(REQUESTS)
def test_a_stored_request_is_rebuilt_byte_for_byte(request: Request) -> None:
    stored = json.loads(json.dumps(request.canonical()))
    assert request == Request.from_canonical(stored)
    assert digest(request.canonical()) == digest(Request.from_canonical(stored).canonical())


def action(*arguments: Argument, accepts: tuple[str, ...] = ()) -> Action:
    return Action(
        id=ActionId("crm.act"), system="crm", operation="act", method="get", path="/x", pointer="", arguments=arguments,
        accepts=accepts,
    )  # fmt: skip


def test_the_order_of_the_arguments_given_does_not_change_the_request() -> None:
    arguments = [Argument(name=name, wire_name=name, place=Place.QUERY) for name in "abc"]
    given_one = render(action(*arguments), {"a": 1, "b": {"y": 1}, "c": 3}, "https://h")
    given_two = render(action(*arguments), {"c": 3, "b": {"y": 1}, "a": 1}, "https://h")
    assert given_one == given_two
    assert "https://h/x?a=1&y=1&c=3" == given_one.url


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [
        ((), "application/json"),
        (
            ("application/xml", "application/json", "application/problem+json"),
            "application/json, application/problem+json",
        ),
        (("application/pdf",), "application/pdf"),
        (("text/plain\r\nX: 1",), "application/json"),
    ],
)
def test_it_asks_for_json_where_the_action_documents_it(accepts: tuple[str, ...], expected: str) -> None:
    assert (("Accept", expected),) == render(action(accepts=accepts), {}, "https://h").headers


def test_headers_and_cookies_come_in_the_actions_order() -> None:
    arguments = [
        Argument(name="b", wire_name="X-B", place=Place.HEADER),
        Argument(name="s", wire_name="sid", place=Place.COOKIE),
        Argument(name="a", wire_name="X-A", place=Place.HEADER),
        Argument(name="t", wire_name="t", place=Place.COOKIE),
    ]
    request = render(action(*arguments), {"a": 1, "b": True, "s": "x", "t": None}, "https://h")
    assert (("Accept", "application/json"), ("X-B", "true"), ("X-A", "1"), ("Cookie", "sid=x")) == request.headers


@pytest.mark.parametrize(
    "name",
    ["Host", "authorization", "Cookie", "Content-Length", "Transfer-Encoding", "X-HTTP-Method-Override",
     "X-Original-URL", "Bad Name", "X\r\nY", ""],
)  # fmt: skip
def test_no_argument_sets_a_header_that_redirects_frames_or_authorises(name: str) -> None:
    argument = Argument(name="h", wire_name=name, place=Place.HEADER)
    with pytest.raises(errors.RequestUnsafe) as caught:
        render(action(argument), {"h": "x"}, "https://h")
    assert "h" == caught.value.data["argument"]


def test_a_header_set_later_takes_the_place_of_one_of_its_name() -> None:
    request = (
        render(action(), {}, "https://h").with_header("Idempotency-Key", "k1").with_header("idempotency-key", "k2")
    )
    assert (("Accept", "application/json"), ("idempotency-key", "k2")) == request.headers
    with pytest.raises(errors.RequestUnsafe):
        request.with_header("X-A", "é")


def test_what_people_see_is_the_stored_form() -> None:
    request = Request(method="POST", url="https://h", body=b"\xff", content_type="a/b")
    expected: dict[str, Any] = {
        "method": "POST", "url": "https://h", "headers": [], "content_type": "a/b", "body": {"base64": "/w=="},
    }  # fmt: skip
    assert expected == redacted(request) == request.canonical()
