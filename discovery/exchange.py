"""One request to a System and its answer, in the same words whether a HAR file or a run of ours saw it.

An exchange is only stored after `discovery.redaction` went over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from discovery import reader

FILE = "(file)"
#: stands for the content of an uploaded file
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
MAX_BODY_BYTES = 1024 * 1024
#: of a body that is looked into
MAX_NODES, MAX_DEPTH = 100_000, 60
BRACKET = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    at: datetime
    method: str
    #: upper case
    path: str
    #: below the System's base URL, percent signs decoded in each segment, with its slash: `/orders/17`
    query: tuple[tuple[str, str], ...] = ()
    request_headers: tuple[tuple[str, str], ...] = ()
    #: names in lower case
    request_type: str = ""
    #: media type without parameters; "" without a body
    request_body: Any = None
    #: JSON, or the fields of a form; None for anything else
    status: int
    response_headers: tuple[tuple[str, str], ...] = ()
    response_type: str = ""
    response_body: Any = None
    #: JSON; None for anything else

    def as_json(self) -> dict[str, Any]:
        stored: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        pairs = {
            name: tuple((key, value) for key, value in stored[name])
            for name in ("query", "request_headers", "response_headers")
        }
        return cls(**{**stored, **pairs, "at": datetime.fromisoformat(stored["at"])})


def below(url: str, base_url: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The path of `url` below `base_url`, and its query; None when it is somewhere else."""
    try:
        found, base = urlsplit(url), urlsplit(base_url)
        if (found.scheme, found.hostname, _port(found)) != (base.scheme, base.hostname, _port(base)):
            return None
    except ValueError:
        return None
    prefix = base.path.rstrip("/")
    if not found.path.startswith(f"{prefix}/"):
        return None
    path = "/".join(_decoded(part) for part in found.path[len(prefix) :].split("/"))
    return path, tuple(parse_qsl(found.query, keep_blank_values=True, max_num_fields=None))


def _decoded(segment: str) -> str:
    """A segment without percent signs, except where decoding would change how many segments there are."""
    plain = unquote(segment)
    return segment if "/" in plain else plain


def _port(url: Any) -> int | None:
    return url.port or {"https": 443, "http": 80}.get(url.scheme)


def essence(content_type: str) -> str:
    """The media type without its parameters (RFC 9110 section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    return media_type.endswith(("/json", "+json"))


def lowered(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in pairs)


def read_body(media_type: str, body: bytes) -> Any:
    """The JSON or the form fields in `body`; None when it is neither, or larger than what is looked into."""
    if len(body) > MAX_BODY_BYTES or not body.strip():
        return None
    if media_type == FORM:
        return fields(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if not is_json(media_type):
        return None
    try:
        value = orjson.loads(body)
        reader.measure(value, MAX_NODES, MAX_DEPTH)
    except (ValueError, reader.Refused):
        return None
    return value


def fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields of a form as an object: `a[b]=1` is `{"a": {"b": "1"}}`, what comes twice or as `a[]` is a list."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        stem = name.partition("[")[0]
        steps = [stem, *BRACKET.findall(name[len(stem) :])][:10]
        _put(made, steps, value)
    return made


def _put(into: dict[str, Any], steps: list[str], value: str) -> None:
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        is_last = following is None or following == ""
        known = into.get(step)
        if is_last:
            if following == "":
                into[step] = [*known, value] if isinstance(known, list) else [value]
            elif known is None:
                into[step] = value
            else:
                into[step] = [*known, value] if isinstance(known, list) else [known, value]
            return
        if not isinstance(known, dict):
            into[step] = {}
        into = into[step]
