"""From exchanges to an OpenAPI 3.1 tree that says what was seen and how often, and from it to a Surface.

The tree goes the way of every other document, so that one piece of code makes actions. Counts stand in `x-seen`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from discovery import compiler
from discovery.document import Document
from discovery.exchange import FORM, Exchange
from discovery.infer import credentials
from discovery.infer.observed import ENOUGH, Observed
from discovery.infer.paths import Template
from discovery.infer.sightings import Answers, Sent, Sighting, Survey
from discovery.infer.texts import typed
from discovery.references import pointer
from tools.action import Action, Evidence, Quarantined, Schema, Surface
from tools.call import digest

DIALECT = "traffic"
SECTION = "traffic"
MAX_OPERATIONS = 2000
TOLD_HEADERS = ("link", "etag", "location", "retry-after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the exchanges say of the API."""

    tree: dict[str, Any]
    #: OpenAPI 3.1 with `x-seen`
    failed: tuple[Quarantined, ...] = ()
    #: operations that were tried and never succeeded

    @property
    def digest(self) -> str:
        """sha256 of what is claimed; how often it was seen does not count."""
        return digest(_without_counts(self.tree))


def infer(system: str, exchanges: Iterable[Exchange], title: str = "") -> Surface:
    """The surface that the (redacted) exchanges show: actions proposed as from a document, each with its counts."""
    described = describe(exchanges, title or f"{system}, as its traffic shows it")
    tree = described.tree
    loaded = Document(root=tree, dialect="openapi-3.1", digest=described.digest, title=tree["info"]["title"])
    made = compiler.compile_surface(system, loaded)
    actions = tuple(_with_counts(action, tree) for action in made.actions)
    lost = (*made.quarantine, *described.failed)
    return made.model_copy(update={"actions": actions, "quarantine": lost, "dialect": DIALECT})


def describe(exchanges: Iterable[Exchange], title: str) -> Description:
    """The OpenAPI 3.1 tree that the exchanges bear out."""
    seen, survey = list(exchanges), Survey()
    found: dict[str, dict[str, Any]] = {}
    failed: list[Quarantined] = []
    for sighting in survey.sightings(seen)[:MAX_OPERATIONS]:
        if sighting.succeeded:
            found.setdefault(sighting.template.text, {})[sighting.method.lower()] = _operation(sighting, survey)
        else:
            failed.append(_failed(sighting))
    schemes = credentials.schemes(seen)
    components = {"schemas": {kind.name: kind.observed.schema() for kind in survey.kinds}}
    tree = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "observed", "x-seen": len(seen)},
        "paths": found,
        "components": components | ({"securitySchemes": schemes} if schemes else {}),
    }
    return Description(tree=tree, failed=tuple(failed))


def _operation(sighting: Sighting, survey: Survey) -> dict[str, Any]:
    operation: dict[str, Any] = {"x-seen": _counts(sighting.exchanges)}
    succeeded = sighting.succeeded
    parameters = [*_path_parameters(sighting.template, sighting.exchanges), *_query(succeeded), *_headers(succeeded)]
    if parameters:
        operation["parameters"] = parameters
    if sighting.sent is not None:
        operation["requestBody"] = _request_body(sighting.sent)
    responses = {str(status): _response(answers) for status, answers in sorted(sighting.answers.items())}
    if survey.errors:
        # A refusal that the operation was not seen to give is expected in the form that most refusals have.
        schema = {"$ref": f"#/components/schemas/{survey.errors.most_common(1)[0][0]}"}
        responses["default"] = {
            "description": "As other refusals.",
            "content": {"application/json": {"schema": schema}},
        }
    return operation | {"responses": responses}


def _response(answers: Answers) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "As seen.", "x-seen": answers.count}
    if told := {name: {"schema": {"type": "string"}} for name in TOLD_HEADERS if name in answers.headers}:
        response["headers"] = told
    if answers.body is not None:
        response["content"] = {answers.media_type or "application/json": {"schema": answers.body.schema()}}
    elif answers.media_type:
        response["content"] = {answers.media_type: {}}
    return response


