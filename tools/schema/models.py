"""An action's arguments as a typed pydantic model, for Python code that calls actions.

Made with pydantic's own `create_model`. The ready-made converters were tried and are not used: json-schema-to-pydantic
0.5 turns "1" into 1, takes a date as a datetime that is written differently, and drops properties it does not know;
jsonschema-pydantic-converter 0.4 takes "1" and true for 1; both break on names with a leading underscore or on lists of
types. datamodel-code-generator writes source text, which would have to be run.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ForwardRef, Union

from pydantic import BaseModel, ConfigDict, Field, JsonValue, Strict, create_model
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from tools.action import Action, Schema
from tools.schema import scalars
from tools.schema.reading import Form, def_name, forms, is_type

MAX_MODELS = 1000
MAX_DEPTH = 50
#: beyond either, a part may be any JSON: pydantic's compiler works recursively, and a document must not tie it up
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
#: keywords that say something of a value; a part with none of them is a reference or a remark
_TELLING = frozenset(
    ("type", "enum", "const", "properties", "required", "additionalProperties", "patternProperties", "items",
     "prefixItems", "minLength", "maxLength", "minItems", "maxItems", *scalars.BOUNDS, *scalars.CHECKED)
)  # fmt: skip

_Parts = tuple[Schema, ...]


class _Object(BaseModel):
    """An object of an action's arguments. It holds what it was given, and nothing but JSON."""

    __pydantic_extra__: dict[str, JsonValue]

    # The values may be private, so no error repeats them. Documents name fields as they like.
    model_config = ConfigDict(extra="allow", hide_input_in_errors=True, protected_namespaces=(), allow_inf_nan=False)


class _ClosedObject(_Object):
    model_config = ConfigDict(extra="forbid")


def arguments_model(action: Action, defs: Mapping[str, Schema]) -> type[BaseModel]:
    """A model of the action's arguments by their full schema; `defs` are the shared schemas of its surface.

    It takes whatever the schema allows, from `model_validate` of JSON values, and gives the same JSON back by
    `model_dump(mode="json", by_alias=True, exclude_unset=True)`. No value is converted: "1" is no integer, 1 no text.
    It may take more than the schema where types cannot say it (`not`, `if`, `uniqueItems`, exclusive `oneOf`), so the
    guard validates by the schema itself. A property whose name is no Python name has it as its alias; one that is not
    given is None or its documented default, and not written. Dates, UUIDs and addresses stay texts, checked as such.
    """
    described = {**action.args_schema()}
    described["properties"] = {one.name: _described(one.json_schema, one.description) for one in action.arguments}
    return _Maker(defs).top(_class_name(action.operation), described)


def _described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description} if description else schema


