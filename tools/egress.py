"""The way out: the only place where a request gets its credential and leaves for a system.

`send` holds a request to its target, puts the credential on it, lets `tools.transport` exchange it once, and says what
is known afterwards. It never follows a redirect and never sends twice, but for one case: a 401 to an access token,
which proves that nothing happened.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, quote

from tools import credentials, destination, errors, oauth
from tools.addresses import Resolve, resolve
from tools.clock import Clock
from tools.credentials import CredentialSpec, OAuth2ClientCredentials, Placement
from tools.oauth import Holder, Token, Tokens
from tools.transport import Answered, Cause, Limits, MaybeSent, NotSent, Outgoing, Sent, Transport
from tools.vault import Vault
from tools.wire import Request

__all__ = ["Answered", "Cause", "Egress", "Limits", "MaybeSent", "NotSent", "Sent", "Target", "Witness"]

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"})

#: What a request may not set itself: where the message goes and ends, what carries credentials, what we set.
_OURS = credentials.FRAMING | {
    "authorization",
    "proxy-authorization",
    "proxy-connection",
    "forwarded",
    "accept-encoding",
}
#: What is not handed back: credentials that the system set, and echoes of ours.
_WITHHELD = frozenset(
    {"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization", "authentication-info"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whose System a request goes to, and with which credential; all of it from the registry, none from a document."""

    workspace: str
    connection: str
    base_url: str
    allow_private: bool = False
    allowed_ports: tuple[int, ...] | None = None
    #: None: the ports in the URLs that the admin entered
    auth_kind: str = "none"
    public: Mapping[str, Any] = field(default_factory=dict)
    #: the credential's public part
    envelope: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    action: str = ""
    revision: int | None = None
    #: what is called, for whoever learns from the answer; nothing here depends on it


Witness = Callable[[Request, Target, Answered], None]
#: is told of every answer, with the request as it was before its credential; must be quick and raise nothing


class Egress:
    """The one client. Close it with `aclose`, or use it as an async context manager.

    `resolver` and `tls` stand in for the system's resolver and certificate store.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        *,
        limits: Limits | None = None,
        resolver: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._vault = vault
        self._witness = witness
        self._limits = limits or Limits()
        self._transport = Transport(self._limits, resolver=resolver, tls=tls)
        self._tokens = Tokens(clock)

    async def send(self, request: Request, target: Target) -> Sent:
        """Send `request` to `target`, once.

        `Answered`: any status, 3xx included. `NotSent`: not one byte left, so sending again is safe. `MaybeSent`:
        nobody knows. Takes no longer than the target's timeout (`Limits.total_s` at most). Raises nothing for what the
        network, the system or the stored credential do; cancelling it leaves unknown whether the request arrived.
        """
        sent = await self._send(request, target)
        if self._witness is not None and isinstance(sent, Answered):
            self._witness(request, target, sent)
        return sent

    async def _send(self, request: Request, target: Target) -> Sent:
        try:
            outgoing = _outgoing(request, target)
            credential = self._credential(target)
            ends_at = asyncio.get_running_loop().time() + min(target.timeout_s, self._limits.total_s)
            if isinstance(credential, OAuth2ClientCredentials):
                return await self._send_with_token(outgoing, credential, target, ends_at)
            return await self._exchange(_placed(outgoing, credential.placement()), target, ends_at)
        except errors.RequestUnsafe as exc:
            return NotSent(cause=Cause.REQUEST, reason=exc.message)
        except errors.AddressDenied as exc:
            return NotSent(cause=Cause.ADDRESS, reason=exc.message)
        except (errors.CredentialMissing, errors.VaultSealed) as exc:
            return NotSent(cause=Cause.CREDENTIAL, reason=exc.message)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def _credential(self, target: Target) -> CredentialSpec:
        if target.auth_kind == "none":
            return credentials.NoCredential()
        if target.envelope is None:
            raise errors.CredentialMissing
        secret = self._vault.open(target.envelope, target.workspace, target.connection)
        return credentials.restored(target.auth_kind, target.public, secret)

    async def _send_with_token(
        self, outgoing: Outgoing, credential: OAuth2ClientCredentials, target: Target, ends_at: float
    ) -> Sent:
        """Send with an access token; once more with a new one when the system refuses the one that was held."""
        holder = Holder(target.workspace, target.connection, target.envelope or "")
        held = self._tokens.held(holder)
        token = await self._token(holder, credential, target, ends_at)
        if isinstance(token, NotSent):
            return token
        sent = await self._exchange(_placed(outgoing, _bearer(token)), target, ends_at)
        if token != held or not oauth.is_refused(sent):
            return sent
        self._tokens.forget(holder, token)
        fresh = await self._token(holder, credential, target, ends_at)
        if isinstance(fresh, NotSent):
            return sent
        again = await self._exchange(_placed(outgoing, _bearer(fresh)), target, ends_at)
        return replace(again, is_resent=True) if isinstance(again, Answered) else again

    async def _token(
        self, holder: Holder, credential: OAuth2ClientCredentials, target: Target, ends_at: float
    ) -> Token | NotSent:
        """An access token, from its endpoint unless one is held. The endpoint is held to the target's address rules."""
        to = destination.parse(credential.token_url)
        destination.check_port(to, target.allowed_ports)
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
        request = Outgoing(method="POST", to=to, headers=headers, body=credential.form())
        request = _placed(request, credential.placement())
        try:
            # Around it all: waiting for another's fetch takes time too.
            async with asyncio.timeout_at(ends_at):
                return await self._tokens.current(holder, lambda: self._exchange(request, target, ends_at))
        except TimeoutError:
            return NotSent(cause=Cause.TOKEN, reason="no access token: the endpoint did not answer in time")

    async def _exchange(self, outgoing: Outgoing, target: Target, ends_at: float) -> Sent:
        within_s = ends_at - asyncio.get_running_loop().time()
        sent = await self._transport.exchange(outgoing, allow_private=target.allow_private, within_s=within_s)
        if not isinstance(sent, Answered):
            return sent
        return replace(sent, headers=tuple(pair for pair in sent.headers if pair[0] not in _WITHHELD))


