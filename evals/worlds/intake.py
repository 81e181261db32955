"""A request as its operation documents it: parameters and body, typed, checked and pruned, or a refusal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from evals.worlds.document import Body, Document, Operation
from evals.worlds.refusal import Defect, Place, Refused, invalid, malformed
from evals.worlds.schemas import Schema, as_json_schema, find_defects
from evals.worlds.textvalues import nested, typed

FORM = "application/x-www-form-urlencoded"
#: Larger bodies are refused: no documented request comes near.
BODY_LIMIT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: dict[str, Any]


async def take(request: Request, operation: Operation, document: Document, *, refuses_unknown_query: bool) -> Intake:
    """Read the request; raises `Refused` with 400, 413, 415 or 422 and every defect found."""
    defects: list[Defect] = []
    query = _query(request, operation, document, defects, refuses_unknown_query)
    headers = {p.name: request.headers[p.name] for p in operation.parameters if p.name in request.headers}
    defects += _parameter_defects(headers, operation, document, "header")
    body = await _body(request, operation.body, document, defects) if operation.body else {}
    if defects:
        raise invalid(defects)
    return Intake(path=request.path_params, query=query, body=body)


def _query(
    request: Request, operation: Operation, document: Document, defects: list[Defect], refuses_unknown: bool
) -> dict[str, Any]:
    known = {p.name: p.schema for p in operation.parameters if p.place == "query"}
    given = {name: typed(text, known.get(name, {}), document.resolve) for name, text in request.query_params.items()}
    for name in given.keys() - known.keys():
        if refuses_unknown:
            message = f"Received unknown parameter: {name}"
            defects.append(Defect(place="query", pointer=f"/{name}", code="parameter_unknown", message=message))
    query = {name: value for name, value in given.items() if name in known}
    defects += _parameter_defects(query, operation, document, "query")
    defaults = {name: schema["default"] for name, schema in known.items() if "default" in schema}
    return {**defaults, **query}


def _parameter_defects(
    given: Mapping[str, Any], operation: Operation, document: Document, place: Place
) -> list[Defect]:
    wanted = [p for p in operation.parameters if p.place == place]
    schema = {
        "type": "object",
        "properties": {p.name: dict(p.schema) for p in wanted},
        "required": [p.name for p in wanted if p.is_required],
    }
    return find_defects(document.validator(schema, "request"), dict(given), place)


async def _body(request: Request, body: Body, document: Document, defects: list[Defect]) -> dict[str, Any]:
    content = await request.body()
    if len(content) > BODY_LIMIT_BYTES:
        raise Refused(413, "body_too_large", f"A body may have {BODY_LIMIT_BYTES} bytes.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and media_type not in body.media_types:
        raise Refused(415, "unsupported_media_type", f"Send {' or '.join(body.media_types)}.")
    if not content and not body.is_required:
        return _with_defaults({}, body.schema, document)
    if FORM in body.media_types:
        value: Any = typed(nested(_pairs(content)), body.schema, document.resolve)
    else:
        value = _json(content)
    found = find_defects(document.validator(body.schema, "request"), value, "body")
    defects += found
    return {} if found else _with_defaults(value, body.schema, document)


def _pairs(content: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=bool(content), max_num_fields=500)
    except ValueError as error:
        raise malformed("The body is not valid form data.") from error


def _json(content: bytes) -> Any:
    if not content:
        raise malformed("A JSON body is required.")
    try:
        value = json.loads(content, parse_constant=_no_constant)
        # Lone surrogates and numbers beyond a double are read without complaint, and could not be written again.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        return value
    except (ValueError, RecursionError) as error:
        raise malformed("The body is not valid JSON.") from error


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _with_defaults(value: dict[str, Any], schema: Schema, document: Document) -> dict[str, Any]:
    """The declared fields of the body, defaults filled in; fields that the document lets pass are dropped."""
    declared = as_json_schema(document.resolve(schema), "request").get("properties", {})
    defaults = {name: item["default"] for name, item in declared.items() if "default" in item}
    return {**defaults, **{name: item for name, item in value.items() if name in declared}}
