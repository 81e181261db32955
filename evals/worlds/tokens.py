"""OAuth 2.0 access tokens by client credentials (RFC 6749, section 4.4): issued for a while, with scopes that count."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evals.worlds.access import Caller, unauthorized
from evals.worlds.document import Operation
from evals.worlds.refusal import Refused

#: Expired tokens are forgotten beyond this many, oldest first.
TOKENS_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    caller: Caller
    expires_at: float  #: on the clock of the desk


class TokenDesk:
    """Issues tokens and knows them again; they live in memory only, so a restart ends them all."""

    def __init__(self, lifetime_s: int, monotonic: Callable[[], float]) -> None:
        self.lifetime_s = lifetime_s
        self._monotonic = monotonic
        self._tokens: dict[str, Token] = {}

    def issue(self, client: str, scopes: frozenset[str]) -> str:
        secret = secrets.token_urlsafe(32)
        caller = Caller(name=client, scopes=scopes)
        self._tokens[secret] = Token(caller=caller, expires_at=self._monotonic() + self.lifetime_s)
        while len(self._tokens) > TOKENS_KEPT:
            del self._tokens[next(iter(self._tokens))]
        return secret

    def admit(self, headers: Mapping[str, str], operation: Operation) -> Caller:
        """The token's caller; 401 `invalid_token` or 403 `insufficient_scope` otherwise (RFC 6750, section 3.1)."""
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        token = self._tokens.get(secret) if scheme.lower() == "bearer" else None
        if not secret:
            raise unauthorized('Bearer realm="identity"', "A bearer token is required.")
        if token is None or token.expires_at <= self._monotonic():
            challenge = 'Bearer realm="identity", error="invalid_token"'
            message = "The access token is unknown or has expired."
            raise Refused(401, "invalid_token", message, headers={"WWW-Authenticate": challenge})
        missing = sorted(operation.scopes - token.caller.scopes)
        if missing:
            raise _insufficient(missing)
        return token.caller


def _insufficient(missing: list[str]) -> Refused:
    scope = " ".join(missing)
    challenge = f'Bearer realm="identity", error="insufficient_scope", scope="{scope}"'
    message = f"The access token lacks the scope {scope}."
    return Refused(403, "insufficient_scope", message, headers={"WWW-Authenticate": challenge}, missing_scopes=missing)
