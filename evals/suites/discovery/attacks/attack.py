"""What a hostile input is: a document, perhaps arguments for its one action, and the ends that are safe."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

REFUSED, QUARANTINED, USED = "refused", "quarantined", "used"
#: the document as a whole, the operation, or neither: the operation is an action
REJECTED, SKIPPED, UNSENT, SENT = "rejected", "skipped", "unsent", "sent"
#: arguments that do not fit the schema; a pattern left out and reported; arguments that fit and make no request, or one
KEPT_OUT = frozenset({REFUSED, QUARANTINED})
HARMLESS = KEPT_OUT | {USED}
NEVER_SENT = KEPT_OUT | {REJECTED, UNSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    name: str
    rule: str
    #: row of SAFETY's matrix that it belongs to
    document: Callable[[], bytes]
    #: made when it is needed, for some are large
    safe: frozenset[str]
    arguments: Mapping[str, Any] | None = None
    is_quick: bool = True
    #: to make and to judge, so that the tests can have it


def openapi(paths: Any, **more: Any) -> bytes:
    """A document as compact JSON. The standard library's, because it writes numbers that others refuse to."""
    root = {"openapi": "3.0.3", "info": {"title": "Hostile", "version": "1"}, "paths": paths, **more}
    return json.dumps(root, separators=(",", ":")).encode()


def with_body(schema: Any, **schemas: Any) -> bytes:
    """One operation whose JSON body, which it needs, has this schema, and shared schemas beside it."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return openapi({"/things": {"post": {"requestBody": body}}}, components={"schemas": schemas})


def with_parameter(where: str, name: str, schema: Any, path: str = "/things", **more: Any) -> bytes:
    """One operation with this parameter."""
    parameter = {"name": name, "in": where, "required": True, "schema": schema, **more}
    return openapi({path: {"get": {"parameters": [parameter]}}})