def _outgoing(request: Request, target: Target) -> Outgoing:
    """The request without its credential. Raises `RequestUnsafe` and `AddressDenied` when it may not go there."""
    to = destination.below(request.url, target.base_url)
    destination.check_port(to, target.allowed_ports)
    if request.method not in _METHODS:
        raise errors.RequestUnsafe("the request's method is not one of HTTP's; write it in capitals")
    headers = tuple(request.headers)
    if request.content_type is not None and not _has_header(headers, "content-type"):
        headers = (*headers, ("Content-Type", request.content_type))
    for name, value in headers:
        _check_header(name, value)
    return Outgoing(method=request.method, to=to, headers=headers, body=request.body)


def _check_header(name: str, value: str) -> None:
    # RFC 9110 section 5.5. Refused here, since h11 would refuse it in the middle of an exchange.
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value) or value != value.strip():
        raise errors.RequestUnsafe("a header's name or value holds characters that a header cannot carry")
    if name.lower() in _OURS:
        raise errors.RequestUnsafe(f"the header {name} is set by Interlock, not by a request")


def _placed(outgoing: Outgoing, placement: Placement) -> Outgoing:
    """The request with the credential on it. Raises `RequestUnsafe` when the request holds something in its place."""
    if placement.header is not None:
        name = placement.header[0]
        if _has_header(outgoing.headers, name):
            raise errors.RequestUnsafe(f"the request sets {name} itself, where the connection's credential goes")
        outgoing = replace(outgoing, headers=(*outgoing.headers, placement.header))
    if placement.query is not None:
        name, value = placement.query
        if name in (given for given, _ in parse_qsl(outgoing.to.query or "", keep_blank_values=True)):
            raise errors.RequestUnsafe(f"the request sets {name} itself, where the connection's credential goes")
        outgoing = replace(outgoing, to=outgoing.to.with_query(f"{quote(name, safe='')}={quote(value, safe='')}"))
    return outgoing


def _bearer(token: Token) -> Placement:
    return Placement(header=("Authorization", f"Bearer {token.value}"))


def _has_header(headers: tuple[tuple[str, str], ...], name: str) -> bool:
    return any(given.lower() == name.lower() for given, _ in headers)
