"""OAuth 2.0 client credentials against a token server and an API that checks its tokens."""

import asyncio
import base64
import json
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, unquote_plus

import pytest

from tools.egress import Answered, Cause, MaybeSent, NotSent
from tools.wire import Request

CLIENT, SECRET = "inter lock", "canary:secret/1"


@dataclass
class Identity:
    """Issues tokens t1, t2, … and knows which of them count."""

    expires_in: int = 3600
    issued: int = 0
    good: set[str] = field(default_factory=set)
    delay_s: float = 0.0
    challenge: str = 'Bearer error="invalid_token"'

    async def answer_token(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.delay_s)
        if self._client(request) != (CLIENT, SECRET):
            writer.write(reply(401, {"error": "invalid_client", "error_description": "canary"}))
            return
        self.issued += 1
        self.good.add(f"t{self.issued}")
        writer.write(
            reply(200, {"access_token": f"t{self.issued}", "token_type": "Bearer", "expires_in": self.expires_in})
        )

    async def answer_api(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        if token_of(request) in self.good:
            writer.write(reply(201, {"id": 1}))
        else:
            writer.write(reply(401, {"message": "no"}, f"WWW-Authenticate: {self.challenge}"))

    def _client(self, request: bytes) -> tuple[str, str]:
        form = parse_qs(request.partition(b"\r\n\r\n")[2].decode())
        if "client_id" in form:
            return form["client_id"][0], form["client_secret"][0]
        pair = base64.b64decode(header_of(request, b"authorization").removeprefix(b"Basic ")).decode()
        user, _, password = pair.partition(":")
        return unquote_plus(user), unquote_plus(password)


def reply(status: int, body: object, *headers: str) -> bytes:
    text = json.dumps(body)
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", *headers, f"Content-Length: {len(text)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def header_of(request: bytes, name: bytes) -> bytes:
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return next(
        (value.strip() for key, _, value in (line.partition(b":") for line in lines) if key.lower() == name), b""
    )


def token_of(request: bytes) -> str:
    return header_of(request, b"authorization").decode().removeprefix("Bearer ")


@pytest.fixture
def identity() -> Identity:
    return Identity()


@pytest.fixture
async def world(serve, identity, target_of):
    """The API, its token server, and how a target for them is made."""
    api, tokens = await serve(identity.answer_api), await serve(identity.answer_token)

    def target(**changes):
        entered = {"client_id": CLIENT, "client_secret": SECRET, "token_url": f"{tokens.url}/oauth/token"} | changes
        return target_of(api.url, kind="oauth2_client_credentials", **entered)

    return api, tokens, target


def post(api) -> Request:
    return Request(method="POST", url=f"{api.url}/accounts", body=b"{}")


@pytest.mark.parametrize("auth", ["basic", "body"])
async def test_a_token_is_fetched_once_and_used_until_it_ends(egress, world, clock, auth: str) -> None:
    api, tokens, target = world
    held = target(auth=auth, scopes=["accounts.read", "accounts.write"])

    for _ in range(3):
        assert isinstance(await egress.send(post(api), held), Answered)
    clock.advance(3571)
    assert isinstance(await egress.send(post(api), held), Answered)

    assert ["t1", "t1", "t1", "t2"] == [token_of(request) for request in api.requests]
    assert 2 == len(tokens.requests)
    head, _, body = tokens.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /oauth/token HTTP/1.1\r\n")
    assert b"application/x-www-form-urlencoded" == header_of(head, b"content-type")
    form = parse_qs(body.decode())
    assert (["client_credentials"], ["accounts.read accounts.write"]) == (form["grant_type"], form["scope"])
    assert (auth == "body") is ("client_secret" in form)


async def test_sixteen_at_once_fetch_one_token(egress, world, identity) -> None:
    api, tokens, target = world
    identity.delay_s = 0.05
    held = target()

    sent = await asyncio.gather(*(egress.send(post(api), held) for _ in range(16)))

    assert {201} == {one.status for one in sent}
    assert (1, 16) == (len(tokens.requests), len(api.requests))


async def test_a_refused_token_is_replaced_and_the_request_sent_once_more(egress, world, identity) -> None:
    api, _, target = world
    held = target()
    await egress.send(post(api), held)
    identity.good.clear()

    sent = await egress.send(post(api), held)

    assert isinstance(sent, Answered)
    assert (201, True) == (sent.status, sent.is_resent)
    assert ["t1", "t1", "t2"] == [token_of(request) for request in api.requests]
    assert api.requests[1].replace(b"t1", b"") == api.requests[2].replace(b"t2", b"")


async def test_sixteen_refused_at_once_fetch_one_new_token(egress, world, identity) -> None:
    api, tokens, target = world
    held = target()
    await egress.send(post(api), held)
    identity.good.clear()
    identity.delay_s = 0.05

    sent = await asyncio.gather(*(egress.send(post(api), held) for _ in range(16)))

    assert {201} == {one.status for one in sent}
    assert 2 == len(tokens.requests)


async def test_a_fresh_token_that_is_refused_is_not_tried_again(egress, serve, world, identity) -> None:
    api, _, target = world

    async def forget(request, writer) -> None:
        await Identity.answer_token(identity, request, writer)
        identity.good.clear()

    tokens = await serve(forget)
    sent = await egress.send(post(api), target(token_url=f"{tokens.url}/t"))

    assert isinstance(sent, Answered)
    assert (401, 1, 1) == (sent.status, len(api.requests), len(tokens.requests))


async def test_a_401_for_another_reason_is_not_tried_again(egress, world, identity) -> None:
    api, tokens, target = world
    held = target()
    await egress.send(post(api), held)
    identity.good.clear()
    identity.challenge = 'Bearer error="insufficient_scope"'

    sent = await egress.send(post(api), held)

    assert isinstance(sent, Answered)
    assert (401, 2, 1) == (sent.status, len(api.requests), len(tokens.requests))


async def test_nothing_but_a_401_is_ever_sent_again(egress, serve, world, ok_answer) -> None:
    _, tokens, target = world
    statuses = [b"200 OK", b"403 No", b"500 No", b"429 No", b"302 No"]

    async def answer(request, writer) -> None:
        writer.write(ok_answer(b"", status=statuses[len(api.requests) - 1]))

    api = await serve(answer)
    held = replace(target(), base_url=api.url)

    seen = [await egress.send(post(api), held) for _ in statuses]

    assert [200, 403, 500, 429, 302] == [sent.status for sent in seen]
    assert (len(statuses), 1) == (len(api.requests), len(tokens.requests))


async def test_when_no_new_token_comes_the_401_is_the_answer(egress, serve, world, identity) -> None:
    api, _, target = world
    held = target()
    await egress.send(post(api), held)
    identity.good.clear()
    identity.delay_s = 30

    sent = await egress.send(post(api), held)

    assert isinstance(sent, Answered)
    assert (401, False, 2) == (sent.status, sent.is_resent, len(api.requests))


async def test_a_refused_client_sends_nothing_and_says_so(egress, world) -> None:
    api, _, target = world
    expected = NotSent(reason="the token endpoint answered 401 (invalid_client)", cause=Cause.CREDENTIAL)

    assert expected == await egress.send(post(api), target(client_secret="another canary"))
    assert [] == api.requests


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (reply(503, {}), Cause.TOKEN),
        (reply(200, {"token_type": "bearer"}), Cause.TOKEN),
        (reply(307, {}, "Location: http://127.0.0.1:1/elsewhere"), Cause.TOKEN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", Cause.TOKEN),
    ],
    ids=["down", "no token", "redirect", "cut"],
)
async def test_a_token_endpoint_in_trouble_sends_nothing(egress, serve, world, answer: bytes, cause: Cause) -> None:
    api, _, target = world
    tokens = await serve(answer)

    sent = await egress.send(post(api), target(token_url=f"{tokens.url}/t", timeout_s=0.4))

    assert isinstance(sent, NotSent)
    assert (cause, []) == (sent.cause, api.requests)


async def test_the_time_limit_covers_token_and_request_together(egress, serve, world, identity) -> None:
    _, _, target = world
    identity.delay_s = 0.3
    loop = asyncio.get_running_loop()

    async def slow(request, writer) -> None:
        await asyncio.sleep(5)

    slow_api = await serve(slow)
    held = replace(target(timeout_s=0.5), base_url=slow_api.url)
    began = loop.time()

    sent = await egress.send(Request(method="POST", url=f"{slow_api.url}/x"), held)

    assert isinstance(sent, MaybeSent)
    assert 0.4 < loop.time() - began < 1.0


async def test_those_who_wait_for_a_token_keep_their_own_time_limit(egress, world, identity) -> None:
    api, _, target = world
    identity.delay_s = 30
    loop = asyncio.get_running_loop()
    began = loop.time()

    sent = await asyncio.gather(*(egress.send(post(api), target(timeout_s=0.3)) for _ in range(4)))

    assert [Cause.TOKEN] * 4 == [one.cause for one in sent]
    assert loop.time() - began < 1.0
    assert [] == api.requests


async def test_a_new_secret_gets_a_new_token(egress, world) -> None:
    api, _, target = world

    await egress.send(post(api), target())
    await egress.send(post(api), target())

    assert ["t1", "t2"] == [token_of(request) for request in api.requests]


async def test_no_token_or_secret_shows_anywhere(egress, world, caplog) -> None:
    api, _, target = world
    caplog.set_level("DEBUG")
    held = target()

    sent = await egress.send(post(api), held)

    seen = f"{sent} {held} {vars(egress)} {caplog.text}"
    assert SECRET not in seen
    assert "t1" not in seen.replace(held.envelope or "", "")
    assert held.envelope not in seen
