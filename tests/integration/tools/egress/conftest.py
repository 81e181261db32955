"""A server that answers with exact bytes, and an egress that may reach it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tools import credentials
from tools.egress import Egress, Limits, Target
from tools.vault import KeyRing, Vault

VAULT = Vault(KeyRing(bytes(range(32))))


class MovableClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class RawServer:
    """Answers every request with what `answer` writes, and remembers the bytes of each request."""

    host: str = "127.0.0.1"
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def ok(body: bytes = b'{"ok":true}', *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, *headers, b"Content-Length: " + str(len(body)).encode()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def read_request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return head + (await reader.readexactly(int(length[1])) if length else b"")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


@pytest.fixture
async def serve() -> AsyncIterator[Any]:
    """`await serve(answer)`: `answer` is bytes, or a coroutine function of (request, writer)."""
    running: list[asyncio.Server] = []
    tasks: set[asyncio.Task[None]] = set()

    async def start(answer: bytes | Answer, host: str = "127.0.0.1", **options: Any) -> RawServer:
        made = RawServer(host=host)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            made.connections += 1
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                while (request := await read_request(reader)) is not None:
                    made.requests.append(request)
                    if isinstance(answer, bytes):
                        writer.write(answer)
                        await writer.drain()
                    else:
                        await answer(request, writer)
            except ConnectionError:
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(handle, host, 0, **options)
        made.port = server.sockets[0].getsockname()[1]
        running.append(server)
        return made

    yield start
    for server in running:
        server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def open_egress(clock: MovableClock) -> AsyncIterator[Any]:
    """`open_egress(limits=…, resolver=…, tls=…)`: an egress that is closed after the test."""
    opened: list[Egress] = []

    def make(**options: Any) -> Egress:
        opened.append(Egress(VAULT, clock, **options))
        return opened[-1]

    yield make
    for egress in opened:
        await egress.aclose()


@pytest.fixture
def egress(open_egress: Any) -> Egress:
    limits = Limits(
        connect_s=1.0, total_s=5.0, max_header_bytes=8192, max_body_bytes=200_000, max_decompressed_bytes=400_000
    )
    made: Egress = open_egress(limits=limits)
    return made


@pytest.fixture
def target_of() -> Callable[..., Target]:
    """A target that may use loopback: `target_of(base_url, kind="bearer", token="…", timeout_s=1.0)`."""

    def make(
        base_url: str,
        *,
        kind: str = "none",
        connection: str = "con_1",
        allow_private: bool = True,
        timeout_s: float = 2.0,
        **entered: Any,
    ) -> Target:
        spec = credentials.read({"kind": kind, **entered})
        return Target(
            workspace="w",
            connection=connection,
            base_url=base_url,
            allow_private=allow_private,
            auth_kind=kind,
            public=spec.public(),
            envelope=VAULT.seal(spec.sealed(), "w", connection),
            timeout_s=timeout_s,
        )

    return make


@pytest.fixture
def ok_answer() -> Callable[..., bytes]:
    return ok
