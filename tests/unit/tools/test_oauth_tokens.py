"""Access tokens: read from answers, kept until they end, fetched once."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from tools.oauth import Holder, Token, Tokens, is_refused, read_token
from tools.transport import Answered, Cause, MaybeSent, NotSent, Sent

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOLDER = Holder("w", "c", "envelope")


class MovableClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def answered(body: object, status: int = 200) -> Answered:
    return Answered(status=status, headers=(), body=json.dumps(body).encode(), elapsed_s=0.01)


def granted(value: str = "t1", **fields: object) -> Answered:
    return answered({"access_token": value, "token_type": "Bearer", **fields})


@pytest.mark.parametrize(
    ("expires_in", "usable_s"),
    [(3600, 3570), (100, 90), (0, 0), (-5, 0), ("100", 90), (None, 270), ("soon", 270), (True, 270), (10**12, 86_370)],
)
def test_a_token_is_used_until_shortly_before_its_end(expires_in: object, usable_s: float) -> None:
    expected = Token(value="t1", use_until=NOW + timedelta(seconds=usable_s))

    assert expected == read_token(granted(expires_in=expires_in), NOW)


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (answered({"error": "invalid_client"}, 401), Cause.CREDENTIAL),
        (answered({"error": "canary", "error_description": "canary"}, 400), Cause.CREDENTIAL),
        (answered({"error": "canary"}, 429), Cause.TOKEN),
        (answered({"error": "canary"}, 503), Cause.TOKEN),
        (answered({}, 302), Cause.TOKEN),
        (answered([]), Cause.TOKEN),
        (answered({"access_token": "canary"}), Cause.TOKEN),
        (answered({"access_token": "canary", "token_type": "mac"}), Cause.TOKEN),
        (answered({"access_token": "canary\r\nX: 1", "token_type": "bearer"}), Cause.TOKEN),
        (answered({"access_token": 5, "token_type": "bearer"}), Cause.TOKEN),
        (Answered(status=200, headers=(), body=b"<canary>", elapsed_s=0.1), Cause.TOKEN),
        (MaybeSent(reason="the connection broke", cause=Cause.BROKEN), Cause.TOKEN),
        (NotSent(reason="the host refused the connection", cause=Cause.CONNECT), Cause.CONNECT),
    ],
)
def test_without_a_token_the_request_itself_was_not_sent(sent: Sent, cause: Cause) -> None:
    read = read_token(sent, NOW)

    assert isinstance(read, NotSent)
    assert cause == read.cause
    assert "canary" not in read.reason


def test_a_known_refusal_is_named() -> None:
    expected = NotSent(reason="the token endpoint answered 401 (invalid_client)", cause=Cause.CREDENTIAL)

    assert expected == read_token(answered({"error": "invalid_client"}, 401), NOW)


def test_a_token_is_not_shown() -> None:
    assert "t1" not in repr(read_token(granted(), NOW))


async def test_many_askers_share_one_fetch() -> None:
    tokens, fetched = Tokens(MovableClock()), []

    async def fetch() -> Sent:
        fetched.append(1)
        await asyncio.sleep(0.01)
        return granted(f"t{len(fetched)}")

    got = await asyncio.gather(*(tokens.current(HOLDER, fetch) for _ in range(16)))

    assert 1 == len(fetched)
    assert 1 == len(set(got))


async def test_a_token_ends_with_its_life_its_credential_or_a_refusal() -> None:
    clock = MovableClock()
    tokens = Tokens(clock)

    async def fetch() -> Sent:
        return granted(expires_in=100)

    token = await tokens.current(HOLDER, fetch)
    assert isinstance(token, Token)
    assert token == tokens.held(HOLDER)
    assert tokens.held(Holder("w", "c", "another envelope")) is None
    assert tokens.held(Holder("w", "another connection", "envelope")) is None

    tokens.forget(HOLDER, Token(value="older", use_until=NOW))
    assert token == tokens.held(HOLDER)
    clock.at += timedelta(seconds=90)
    assert tokens.held(HOLDER) is None

    clock.at = NOW
    tokens.forget(HOLDER, token)
    assert tokens.held(HOLDER) is None


async def test_a_failed_fetch_keeps_nothing() -> None:
    tokens = Tokens(MovableClock())

    async def fail() -> Sent:
        return answered({}, 503)

    async def succeed() -> Sent:
        return granted()

    assert isinstance(await tokens.current(HOLDER, fail), NotSent)
    assert isinstance(await tokens.current(HOLDER, succeed), Token)


@pytest.mark.parametrize(
    ("status", "challenge", "expected"),
    [
        (401, None, True),
        (401, "Bearer", True),
        (401, 'Bearer realm="x", error="invalid_token", error_description="gone"', True),
        (401, 'Bearer error="insufficient_scope"', False),
        (401, "Bearer error=invalid_request", False),
        (403, 'Bearer error="invalid_token"', False),
        (200, None, False),
    ],
)
def test_which_answers_refuse_a_token(status: int, challenge: str | None, expected: bool) -> None:
    headers = () if challenge is None else (("www-authenticate", challenge),)

    assert expected is is_refused(Answered(status=status, headers=headers, body=b"", elapsed_s=0.1))
