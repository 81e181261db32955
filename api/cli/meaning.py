"""How the command line tells what discovery proposes an action to mean, each proposal beside its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from api.cli import output

Told = Mapping[str, Any]
#: an action as the API gives it
MOST_LINKS = 12


def draw(to: Console, action: Told) -> None:
    to.print()
    to.print(output.table(["meaning", "proposed", "because"], list(_rows(action))))
    _draw_arguments(to, action)
    _draw_links(to, "argument", "comes from", action["producers"], lambda one: f"{one['action']}: {one['field']}")
    _draw_links(to, "its field", "is taken by", action["consumers"], lambda one: f"{one['action']}: {one['argument']}")


def _rows(action: Told) -> Iterator[list[Any]]:
    why = {one["field"]: one["why"] for one in action["evidence"]}
    resolver, pagination = action["resolver"], action["pagination"]
    yield ["class", action["action_class"], why.get("action_class")]
    yield ["resource", action["resource"], why.get("resource")]
    for name, kind in _ids(action):
        yield ["named by", f"{name} ({kind})", "the last argument of its path"]
    yield ["scopes", action["scopes"], "the document's security requirement" if action["scopes"] else None]
    if pagination:
        by = f"{pagination['kind']}, by {pagination['argument'] or 'the Link header'}"
        yield ["paged", f"{by}; the list is {pagination['items'] or 'the answer itself'}", why.get("pagination")]
    if action["action_class"] == "read":
        return
    yield ["in doubt", resolver["kind"], why.get("resolver")]
    if resolver["key_header"]:
        proof = "proven" if resolver["is_proven"] else "not proven"
        yield ["sent once by", f"{resolver['key_header']} ({proof})", "the document names the header"]
    if probe := resolver["probe"]:
        keys = ", ".join(
            f"{field} = {argument}" for field, argument in (probe["matches"] or probe["arguments"]).items()
        )
        yield ["natural key" if probe["matches"] else "found again by", keys, f"{probe['action']} looks for it"]
    yield ["read back by", action["read_back"], why.get("read_back")]
    yield ["undone by", action["inverse"], why.get("inverse")]


def _ids(action: Told) -> Iterator[tuple[str, str]]:
    """The argument by which the path ends, and its type."""
    last = action["path"].rstrip("/").rpartition("/")[2]
    for one in action["arguments"]:
        if one["place"] == "path" and f"{{{one['wire_name']}}}" in last:
            yield one["name"], type_of(one["json_schema"])


def _draw_arguments(to: Console, action: Told) -> None:
    why = {one["field"]: one["why"] for one in action["evidence"]}
    rows = [
        [
            one["name"],
            one["place"],
            one["required"],
            "target" if one["is_target"] else "content",
            why.get(f"arguments.{one['name']}.is_target"),
            type_of(one["json_schema"]) + (" in minor units" if one["unit"] else ""),
            one["description"],
        ]
        for one in action["arguments"]
    ]
    to.print()
    to.print(output.table(["argument", "place", "required", "is", "because", "type", "meaning"], rows))


def _draw_links(to: Console, subject: str, relation: str, links: list[Told], tell: Any) -> None:
    if links:
        own = "argument" if subject == "argument" else "field"
        to.print()
        rows = [[one[own], tell(one), one["why"]] for one in links[:MOST_LINKS]]
        to.print(output.table([subject, relation, "because"], rows))
        if len(links) > MOST_LINKS:
            to.print(output.plain(f"… and {len(links) - MOST_LINKS} more; --json shows them.", "dim"))


def type_of(schema: Told) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    named = schema.get("format") or schema.get("type") or schema.get("$ref", "any")
    return " | ".join(named) if isinstance(named, list) else str(named).removeprefix("#/$defs/")
