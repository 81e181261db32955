"""A described operation becomes an Action: flat arguments, one body, one result; meaning comes later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from discovery import shapes
from discovery.described import Answer, Media, Operation, Parameter
from discovery.schemas import Schemas
from tools import errors
from tools.action import Action, ActionId, Argument, Body, Evidence, Place, Resolver, ResolverKind, Schema

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
KEY_HEADER = re.compile(r"idempoten|^paypal-request-id$|^x-request-key$", re.IGNORECASE)
BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The one body of several that is sent, and whether it is one argument or one for each property."""

    media: Media
    schema: Schema
    is_whole: bool
    is_required: bool
    left_out: str = ""
    #: why an optional property of it is missing


def build(system: str, name: str, operation: Operation, schemas: Schemas) -> Action:
    """The action for `operation`, unclassified. Raises `DocumentInvalid` when its arguments cannot be described."""
    sent, lost = _sent(operation, schemas)
    parameters = [one for one in operation.parameters if not _is_key(one)]
    arguments = _arguments(parameters, _body_arguments(sent, schemas) if sent else [], schemas)
    left_out = [*operation.left_out, *filter(None, (lost, sent.left_out if sent else ""))]
    answer = _first_success(operation.answers)
    result, broken = _result(answer, schemas)
    return Action(
        id=ActionId(f"{system}.{name}"),
        system=system,
        operation=name,
        method=operation.method,
        path=operation.path,
        pointer=operation.pointer,
        summary=operation.summary,
        description=operation.description,
        tags=operation.tags,
        arguments=tuple(arguments),
        body=_body(sent, arguments, schemas) if sent else None,
        result_schema=result,
        errors={one.status: _media_schema(one, schemas)[0] for one in operation.answers if not _is_success(one)},
        accepts=tuple(media.content_type for media in answer.media) if answer else (),
        resolver=_key(operation.parameters),
        scopes=operation.scopes,
        evidence=(
            *(Evidence(field="arguments", why=f"left out {why}") for why in left_out),
            *((Evidence(field="result_schema", why=f"accepts anything in part: {broken}"),) if broken else ()),
        ),
    )


def is_json(content_type: str) -> bool:
    essence = content_type.split(";")[0].strip().lower()
    return essence.endswith(("/json", "+json"))


def _sent(operation: Operation, schemas: Schemas) -> tuple[Sent | None, str]:
    """The body to send, None where there is none, as for a GET (RFC 9110 section 9.3.1); why it had to be left out."""
    media = None if operation.method in ("GET", "HEAD", "TRACE") else _prefer(operation.bodies)
    if media is None:
        return None, ""
    try:
        schema, left_out = schemas.convert(media.schema)
    except errors.DocumentInvalid as exc:
        if operation.is_body_required:
            raise
        return None, f"the body, which is optional: {exc.message}"
    if _is_nothing(schema, schemas):
        return None, ""
    is_whole = not _is_flat(schema, schemas)
    is_required = operation.is_body_required
    return Sent(media=media, schema=schema, is_whole=is_whole, is_required=is_required, left_out=left_out), ""


def _prefer(bodies: Sequence[Media]) -> Media | None:
    """JSON before form before multipart before what comes first."""
    tests = (is_json, lambda kind: kind.startswith(FORM), lambda kind: kind.startswith(MULTIPART), lambda kind: True)
    return next((media for test in tests for media in bodies if test(media.content_type.lower())), None)


def _is_nothing(schema: Schema, schemas: Schemas) -> bool:
    """A body that can only be the empty object, as some generators write where there is none."""
    inner = shapes.plain(schema, schemas.definition)
    return inner.get("properties") == {} and inner.get("additionalProperties") is False


def _is_flat(schema: Schema, schemas: Schemas) -> bool:
    """Whether the body is one object whose properties can stand as arguments."""
    found = shapes.object_of(schema, schemas.definition)
    return bool(found.properties) and not found.has_choice


