"""Reads bodies back without knowing who wrote them: JSON, urlencoded, multipart, text; by the raw schema alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import unquote_plus

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_SEPARATORS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "ssv": "%20", "pipes": "%7C", "csv": ","}
_UNREADABLE = object()
MAX_DEPTH = 30

Lookup = Callable[[str], Any]


class Reader:
    """`target` gives what a reference leads to; `encoding` is the body's, by property."""

    def __init__(self, target: Lookup, encoding: Mapping[str, Any], is_swagger: bool) -> None:
        self._target, self._encoding, self._is_swagger = target, encoding, is_swagger

    def read(self, schema: Any, body: bytes, content_type: str) -> Any:
        """The value that the bytes stand for. Raises ValueError when they are not of their content type."""
        essence = content_type.partition(";")[0].strip().lower()
        if essence == FORM:
            return self._form(schema, body.decode())
        if essence == MULTIPART:
            return self._multipart(schema, body, content_type)
        if essence.endswith(("/json", "+json")):
            return json.loads(body)
        return body.decode("utf-8", errors="replace")

    def _form(self, schema: Any, text: str) -> dict[str, Any]:
        pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in text.split("&") if pair)]
        decoded = [(unquote_plus(name), value) for name, value in pairs]
        made: dict[str, Any] = {}
        for head in dict.fromkeys(name.partition("[")[0] for name, _ in decoded):
            mine = [(name, value) for name, value in decoded if name.partition("[")[0] == head]
            bracketed = [name for name, _ in mine if "[" in name]
            part = self._property(schema, head)
            if bracketed and part is None and self._property(schema, bracketed[0]) is not None:
                head, part = bracketed[0], self._property(schema, bracketed[0])
                bracketed = []
            if bracketed:
                node = _tree([(name, unquote_plus(value)) for name, value in mine])[head]
            else:
                node = self._flat_node(head, [value for _, value in mine])
            made[head] = self._typed_or_raw(node, part)
        return made

    def _flat_node(self, name: str, values: list[str]) -> Any:
        separator = self._separator(self._encoding.get(name) or {})
        if separator and len(values) == 1:
            return [unquote_plus(value) for value in values[0].split(separator)]
        texts = [unquote_plus(value) for value in values]
        return texts if len(texts) > 1 else texts[0]

    def _separator(self, encoding: Mapping[str, Any]) -> str | None:
        """What parts the members of a list that is written as one value; None where each has a pair of its own."""
        if self._is_swagger:
            is_list = encoding.get("type") == "array"
            return _SEPARATORS.get(encoding.get("collectionFormat", "csv")) if is_list else None
        style = encoding.get("style")
        is_joined = style is not None and encoding.get("explode", style == "form") is False
        return _SEPARATORS.get(str(style), ",") if is_joined else None

    def _multipart(self, schema: Any, body: bytes, content_type: str) -> dict[str, Any]:
        head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
        message = message_from_bytes(head + body)
        if not message.is_multipart():
            raise ValueError("its boundary does not part it")
        found: dict[str, list[Any]] = {}
        for part in message.get_payload():
            assert isinstance(part, Message), "a multipart message has messages as parts"
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes), "a part that is no multipart decodes to bytes"
            text = content.decode("utf-8", errors="replace")
            is_json = part.get_content_type() == "application/json"
            found.setdefault(str(name), []).append(json.loads(text) if is_json else text)
        made = {}
        for name, values in found.items():
            inner = self._property(schema, name)
            made[name] = self._typed_or_raw(values if len(values) > 1 else values[0], inner)
        return made

    def _property(self, schema: Any, name: str) -> Any:
        """The schema of the property, or None when none is documented."""
        for part in self._parts(schema, 0):
            if name in part.get("properties", {}):
                return part["properties"][name]
        return None

    def _parts(self, schema: Any, depth: int) -> list[Mapping[str, Any]]:
        """The schema and every alternative and part below it, references followed."""
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
            return []
        if isinstance(ref := schema.get("$ref"), str):
            return self._parts(self._target(ref), depth + 1)
        inner = [one for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ())]
        return [schema, *(part for one in inner for part in self._parts(one, depth + 1))]

    def _typed_or_raw(self, node: Any, schema: Any) -> Any:
        typed = self._typed(node, schema, 0)
        return node if typed is _UNREADABLE else typed

    def _typed(self, node: Any, schema: Any, depth: int) -> Any:
        """The texts of `node` as the types that the schema names; the first alternative that they can be read as."""
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
            return node
        if isinstance(ref := schema.get("$ref"), str):
            return self._typed(node, self._target(ref), depth + 1)
        if choices := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            readings = (self._typed(node, one, depth + 1) for one in choices)
            return next((one for one in readings if one is not _UNREADABLE), _UNREADABLE)
        if "allOf" in schema:
            schema = {key: value for part in self._parts(schema, depth) for key, value in part.items()}
        kind = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else None)
        kinds = [kind] if isinstance(kind, str) else kind or ["string"]
        readings = (self._of_kind(node, one, schema, depth) for one in kinds)
        return next((one for one in readings if one is not _UNREADABLE), _UNREADABLE)

    def _of_kind(self, node: Any, kind: str, schema: Mapping[str, Any], depth: int) -> Any:
        if kind == "object":
            return self._object(node, schema, depth)
        if kind == "array":
            return self._list(node, schema, depth)
        if not isinstance(node, str):
            return _UNREADABLE if isinstance(node, dict | list) else node
        if kind == "integer" and _INTEGER.fullmatch(node):
            return int(node)
        if kind == "number" and _NUMBER.fullmatch(node):
            return float(node)
        if kind == "boolean" and node in ("true", "false"):
            return node == "true"
        is_listed = node in schema.get("enum", [node])
        return node if kind == "string" and is_listed else _UNREADABLE

    def _object(self, node: Any, schema: Mapping[str, Any], depth: int) -> Any:
        if isinstance(node, str):
            node = _json(node)
        if not isinstance(node, dict):
            return _UNREADABLE
        extra = schema.get("additionalProperties")
        known = schema.get("properties", {})
        typed = {name: self._typed(part, known.get(name, extra), depth + 1) for name, part in node.items()}
        return _UNREADABLE if any(part is _UNREADABLE for part in typed.values()) else typed

    def _list(self, node: Any, schema: Mapping[str, Any], depth: int) -> Any:
        if isinstance(node, dict):
            if not all(key.isdigit() for key in node):
                return _UNREADABLE
            node = [node[key] for key in sorted(node, key=int)]
        elif isinstance(node, str):
            # A list of one is written as its member alone.
            node = read if isinstance(read := _json(node), list) else [node]
        if not isinstance(node, list):
            return _UNREADABLE
        typed = [self._typed(part, schema.get("items"), depth + 1) for part in node]
        return _UNREADABLE if any(part is _UNREADABLE for part in typed) else typed


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _UNREADABLE


def _tree(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}; which of these are lists the schema says."""
    tree: dict[str, Any] = {}
    for name, text in pairs:
        *above, last = name.replace("]", "").split("[")
        node = tree
        for key in above:
            node = node.setdefault(key, {})
        node[last] = text
    return tree
