"""Requests and answers as they cross the wire."""

import asyncio
import base64
import gzip

import pytest

from tools.egress import Answered, Cause, Limits, MaybeSent, NotSent
from tools.wire import Request


async def test_the_bytes_on_the_wire_are_those_of_the_request(egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer())
    request = Request(
        method="POST",
        url=f"{server.url}/v1//contacts/a%2Fb%20c;x=1/%7E?q=%2B+&empty=",
        headers=(("X-Trace", "t 1"),),
        body=b'{"name":"Ada"}',
        content_type="application/json",
    )

    sent = await egress.send(request, target_of(f"{server.url}/v1", kind="bearer", token="s3cret"))

    assert isinstance(sent, Answered)
    expected = (
        b"POST /v1//contacts/a%2Fb%20c;x=1/%7E?q=%2B+&empty= HTTP/1.1\r\n"
        b"Host: " + server.url.removeprefix("http://").encode() + b"\r\n"
        b"X-Trace: t 1\r\n"
        b"Content-Type: application/json\r\n"
        b"Authorization: Bearer s3cret\r\n"
        b"Accept-Encoding: gzip, deflate\r\n"
        b"User-Agent: interlock\r\n"
        b"Content-Length: 14\r\n"
        b"\r\n"
        b'{"name":"Ada"}'
    )
    assert [expected] == server.requests


async def test_an_answer_comes_back_whole_without_credentials_in_it(egress, serve, target_of, ok_answer) -> None:
    server = await serve(
        ok_answer(
            b'{"id":7}', b"ETag: W/1", b"Set-Cookie: sid=canary", b"X-Twice: a", b"X-Twice: b", status=b"201 Made"
        )
    )

    sent = await egress.send(Request(method="POST", url=f"{server.url}/x"), target_of(server.url))

    assert isinstance(sent, Answered)
    assert (201, b'{"id":7}', True, False) == (sent.status, sent.body, sent.is_complete, sent.is_resent)
    assert (("etag", "W/1"), ("x-twice", "a"), ("x-twice", "b"), ("content-length", "8")) == sent.headers
    assert 0 < sent.elapsed_s < 2


@pytest.mark.parametrize(
    ("entered", "line"),
    [
        ({"kind": "bearer", "token": "s3"}, b"Authorization: Bearer s3"),
        (
            {"kind": "basic", "username": "ü", "password": "p:w"},
            b"Authorization: Basic " + base64.b64encode("ü:p:w".encode()),
        ),
        ({"kind": "api_key", "name": "X-Key", "key": "s3"}, b"X-Key: s3"),
        ({"kind": "header", "name": "Authorization", "prefix": "Token ", "value": "s3"}, b"Authorization: Token s3"),
        (
            {"kind": "api_key", "place": "query", "name": "api_key", "key": "s/3&"},
            b"GET /x?a=1&api_key=s%2F3%26 HTTP/1.1",
        ),
    ],
    ids=["bearer", "basic", "api key", "header", "query"],
)
async def test_each_kind_of_credential_arrives_in_its_place(egress, serve, target_of, ok_answer, entered, line) -> None:
    server = await serve(ok_answer())

    await egress.send(Request(method="GET", url=f"{server.url}/x?a=1"), target_of(server.url, **entered))

    assert line in server.requests[0].split(b"\r\n")


async def test_without_a_credential_none_is_sent(egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer())

    await egress.send(Request(method="GET", url=f"{server.url}/x"), target_of(server.url))

    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_redirect_is_an_answer_and_is_not_followed(egress, serve, target_of, ok_answer, method, status) -> None:
    elsewhere = await serve(ok_answer())
    location = f"Location: {elsewhere.url}/stolen".encode()
    server = await serve(ok_answer(b"", location, status=b"%d Moved" % status))

    sent = await egress.send(
        Request(method=method, url=f"{server.url}/x"), target_of(server.url, kind="bearer", token="s3")
    )

    assert isinstance(sent, Answered)
    assert (status, ("location", f"{elsewhere.url}/stolen")) == (sent.status, sent.headers[0])
    assert (1, 0) == (len(server.requests), elsewhere.connections)


