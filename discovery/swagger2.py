"""Parameters, bodies and answers as Swagger 2.0 writes them, told in the words of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from discovery.described import Answer, Media, Parameter, text
from discovery.references import References, unusable
from tools.action import Place

PARAMETER_SECTION = "Swagger 2.0, Parameter Object"
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
PLACES = {"path": Place.PATH, "query": Place.QUERY, "header": Place.HEADER}
#: keys of a parameter that are not part of its schema
OF_THE_PARAMETER = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"})
STYLES = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "multi": "form", "csv": "form"}


def is_body(raw: Mapping[str, Any]) -> bool:
    return raw.get("in") in ("body", "formData")


def read_parameter(raw: Mapping[str, Any], references: References) -> Parameter:
    """A path, query or header parameter. Raises `DocumentInvalid` for one that cannot be sent."""
    name, place = raw.get("name"), PLACES.get(str(raw.get("in")))
    if not isinstance(name, str) or not name:
        raise unusable(f"a {raw.get('in')} parameter has no name", PARAMETER_SECTION)
    if place is None:
        raise unusable(f"parameter {name!r} is in {raw.get('in')!r}, not in path, query or header", PARAMETER_SECTION)
    style, explode = _style(raw, place)
    return Parameter(
        name=name,
        place=place,
        schema=_schema(raw),
        required=raw.get("required") is True,
        style=style,
        explode=explode,
        description=text(raw.get("description")),
    )


def read_bodies(parameters: Sequence[Mapping[str, Any]], consumes: Sequence[str]) -> tuple[tuple[Media, ...], bool]:
    """The `body` parameter, or all `formData` parameters as one object, per content type."""
    for raw in parameters:
        if raw.get("in") == "body":
            types = [one for one in consumes if one not in (FORM, MULTIPART)] or ["application/json"]
            return tuple(Media(content_type=one, schema=raw.get("schema")) for one in types), raw.get(
                "required"
            ) is True
    fields = [raw for raw in parameters if raw.get("in") == "formData" and isinstance(raw.get("name"), str)]
    if not fields:
        return (), False
    has_file = any(raw.get("type") == "file" for raw in fields)
    content_type = MULTIPART if has_file or (MULTIPART in consumes and FORM not in consumes) else FORM
    required = [raw["name"] for raw in fields if raw.get("required") is True]
    schema = {
        "type": "object",
        "properties": {raw["name"]: _schema(raw) | {"description": text(raw.get("description"))} for raw in fields},
        "required": required,
    }
    encoding = {raw["name"]: _encoding(raw) for raw in fields if raw.get("type") == "array"}
    return (Media(content_type=content_type, schema=schema, encoding=encoding),), bool(required)


def read_answers(raw: Mapping[str, Any], references: References, produces: Sequence[str]) -> tuple[Answer, ...]:
    responses = raw.get("responses")
    if not isinstance(responses, dict):
        return ()
    answers = []
    for status, reference in responses.items():
        response = references.follow(reference)
        if str(status).startswith("x-") or not isinstance(response, dict):
            continue
        schema, headers = response.get("schema"), response.get("headers")
        media = tuple(Media(content_type=one, schema=schema) for one in produces or ["application/json"])
        names = frozenset(str(name).lower() for name in headers) if isinstance(headers, dict) else frozenset()
        answers.append(Answer(status=str(status), media=media if schema is not None else (), headers=names))
    return tuple(answers)


def _schema(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in OF_THE_PARAMETER}


def _style(raw: Mapping[str, Any], place: Place) -> tuple[str | None, bool | None]:
    """Style and explode for a collectionFormat; without one Swagger means csv, where OpenAPI 3 would explode."""
    if raw.get("type") != "array":
        return None, None
    form = raw.get("collectionFormat", "csv")
    if form not in STYLES:
        raise unusable(
            f"parameter {raw.get('name')!r} has collectionFormat {form!r}, which has no counterpart in OpenAPI 3",
            PARAMETER_SECTION,
        )
    if place is not Place.QUERY:
        return "simple", False
    return STYLES[form], form == "multi"


def _encoding(raw: Mapping[str, Any]) -> dict[str, Any]:
    style, explode = _style(raw, Place.QUERY)
    return {"style": style, "explode": explode}