def _body_arguments(sent: Sent, schemas: Schemas) -> list[Argument]:
    if sent.is_whole:
        required, schema = sent.is_required, sent.schema
        return [Argument(name=BODY, wire_name=BODY, place=Place.BODY, required=required, json_schema=schema)]
    found = shapes.object_of(sent.schema, schemas.definition)
    return [
        Argument(
            name=name,
            wire_name=name,
            place=Place.BODY,
            # A body that may be left out but has required properties is, in real documents, a forgotten `required`.
            required=name in found.required,
            json_schema=part,
            description=str(part.get("description", "")),
        )
        for name, part in found.properties.items()
        if not shapes.plain(part, schemas.definition).get("readOnly") and not part.get("readOnly")
    ]


def _arguments(parameters: Iterable[Parameter], of_body: list[Argument], schemas: Schemas) -> list[Argument]:
    """All arguments under unique names: path before query before header before cookie; a body's steps aside."""
    order = list(Place)
    taken: set[str] = set()
    arguments = []
    for parameter in sorted(parameters, key=lambda one: order.index(one.place)):
        name = parameter.name if parameter.name not in taken else f"{parameter.place.value}_{parameter.name}"
        taken.add(name)
        arguments.append(schemas.once((name, id(parameter)), partial(_argument, name, parameter, schemas)))
    for argument in of_body:
        name = argument.name
        while name in taken:
            name = f"{BODY}_{name}"
        taken.add(name)
        arguments.append(argument.model_copy(update={"name": name}))
    return arguments


def _argument(name: str, parameter: Parameter, schemas: Schemas) -> Argument:
    schema, _ = schemas.convert(parameter.schema)
    if "examples" not in schema and isinstance(parameter.example, str | int | float):
        schema = schema | {"examples": [parameter.example]}
    return Argument(
        name=name,
        wire_name=parameter.name,
        place=parameter.place,
        required=parameter.required or parameter.place is Place.PATH,
        json_schema=schema,
        style=parameter.style,
        explode=parameter.explode,
        allow_reserved=parameter.allow_reserved,
        content_type=parameter.content_type,
        description=parameter.description or str(schema.get("description", "")),
    )


def _body(sent: Sent, arguments: Sequence[Argument], schemas: Schemas) -> Body:
    media = sent.media
    return Body(
        content_type=media.content_type,
        required=sent.is_required,
        is_whole=sent.is_whole,
        encoding=dict(media.encoding),
        together=() if sent.is_whole else tuple(_together(sent, arguments, schemas)),
    )


def _together(sent: Sent, arguments: Sequence[Argument], schemas: Schemas) -> Iterator[Schema]:
    """Which arguments are required beside which; an alternative that asks for no argument of ours cannot be taken."""
    names = {one.wire_name: one.name for one in arguments if one.place is Place.BODY}
    for keyword, branches in shapes.object_of(sent.schema, schemas.definition).choices:
        if known := [required for required in branches if names.keys() >= set(required)]:
            yield {keyword: [{"required": [names[name] for name in required]} for required in known]}


def _is_success(answer: Answer) -> bool:
    return answer.status.startswith("2")


def _first_success(answers: Sequence[Answer]) -> Answer | None:
    """The first 2xx answer that has a body, else the first 2xx."""
    successes = sorted((one for one in answers if _is_success(one)), key=lambda one: one.status)
    return next((one for one in successes if one.media), successes[0] if successes else None)


def _result(answer: Answer | None, schemas: Schemas) -> tuple[Schema, str]:
    return _media_schema(answer, schemas) if answer else ({}, "")


def _media_schema(answer: Answer, schemas: Schemas) -> tuple[Schema, str]:
    """The schema of the answer's JSON; a part that cannot be resolved accepts anything, because results are checked
    field by field and an unknown field is only ever free text."""
    media = next((one for one in answer.media if is_json(one.content_type) or one.content_type == "*/*"), None)
    if media is None or media.schema is None:
        return {}, ""
    return schemas.once(("answer", id(media)), partial(schemas.convert_loosely, media.schema))


def _is_key(parameter: Parameter) -> bool:
    return parameter.place is Place.HEADER and KEY_HEADER.search(parameter.name) is not None


def _key(parameters: Iterable[Parameter]) -> Resolver:
    """The document may name a key; whether the server honours it is only known after a double send."""
    header = next((one.name for one in parameters if _is_key(one)), None)
    return Resolver(kind=ResolverKind.KEY, key_header=header) if header else Resolver()


def argument_schemas(action: Action) -> list[dict[str, Any]]:
    return [argument.json_schema for argument in action.arguments]
