"""What an admin sets in place of what discovery proposed: how overrides are laid over an action, and kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from discovery.relations import template
from tools import errors
from tools.action import Action

Overrides = Mapping[str, Mapping[str, Any]]
#: action id -> field -> value. `arguments` maps argument names to their fields: {"amount": {"is_target": true}}

OVERRIDABLE = frozenset(
    {"action_class", "resolver", "retry", "timeout_s", "scopes", "resource", "pagination", "read_back", "inverse",
     "summary", "description", "arguments", "result_schema"}
)  # fmt: skip
#: what an admin may set; the rest is what the document says and goes on the wire. `result_schema` only as {}: the
#: answer has no body although the document promises one, so that its absence leaves nothing in doubt
ARGUMENT_FIELDS = frozenset({"is_target", "unit", "description", "required"})


def merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` over what was set before; arguments that it does not name stay as they were set."""
    both = {**before, **given}
    if "arguments" in before and isinstance(given.get("arguments"), Mapping):
        both["arguments"] = {**before["arguments"], **given["arguments"]}
    return both


def applied(body: Mapping[str, Any], overrides: Mapping[str, Any]) -> Action:
    """The action with its overrides. Raises `Invalid` naming the override that does not fit."""
    action_id, changed = body["id"], dict(body)
    for field, value in overrides.items():
        if field not in OVERRIDABLE:
            raise errors.Invalid(f"{field!r} of {action_id} comes from the document and cannot be set")
        if field == "result_schema" and value != {}:
            raise errors.Invalid(f"'result_schema' of {action_id} can only be set to {{}}: its answer has no body")
        changed[field] = _with_arguments(body, value) if field == "arguments" else value
    try:
        return Action.model_validate(changed)
    except ValidationError as exc:
        place = ".".join(map(str, exc.errors()[0]["loc"]))
        raise errors.Invalid(f"the override of {place} does not fit {action_id}: {exc.errors()[0]['msg']}") from exc


def inherited(overrides: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What of an action's overrides holds for it in a new revision: all that still fits, of the same request.

    Without this, accepting the new revision in bulk would silently fall back to what discovery proposes, and a payment
    that an admin had marked as one would be a plain write again. Of another request, though, nobody has said anything.
    """
    requests = [(body["method"], template(body["path"])) for body in (before, after)]
    if not overrides or requests[0] != requests[1]:
        return {}
    names = {argument["name"] for argument in after["arguments"]}
    kept = {field: value for field, value in overrides.items() if field != "arguments" and _fits(after, field, value)}
    of_arguments = {
        name: fields
        for name, fields in overrides.get("arguments", {}).items()
        if name in names and _fits(after, "arguments", {name: fields})
    }
    return kept | ({"arguments": of_arguments} if of_arguments else {})


def _fits(body: Mapping[str, Any], field: str, value: Any) -> bool:
    try:
        applied(body, {field: value})
    except errors.Invalid:
        return False
    return True


def _with_arguments(body: Mapping[str, Any], given: Any) -> list[dict[str, Any]]:
    action_id = body["id"]
    if not isinstance(given, Mapping):
        raise errors.Invalid(f"the override of arguments of {action_id} maps argument names to their fields")
    known = {argument["name"] for argument in body["arguments"]}
    for name, fields in given.items():
        if name not in known:
            raise errors.Invalid(f"{action_id} has no argument {name!r}")
        if not isinstance(fields, Mapping) or not fields.keys() <= ARGUMENT_FIELDS:
            raise errors.Invalid(f"of an argument, {', '.join(sorted(ARGUMENT_FIELDS))} can be set")
    return [{**argument, **given.get(argument["name"], {})} for argument in body["arguments"]]