async def test_proxies_of_the_environment_are_ignored(egress, serve, target_of, ok_answer, monkeypatch) -> None:
    proxy, server = await serve(ok_answer()), await serve(ok_answer())
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)

    assert isinstance(await egress.send(Request(method="GET", url=f"{server.url}/"), target_of(server.url)), Answered)
    assert (0, 1) == (proxy.connections, server.connections)


async def test_a_cookie_is_never_kept(egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer(b"", b"Set-Cookie: sid=1"))

    for _ in range(2):
        await egress.send(Request(method="GET", url=f"{server.url}/"), target_of(server.url))

    assert 2 == len(server.requests)
    assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b", b"packed"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n",
            b"packed",
        ),
    ],
    ids=["with a length", "in chunks"],
)
async def test_a_packed_body_is_unpacked(egress, serve, target_of, answer: bytes, body: bytes) -> None:
    packed = gzip.compress(body)
    server = await serve(answer % (len(packed), packed))

    sent = await egress.send(Request(method="GET", url=f"{server.url}/"), target_of(server.url))

    assert isinstance(sent, Answered)
    assert (body, True) == (sent.body, sent.is_complete)


async def test_a_body_that_ends_with_the_connection_is_not_known_to_be_complete(egress, serve, target_of) -> None:
    async def answer(request, writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b'{"id":1}')
        writer.close()

    server = await serve(answer)

    sent = await egress.send(Request(method="POST", url=f"{server.url}/"), target_of(server.url))

    assert isinstance(sent, Answered)
    assert (b'{"id":1}', False) == (sent.body, sent.is_complete)


@pytest.mark.parametrize(("method", "head"), [("HEAD", b"200 OK"), ("DELETE", b"204 No Content")])
async def test_an_answer_that_has_no_body_is_complete(egress, serve, target_of, method: str, head: bytes) -> None:
    server = await serve(b"HTTP/1.1 " + head + b"\r\n\r\n")

    sent = await egress.send(Request(method=method, url=f"{server.url}/"), target_of(server.url))

    assert isinstance(sent, Answered)
    assert (b"", True) == (sent.body, sent.is_complete)


async def test_nothing_that_comes_back_shows_the_credential(egress, serve, target_of, ok_answer, caplog) -> None:
    caplog.set_level("DEBUG")
    server = await serve(ok_answer(b"{}", b"Authorization: Bearer canary-1"))
    target = target_of(server.url, kind="bearer", token="canary-1")
    query = target_of(server.url, kind="api_key", place="query", name="key", key="canary-1")
    cut = await serve(b"HTTP/1.1 200 canary-1\r\nbroken canary-1\r\n\r\n")

    seen = [
        await egress.send(Request(method="GET", url=f"{server.url}/"), target),
        await egress.send(Request(method="GET", url=f"{server.url}/"), query),
        await egress.send(
            Request(method="GET", url=f"{cut.url}/"), target_of(cut.url, kind="bearer", token="canary-1")
        ),
    ]

    assert [Answered, Answered, MaybeSent] == [type(sent) for sent in seen]
    assert "canary-1" not in f"{seen} {target} {query}"


async def test_an_unused_connection_is_taken_again(egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer())

    for _ in range(3):
        await egress.send(Request(method="GET", url=f"{server.url}/"), target_of(server.url))

    assert (3, 1) == (len(server.requests), server.connections)


async def test_a_full_pool_sends_nothing(open_egress, serve, target_of) -> None:
    async def stall(request, writer) -> None:
        await asyncio.sleep(0.6)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await serve(stall)
    egress = open_egress(limits=Limits(max_connections=1, connect_s=0.2))
    target = target_of(server.url)

    first, second = await asyncio.gather(
        *(egress.send(Request(method="POST", url=f"{server.url}/{name}"), target) for name in "ab")
    )

    assert isinstance(first, Answered)
    assert NotSent(reason="no connection became free in time", cause=Cause.BUSY) == second
    assert 1 == len(server.requests)
