"""The request that an approval binds, taken apart for people: every row comes from the bound bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import orjson

#: What a label says of where a value comes from, in words for an approver.
SOURCES = {
    "user": "said by the requester",
    "admin": "set by an admin",
    "typed": "looked up: a typed field of a record",
    "text": "free text of a system",
    "model": "put in by the planner",
}
MAX_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of the request."""

    place: str
    #: path, query or body
    name: str
    value: str
    label: str | None
    #: how far the value is trusted; None where the label's name is another than the field's

    @property
    def source(self) -> str:
        return SOURCES.get(self.label or "", "")


def fields(bound: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[Field]:
    """The values of the bound request with their labels. `arguments` only name what stands in the path."""
    request, labels = bound["request"], bound["labels"]
    url = request["url"]
    found = [*_in_path(url, arguments, labels), *_in_query(url, labels), *_in_body(request, labels)]
    return found[:MAX_ROWS]


def body_text(request: Mapping[str, Any]) -> str | None:
    """The body as it goes out; base64 where it is no text."""
    body = request["body"]
    if body is None:
        return None
    return str(body["text"]) if "text" in body else f"base64:{body['base64']}"


def _in_path(url: str, arguments: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Field]:
    segments = urlsplit(url).path.split("/")
    for name, value in arguments.items():
        if isinstance(value, str | int) and quote(str(value), safe="") in segments:
            yield Field(place="path", name=name, value=str(value), label=labels.get(_pointer(name)))


def _in_query(url: str, labels: Mapping[str, str]) -> Iterator[Field]:
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        yield Field(place="query", name=name, value=value, label=_label(name, labels))


def _in_body(request: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Field]:
    text = body_text(request)
    if not text:
        return
    content_type = str(request["content_type"] or "").split(";")[0].strip().lower()
    if content_type == "application/x-www-form-urlencoded":
        for name, value in parse_qsl(text, keep_blank_values=True):
            yield Field(place="body", name=name, value=value, label=_label(name, labels))
    elif content_type.endswith(("/json", "+json")):
        try:
            yield from _leaves(orjson.loads(text), "", labels)
        except orjson.JSONDecodeError:
            yield Field(place="body", name="", value=text, label=None)
    else:
        yield Field(place="body", name="", value=text, label=labels.get("/body"))


def _leaves(value: Any, pointer: str, labels: Mapping[str, str]) -> Iterator[Field]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, part in inner:
        yield from _leaves(part, pointer + _pointer(name), labels)
    if not inner:
        label = labels.get(pointer) or labels.get(f"/body{pointer}")
        yield Field(place="body", name=_dotted(pointer), value=_written(value), label=label)


def _label(name: str, labels: Mapping[str, str]) -> str | None:
    """The label of a form or query field: `items[0][price]` is the argument leaf `/items/0/price`."""
    parts = [part for part in re.split(r"[\[\]]+", name) if part]
    for pointer in ("".join(map(_pointer, parts)), _pointer(parts[0]) if parts else ""):
        if pointer in labels:
            return labels[pointer]
    return None


def _pointer(name: object) -> str:
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _dotted(pointer: str) -> str:
    return ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def readable(url: str) -> str:
    """The URL's path with its percent-codes read, for the headline; the exact URL stands below it."""
    parts = urlsplit(url)
    return unquote(parts.path)
