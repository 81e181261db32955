"""One HTTP exchange over a checked connection, and what can be said of it afterwards.

Decides nothing: no credentials, no redirects, no retries, no cookies, no proxies. The URL goes on the wire as it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpcore

from tools import errors
from tools.addresses import Resolve, Unresolved, resolve
from tools.decoding import OFFERED, Decoder, Unreadable
from tools.destination import Destination
from tools.network import CheckedNetwork

USER_AGENT = "interlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    connect_s: float = 5.0
    #: for a free connection, and again for resolving and connecting to any address of the host
    total_s: float = 60.0
    #: for everything one `send` does, from resolving to the last byte; a target may ask for less
    max_header_bytes: int = 64 * 1024
    max_body_bytes: int = 8 * 1024 * 1024
    max_decompressed_bytes: int = 16 * 1024 * 1024
    max_connections: int = 64
    keepalive_s: float = 2.0
    #: shorter than servers keep idle connections (5 s and up), so that none is closed just as a request goes out on
    #: it, which would leave a write in doubt


class Cause(StrEnum):
    """Why there is no answer."""

    REQUEST = "request"
    #: refused here: it breaks a rule of the wire or of the target
    ADDRESS = "address"
    #: the address or port is not allowed
    CREDENTIAL = "credential"
    #: missing, sealed or refused by its token endpoint: a person must mend it
    TOKEN = "token"
    #: the token endpoint does not answer now
    BUSY = "busy"
    #: no free connection in time
    NAME = "name"
    #: the host has no address
    CONNECT = "connect"
    TLS = "tls"
    DEADLINE = "deadline"
    BROKEN = "broken"
    #: the connection broke
    PROTOCOL = "protocol"
    #: the answer is not HTTP, or is cut
    BODY = "body"
    #: the body is over a limit, cut or cannot be unpacked
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    status: int
    headers: tuple[tuple[str, str], ...]
    #: names in lower case; those that carry credentials are left out
    body: bytes
    #: unpacked
    elapsed_s: float
    is_complete: bool = True
    #: False when the body had no length and ended with the connection, so that a cut cannot be told from its end
    is_resent: bool = False
    #: an access token was refused (401) first, and the request was sent again with a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Not one byte of the request left this process."""

    reason: str
    cause: Cause = Cause.REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class MaybeSent:
    """The request, or a part of it, may have arrived."""

    reason: str
    cause: Cause = Cause.UNKNOWN
    status: int | None = None
    #: of an answer whose head arrived although its body is unusable