class _Maker:
    """The types of one model, each made once however often it is referred to."""

    def __init__(self, defs: Mapping[str, Schema]) -> None:
        self._defs = defs
        self._made: dict[tuple[tuple[int, ...], ...], tuple[str, Sequence[Form]]] = {}
        #: by identity of the parts, which are kept so that no other part gets the same
        self._names: set[str] = set()
        self._named: dict[str, Any] = {}
        #: what the forward references stand for

    def top(self, name: str, schema: Schema) -> type[BaseModel]:
        made = self._model(name, Form((schema,)), 0)
        for one in (*self._named.values(), made):
            if _is_model(one):
                one.model_rebuild(_types_namespace=self._named)
        return made

    def _type(self, name: str, parts: _Parts, depth: int) -> Any:
        """The type of what all of `parts` describe."""
        alternatives = [_telling(form) for form in forms(parts, self._defs)]
        if not all(form.parts for form in alternatives) or depth > MAX_DEPTH:
            return JsonValue
        key = tuple(tuple(map(id, form.parts)) for form in alternatives)
        if key in self._made:
            return ForwardRef(self._made[key][0])
        if len(self._made) >= MAX_MODELS:
            return JsonValue
        name, reference = _referred(parts) or name, f"T{len(self._made)}"
        self._made[key] = (reference, alternatives)
        made = _union([one for form in alternatives for one in self._of_form(name, form, depth)])
        # An alias is what lets a list be a list of itself.
        self._named[reference] = made if _is_model(made) else TypeAliasType(self._unique(name), made)
        return made

    def _of_form(self, name: str, form: Form, depth: int) -> Iterator[Any]:
        types = _types(form)
        if (values := scalars.choices(form)) is not None:
            yield scalars.one_of([value for value in values if any(is_type(value, one) for one in types)])
            return
        for one in types:
            match one:
                case "array":
                    yield self._list(name, form, depth)
                case "object":
                    yield self._object(name, form, depth)
                case _:
                    yield scalars.of_type(one, form)

    def _list(self, name: str, form: Form, depth: int) -> Any:
        is_tuple = any(form.of("prefixItems"))
        element = () if is_tuple else form.element(0)
        inner = self._type(f"{name}Item", element, depth + 1) if element else JsonValue
        return Annotated[list[inner], Strict(), *scalars.lengths(form, "Items")]  # type: ignore[valid-type]  # made at run time

    def _object(self, name: str, form: Form, depth: int) -> Any:
        if any(form.of("properties")) or any(form.of("required")) or _is_closed(form):
            return self._model(name, form, depth)
        values = tuple(one for one in form.of("additionalProperties") if isinstance(one, dict))
        inner = JsonValue if any(form.of("patternProperties")) else self._type(f"{name}Value", values, depth + 1)
        return Annotated[dict[str, inner], Strict(), *scalars.lengths(form, "Properties")]  # type: ignore[valid-type]  # made at run time

    def _model(self, name: str, form: Form, depth: int) -> type[BaseModel]:
        required = {one for names in form.of("required") for one in names}
        wanted = dict.fromkeys([one for known in form.of("properties") for one in known] + sorted(required))
        fields: dict[str, Any] = {}
        for one in wanted:
            parts = form.property(one)
            own = _field_name(one, fields)
            inner = self._type(f"{name}{_class_name(one)}", parts, depth + 1) if parts else JsonValue
            fields[own] = (inner, _field(one, own, parts, is_required=one in required))
        base = _ClosedObject if _is_closed(form) else _Object
        return create_model(self._unique(name), __base__=base, __module__=__name__, **fields)

    def _unique(self, name: str) -> str:
        wanted = _class_name(name)
        own, number = wanted, 1
        while own in self._names:
            number += 1
            own = f"{wanted}{number}"
        self._names.add(own)
        return own


def _is_model(made: Any) -> bool:
    return isinstance(made, type) and issubclass(made, BaseModel)


def _telling(form: Form) -> Form:
    return Form(tuple(part for part in form.parts if not _TELLING.isdisjoint(part)))


def _types(form: Form) -> list[str]:
    """The JSON types that are allowed, a number for an integer too."""
    allowed = form.types or frozenset(_TYPES)
    return [one for one in _TYPES if one in allowed and not (one == "integer" and "number" in allowed)]


def _referred(parts: _Parts) -> str:
    """The name of the shared schema, when the parts are nothing but a reference to one."""
    return def_name(str(parts[0].get("$ref", ""))) if len(parts) == 1 else ""


def _is_closed(form: Form) -> bool:
    return not any(form.of("patternProperties")) and any(one is False for one in form.of("additionalProperties"))


def _union(kinds: Sequence[Any]) -> Any:
    return kinds[0] if len(kinds) == 1 else Union[tuple(kinds)]  # noqa: UP007 - the members are known at run time only


def _field(name: str, own: str, parts: _Parts, *, is_required: bool) -> FieldInfo:
    told: dict[str, Any] = {} if own == name else {"alias": name}
    description = next((str(one["description"]) for one in parts if one.get("description")), None)
    default = ... if is_required else next((one["default"] for one in parts if "default" in one), None)
    made = Field(default, description=description, **told)
    assert isinstance(made, FieldInfo)
    return made


def _field_name(name: str, taken: Mapping[str, Any]) -> str:
    """A Python name for the property that neither hides a part of pydantic's models nor is taken."""
    own = re.sub(r"\W", "_", name, flags=re.ASCII).lstrip("_0123456789") or "field"
    while own in taken or keyword.iskeyword(own) or hasattr(BaseModel, own):
        own += "_"
    return own


def _class_name(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    made = "".join(word[:1].upper() + word[1:] for word in words)[:100]
    return made if made[:1].isalpha() else f"Model{made}"
