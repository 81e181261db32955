"""HAR 1.2 files (http://www.softwareishard.com/blog/har-12-spec/): recorded traffic becomes redacted exchanges.

The file is read by the same capped process as documents. What is no API traffic of the System (pages, pictures,
other hosts, what never got an answer) is passed over and counted by reason.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from discovery import redaction
from discovery.apart import WORKSHOPS
from discovery.document import Caps
from discovery.exchange import FILE, FORM, MULTIPART, Exchange, below, essence, fields, is_json, lowered, read_body
from tools import errors

MAX_ENTRIES = 50_000
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
PAGE_PARTS = ("text/html", "text/css", "image/", "font/", "audio/", "video/", "application/javascript",
              "text/javascript", "application/x-javascript", "application/wasm", "application/font")  # fmt: skip
TOLD_EVERY = 500
MEND = "export it from the browser's network panel, or from a proxy, as HAR 1.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a HAR file gave."""

    exchanges: tuple[Exchange, ...]
    #: redacted, in the file's order
    passed_over: Mapping[str, int]
    #: reason -> number of entries
    hosts: tuple[str, ...]
    #: other origins in the file, the most frequent first


class _PassedOver(Exception):
    """The entry is nothing to learn from; the message says why."""


def read(
    raw: bytes,
    base_url: str,
    *,
    caps: Caps | None = None,
    marked: frozenset[str] = frozenset(),
    tell: Callable[[int], None] = lambda _: None,
) -> Recording:
    """The exchanges in `raw` that went below `base_url`, redacted. Blocks while it reads.

    `marked` are names whose values the System's document calls secret; `tell` hears how many entries are read. Raises
    `DocumentInvalid`, saying where it breaks, for a file that is no HAR file.
    """
    entries = _entries(_parsed(raw, caps or Caps()))
    found: list[Exchange] = []
    passed_over: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for number, entry in enumerate(entries):
        try:
            found.append(redaction.redact(_exchange(entry, base_url, hosts), marked))
        except _PassedOver as exc:
            passed_over[str(exc)] += 1
        if number % TOLD_EVERY == 0:
            tell(number)
    return Recording(
        exchanges=tuple(found),
        passed_over=dict(passed_over.most_common()),
        hosts=tuple(host for host, _ in hosts.most_common(10)),
    )


def _parsed(raw: bytes, caps: Caps) -> Any:
    """The file as plain values. What stops an API document from being read stops a recording too."""
    try:
        _, (parsed,) = WORKSHOPS.ask("parse", {}, [raw], caps)
        return orjson.loads(parsed)
    except errors.DocumentInvalid as exc:
        # Its own words may speak of API documents.
        told = {name: value for name, value in exc.data.items() if name in ("line", "column")}
        raise errors.DocumentInvalid(f"this is no HAR file that can be read: {exc.message}", mend=MEND, **told) from exc


def _entries(root: Any) -> list[Any]:
    log = root.get("log") if isinstance(root, Mapping) else None
    if not isinstance(log, Mapping):
        raise errors.DocumentInvalid("this is no HAR file: it has no `log` object", pointer="/log", mend=MEND)
    entries = log.get("entries")
    if not isinstance(entries, list):
        problem = "the HAR file has no list of `entries` in its `log`"
        raise errors.DocumentInvalid(problem, pointer="/log/entries", mend=MEND)
    if len(entries) > MAX_ENTRIES:
        problem = f"the HAR file has {len(entries):,} entries; the cap is {MAX_ENTRIES:,}"
        raise errors.DocumentInvalid(problem, pointer="/log/entries", mend="record less at a time, or cut the file")
    return entries


def _exchange(entry: Any, base_url: str, hosts: Counter[str]) -> Exchange:
    request, response = _object(entry, "request"), _object(entry, "response")
    method, url, status = request.get("method"), request.get("url"), response.get("status")
    if not isinstance(method, str) or not isinstance(url, str) or not isinstance(status, int):
        raise _PassedOver("it lacks a method, a URL or a status")
    if method.upper() not in METHODS:
        raise _PassedOver("its method is not one that actions have")
    if (place := below(url, base_url)) is None:
        hosts[_origin(url)] += 1
        raise _PassedOver("it went to another address than the system's")
    if not 200 <= status < 600 or 300 <= status < 400:
        raise _PassedOver("it got no answer of its own (broken off, redirected, or answered from a cache)")
    content = _mapping(response.get("content"))
    media_type = essence(_text(content.get("mimeType")))
    if media_type.startswith(PAGE_PARTS):
        raise _PassedOver("it is part of a web page")
    post = _mapping(request.get("postData"))
    sent_type = essence(_text(post.get("mimeType")))
    return Exchange(
        at=_time(entry.get("startedDateTime")),
        method=method.upper(),
        path=place[0],
        query=place[1],
        request_headers=_pairs(request),
        request_type=sent_type,
        request_body=_sent(sent_type, post),
        status=status,
        response_headers=_pairs(response),
        response_type=media_type,
        response_body=_answered(media_type, content),
    )


def _object(entry: Any, name: str) -> Mapping[str, Any]:
    found = entry.get(name) if isinstance(entry, Mapping) else None
    if not isinstance(found, Mapping):
        raise _PassedOver(f"it has no `{name}` object")
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _pairs(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The headers; the cookies of a request too, which some recorders only list apart."""
    headers = lowered(_named(message.get("headers")))
    cookies = list(_named(message.get("cookies")))
    if cookies and "url" in message and "cookie" not in dict(headers):
        headers = (*headers, ("cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
    return tuple(pair for pair in headers if not pair[0].startswith(":"))


def _named(listed: Any) -> Iterator[tuple[str, str]]:
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("name"), str) and isinstance(one.get("value"), str):
            yield one["name"], one["value"]


def _sent(media_type: str, post: Mapping[str, Any]) -> Any:
    params = post.get("params")
    if isinstance(params, list) and params and media_type in (FORM, MULTIPART, ""):
        return fields((name, FILE if is_file else value) for name, value, is_file in _params(params))
    return read_body(media_type, _text(post.get("text")).encode(errors="replace"))


def _params(listed: list[Any]) -> Iterator[tuple[str, str, bool]]:
    for one in listed:
        if isinstance(one, Mapping) and isinstance(one.get("name"), str):
            yield one["name"], _text(one.get("value")), isinstance(one.get("fileName"), str)


def _answered(media_type: str, content: Mapping[str, Any]) -> Any:
    text = _text(content.get("text"))
    if not is_json(media_type):
        return None
    if content.get("encoding") != "base64":
        return read_body(media_type, text.encode(errors="replace"))
    try:
        return read_body(media_type, base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def _origin(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"{scheme}{mark}{host}"[:200] if mark else "(no address)"


def _time(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return datetime.now(UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