Sent = Answered | NotSent | MaybeSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it goes on the wire, credentials included (hence no repr of them)."""

    method: str
    to: Destination = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    cause: Cause
    reason: str
    may_precede: bool = False
    #: it can happen before the first byte; whether it did is what `Progress` knows


#: Every way an exchange can fail, by exception. The nearest class in the exception's ancestry counts; one that is not
#: here counts as sent. No reason repeats the exception's text, which may quote the answer.
FAILURES: Mapping[type[Exception], Failure] = {
    errors.AddressDenied: Failure(Cause.ADDRESS, "the address is not allowed", True),
    Unresolved: Failure(Cause.NAME, "the host's name has no address", True),
    TimeoutError: Failure(Cause.DEADLINE, "there was no whole answer in time", True),
    Unreadable: Failure(Cause.BODY, "the body cannot be used"),
    httpcore.ConnectionNotAvailable: Failure(Cause.BUSY, "the connection was not available", True),
    httpcore.UnsupportedProtocol: Failure(Cause.REQUEST, "the URL's scheme is not supported", True),
    httpcore.ProxyError: Failure(Cause.CONNECT, "a proxy refused the connection", True),
    httpcore.PoolTimeout: Failure(Cause.BUSY, "no connection became free in time", True),
    httpcore.ConnectTimeout: Failure(Cause.CONNECT, "the host did not accept a connection in time", True),
    httpcore.ReadTimeout: Failure(Cause.DEADLINE, "the answer stopped arriving"),
    httpcore.WriteTimeout: Failure(Cause.DEADLINE, "the request could not be written in time"),
    httpcore.TimeoutException: Failure(Cause.DEADLINE, "a time limit passed"),
    httpcore.ConnectError: Failure(Cause.CONNECT, "the host refused the connection", True),
    httpcore.ReadError: Failure(Cause.BROKEN, "the connection broke while the answer was awaited"),
    httpcore.WriteError: Failure(Cause.BROKEN, "the connection broke while the request was written"),
    httpcore.NetworkError: Failure(Cause.BROKEN, "the connection broke"),
    httpcore.LocalProtocolError: Failure(Cause.REQUEST, "the request is not valid HTTP", True),
    httpcore.RemoteProtocolError: Failure(Cause.PROTOCOL, "the answer is cut or is not HTTP"),
    httpcore.ProtocolError: Failure(Cause.PROTOCOL, "the answer is not HTTP"),
}
UNFORESEEN = Failure(Cause.UNKNOWN, "the exchange failed in an unforeseen way")


class Progress:
    """How far an exchange came, as httpcore's trace tells it."""

    def __init__(self) -> None:
        self.has_begun = False
        #: the first byte of the request may have left
        self.is_securing = False
        #: the TLS handshake is under way
        self.status: int | None = None

    async def note(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.start_tls.started":
            self.is_securing = True
        elif event.endswith(".send_request_headers.started"):
            self.has_begun = True
        elif event.endswith(".send_request_headers.failed"):
            # httpcore raises this one only while it composes the head, before it writes.
            self.has_begun = not isinstance(info["exception"], httpcore.LocalProtocolError)


def failed(exc: Exception, progress: Progress) -> NotSent | MaybeSent:
    """What `exc` says about the request. `NotSent` only when both the exception and the progress allow it."""
    failure = next((FAILURES[kind] for kind in type(exc).__mro__ if kind in FAILURES), UNFORESEEN)
    cause, reason = failure.cause, failure.reason
    if isinstance(exc, errors.AddressDenied):
        reason = exc.message
    elif isinstance(exc, Unreadable):
        reason = str(exc)
    elif failure.may_precede and progress.is_securing and not progress.has_begun:
        cause, reason = Cause.TLS, f"the TLS handshake failed{_certificate_problem(exc)}"
    if failure.may_precede and not progress.has_begun:
        return NotSent(cause=cause, reason=reason)
    return MaybeSent(cause=cause, reason=reason, status=progress.status)


class Transport:
    """A bounded pool of connections, one for Systems that may use private addresses and one for those that may not.

    Two, because a pooled connection was checked by the rule of whoever opened it.
    """

    def __init__(self, limits: Limits, *, resolver: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._pools = {
            allow_private: httpcore.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=limits.max_connections,
                keepalive_expiry=limits.keepalive_s,
                network_backend=CheckedNetwork(resolve=resolver, allow_private=allow_private),
            )
            for allow_private in (False, True)
        }

    async def exchange(self, outgoing: Outgoing, *, allow_private: bool, within_s: float) -> Sent:
        """Send `outgoing` once and read the whole answer within `within_s`. Never raises for what the network does.

        Cancelling it leaves unknown whether the request arrived.
        """
        progress = Progress()
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(within_s):
                status, headers, body, is_complete = await self._round_trip(outgoing, allow_private, progress)
        except Exception as exc:
            return failed(exc, progress)
        elapsed_s = asyncio.get_running_loop().time() - began
        return Answered(status=status, headers=headers, body=body, elapsed_s=elapsed_s, is_complete=is_complete)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    async def _round_trip(
        self, outgoing: Outgoing, allow_private: bool, progress: Progress
    ) -> tuple[int, tuple[tuple[str, str], ...], bytes, bool]:
        request = _request(outgoing, self._limits, progress)
        response = await self._pools[allow_private].handle_async_request(request)
        async with contextlib.aclosing(response):
            progress.status = response.status
            headers = _read_headers(response.headers, self._limits)
            body = await self._read_body(response, _joined(headers, "content-encoding"))
        is_framed = any(name in ("content-length", "transfer-encoding") for name, _ in headers)
        is_bodiless = outgoing.method == "HEAD" or response.status in (204, 304)
        return response.status, headers, body, is_framed or is_bodiless

    async def _read_body(self, response: httpcore.Response, encoding: str) -> bytes:
        decoder = Decoder(
            encoding,
            max_encoded=self._limits.max_body_bytes,
            max_decoded=self._limits.max_decompressed_bytes,
        )
        async for piece in response.aiter_stream():
            decoder.feed(piece)
        return decoder.finish()


def _request(outgoing: Outgoing, limits: Limits, progress: Progress) -> httpcore.Request:
    headers = [
        ("Host", outgoing.to.authority),
        *outgoing.headers,
        ("Accept-Encoding", OFFERED),
    ]
    if not any(name.lower() == "user-agent" for name, _ in outgoing.headers):
        headers.append(("User-Agent", USER_AGENT))
    if outgoing.body is not None or outgoing.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", str(len(outgoing.body or b""))))
    return httpcore.Request(
        method=outgoing.method.encode("ascii"),
        url=httpcore.URL(
            scheme=outgoing.to.scheme, host=outgoing.to.host, port=outgoing.to.port, target=outgoing.to.target
        ),
        headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in headers],
        content=outgoing.body,
        extensions={
            "timeout": {"connect": limits.connect_s, "pool": limits.connect_s},
            "trace": progress.note,
        },
    )


def _read_headers(raw: list[tuple[bytes, bytes]], limits: Limits) -> tuple[tuple[str, str], ...]:
    if sum(len(name) + len(value) for name, value in raw) > limits.max_header_bytes:
        raise Unreadable("the answer's headers are larger than the limit")
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)


def _joined(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return ", ".join(value for given, value in headers if given == name)


def _certificate_problem(exc: Exception) -> str:
    """What OpenSSL says of a certificate it refused, for the admin; it quotes nothing but the host's name."""
    cause: BaseException | None = exc
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return "" if cause is None else f": {cause.verify_message}"
