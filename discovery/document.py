"""A document as it came: JSON or YAML bytes become one checked tree with a known dialect.

Reading happens in a process of its own with caps on memory, time, nodes and depth (see `discovery.reader`). Nothing
is resolved or fetched here.
"""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from discovery import reader
from tools import errors

Dialect = Literal["swagger-2.0", "openapi-3.0", "openapi-3.1"]

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Caps(BaseModel):
    """What reading one document may cost."""

    model_config = ConfigDict(frozen=True)

    source_bytes: int = Field(default=32 * 2**20, gt=0)
    memory_bytes: int = Field(default=768 * 2**20, gt=0)
    #: address space of the reading process, its own libraries included
    cpu_s: int = Field(default=20, gt=0)
    wall_s: float = Field(default=30.0, gt=0)
    nodes: int = Field(default=3_000_000, gt=0)
    #: values in the document, a YAML alias counted as what it stands for
    depth: int = Field(default=100, gt=0, le=200)
    #: at most 200, because schemas are walked recursively afterwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    root: dict[str, Any]
    dialect: Dialect
    digest: str
    #: sha256 of the bytes as they came
    title: str

    @property
    def is_swagger(self) -> bool:
        return self.dialect == "swagger-2.0"


def load(source: bytes | str, caps: Caps | None = None) -> Document:
    """The document in `source`. Blocks for as long as reading takes, `caps.wall_s` at most.

    Raises `DocumentInvalid` saying what it looks like and where it breaks; `data` has line and column when known.
    """
    raw = source.encode() if isinstance(source, str) else source
    root = parse(raw, caps or Caps())
    if not isinstance(root, dict):
        raise _invalid(f"the document is a {_kind(root)}, not an object", pointer="")
    dialect = detect(root)
    info = root.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    return Document(
        root=root,
        dialect=dialect,
        digest=hashlib.sha256(raw).hexdigest(),
        title=title if isinstance(title, str) else "",
    )


def parse(raw: bytes, caps: Caps) -> Any:
    """The JSON or YAML in `raw` as plain values, read by a process with caps."""
    if len(raw) > caps.source_bytes:
        raise _invalid(f"the document has {len(raw):,} bytes; the cap is {caps.source_bytes:,}")
    text = _utf8(raw)
    _refuse_other_formats(text)
    header, payload = _read_apart(text, caps)
    if "problem" in header:
        place = {name: header[name] for name in ("line", "column") if name in header}
        where = f" (line {place['line']}, column {place['column']})" if place else ""
        raise _invalid(f"the document cannot be used: {header['problem']}{where}", **place)
    return orjson.loads(text if header["format"] == "json" else payload)


def detect(root: Mapping[str, Any]) -> Dialect:
    """Which standard the tree says it follows. Raises `DocumentInvalid` for anything else."""
    if isinstance(openapi := root.get("openapi"), str):
        if openapi.startswith("3.0"):
            dialect: Dialect = "openapi-3.0"
        elif openapi.startswith("3.1"):
            dialect = "openapi-3.1"
        else:
            raise _invalid(f"this is OpenAPI {openapi[:20]}; 2.0 (Swagger), 3.0 and 3.1 are read", pointer="/openapi")
    elif str(root.get("swagger")) in ("2.0", "2"):
        dialect = "swagger-2.0"
    else:
        what, pointer = _lookalike(root)
        raise _invalid(f"this looks like {what}, not like an OpenAPI or Swagger document", pointer=pointer)
    if not isinstance(root.get("paths"), dict):
        raise _invalid("the document has no `paths` object, so it describes no operations", pointer="/paths")
    return dialect


def _read_apart(text: bytes, caps: Caps) -> tuple[dict[str, Any], bytes]:
    limits = [caps.memory_bytes, caps.cpu_s, caps.nodes, caps.depth]
    command = [sys.executable, "-I", str(Path(reader.__file__)), *map(str, limits)]
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=caps.wall_s, check=False)
    except subprocess.TimeoutExpired:
        raise _invalid(f"the document was not read within {caps.wall_s:g} s") from None
    if done.returncode == -signal.SIGXCPU:
        raise _invalid(f"reading the document takes more than {caps.cpu_s} s of CPU")
    head, _, payload = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise _invalid("reading the document passed the caps on memory or CPU, so it was stopped")
    header: dict[str, Any] = orjson.loads(head)
    return header, payload


def _utf8(raw: bytes) -> bytes:
    """UTF-8 without a byte order mark (RFC 8259 section 8.1 forbids one; many files have it)."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if raw.startswith(mark)), None)
    if encoding is None:
        return raw
    try:
        return raw.decode(encoding).encode()
    except UnicodeDecodeError as exc:
        raise _invalid(f"the document is not valid {encoding}") from exc


def _refuse_other_formats(text: bytes) -> None:
    start = text[:512].lstrip().lower()
    if not start:
        raise _invalid("the document is empty")
    if start.startswith((b"<!doctype html", b"<html")):
        raise _invalid("this is an HTML page: use the address of the document itself, not of the page that shows it")
    if start.startswith(b"<"):
        raise _invalid("this is XML (WSDL, WADL?), not an OpenAPI or Swagger document")
    if start.startswith((b"pk\x03\x04", b"\x1f\x8b")):
        raise _invalid("this is a compressed file: unpack it first")
    if re.match(rb"(type|schema|scalar|input|enum|interface|directive) \w*\s*[{@]", start):
        raise _invalid("this looks like a GraphQL schema, not like an OpenAPI or Swagger document")


def _lookalike(root: Mapping[str, Any]) -> tuple[str, str]:
    """What a tree without a known version looks like, and the pointer that gives it away."""
    info = root.get("info")
    signs: list[tuple[bool, str, str]] = [
        ("asyncapi" in root, f"an AsyncAPI {str(root.get('asyncapi'))[:12]} document", "/asyncapi"),
        ("arazzo" in root, "an Arazzo workflow document", "/arazzo"),
        ("overlay" in root, "an OpenAPI overlay", "/overlay"),
        ("swaggerVersion" in root or "swagger" in root, "Swagger before 2.0", "/swagger"),
        (isinstance(info, Mapping) and "_postman_id" in info, "a Postman collection", "/info/_postman_id"),
        ("item" in root and "info" in root, "a Postman collection", "/item"),
        (root.get("_type") == "export", "an Insomnia export", "/_type"),
        (isinstance(root.get("log"), Mapping), "a HAR file of recorded traffic", "/log"),
        ("$schema" in root, "a JSON Schema", "/$schema"),
        ("properties" in root or "definitions" in root, "a JSON Schema", "/properties"),
        ("paths" in root, "an OpenAPI document without its version (`openapi: 3.x` or `swagger: '2.0'`)", "/openapi"),
    ]
    return next(((what, pointer) for is_sign, what, pointer in signs if is_sign), ("some other kind of document", ""))


def _kind(value: object) -> str:
    return {list: "list", str: "piece of text", type(None): "null"}.get(type(value), type(value).__name__)


def _invalid(problem: str, **data: Any) -> errors.DocumentInvalid:
    return errors.DocumentInvalid(problem[:1].upper() + problem[1:], **data)
