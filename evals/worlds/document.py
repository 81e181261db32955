"""A service's own OpenAPI document, read as what the service must do: its operations and their schemas."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import yaml

from evals.worlds.schemas import Direction, Schema, as_json_schema, compiled

FOLDER = Path(__file__).parent / "documents"
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    place: str  #: path, query or header
    is_required: bool
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    media_types: tuple[str, ...]
    is_required: bool
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One documented operation; `path` is the template below the document's prefix."""

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Schema | None]  #: status -> schema of its body, None when it has none
    scopes: frozenset[str]
    is_public: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Document:
    """One document of the folder. Schemas are compiled when first asked for, which keeps the start short."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = path.read_bytes()
        self.is_json = path.suffix == ".json"
        self._tree: dict[str, Any] = (
            json.loads(self.content) if self.is_json else yaml.load(self.content, yaml.CSafeLoader)  # noqa: S506 the safe loader, in C
        )
        self._validators: dict[tuple[Direction, str], jsonschema_rs.Draft202012Validator] = {}
        self._definitions: dict[Direction, Schema] = {}

    @property
    def is_swagger(self) -> bool:
        return "swagger" in self._tree

    @property
    def prefix(self) -> str:
        """The path that stands before every template: basePath, or the path of the first server."""
        if self.is_swagger:
            return str(self._tree.get("basePath", "")).rstrip("/")
        return urlsplit(str(self._tree["servers"][0]["url"])).path.rstrip("/")

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            self._operation(path, method, item)
            for path, item in self._tree["paths"].items()
            for method in METHODS
            if method in item
        )

    def resolve(self, node: Any) -> Any:
        """The node itself, or what its local `$ref` points at."""
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._tree
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validator(self, schema: Schema, direction: Direction) -> jsonschema_rs.Draft202012Validator:
        """The compiled schema, in which local references into the document hold."""
        key = (direction, json.dumps(schema, sort_keys=True, default=str))
        if key not in self._validators:
            root = {**as_json_schema(dict(schema), direction), **self._shared(direction)}
            self._validators[key] = compiled(root)
        return self._validators[key]

    def _shared(self, direction: Direction) -> Schema:
        if direction not in self._definitions:
            name = "definitions" if self.is_swagger else "components"
            schemas = self._tree.get(name, {}) if self.is_swagger else {"schemas": self._tree[name].get("schemas", {})}
            self._definitions[direction] = {name: as_json_schema(schemas, direction)}
        return self._definitions[direction]

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        raw = item[method]
        parameters = [self.resolve(one) for one in [*item.get("parameters", []), *raw.get("parameters", [])]]
        security = raw.get("security", self._tree.get("security", []))
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(_parameter(one) for one in parameters if one["in"] in ("path", "query", "header")),
            body=self._swagger_body(raw, parameters) if self.is_swagger else self._body(raw),
            responses=dict(self._responses(raw)),
            scopes=frozenset(scope for one in security for scopes in one.values() for scope in scopes),
            is_public=not security,
        )

    def _body(self, raw: Mapping[str, Any]) -> Body | None:
        if "requestBody" not in raw:
            return None
        body = self.resolve(raw["requestBody"])
        media = body["content"]
        schema = next(iter(media.values()))["schema"]
        return Body(media_types=tuple(media), is_required=body.get("required", False), schema=schema)

    def _swagger_body(self, raw: Mapping[str, Any], parameters: list[Any]) -> Body | None:
        consumes = tuple(raw.get("consumes", self._tree.get("consumes", ["application/json"])))
        for one in parameters:
            if one["in"] == "body":
                return Body(media_types=consumes, is_required=one.get("required", False), schema=one["schema"])
        return None

    def _responses(self, raw: Mapping[str, Any]) -> Iterator[tuple[str, Schema | None]]:
        for status, reference in raw["responses"].items():
            response = self.resolve(reference)
            media = list(response.get("content", {}).values())
            yield str(status), response.get("schema") or (media[0]["schema"] if media else None)


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    """Swagger 2.0 tells the type of a parameter beside its name, OpenAPI 3 below `schema`."""
    told = ("type", "format", "enum", "default", "minimum", "maximum", "minLength", "maxLength", "pattern", "items")
    schema = raw.get("schema") or {key: raw[key] for key in told if key in raw}
    return Parameter(name=raw["name"], place=raw["in"], is_required=raw.get("required", False), schema=schema)
