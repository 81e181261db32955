"""Who may call: API keys, basic auth and bearer tokens with scopes, each a gate that admits a caller or refuses."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from evals.worlds.document import Operation
from evals.worlds.refusal import Refused

SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    name: str
    is_read_only: bool = False
    scopes: frozenset[str] = frozenset()


#: Stands for whoever calls an operation that asks for no credential.
ANYONE = Caller(name="anyone")


class Gate(Protocol):
    def admit(self, headers: Mapping[str, str], operation: Operation) -> Caller:
        """The caller these headers prove; raises `Refused` with 401 or 403."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGate:
    """A secret in one header, after a prefix such as `Bearer `."""

    header: str
    prefix: str
    callers: Mapping[str, Caller]
    challenge: str

    def admit(self, headers: Mapping[str, str], operation: Operation) -> Caller:
        given = headers.get(self.header, "")
        caller = known(self.callers, given.removeprefix(self.prefix)) if given.startswith(self.prefix) else None
        return permitted(caller, operation, self.challenge)


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicGate:
    """A user name and password (RFC 7617); `callers` is keyed by `username:password`."""

    callers: Mapping[str, Caller]
    realm: str

    def admit(self, headers: Mapping[str, str], operation: Operation) -> Caller:
        pair = basic_pair(headers)
        caller = known(self.callers, pair) if pair else None
        return permitted(caller, operation, f'Basic realm="{self.realm}", charset="UTF-8"')


def known(callers: Mapping[str, Caller], secret: str) -> Caller | None:
    """The caller with that secret, compared in constant time."""
    for candidate, caller in callers.items():
        if hmac.compare_digest(candidate.encode(), secret.encode()):
            return caller
    return None


def permitted(caller: Caller | None, operation: Operation, challenge: str) -> Caller:
    """A known caller that may write where the operation writes."""
    if caller is None:
        raise unauthorized(challenge)
    if caller.is_read_only and operation.method not in SAFE_METHODS:
        raise Refused(403, "forbidden", "This credential may only read.")
    return caller


def unauthorized(challenge: str, message: str = "Missing or unknown credentials.") -> Refused:
    return Refused(401, "unauthorized", message, headers={"WWW-Authenticate": challenge})


def basic_pair(headers: Mapping[str, str]) -> str | None:
    """`username:password` of an Authorization header, None when it holds none."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
