"""OAuth 2.0 access tokens by client credentials (RFC 6749 section 4.4).

Reads token answers and keeps tokens until they end: in memory, one fetch at a time for a connection in this process.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import orjson

from tools.clock import Clock
from tools.transport import Answered, Cause, MaybeSent, NotSent, Sent

#: A token is not used in the last tenth of its life, or its last half minute if that is less.
LEEWAY_SHARE, LEEWAY_MAX_S = 0.1, 30.0
UNSTATED_LIFE_S, LONGEST_LIFE_S = 300.0, 86_400.0

#: RFC 6749 section 5.2; other words from a token endpoint are not repeated
_REFUSALS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_CHALLENGE_ERROR = re.compile(r'\berror\s*=\s*"?([a-z_]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    value: str = field(repr=False)
    use_until: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is. Another envelope is another credential, so its token is another one too."""

    workspace: str
    connection: str
    envelope: str = field(repr=False)


class Tokens:
    """The tokens at hand."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[tuple[str, str], tuple[Holder, Token]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    def held(self, holder: Holder) -> Token | None:
        """The holder's token while it is good."""
        owner, token = self._held.get((holder.workspace, holder.connection), (None, None))
        return token if token is not None and owner == holder and self._clock.now() < token.use_until else None

    async def current(self, holder: Holder, fetch: Callable[[], Awaitable[Sent]]) -> Token | NotSent:
        """The holder's token, fetched when none is held; whoever asks meanwhile waits for that one fetch."""
        async with self._locks[holder.workspace, holder.connection]:
            if (token := self.held(holder)) is not None:
                return token
            fetched = read_token(await fetch(), self._clock.now())
            if isinstance(fetched, Token):
                self._held[holder.workspace, holder.connection] = (holder, fetched)
            return fetched

    def forget(self, holder: Holder, token: Token) -> None:
        """Drop `token` because a system refused it, unless another has taken its place already."""
        if self.held(holder) == token:
            del self._held[holder.workspace, holder.connection]


def read_token(sent: Sent, now: datetime) -> Token | NotSent:
    """The token in a token endpoint's answer, or why there is none. Never repeats the answer."""
    match sent:
        case NotSent():
            return replace(sent, reason=f"no access token: {sent.reason}")
        case MaybeSent():
            return NotSent(cause=Cause.TOKEN, reason=f"no access token: {sent.reason}")
        case Answered(status=200):
            return _granted(sent.body, now)
        case Answered():
            is_refused = 400 <= sent.status < 500 and sent.status not in (408, 425, 429)
            cause = Cause.CREDENTIAL if is_refused else Cause.TOKEN
            return NotSent(cause=cause, reason=f"the token endpoint answered {sent.status}{_refusal(sent.body)}")


def is_refused(sent: Sent) -> bool:
    """Whether an answer refuses the access token as such (RFC 6750 section 3.1).

    Servers often leave out the reason; one that names another reason would not be helped by a new token.
    """
    if not isinstance(sent, Answered) or sent.status != 401:
        return False
    challenge = " ".join(value for name, value in sent.headers if name == "www-authenticate")
    named = _CHALLENGE_ERROR.search(challenge)
    return named is None or named[1] == "invalid_token"


def _granted(body: bytes, now: datetime) -> Token | NotSent:
    fields = _object(body)
    value, kind, life_s = fields.get("access_token"), fields.get("token_type"), fields.get("expires_in")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        return NotSent(cause=Cause.TOKEN, reason="the token endpoint's answer holds no usable access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return NotSent(cause=Cause.TOKEN, reason="the token endpoint's answer is not a bearer token")
    life_s = min(_seconds(life_s), LONGEST_LIFE_S)
    usable_s = life_s - min(life_s * LEEWAY_SHARE, LEEWAY_MAX_S)
    return Token(value=value, use_until=now + timedelta(seconds=usable_s))


def _seconds(life_s: object) -> float:
    # Some servers write the number as text.
    if isinstance(life_s, str) and re.fullmatch(r"[0-9]{1,12}", life_s):
        life_s = int(life_s)
    is_number = isinstance(life_s, int | float) and not isinstance(life_s, bool)
    return max(float(life_s), 0.0) if is_number else UNSTATED_LIFE_S  # type: ignore[arg-type]  # is_number says so


def _refusal(body: bytes) -> str:
    named = _object(body).get("error")
    return f" ({named})" if isinstance(named, str) and named in _REFUSALS else ""


def _object(body: bytes) -> dict[str, object]:
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}
