"""A request as it will be sent, without its credential: what is digested, approved, stored and sent again."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pydantic import JsonValue

from tools.wire.values import refuse

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
#: RFC 9110 section 5.6.2
_PRINTABLE = re.compile(r"[\x20-\x7e]*")

NOT_FOR_ARGUMENTS = frozenset(
    {
        # Where the message ends and goes to.
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade"),
        *("expect", "forwarded", "via", "proxy-authorization", "proxy-connection"),
        # What the connection, the body or this module sets (OpenAPI 3.1 section 4.8.12.2).
        *("authorization", "cookie", "content-type", "content-encoding", "accept", "accept-encoding"),
        # What makes some servers read another method or path than the approved one.
        *("x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    url: str
    #: absolute, percent-encoded, to be sent as it is
    headers: tuple[tuple[str, str], ...] = ()
    #: in the order in which they are sent; without Content-Type, which is `content_type`
    body: bytes | None = None
    content_type: str | None = None
    #: the value of the Content-Type header, when there is a body

    def canonical(self) -> dict[str, Any]:
        """The request in JSON. Equal for equal requests; `from_canonical` gives back the very bytes."""
        return {
            "method": self.method,
            "url": self.url,
            "headers": [list(pair) for pair in self.headers],
            "content_type": self.content_type,
            "body": None if self.body is None else _shown(self.body),
        }

    @classmethod
    def from_canonical(cls, stored: Mapping[str, Any]) -> Self:
        """The request that `canonical` described, so that what is sent again is what was stored."""
        return cls(
            method=stored["method"],
            url=stored["url"],
            headers=tuple((name, value) for name, value in stored["headers"]),
            content_type=stored["content_type"],
            body=None if stored["body"] is None else _bytes(stored["body"]),
        )

    def with_header(self, name: str, value: str) -> Self:
        """This request with a header set, in place of one of that name. Raises RequestUnsafe as for an argument."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*others, checked_header(name, name, value)))


def checked_header(argument: str, name: str, value: str) -> tuple[str, str]:
    """The header, when it can be sent as it is and is an argument's to set. Raises RequestUnsafe."""
    if not _TOKEN.fullmatch(name) or name.lower() in NOT_FOR_ARGUMENTS:
        refuse(argument, "a header of that name is not for an argument to set")
    if not _PRINTABLE.fullmatch(value) or value != value.strip():
        refuse(argument, "a header carries only printable ASCII without blanks at its ends (RFC 9110 section 5.5)")
    return name, value


def redacted(request: Request) -> dict[str, JsonValue]:
    """The request for people to see. It is the canonical form: no credential was ever in it."""
    return request.canonical()


def _shown(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _bytes(stored: Mapping[str, str]) -> bytes:
    return stored["text"].encode() if "text" in stored else base64.b64decode(stored["base64"], validate=True)