def _request_body(sent: Sent) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": sent.body.schema()}
    deep = sorted(name for name, place in sent.body.properties.items() if "object" in place.kinds)
    if sent.media_type == FORM and deep:
        content["encoding"] = {name: {"style": "deepObject", "explode": True} for name in deep}
    media_type = sent.media_type or "application/json"
    return {"content": {media_type: content}, "x-seen": sent.count, "required": sent.is_always}


def _path_parameters(template: Template, here: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    values = [dict(zip(template.names, template.values(one.path) or (), strict=False)) for one in here]
    for name, place in _counted(typed(values, one_is_enough=True)).properties.items():
        yield {"name": name, "in": "path", "required": True, "schema": _open(place.schema())}


def _query(succeeded: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    given = [_listed(one.query) for one in succeeded]
    known = credentials.query_names(succeeded)
    for name, place in sorted(_counted(typed(given)).properties.items()):
        if name in known:
            continue
        is_always = place.count == len(succeeded) >= ENOUGH
        schema = place.schema()
        if "array" in place.kinds and set(place.kinds) != {"array"}:
            # One value is a list of one: which it is shows only where there are several.
            schema = {"type": "array", "items": {"type": "string"}, "x-seen": place.count}
        yield {"name": name, "in": "query", "schema": schema} | ({"required": True} if is_always else {})


def _headers(succeeded: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    given = [dict(one.request_headers) for one in succeeded]
    for name in sorted({name for one in given for name in one}):
        if credentials.is_parameter(name):
            place = Observed(name=name)
            for one in given:
                if name in one:
                    place.add(one[name])
            yield {"name": name, "in": "header", "schema": {"type": "string", "x-seen": place.count}}


def _counted(objects: Iterable[dict[str, Any]]) -> Observed:
    """The objects counted name by name, whatever the names look like."""
    root = Observed()
    for one in objects:
        for name, value in one.items():
            root.property(name).add(value)
    return root


def _open(schema: Schema) -> Schema:
    """A path's ids are never a fixed list, however few were seen."""
    return {key: value for key, value in schema.items() if key != "enum"}


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    made: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        made[name].append(value)
    return {name: values if len(values) > 1 or name.endswith("[]") else values[0] for name, values in made.items()}


def _counts(here: Sequence[Exchange]) -> dict[str, Any]:
    return {
        "count": len(here),
        "statuses": {str(status): times for status, times in sorted(Counter(one.status for one in here).items())},
        "first": min(one.at for one in here).isoformat(),
        "last": max(one.at for one in here).isoformat(),
    }


def _failed(sighting: Sighting) -> Quarantined:
    statuses = ", ".join(str(status) for status in sorted(sighting.answers))
    return Quarantined(
        pointer=pointer("paths", sighting.template.text, sighting.method.lower()),
        method=sighting.method,
        path=sighting.template.text,
        reason=f"it was tried {len(sighting.exchanges)} times and never succeeded (answered {statuses})",
        section=SECTION,
    )


def _with_counts(action: Action, tree: dict[str, Any]) -> Action:
    seen = tree["paths"][action.path][action.method.lower()]["x-seen"]
    statuses = ", ".join(f"{status} {times} times" for status, times in seen["statuses"].items())
    why = f"seen {seen['count']} times between {seen['first'][:10]} and {seen['last'][:10]}: {statuses}"
    return action.model_copy(update={"evidence": (Evidence(field="traffic", why=why), *action.evidence)})


def _without_counts(node: Any, *, is_named: bool = False) -> Any:
    """The tree without `x-…` keys, except where they are names of properties."""
    if isinstance(node, dict):
        kept = {key: part for key, part in node.items() if is_named or not key.startswith("x-")}
        return {key: _without_counts(part, is_named=key == "properties" and not is_named) for key, part in kept.items()}
    return [_without_counts(part) for part in node] if isinstance(node, list) else node
