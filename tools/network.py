"""Opens TCP connections, and only to addresses that were checked.

Resolving, checking and connecting are one step here, so a name cannot change its address between check and use.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from tools.addresses import Resolve, checked


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's network, connecting by address instead of by name; TLS still verifies the name."""

    def __init__(self, *, resolve: Resolve, allow_private: bool) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first address of `host` that answers, within `timeout` for all of them together.

        Raises `AddressDenied` and `Unresolved` besides httpcore's own errors.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._first(host, port)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout from exc

    async def _first(self, host: str, port: int) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("no address to try")
        for address in checked(await self._resolve(host, port), allow_private=self._allow_private):
            try:
                return _Stream(await self._network.connect_tcp(str(address), port))
            except httpcore.ConnectError as exc:
                failure = exc
        raise failure


class _Stream(httpcore.AsyncNetworkStream):
    """A plain stream that is closed when its TLS handshake is given up.

    httpcore closes it when the handshake fails, but not when it is cancelled, as a deadline does; the socket would stay
    open for as long as the other side likes.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
