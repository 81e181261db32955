"""Bodies on the wire: JSON, forms, multipart, text and binary, chosen by the action's media type.

A file is a text of the form `data:application/pdf;name=a.pdf;base64,JVBERi0…` (RFC 2397); any other text for a file is
sent as its own UTF-8 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from pydantic import JsonValue

from tools.action import Argument, Body
from tools.wire import styles
from tools.wire.values import check_written, has_control, is_json, json_bytes, percent, refuse, text

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_ANY = frozenset(("*/*", "application/*"))

Given = Sequence[tuple[Argument, JsonValue]]
#: the arguments of the body that were given, in the action's order
Rendered = tuple[bytes, str]
#: the body's bytes and its Content-Type


def render(body: Body, given: Given) -> Rendered | None:
    """The body, or None when none was given and none is required. Raises RequestUnsafe, naming the argument."""
    if not is_header_safe(body.content_type):
        refuse("body", "its media type has characters that a header cannot carry")
    if not given and not (body.required and not body.is_whole):
        return None
    essence = body.content_type.partition(";")[0].strip().lower()
    if essence == FORM:
        return _form(body, _properties(body, given)), FORM
    if essence == MULTIPART:
        return _multipart(body, _properties(body, given))
    if is_json(essence) or essence in _ANY:
        value = given[0][1] if body.is_whole else {argument.wire_name: value for argument, value in given}
        return json_bytes(value, "body"), "application/json" if essence in _ANY else body.content_type
    return _text_or_binary(body, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    content: bytes
    content_type: str
    name: str | None = None


def read_file(value: str, argument: str) -> File:
    """The file a text stands for: a `data:` URL's content, or the text itself as UTF-8."""
    if not value.startswith("data:"):
        return File(content=_utf8(value, argument), content_type="application/octet-stream")
    head, comma, data = value[len("data:") :].partition(",")
    media_type, *parameters = head.split(";")
    named = dict(part.split("=", 1) for part in parameters if "=" in part)
    try:
        content = base64.b64decode(data, validate=True) if parameters[-1:] == ["base64"] else unquote_to_bytes(data)
    except (binascii.Error, ValueError):
        refuse(argument, "it is a data: URL, but what follows its comma is not base64")
    if not comma or not is_header_safe(media_type):
        refuse(argument, "it is not a whole data: URL: data:<media type>;base64,<content>")
    name = unquote(named["name"]) if "name" in named else None
    return File(content=content, content_type=media_type or "application/octet-stream", name=name)


def file_text(content: bytes, content_type: str) -> str:
    """The text that stands for a file, as `read_file` reads it."""
    return f"data:{content_type.replace(' ', '').replace(',', '')};base64,{base64.b64encode(content).decode()}"


def is_header_safe(value: str) -> bool:
    return value.isascii() and not has_control(value)


def _properties(body: Body, given: Given) -> Given:
    """The named parts of a form, also when the whole body came as one object."""
    if not body.is_whole:
        return given
    argument, value = given[0]
    if not isinstance(value, dict):
        refuse(argument.name, "a form needs an object")
    schemas = argument.json_schema.get("properties", {})
    return [
        (Argument(name=argument.name, wire_name=name, place=argument.place, json_schema=schemas.get(name, {})), part)
        for name, part in value.items()
    ]


def _form(body: Body, given: Given) -> bytes:
    pairs = styles.all_pairs(given, lambda argument, value: iter(_form_pairs(body, argument, value)))
    return "&".join(f"{name}={value}" for name, value in pairs).encode()


def _form_pairs(body: Body, argument: Argument, value: JsonValue) -> list[styles.Pair]:
    """OpenAPI 3.1 section 4.8.15: an explicit style decides, else the property's media type."""
    encoding = body.encoding.get(argument.wire_name, {})
    if encoding.keys() & {"style", "explode", "allowReserved"}:
        return list(styles.pairs(_styled(argument, encoding), value))
    name = percent(argument.wire_name, argument.name)
    parts = value if isinstance(value, list) and not is_json(encoding.get("contentType", "")) else [value]
    return [(name, percent(_part_text(part, argument, encoding), argument.name)) for part in parts]


