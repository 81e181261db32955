"""What an action is: one typed operation of a System, as the registry holds it.

Nothing here is executable and nothing here decides; discovery proposes these records, an admin accepts them, the guard
and the wire read them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field

ActionId = NewType("ActionId", str)
#: `system.operation`, such as `crm.create_contact`

Schema = dict[str, Any]
#: JSON Schema 2020-12; `$ref` only to `#/$defs/NAME` of the surface it belongs to


class ActionClass(StrEnum):
    READ = "read"
    WRITE = "write"
    MONEY = "money"
    MESSAGE = "message"
    DELETE = "delete"
    PERMISSION = "permission"
    UNKNOWN = "unknown"


class Place(StrEnum):
    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Argument(Record):
    """One named argument of an action and where it goes on the wire.

    Arguments are flat: the parameters, and the properties of an object body. A body that is no object is one argument
    named `body`.
    """

    name: str
    #: the argument's name, unique in the action: the wire name, or `body_` before it on a collision
    wire_name: str
    place: Place
    required: bool = False
    json_schema: Schema = Field(default_factory=dict)
    style: str | None = None
    #: OpenAPI 3 parameter style; None means the default of the place
    explode: bool | None = None
    allow_reserved: bool = False
    content_type: str | None = None
    #: set for a parameter described by `content` rather than `schema`
    is_target: bool = False
    #: who, what, how much, and every URL: a target. All else is content.
    unit: Literal["minor"] | None = None
    #: `minor`: an amount in the currency's smallest unit (cents)
    description: str = ""


class Body(Record):
    content_type: str
    required: bool = False
    is_whole: bool = False
    #: the argument `body` is the whole body, instead of its properties being arguments
    encoding: dict[str, Any] = Field(default_factory=dict)
    #: OpenAPI Encoding Objects by property, for form and multipart bodies
    together: tuple[Schema, ...] = ()
    #: what holds of the body's arguments together, such as which of them is required beside which


class ResolverKind(StrEnum):
    KEY = "key"
    NATURAL_KEY = "natural_key"
    CONDITIONAL = "conditional"
    PROBE = "probe"
    COMPENSATE = "compensate"
    PARK = "park"


class Probe(Record):
    """A read that finds the record an effect would have made."""

    action: ActionId
    arguments: dict[str, str]
    #: the read's argument name -> the name of the effect's argument whose value it takes
    items: str = ""
    #: dotted path to the list of records in the answer; "" when the answer is the record or the list itself
    matches: dict[str, str] = Field(default_factory=dict)
    #: field of a found record -> the effect's argument it must equal
    found_id: str | None = None
    #: field of the found record that names it (its id)


class Resolver(Record):
    """How an effect in doubt is settled. The default is to park it for a person."""

    kind: ResolverKind = ResolverKind.PARK
    key_header: str | None = None
    key_ttl_s: int = 86_400
    #: seconds the server keeps a key; Interlock stops resending an hour before
    is_proven: bool = False
    #: a key counts only after a double-send in a sandbox proved that the server honours it
    probe: Probe | None = None
    #: how `natural_key` and `probe` look for the record


class RetryPolicy(Record):
    """When a call that definitely had no effect is tried again."""

    attempts: int = Field(default=3, ge=1, le=10)
    base_delay_s: float = Field(default=0.2, ge=0)
    max_delay_s: float = Field(default=5.0, ge=0)


class Pagination(Record):
    kind: Literal["cursor", "page", "offset", "link"]
    argument: str | None = None
    #: the query argument that asks for the next page; None for `link`
    items: str = ""
    #: dotted path to the list in the answer; "" when the answer is the list
    next_field: str | None = None
    #: dotted path to the next cursor in the answer


class Evidence(Record):
    """Why discovery proposed what it proposed, for the admin who accepts it."""

    field: str
    why: str


class Action(Record):
    id: ActionId
    system: str
    #: slug of the System
    operation: str
    #: the operation's name after the system prefix, at most 64 characters
    method: str
    #: upper case
    path: str
    #: the document's path template, below the System's base URL: `/contacts/{id}`
    pointer: str
    #: JSON pointer of the operation in its document
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    body: Body | None = None
    result_schema: Schema = Field(default_factory=dict)
    #: of the 2xx answer; {} when the document gives none
    errors: dict[str, Schema] = Field(default_factory=dict)
    #: documented non-2xx answers by status ("404", "4XX", "default")
    accepts: tuple[str, ...] = ()
    #: media types of the 2xx answer

    action_class: ActionClass = ActionClass.UNKNOWN
    resolver: Resolver = Resolver()
    retry: RetryPolicy = RetryPolicy()
    timeout_s: float = 30.0
    scopes: tuple[str, ...] = ()
    #: scopes the connection needs, as the document's security requirement names them
    resource: str = ""
    #: singular noun of what it works on: `contact`
    pagination: Pagination | None = None
    read_back: ActionId | None = None
    #: the read that fetches what this action wrote
    inverse: ActionId | None = None
    evidence: tuple[Evidence, ...] = ()

    def argument(self, name: str) -> Argument | None:
        return next((argument for argument in self.arguments if argument.name == name), None)

    @property
    def has_effect(self) -> bool:
        """Whether a call may change the world. Anything that is not a confirmed read may."""
        return self.action_class is not ActionClass.READ

    def args_schema(self) -> Schema:
        """The schema of the whole arguments object; references still point into the surface's `$defs`."""
        schema: Schema = {
            "type": "object",
            "properties": {argument.name: argument.json_schema for argument in self.arguments},
            "required": [argument.name for argument in self.arguments if argument.required],
            "additionalProperties": False,
        }
        together = list(self.body.together) if self.body else []
        return schema | {"allOf": together} if together else schema


class Quarantined(Record):
    """An operation that could not become an action, and why."""

    pointer: str
    method: str
    path: str
    reason: str
    section: str
    #: the section of the standard that it breaks or that is not supported


class Flaw(Record):
    """What openapi-spec-validator has to say against a document, and what became of the place."""

    pointer: str
    #: JSON pointer; "" when it does not say where
    problem: str
    fate: str
    #: what it touched, and whether that is quarantined, left out, or as it was


class Surface(Record):
    """All that one document says of a System: actions, shared schemas, and what could not be used."""

    system: str
    digest: str
    #: sha256 of the document's bytes
    title: str = ""
    dialect: str = ""
    #: `swagger-2.0`, `openapi-3.0` or `openapi-3.1`
    actions: tuple[Action, ...] = ()
    defs: dict[str, Schema] = Field(default_factory=dict)
    quarantine: tuple[Quarantined, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    #: of the document's validation, when there was one


class AcceptedAction(Record):
    """An action as an admin accepted it, overrides applied, with the shared schemas of its surface."""

    action: Action
    revision: int
    defs: dict[str, Schema] = Field(default_factory=dict)
