"""What is known after an exchange went wrong: sent for sure not, or perhaps."""

import asyncio
import gzip
import socket
import struct

import pytest

from tools.egress import Answered, Cause, MaybeSent, NotSent
from tools.wire import Request

HEAD = b"HTTP/1.1 200 OK\r\n"


async def post(egress, server, target) -> object:
    return await egress.send(Request(method="POST", url=f"{server.url}/orders", body=b"{}"), target)


async def reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def writing(*pieces: bytes, then: str, every_s: float = 0.0):
    """Writes `pieces`, then closes, resets or stalls."""

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every_s)
        if then == "close":
            writer.close()
        elif then == "reset":
            await asyncio.sleep(0.02)
            await reset(writer)
        elif then == "stall":
            await asyncio.sleep(30)

    return answer


PACKED = gzip.compress(b'{"id": 1, "name": "a name that is long enough to be cut"}')
BOMB = gzip.compress(bytes(5_000_000))

FAULTS = [
    pytest.param(writing(then="close"), Cause.PROTOCOL, None, id="closes without an answer"),
    pytest.param(writing(then="reset"), Cause.BROKEN, None, id="resets without an answer"),
    pytest.param(writing(then="stall"), Cause.DEADLINE, None, id="never answers"),
    pytest.param(writing(b"HTTP/1.1 2", then="stall"), Cause.DEADLINE, None, id="stalls in the status line"),
    pytest.param(
        writing(*[bytes([b]) for b in HEAD * 9], then="stall", every_s=0.05), Cause.DEADLINE, None, id="slow head"
    ),
    pytest.param(writing(b"\x00\x01\x02 not http\r\n\r\n", then="stall"), Cause.PROTOCOL, None, id="not HTTP"),
    pytest.param(writing(HEAD + b"bad header line\r\n\r\n", then="stall"), Cause.PROTOCOL, None, id="bad header"),
    pytest.param(
        writing(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", then="stall"),
        Cause.PROTOCOL,
        None,
        id="upgrades unasked",
    ),
    pytest.param(writing(HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n", then="stall"), Cause.BODY, 200, id="huge header"),
    pytest.param(writing(HEAD + b"X: " + b"a" * 300_000, then="stall"), Cause.PROTOCOL, None, id="endless header"),
    pytest.param(writing(HEAD + b"Content-Length: 10\r\n\r\n12345", then="close"), Cause.PROTOCOL, 200, id="cut body"),
    pytest.param(
        writing(HEAD + b"Content-Length: 10\r\n\r\n12345", then="reset"), Cause.BROKEN, 200, id="reset in the body"
    ),
    pytest.param(
        writing(HEAD + b"Content-Length: 10\r\n\r\n12345", then="stall"), Cause.DEADLINE, 200, id="stalls in the body"
    ),
    pytest.param(
        writing(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", then="close"),
        Cause.PROTOCOL,
        200,
        id="chunks without an end",
    ),
    pytest.param(
        writing(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n12345\r\n", then="stall"),
        Cause.PROTOCOL,
        200,
        id="bad chunk",
    ),
    pytest.param(
        writing(HEAD + b"Content-Length: 1000\r\n\r\n", *[b"a"] * 1000, then="stall", every_s=0.02),
        Cause.DEADLINE,
        200,
        id="drips",
    ),
    pytest.param(
        writing(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 1_000_000, then="stall"),
        Cause.BODY,
        200,
        id="body over the limit",
    ),
    pytest.param(
        writing(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"10000\r\n" + b"a" * 65536 + b"\r\n"] * 50, then="stall"
        ),
        Cause.BODY,
        200,
        id="endless chunks",
    ),
    pytest.param(
        writing(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB, then="stall"),
        Cause.BODY,
        200,
        id="gzip bomb",
    ),
    pytest.param(
        writing(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + PACKED[:30], then="stall"),
        Cause.BODY,
        200,
        id="cut gzip",
    ),
    pytest.param(
        writing(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", then="stall"),
        Cause.BODY,
        200,
        id="gzip that is not",
    ),
    pytest.param(
        writing(HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}", then="stall"),
        Cause.BODY,
        200,
        id="unasked encoding",
    ),
]


@pytest.mark.parametrize(("answer", "cause", "status"), FAULTS)
async def test_once_the_request_left_a_fault_leaves_it_in_doubt(
    egress, serve, target_of, answer, cause, status
) -> None:
    server = await serve(answer)

    sent = await post(egress, server, target_of(server.url, timeout_s=0.5))

    assert isinstance(sent, MaybeSent), sent
    assert (cause, status) == (sent.cause, sent.status)
    assert 1 == len(server.requests)


async def test_the_deadline_holds_for_the_whole_exchange(egress, serve, target_of) -> None:
    server = await serve(writing(HEAD + b"Content-Length: 1000\r\n\r\n", *[b"a"] * 1000, then="stall", every_s=0.05))
    loop = asyncio.get_running_loop()
    began = loop.time()

    await post(egress, server, target_of(server.url, timeout_s=0.4))

    assert 0.35 < loop.time() - began < 1.0


async def test_a_fault_leaves_no_connection_behind_for_the_next_request(egress, serve, target_of, ok_answer) -> None:
    faults = [HEAD + b"Content-Length: 3\r\n\r\n1", ok_answer()]

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(faults.pop(0))

    server = await serve(answer)
    target = target_of(server.url, timeout_s=0.3)

    first, second = await post(egress, server, target), await post(egress, server, target)

    assert isinstance(first, MaybeSent)
    assert isinstance(second, Answered)
    assert (b'{"ok":true}', 2) == (second.body, server.connections)


async def test_a_refused_connection_sends_nothing(egress, target_of) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        sent = await egress.send(Request(method="POST", url=f"{url}/x"), target_of(url))

    assert NotSent(reason="the host refused the connection", cause=Cause.CONNECT) == sent


async def test_a_name_without_an_address_sends_nothing(egress, target_of) -> None:
    sent = await egress.send(
        Request(method="POST", url="http://nowhere.invalid/x"), target_of("http://nowhere.invalid")
    )

    assert NotSent(reason="the host's name has no address", cause=Cause.NAME) == sent


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example", "-.example"])
async def test_a_name_that_cannot_be_one_sends_nothing(egress, target_of, host: str) -> None:
    sent = await egress.send(Request(method="POST", url=f"http://{host}/x"), target_of(f"http://{host}"))

    assert isinstance(sent, NotSent)
    assert Cause.NAME is sent.cause


async def test_a_resolver_that_hangs_sends_nothing(open_egress, target_of) -> None:
    async def hang(host, port):
        await asyncio.sleep(30)

    egress = open_egress(resolver=hang)
    sent = await egress.send(Request(method="POST", url="http://h/x"), target_of("http://h", timeout_s=0.2))

    assert NotSent(reason="there was no whole answer in time", cause=Cause.DEADLINE) == sent


async def test_a_server_that_accepts_nobody_is_given_up(egress, target_of) -> None:
    # A full accept queue: the kernel leaves further handshakes unanswered.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        sent = await egress.send(Request(method="POST", url=f"{url}/x"), target_of(url, timeout_s=4.0))
        for one in waiting:
            one.close()

    assert NotSent(reason="the host did not accept a connection in time", cause=Cause.CONNECT) == sent


async def test_an_early_refusal_is_read_although_the_body_was_not_taken(egress, serve, target_of) -> None:
    closed = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        await reader.read()
        writer.close()
        closed.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        sent = await egress.send(Request(method="POST", url=f"{url}/x", body=bytes(100_000)), target_of(url))
        await closed.wait()

    assert isinstance(sent, Answered)
    assert 413 == sent.status


async def test_a_cancelled_send_frees_its_connection(egress, serve, target_of) -> None:
    server = await serve(writing(then="stall"))
    task = asyncio.create_task(post(egress, server, target_of(server.url)))
    while not server.requests:
        await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [] == egress._transport._pools[True].connections
