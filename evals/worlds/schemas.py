"""Schemas of OpenAPI documents as JSON Schema 2020-12, and what they find wrong with a value."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import jsonschema_rs

from evals.worlds.refusal import Defect, Place

Schema = Mapping[str, Any]
Direction = Literal["request", "response"]

#: The properties that do not travel in a direction (OpenAPI 3.0.3, Schema Object, Fixed Fields).
ABSENT_FLAG: Mapping[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


def as_json_schema(node: Any, direction: Direction) -> Any:
    """A copy without the OpenAPI 3.0 word `nullable` and without the properties absent in that direction."""
    if isinstance(node, list):
        return [as_json_schema(item, direction) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: as_json_schema(value, direction) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        copy["type"] = [node["type"], "null"]
    if isinstance(node.get("properties"), dict):
        absent = _absent(node["properties"], direction)
        copy["properties"] = {name: item for name, item in copy["properties"].items() if name not in absent}
        copy["required"] = [name for name in node.get("required", []) if name not in absent]
    return copy


def compiled(schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """A validator that checks formats and masks values, so that a secret never enters a message."""
    return jsonschema_rs.Draft202012Validator(
        dict(schema),
        validate_formats=True,
        mask="the value",
        email_options=jsonschema_rs.EmailOptions(require_tld=True, allow_display_text=False),
    )


def find_defects(validator: jsonschema_rs.Draft202012Validator, value: Any, place: Place) -> list[Defect]:
    return [defect for error in validator.iter_errors(value) for defect in _defects(error, place)]


def _defects(error: jsonschema_rs.ValidationError, place: Place) -> Iterator[Defect]:
    where = "".join(f"/{_escaped(str(part))}" for part in error.instance_path)
    kind = error.kind.as_dict()
    match error.kind.name:
        case "required":
            name = kind["property"]
            yield Defect(place=place, pointer=f"{where}/{name}", code="required", message=f"{name} is required")
        case "additionalProperties":
            for name in kind["unexpected"]:
                message = f"{name} is not a field that can be set here"
                yield Defect(place=place, pointer=f"{where}/{name}", code="unknown_field", message=message)
        case name:
            yield Defect(place=place, pointer=where or "/", code=name, message=error.message)


def _absent(properties: Mapping[str, Any], direction: Direction) -> set[str]:
    flag = ABSENT_FLAG[direction]
    return {name for name, item in properties.items() if isinstance(item, dict) and item.get(flag) is True}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
