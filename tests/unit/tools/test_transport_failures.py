"""Every exception of an exchange says whether the request was sent."""

import inspect

import httpcore
import pytest

from tools import errors
from tools.addresses import Unresolved
from tools.decoding import Unreadable
from tools.transport import FAILURES, Cause, MaybeSent, NotSent, Progress, failed


def progress(*, has_begun: bool, status: int | None = None) -> Progress:
    made = Progress()
    made.has_begun, made.status = has_begun, status
    return made


HTTPCORE = [
    kind
    for _, kind in inspect.getmembers(httpcore, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__.startswith("httpcore")
]

BEFORE_THE_FIRST_BYTE = {
    httpcore.ConnectionNotAvailable,
    httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
    httpcore.PoolTimeout,
    httpcore.ConnectTimeout,
    httpcore.ConnectError,
    httpcore.LocalProtocolError,
    errors.AddressDenied,
    Unresolved,
    TimeoutError,
}


def test_httpcore_has_no_exception_without_a_meaning_here() -> None:
    assert len(HTTPCORE) > 10
    assert [] == [kind for kind in HTTPCORE if kind not in FAILURES]


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_only_what_comes_before_the_first_byte_counts_as_not_sent(kind: type[Exception]) -> None:
    expected = NotSent if kind in BEFORE_THE_FIRST_BYTE else MaybeSent

    assert expected is type(failed(kind("canary"), progress(has_begun=False)))


@pytest.mark.parametrize("kind", [*FAILURES, RuntimeError], ids=lambda kind: kind.__name__)
def test_once_a_byte_may_have_left_nothing_counts_as_not_sent(kind: type[Exception]) -> None:
    sent = failed(kind("x"), progress(has_begun=True, status=201))

    assert isinstance(sent, MaybeSent)
    assert 201 == sent.status


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, OSError, KeyError])
def test_an_unforeseen_exception_may_have_sent(kind: type[Exception]) -> None:
    expected = MaybeSent(reason="the exchange failed in an unforeseen way", cause=Cause.UNKNOWN)

    assert expected == failed(kind("canary"), progress(has_begun=False))


@pytest.mark.parametrize("kind", HTTPCORE, ids=lambda kind: kind.__name__)
def test_no_reason_repeats_what_a_foreign_exception_says(kind: type[Exception]) -> None:
    assert "canary" not in failed(kind("canary"), progress(has_begun=True)).reason


def test_a_body_over_the_limit_says_so() -> None:
    expected = MaybeSent(reason="the body is larger than the limit", cause=Cause.BODY, status=200)

    assert expected == failed(Unreadable("the body is larger than the limit"), progress(has_begun=True, status=200))


async def test_a_head_that_could_not_be_composed_was_not_written() -> None:
    made = Progress()
    await made.note("http11.send_request_headers.started", {})
    await made.note("http11.send_request_headers.failed", {"exception": httpcore.LocalProtocolError("x")})

    assert isinstance(failed(httpcore.LocalProtocolError("x"), made), NotSent)


async def test_a_head_that_broke_off_may_have_been_written() -> None:
    made = Progress()
    await made.note("http11.send_request_headers.started", {})
    await made.note("http11.send_request_headers.failed", {"exception": httpcore.WriteTimeout("x")})

    assert isinstance(failed(httpcore.WriteTimeout("x"), made), MaybeSent)
