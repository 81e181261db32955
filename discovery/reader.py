"""JSON and YAML texts as plain values, with caps on the number of values and on their depth."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import orjson
import yaml
from yaml.cyaml import CLoader

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
NUMBER_START = frozenset("-+.0123456789")
STRING_TAG = "tag:yaml.org,2002:str"
MERGE = "<<"


class Refused(Exception):
    """The document is not readable or passes a cap; `place` is {line, column} when known."""

    def __init__(self, problem: str, **place: int) -> None:
        super().__init__(problem)
        self.place = place


class Builder:
    """Builds JSON values from YAML events, without recursion, counting every node an alias stands for.

    Scalars follow the core schema of YAML 1.2 (section 10.3.2), the one OpenAPI recommends, save that dates and the
    like stay strings; keys are always strings, because JSON has no others.
    """

    def __init__(self, max_nodes: int, max_depth: int) -> None:
        self.max_nodes, self.max_depth = max_nodes, max_depth
        self.nodes = 0
        self.root: Any = None
        self.stack: list[tuple[Any, list[Any], str | None, int]] = []
        #: open containers: (container, pending key, anchor, nodes when opened)
        self.anchors: dict[str, tuple[Any, int]] = {}

    def count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > self.max_nodes:
            raise Refused(f"it holds more than {self.max_nodes:,} values, aliases counted as what they stand for")

    def open(self, container: Any, anchor: str | None) -> None:
        if len(self.stack) >= self.max_depth:
            raise Refused(f"it is nested deeper than {self.max_depth} levels")
        self.count(1)
        self.stack.append((container, [], anchor, self.nodes))

    def close(self) -> None:
        container, _, anchor, before = self.stack.pop()
        if anchor is not None:
            self.anchors[anchor] = (container, self.nodes - before + 1)
        self.place(container)

    def scalar(self, value: Any, anchor: str | None) -> None:
        self.count(0 if self.wants_key else 1)
        if anchor is not None:
            self.anchors[anchor] = (value, 1)
        self.place(value)

    def alias(self, anchor: str) -> None:
        if anchor not in self.anchors:
            raise Refused(f"the alias *{anchor} stands for nothing before it, or for something it is part of")
        value, nodes = self.anchors[anchor]
        self.count(nodes)
        self.place(value)

    def place(self, value: Any) -> None:
        if not self.stack:
            self.root = value
            return
        container, key, _, _ = self.stack[-1]
        if isinstance(container, list):
            container.append(value)
        elif not key:
            key.append(value if isinstance(value, str) else orjson.dumps(value).decode())
        else:
            _set(container, key.pop(), value)

    @property
    def wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][0], dict) and not self.stack[-1][1]


def _set(mapping: dict[str, Any], key: str, value: Any) -> None:
    """Set `key`; the merge key of YAML 1.1 lends what the mapping does not say itself."""
    if key != MERGE:
        mapping[key] = value
        return
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            for name, inner in part.items():
                mapping.setdefault(name, inner)


def read_yaml(source: bytes, max_nodes: int, max_depth: int) -> Any:
    builder = Builder(max_nodes, max_depth)
    parser = CLoader(source)
    try:
        while True:
            event: Any = parser.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                is_string = builder.wants_key or not event.implicit[0] or event.tag == STRING_TAG
                builder.scalar(event.value if is_string else plain(event.value), event.anchor)
            elif kind is yaml.MappingStartEvent:
                builder.open({}, event.anchor)
            elif kind is yaml.SequenceStartEvent:
                builder.open([], event.anchor)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                builder.close()
            elif kind is yaml.AliasEvent:
                builder.alias(event.anchor)
            elif kind is yaml.StreamEndEvent:
                break
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        raise Refused(f"it is not valid YAML: {exc.problem or exc.context}", **place) from None
    except yaml.YAMLError:
        raise Refused("it is not text that YAML or JSON allows (is it a binary file?)") from None
    return builder.root


def plain(text: str) -> Any:
    """The value of an unquoted scalar."""
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[0] in NUMBER_START:
        if INTEGER.match(text):
            return int(text)
        if FLOAT.match(text):
            return float(text)
    return text


def read_json(source: bytes, max_nodes: int, max_depth: int) -> Any:
    """The values in the JSON text. Raises `Refused` where it breaks."""
    try:
        value = orjson.loads(source)
    except orjson.JSONDecodeError as exc:
        if "memory" in exc.msg:  # orjson reports a refused allocation as if the text were wrong
            raise MemoryError from None
        where = {"line": exc.lineno, "column": exc.colno}
        cut = " It seems to be cut off." if exc.pos >= len(source.rstrip()) - 1 else ""
        raise Refused(f"it is not valid JSON: {exc.msg}.{cut}", **where) from None
    measure(value, max_nodes, max_depth)
    return value


def measure(value: Any, max_nodes: int, max_depth: int) -> int:
    """Count the values of a JSON document, level by level."""
    nodes, depth, level = 0, 0, [value]
    while level:
        nodes += len(level)
        if nodes > max_nodes:
            raise Refused(f"it holds more than {max_nodes:,} values")
        objects = [part for part in level if type(part) is dict]
        lists = [part for part in level if type(part) is list]
        depth += bool(objects or lists)
        if depth > max_depth:
            raise Refused(f"it is nested deeper than {max_depth} levels")
        level = [*chain.from_iterable(part.values() for part in objects), *chain.from_iterable(lists)]
    return nodes


def read(source: bytes, max_nodes: int, max_depth: int) -> Any:
    """The values in the text, which is JSON when it looks like JSON, else YAML. Raises `Refused`."""
    try:
        if source.lstrip()[:1] in (b"{", b"["):
            return read_json(source, max_nodes, max_depth)
        return read_yaml(source, max_nodes, max_depth)
    except ValueError as exc:
        raise Refused("it is not valid Unicode, or it is nested too deep") from exc
