"""Replies that break their connection: closed or reset before the reply, or half way through it."""

import asyncio
import socket
import struct
from typing import Literal

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Break = Literal["drop", "reset"]
_TRANSPORT = "world.transport"


class TellingProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, telling the application which transport a request came by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it alike
        super().connection_made(transport)
        self.app = _telling(self.app, transport)


class BrokenReply(Response):
    """No reply: the connection ends, by FIN (`drop`) or RST (`reset`), after `sent` bytes of the whole one, if any."""

    def __init__(self, how: Break, whole: Response | None = None) -> None:
        super().__init__()
        self._how = how
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._whole is not None:
            half = bytes(self._whole.body)[: len(self._whole.body) // 2]
            start = {"status": self._whole.status_code, "headers": self._whole.raw_headers}
            await send({"type": "http.response.start", **start})
            await send({"type": "http.response.body", "body": half, "more_body": True})
        _end(scope[_TRANSPORT], self._how)
        while (await receive())["type"] != "http.disconnect":
            pass


def _telling(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TRANSPORT] = transport
        await app(scope, receive, send)

    return tell


def _end(transport: asyncio.Transport, how: Break) -> None:
    if how == "drop":
        transport.close()
        return
    lingering: socket.socket = transport.get_extra_info("socket")
    lingering.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
