"""A document as it came: JSON or YAML bytes become one checked tree with a known dialect.

What comes from outside is read in a process of its own, see `discovery.apart`. Nothing is ever fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from discovery import files as folder
from discovery import reader
from tools import errors

Dialect = Literal["swagger-2.0", "openapi-3.0", "openapi-3.1"]

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Caps(BaseModel):
    """What reading one document may cost."""

    model_config = ConfigDict(frozen=True)

    source_bytes: int = Field(default=32 * 2**20, gt=0)
    #: of all its files together
    memory_bytes: int = Field(default=232 * 2**20, gt=0)
    #: beyond what the reading process holds anyway
    cpu_s: int = Field(default=20, gt=0)
    wall_s: float = Field(default=40.0, gt=0)
    nodes: int = Field(default=1_500_000, gt=0)
    #: values in the document, a YAML alias counted as what it stands for
    depth: int = Field(default=100, gt=0, le=200)
    #: at most 200, because schemas are walked recursively afterwards
    validation_s: float = Field(default=15.0, gt=0)
    #: of CPU for openapi-spec-validator, when it is asked for; what it found by then is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    root: dict[str, Any]
    dialect: Dialect
    digest: str
    #: sha256 of the bytes as they came, those of other files included
    title: str

    @property
    def is_swagger(self) -> bool:
        return self.dialect == "swagger-2.0"


def load(
    source: bytes | str, caps: Caps | None = None, *, name: str = "", files: Mapping[str, bytes] | None = None
) -> Document:
    """The document in `source`, with what it refers to in `files` of its folder, where it is called `name`.

    Raises `DocumentInvalid` saying what it looks like and where it breaks; `data` has line and column when known.
    """
    raw = source.encode() if isinstance(source, str) else source
    limits = caps or Caps()
    root = read(raw, limits)
    if not isinstance(root, dict):
        raise _invalid(f"the document is a {_kind(root)}, not an object", pointer="")
    dialect = detect(root)
    used = folder.bundle(root, name, files or {}, limits.source_bytes - len(raw), lambda part: read(part, limits))
    info = root.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    return Document(
        root=root,
        dialect=dialect,
        digest=_digest(raw, used),
        title=title if isinstance(title, str) else "",
    )


def read(raw: bytes, caps: Caps) -> Any:
    """The JSON or YAML in `raw` as plain values. Raises `DocumentInvalid` where it breaks or passes a cap."""
    if len(raw) > caps.source_bytes:
        raise _invalid(f"the document has {len(raw):,} bytes; the cap is {caps.source_bytes:,}")
    text = _utf8(raw)
    _refuse_other_formats(text)
    try:
        return reader.read(text, caps.nodes, caps.depth)
    except reader.Refused as exc:
        where = f" (line {exc.place['line']}, column {exc.place['column']})" if exc.place else ""
        raise _invalid(f"the document cannot be used: {exc}{where}", **exc.place) from exc


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


def _digest(raw: bytes, used: Mapping[str, bytes]) -> str:
    """sha256 of the document's bytes, and of the names and bytes of the files it uses."""
    digest = hashlib.sha256(raw)
    for name, content in sorted(used.items()):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(content).digest())
    return digest.hexdigest()


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
