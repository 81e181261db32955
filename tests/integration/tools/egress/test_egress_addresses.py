"""No connection reaches an address that is not allowed, whatever the host is called."""

import asyncio
import contextlib
from ipaddress import ip_address

import pytest

from tools.egress import Answered, Cause, NotSent
from tools.wire import Request

CANARIES = [f"127.0.0.{last}" for last in range(1, 10)]


@pytest.fixture
async def canaries():
    """Listeners on 127.0.0.1 to 127.0.0.9, all on one port: `port` and the list of addresses that were reached."""
    reached: list[str] = []

    def listener(host: str):
        async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reached.append(host)
            writer.close()

        return note

    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(await asyncio.start_server(listener(CANARIES[0]), CANARIES[0], 0))
        port = first.sockets[0].getsockname()[1]
        for host in CANARIES[1:]:
            await stack.enter_async_context(await asyncio.start_server(listener(host), host, port))
        yield port, reached


HOSTILE = [
    *CANARIES,
    "localhost",
    "LOCALHOST",
    "localhost.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x00.0x00.0x02",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.3",
    "127.2130",
    "0",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:3]",
    "[::127.0.0.4]",
    "[64:ff9b::7f00:5]",
    "[64:ff9b::127.0.0.6]",
    "[2002:7f00:7::]",
    "[::ffff:0:127.0.0.8]",
    "[64:ff9b:1::7f00:1]",
    "[fe80::1]",
    "[ff02::1]",
    "10.0.0.1",
    "192.168.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "0251.0376.0251.0376",
    "2852039166",
    "255.255.255.255",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", HOSTILE)
async def test_a_denied_address_is_not_connected_to_however_it_is_written(
    egress, target_of, canaries, host: str
) -> None:
    port, reached = canaries
    url = f"http://{host}:{port}"

    sent = await egress.send(Request(method="GET", url=f"{url}/x"), target_of(url, allow_private=False))

    assert isinstance(sent, NotSent)
    assert sent.cause in (Cause.ADDRESS, Cause.NAME)
    assert [] == reached


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "0177.0.0.1"])
async def test_these_forms_do_mean_loopback_here(egress, target_of, canaries, host: str) -> None:
    """Without this the test above could pass because nothing resolves."""
    port, reached = canaries
    url = f"http://{host}:{port}"

    await egress.send(Request(method="GET", url=f"{url}/x"), target_of(url))

    assert ["127.0.0.1"] == reached


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "[::ffff:0.0.0.0]", "[fe80::1]", "100.100.100.200"])
async def test_leave_for_private_addresses_does_not_open_metadata_or_unspecified(
    egress, target_of, canaries, host
) -> None:
    port, reached = canaries
    url = f"http://{host}:{port}"

    sent = await egress.send(Request(method="GET", url=f"{url}/x"), target_of(url))

    assert isinstance(sent, NotSent)
    assert Cause.ADDRESS is sent.cause
    assert [] == reached


async def test_a_name_with_one_denied_address_is_denied(open_egress, target_of, canaries) -> None:
    port, reached = canaries

    async def mixed(host, port):
        return ip_address("93.184.215.14"), ip_address("127.0.0.2")

    url = f"http://mixed.example:{port}"
    sent = await open_egress(resolver=mixed).send(
        Request(method="GET", url=f"{url}/x"), target_of(url, allow_private=False)
    )

    assert isinstance(sent, NotSent)
    assert Cause.ADDRESS is sent.cause
    assert [] == reached


async def test_a_name_that_changes_its_address_is_checked_at_every_connection(
    open_egress, serve, target_of, ok_answer
) -> None:
    """DNS rebinding: an allowed address first, metadata for the next connection."""
    server = await serve(ok_answer(b"", b"Connection: close"))
    answers = ["127.0.0.1", "169.254.169.254"]

    async def rebinding(host, port):
        return (ip_address(answers.pop(0)),)

    egress = open_egress(resolver=rebinding)
    url = f"http://rebind.example:{server.port}"

    first, second = [await egress.send(Request(method="GET", url=f"{url}/x"), target_of(url)) for _ in range(2)]

    assert isinstance(first, Answered)
    assert isinstance(second, NotSent)
    assert (Cause.ADDRESS, []) == (second.cause, answers)


async def test_the_checked_address_is_the_one_connected_to_and_the_name_is_kept(
    open_egress, serve, target_of, ok_answer
) -> None:
    server = await serve(ok_answer(), host="127.0.0.7")

    async def pinned(host, port):
        return (ip_address("127.0.0.7"),)

    url = f"http://crm.example:{server.port}"
    sent = await open_egress(resolver=pinned).send(Request(method="GET", url=f"{url}/x"), target_of(url))

    assert isinstance(sent, Answered)
    assert f"Host: crm.example:{server.port}".encode() in server.requests[0].split(b"\r\n")


async def test_the_next_address_is_tried_when_one_refuses(open_egress, serve, target_of, ok_answer) -> None:
    server = await serve(ok_answer(), host="127.0.0.7")

    async def several(host, port):
        return ip_address("127.0.0.8"), ip_address("127.0.0.7")

    url = f"http://crm.example:{server.port}"
    sent = await open_egress(resolver=several).send(Request(method="GET", url=f"{url}/x"), target_of(url))

    assert isinstance(sent, Answered)
    assert 1 == len(server.requests)


async def test_a_connection_opened_with_leave_does_not_serve_a_system_without(
    egress, serve, target_of, ok_answer
) -> None:
    server = await serve(ok_answer())
    request = Request(method="GET", url=f"{server.url}/x")

    allowed = await egress.send(request, target_of(server.url, allow_private=True))
    denied = await egress.send(request, target_of(server.url, allow_private=False))

    assert isinstance(allowed, Answered)
    assert isinstance(denied, NotSent)
    assert (1, 1) == (server.connections, len(server.requests))


async def test_a_token_endpoint_is_held_to_the_same_addresses(egress, serve, target_of, ok_answer, canaries) -> None:
    port, reached = canaries
    target = target_of(
        "http://93.184.215.14",
        allow_private=False,
        kind="oauth2_client_credentials",
        token_url=f"http://127.0.0.3:{port}/token",
        client_id="i",
        client_secret="s",
    )

    sent = await egress.send(Request(method="GET", url="http://93.184.215.14/x"), target)

    assert isinstance(sent, NotSent)
    assert Cause.ADDRESS is sent.cause
    assert [] == reached
