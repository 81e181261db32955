"""An independent judge of request bodies: parses the bytes and holds them against the document itself.

It knows neither `discovery` nor `tools`: the operation is found by its JSON pointer in the raw document, and the schema
is checked as it stands there, by openapi-schema-validator (jsonschema in Python). Forms are read as the standard says
(OpenAPI 3.0.3 section 4.7.15, Encoding Object), nested brackets as qs, Rails and Stripe read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema.exceptions import UnknownType, best_match
from jsonschema.protocols import Validator
from openapi_schema_validator import OAS30WriteValidator, OAS31Validator, oas30_format_checker, oas31_format_checker
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from evals.suites.discovery.forms import FORM, MULTIPART, Reader

_HOME = "urn:document"
UNUSABLE = "the document's schema cannot be used"
_FORM_TYPES = (FORM, MULTIPART)


class BodyJudge:
    """Judges the bodies of one document, given as plain JSON values."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.is_swagger = "swagger" in root
        is_new = str(root.get("openapi", "")).startswith("3.1")
        self._class, self._formats = (
            (OAS31Validator, oas31_format_checker) if is_new else (OAS30WriteValidator, oas30_format_checker)
        )
        self._registry: Registry[Any] = Registry().with_resource(_HOME, DRAFT202012.create_resource(root))

    def refusal(self, pointer: str, body: bytes | None, content_type: str | None) -> str | None:
        """Why the document does not allow this body for the operation at `pointer`; None when it does."""
        media, is_required = self._media(pointer)
        if body is None:
            return "the document requires a body" if is_required else None
        essence = (content_type or "").partition(";")[0].strip().lower()
        found = next((one for one in media if _covers(one, essence)), None)
        if found is None:
            return f"the document has no body of type {essence}"
        place, encoding = media[found]
        if place is None:
            return None
        schema, where = self._follow(place)
        try:
            value = Reader(self._target, encoding, self.is_swagger).read(schema, body, content_type or "")
        except ValueError as exc:
            return f"the body cannot be read: {exc}"
        return self._mismatch(schema, where, value)

    def _mismatch(self, schema: Mapping[str, Any], where: str | None, value: Any) -> str | None:
        referring = {"$ref": f"{_HOME}#{where}"} if where is not None else dict(schema)
        validator: Validator = self._class(referring, registry=self._registry, format_checker=self._formats)
        try:
            error = best_match(validator.iter_errors(value))
        except (UnknownType, Unresolvable) as exc:
            return f"{UNUSABLE}: {type(exc).__name__}"
        if error is None:
            return None
        return f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:200]} ({error.validator})"

    def _media(self, pointer: str) -> tuple[dict[str, tuple[Any, dict[str, Any]]], bool]:
        """Content type -> (schema, or the pointer to it, and the encodings); and whether a body is required."""
        operation, where = self._at(pointer)
        if self.is_swagger:
            return self._swagger_media(pointer, operation)
        if "requestBody" not in operation:
            return {}, False
        body, place = self._at(f"{where}/requestBody")
        media = {}
        for content_type in body.get("content", {}):
            one, inner = self._at(f"{place}/content/{_escaped(content_type)}")
            media[content_type.lower()] = (f"{inner}/schema" if "schema" in one else None, one.get("encoding", {}))
        return media, body.get("required") is True

    def _swagger_media(self, pointer: str, operation: Any) -> tuple[dict[str, tuple[Any, dict[str, Any]]], bool]:
        parameters = list(self._parameters(pointer))
        for one, where in parameters:
            if one.get("in") == "body":
                types = operation.get("consumes", self.root.get("consumes")) or ["application/json"]
                return {kind.lower(): (f"{where}/schema", {}) for kind in types}, one.get("required") is True
        fields = {one["name"]: one for one, _ in parameters if one.get("in") == "formData"}
        required = [name for name, one in fields.items() if one.get("required") is True]
        clean = {name: _without_place(one) for name, one in fields.items()}
        schema = {"type": "object", "properties": clean, "required": required} if required else {"properties": clean}
        return (dict.fromkeys(_FORM_TYPES, (schema, fields)) if fields else {}), bool(required)

    def _parameters(self, pointer: str) -> Iterator[tuple[Any, str]]:
        """Those of the operation, then those of its path that it does not replace (Swagger 2.0, Path Item Object)."""
        seen = set()
        for holder in (pointer, pointer.rpartition("/")[0]):
            item, where = self._at(holder)
            for index in range(len(item.get("parameters", ()))):
                one, place = self._at(f"{where}/parameters/{index}")
                if (key := (one.get("in"), one.get("name"))) not in seen:
                    seen.add(key)
                    yield one, place

    def _at(self, pointer: str) -> tuple[Any, str]:
        """What stands at the pointer, references followed on the way, and where it stands in the end."""
        node: Any = self.root
        where = ""
        for token in pointer.split("/")[1:]:
            plain = token.replace("~1", "/").replace("~0", "~")
            node, where = node[int(plain)] if isinstance(node, list) else node[plain], f"{where}/{token}"
            while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
                node, where = self._at(_pointer(node["$ref"]))
        return node, where

    def _follow(self, place: Any) -> tuple[Mapping[str, Any], str | None]:
        if not isinstance(place, str):
            return place, None
        schema, where = self._at(place)
        return schema, where

    def _target(self, ref: str) -> Any:
        return self._at(_pointer(ref))[0]


def _pointer(ref: str) -> str:
    return ref.removeprefix("#").replace("%7B", "{").replace("%7D", "}")


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def _covers(documented: str, essence: str) -> bool:
    kind = documented.partition(";")[0].strip()
    return kind in ("*/*", essence) or (kind.endswith("/*") and essence.startswith(kind[:-1]))


def _without_place(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """A form parameter as the schema it is (Swagger 2.0, Parameter Object)."""
    of_the_parameter = ("name", "in", "required", "allowEmptyValue")
    schema = {key: value for key, value in parameter.items() if key not in of_the_parameter}
    return schema | {"type": "string"} if schema.get("type") == "file" else schema


def parsed(source: bytes) -> Any:
    """A JSON or YAML document as plain JSON values, by other readers than ours: the standard library and PyYAML."""
    if source.lstrip()[:1] == b"{":
        return json.loads(source)
    import yaml  # only one of the documents is YAML

    return json.loads(json.dumps(yaml.load(source, yaml.CSafeLoader), default=str))
