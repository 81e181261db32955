"""Parameters, bodies and answers as OpenAPI 3.0 and 3.1 write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from discovery.described import Answer, Media, Parameter, text
from discovery.references import References, unusable
from tools.action import Place

PARAMETER_SECTION = "OpenAPI 3.0.3 section 4.7.12 (Parameter Object)"
BODY_SECTION = "OpenAPI 3.0.3 section 4.7.13 (Request Body Object)"
STYLES = {
    Place.PATH: {"simple", "label", "matrix"},
    Place.QUERY: {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
    Place.HEADER: {"simple"},
    Place.COOKIE: {"form"},
}
#: section 4.7.12.3, Style Values


def read_parameter(raw: Mapping[str, Any], references: References) -> Parameter:
    """Raises `DocumentInvalid` when the parameter has no name, place, or schema to send it by."""
    name, where = raw.get("name"), raw.get("in")
    if not isinstance(name, str) or not name:
        raise unusable(f"a {where} parameter has no name", PARAMETER_SECTION)
    if where not in STYLES:
        raise unusable(f"parameter {name!r} is in {where!r}, not in path, query, header or cookie", PARAMETER_SECTION)
    place = Place(where)
    style = raw.get("style")
    if style is not None and style not in STYLES[place]:
        raise unusable(f"parameter {name!r} has style {style!r}, which {where} does not know", PARAMETER_SECTION)
    content_type, schema = None, raw.get("schema")
    if schema is None and isinstance(content := raw.get("content"), dict) and content:
        content_type, media = next(iter(content.items()))
        schema = media.get("schema") if isinstance(media, dict) else None
    return Parameter(
        name=name,
        place=place,
        schema={} if schema is None else schema,
        required=raw.get("required") is True,
        style=style,
        explode=explode if isinstance(explode := raw.get("explode"), bool) else None,
        allow_reserved=raw.get("allowReserved") is True,
        content_type=content_type,
        description=text(raw.get("description")),
        example=raw.get("example"),
    )


def read_bodies(raw: Mapping[str, Any], references: References) -> tuple[tuple[Media, ...], bool]:
    """The content types of the request body, and whether one is required."""
    body = references.follow(raw.get("requestBody"))
    if body is None:
        return (), False
    if not isinstance(body, dict) or not isinstance(body.get("content", {}), dict):
        raise unusable("the request body has no `content` object", BODY_SECTION)
    return _read_content(body.get("content", {}), references), body.get("required") is True


def read_answers(raw: Mapping[str, Any], references: References) -> tuple[Answer, ...]:
    responses = raw.get("responses")
    if not isinstance(responses, dict):
        return ()
    return tuple(
        _read_answer(str(status), references.follow(response), references)
        for status, response in responses.items()
        if not str(status).startswith("x-")
    )


def _read_answer(status: str, response: Any, references: References) -> Answer:
    if not isinstance(response, dict):
        return Answer(status=status)
    media, headers = references.once(response, _read_response)
    return Answer(status=status, media=media, headers=headers)


def _read_response(response: Mapping[str, Any], references: References) -> tuple[tuple[Media, ...], frozenset[str]]:
    headers, content = response.get("headers"), response.get("content")
    return (
        _read_content(content, references) if isinstance(content, dict) else (),
        frozenset(str(name).lower() for name in headers) if isinstance(headers, dict) else frozenset(),
    )


def _read_content(content: Mapping[str, Any], references: References) -> tuple[Media, ...]:
    found = []
    for content_type, raw in content.items():
        media = references.follow(raw)
        if isinstance(media, dict):
            encoding = media.get("encoding")
            found.append(
                Media(
                    content_type=content_type,
                    schema=media.get("schema"),
                    encoding=encoding if isinstance(encoding, dict) else {},
                )
            )
    return tuple(found)