def _styled(argument: Argument, encoding: Mapping[str, Any]) -> Argument:
    return argument.model_copy(
        update={
            "style": encoding.get("style"),
            "explode": encoding.get("explode"),
            "allow_reserved": bool(encoding.get("allowReserved")),
            "content_type": None,
        }
    )


def _part_text(value: JsonValue, argument: Argument, encoding: Mapping[str, Any]) -> str:
    if isinstance(value, dict | list) or is_json(encoding.get("contentType", "")):
        return json_bytes(value, argument.name).decode()
    return text(value, argument.name)


def _multipart(body: Body, given: Given) -> Rendered:
    """RFC 7578. The boundary is made from the parts, so equal forms have equal bytes."""
    for argument, value in given:
        check_written(argument, value is not None and value != [])
    parts = [
        _part(argument, item, body.encoding.get(argument.wire_name, {}))
        for argument, value in given
        if value is not None
        for item in (value if isinstance(value, list) else [value])
    ]
    boundary = "interlock-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:40]
    opened = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return opened + b"--" + boundary.encode() + b"--\r\n", f"{MULTIPART}; boundary={boundary}"


def _part(argument: Argument, value: JsonValue, encoding: Mapping[str, Any]) -> bytes:
    name = _quoted(argument.wire_name, argument.name)
    declared = str(encoding.get("contentType", "")).partition(",")[0].strip()
    if isinstance(value, str) and _is_file(argument.json_schema):
        file = read_file(value, argument.name)
        filename = _quoted(file.name or argument.wire_name, argument.name)
        disposition = f'form-data; name="{name}"; filename="{filename}"'
        is_declared = bool(declared) and "*" not in declared and not value.startswith("data:")
        return _assembled(disposition, declared if is_declared else file.content_type, file.content, argument)
    written = _part_text(value, argument, encoding)
    usual = "application/json" if isinstance(value, dict | list) else "text/plain; charset=utf-8"
    content_type = declared if declared and "*" not in declared else usual
    return _assembled(f'form-data; name="{name}"', content_type, _utf8(written, argument.name), argument)


def _assembled(disposition: str, content_type: str, content: bytes, argument: Argument) -> bytes:
    if not is_header_safe(content_type):
        refuse(argument.name, "its media type has characters that a header cannot carry")
    return f"Content-Disposition: {disposition}\r\nContent-Type: {content_type}\r\n\r\n".encode() + content


def _is_file(schema: Mapping[str, Any]) -> bool:
    inner = schema["items"] if isinstance(schema.get("items"), dict) else schema
    return inner.get("format") == "binary" or "contentMediaType" in inner


def _quoted(name: str, argument: str) -> str:
    """A name inside quotes, as the HTML standard escapes it (section 4.10.21.8)."""
    if has_control(name):
        refuse(argument, "a control character cannot stand in a part's name or file name")
    return _utf8(name, argument).decode().replace('"', "%22")


def _text_or_binary(body: Body, given: Given) -> Rendered:
    argument, value = given[0] if given else (None, None)
    if argument is None or not body.is_whole or not isinstance(value, str):
        refuse(argument.name if argument else "body", f"a body of {body.content_type} is one text or file")
    essence = body.content_type.partition(";")[0].strip().lower()
    if essence.startswith("text/") or essence.endswith("xml"):
        content_type = body.content_type if ";" in body.content_type else f"{essence}; charset=utf-8"
        return _utf8(value, argument.name), content_type
    file = read_file(value, argument.name)
    return file.content, file.content_type if "*" in essence else body.content_type


def _utf8(value: str, argument: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        refuse(argument, "half a surrogate pair is not a character; remove it")
