"""Walks a document's paths: every operation ends as a described Operation or as a Quarantined entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from discovery import openapi3, swagger2
from discovery.described import Operation, Parameter, text
from discovery.document import Document
from discovery.references import References, pointer, unusable
from tools import errors
from tools.action import Place, Quarantined

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
#: OpenAPI 3.0.3 section 4.7.9, Path Item Object
PATHS_SECTION = "OpenAPI 3.0.3 section 4.7.8 (Paths Object)"
OPERATION_SECTION = "OpenAPI 3.0.3 section 4.7.10 (Operation Object)"
TEMPLATE = re.compile(r"\{([^{}]*)\}")


def walk(document: Document) -> Iterator[Operation | Quarantined]:
    """Every operation of the document in its order; one bad operation never loses another."""
    references = References(document.root)
    for path, raw_item in document.root["paths"].items():
        if path.startswith("x-"):
            continue
        try:
            item = references.follow(raw_item)
        except errors.DocumentInvalid as exc:
            # What hides behind the reference is unknown, so the loss is told as one entry for the whole path.
            yield quarantined(exc, "*", path, pointer("paths", path))
            continue
        if not isinstance(item, dict):
            continue
        for method in METHODS:
            if method in item:
                yield _read(document, references, path, item, method)


def quarantined(cause: Exception, method: str, path: str, where: str) -> Quarantined:
    """The entry for an operation that `cause` kept from becoming an action."""
    if isinstance(cause, errors.DocumentInvalid):
        reason, section = cause.message, str(cause.data.get("section", OPERATION_SECTION))
    else:
        reason, section = f"it could not be understood ({type(cause).__name__})", OPERATION_SECTION
    return Quarantined(pointer=where, method=method.upper(), path=path, reason=reason, section=section)


def _read(
    document: Document, references: References, path: str, item: Mapping[str, Any], method: str
) -> Operation | Quarantined:
    where = pointer("paths", path, method)
    try:
        return _describe(document, references, path, item, method, where)
    except Exception as exc:  # whatever one operation does, the others must load; the entry says what it was
        return quarantined(exc, method, path, where)


def _describe(
    document: Document, references: References, path: str, item: Mapping[str, Any], method: str, where: str
) -> Operation:
    raw = references.follow(item[method])
    if not isinstance(raw, dict):
        raise unusable("the operation is not an object", OPERATION_SECTION)
    _check_path(path)
    listed = _merge(item.get("parameters"), raw.get("parameters"), references)
    if document.is_swagger:
        outside = [one for one in listed if not swagger2.is_body(one)]
        parameters, left_out = _read_parameters(outside, references, swagger2.read_parameter)
        bodies, required = swagger2.read_bodies(listed, _strings(raw, document.root, "consumes"))
        answers = swagger2.read_answers(raw, references, _strings(raw, document.root, "produces"))
    else:
        parameters, left_out = _read_parameters(listed, references, openapi3.read_parameter)
        bodies, required = openapi3.read_bodies(raw, references)
        answers = openapi3.read_answers(raw, references)
    return Operation(
        method=method.upper(),
        # Some documents tell variants of one path apart by a fragment; it is never sent (RFC 3986 section 3.5).
        path=path.partition("#")[0],
        pointer=where,
        operation_id=text(raw.get("operationId")),
        summary=text(raw.get("summary")),
        description=text(raw.get("description")),
        tags=tuple(tag for tag in raw.get("tags") or () if isinstance(tag, str)),
        parameters=tuple(_without_credentials(_complete(path, parameters), references)),
        bodies=bodies,
        is_body_required=required,
        answers=answers,
        scopes=_scopes(raw.get("security", document.root.get("security"))),
        left_out=tuple(left_out),
    )


def _read_parameters(
    listed: Sequence[Mapping[str, Any]],
    references: References,
    read: Callable[[Mapping[str, Any], References], Parameter],
) -> tuple[list[Parameter], list[str]]:
    """The parameters, and what was left out: an optional one that cannot be read is no reason to lose the operation."""
    parameters, left_out = [], []
    for raw in listed:
        try:
            parameters.append(references.once(raw, read))
        except errors.DocumentInvalid as exc:
            if raw.get("required") is True or raw.get("in") == "path":
                raise
            left_out.append(f"a parameter, which is optional: {exc.message}")
    return parameters, left_out


def _check_path(path: str) -> None:
    if not path.startswith("/"):
        raise unusable("the path does not begin with a slash", PATHS_SECTION)
    if "?" in path:
        raise unusable("the path holds a query, which cannot be told apart from the query arguments", PATHS_SECTION)
    names = TEMPLATE.findall(path)
    if len(set(names)) != len(names) or "" in names:
        raise unusable("a template name is empty or appears twice in the path", PATHS_SECTION)


def _merge(of_item: Any, of_operation: Any, references: References) -> list[Mapping[str, Any]]:
    """The parameters of the path item with those of the operation, which replace their namesakes."""
    merged: dict[tuple[str, str], Mapping[str, Any]] = {}
    for raw in [*_listed(of_item), *_listed(of_operation)]:
        parameter = references.follow(raw)
        if not isinstance(parameter, dict):
            raise unusable("a parameter is not an object", openapi3.PARAMETER_SECTION)
        merged[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    return list(merged.values())


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _complete(path: str, parameters: Sequence[Parameter]) -> list[Parameter]:
    """Path parameters exactly as the template names them: always required, an undeclared one is a string."""
    names = TEMPLATE.findall(path)
    declared = {one.name for one in parameters if one.place is Place.PATH}
    implied = [
        Parameter(name=name, place=Place.PATH, schema={"type": "string"}, required=True)
        for name in names
        if name not in declared
    ]
    return implied + [one for one in parameters if one.place is not Place.PATH or one.name in names]


def _without_credentials(parameters: Sequence[Parameter], references: References) -> Iterator[Parameter]:
    """Leave out what the connection or the wire sets: declared API keys, and the headers of section 4.7.12."""
    declared = references.once(references.root, _declared_keys)
    for one in parameters:
        name = one.name.lower()
        is_header = one.place is Place.HEADER
        if (one.place.value, name) not in declared and not (is_header and name in SET_ELSEWHERE):
            yield one


def _declared_keys(root: Mapping[str, Any], references: References) -> set[tuple[str, str]]:
    """Place and lower-cased name of each API key that the document declares."""
    components = root.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else root.get("securityDefinitions")
    declared = set()
    for scheme in schemes.values() if isinstance(schemes, dict) else ():
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey":
            declared.add((str(scheme.get("in")), str(scheme.get("name")).lower()))
    return declared


SET_ELSEWHERE = frozenset(
    {"accept", "content-type", "authorization", "x-api-key", "api-key", "x-auth-token", "x-access-token"}
)


def _strings(raw: Mapping[str, Any], root: Mapping[str, Any], name: str) -> list[str]:
    value = raw.get(name, root.get(name))
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _scopes(security: Any) -> tuple[str, ...]:
    """The scopes of the first alternative that names any (OpenAPI 3.0.3 section 4.7.30: alternatives are OR)."""
    for alternative in _listed(security):
        if isinstance(alternative, dict):
            scopes = [scope for listed in alternative.values() for scope in _listed(listed) if isinstance(scope, str)]
            if scopes:
                return tuple(dict.fromkeys(scopes))
    return ()
