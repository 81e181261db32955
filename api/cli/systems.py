"""`interlock systems`: register an application by its document, look at its surface, accept its actions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from api.cli import client, differences, documents, entered, output
from api.cli.access import connect
from api.cli.output import AsJson

commands = typer.Typer(help="Registered applications and their surfaces.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="SYSTEM", help="Short name, such as crm.")]
Spec = Annotated[
    str, typer.Option(help="The OpenAPI document: a file, with those of its folder that it refers to, or a URL.")
]
Validate = Annotated[
    bool, typer.Option(help="Let openapi-spec-validator look at it too: seconds, for a large document.")
]
COLUMNS = {"system": "slug", "title": "title", "base URL": "base_url", "owner": "owner"}
#: actions that are named when acceptance could not be carried over; the rest is counted
MOST_LEFT = 20
#: flaws of the validation that are shown
MOST_FLAWS = 20
REVISION_COLUMNS = {
    "revision": "revision",
    "read": "created_at",
    "by": "created_by",
    "digest": "digest",
    "title": "title",
}


@commands.command("add")
def add(
    slug: Slug,
    spec: Spec,
    base_url: Annotated[str, typer.Option(help="Where the system is; the document's own servers are not believed.")],
    title: Annotated[str, typer.Option(help="Name for people.")] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Permit loopback and private addresses for this system.")
    ] = False,
    validate: Validate = True,
    as_json: AsJson = False,
) -> None:
    """Register a system and discover its actions; they stay denied until `systems accept`."""
    body = {"slug": slug, "title": title, "base_url": base_url, "allow_private": allow_private}
    body |= documents.read(spec) | {"is_validated": validate}
    with connect() as api, output.busy(f"Reading {spec} and discovering its actions"):
        system = api.post("/v1/systems", body, wait_s=client.UPLOAD_READ_S)
    output.show(system, as_json, lambda to: _draw_surface(to, slug, system["surface"]))


@commands.command("update")
def update(
    slug: Slug,
    spec: Annotated[
        str | None, typer.Option(help="Its document as it is now: a file, with those of its folder, or a URL.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Where the system is from now on.")] = None,
    title: Annotated[str | None, typer.Option(help="Name for people.")] = None,
    validate: Validate = True,
    as_json: AsJson = False,
) -> None:
    """Give a system its new document, which makes a new revision if it differs, or another address or title."""
    changes = {name: value for name, value in (("base_url", base_url), ("title", title)) if value is not None}
    if spec is None and not changes:
        raise typer.BadParameter("say what changes: --spec, --base-url or --title")
    described = documents.read(spec) | {"is_validated": validate} if spec is not None else None
    path = f"/v1/systems/{slug}"
    with connect() as api:
        before = api.get(path)["surface"]
        if changes:
            api.patch(path, changes)
        if described is not None:
            with output.busy(f"Reading {spec} and discovering its actions"):
                api.post(f"{path}/revisions", described, wait_s=client.UPLOAD_READ_S)
        system = api.get(path)
    output.show(system, as_json, lambda to: _draw_update(to, system, before))


@commands.command("list")
def list_systems(as_json: AsJson = False) -> None:
    """Show the registered systems."""
    with connect() as api:
        found = api.items("/v1/systems")
    output.show(
        found, as_json, output.listing(COLUMNS, found, empty="No systems yet; add one with `interlock systems add`.")
    )


@commands.command("show")
def show(slug: Slug, as_json: AsJson = False) -> None:
    """Show a system, its actions, and the operations that could not be used."""
    with connect() as api:
        system = api.get(f"/v1/systems/{slug}")
        system["actions"] = api.items("/v1/actions", system=slug)
    output.show(system, as_json, lambda to: _draw_system(to, system))


@commands.command("accept")
def accept(
    slug: Slug,
    actions: Annotated[
        list[str] | None, typer.Argument(help="Action ids; all with a known class when left out.")
    ] = None,
    overrides: Annotated[
        str | None,
        typer.Option(
            help='JSON or @FILE: {"crm.send_email": {"action_class": "message"}}; {"result_schema": {}} of an action '
            "says that its answer has no body, whatever the document promises."
        ),
    ] = None,
    carry: Annotated[
        Literal["unchanged", "safe"] | None,
        typer.Option(
            help="Accept what an earlier revision's acceptance still stands for: actions that did not change since, "
            "or whose every change is harmless."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let the actions be called, within what the policies allow."""
    body: dict[str, Any] = {"actions": actions or None}
    body |= {"overrides": entered.json_object(overrides, "--overrides") if overrides else {}, "carry": carry}
    with connect() as api:
        answer = api.post(f"/v1/systems/{slug}/accept", body)
    output.show(answer, as_json, lambda to: _draw_accepted(to, slug, answer))


@commands.command("revisions")
def revisions(slug: Slug, as_json: AsJson = False) -> None:
    """Show every revision of a system's surface, the newest first."""
    with connect() as api:
        found = api.get(f"/v1/systems/{slug}/revisions")["items"]
    output.show(found, as_json, output.listing(REVISION_COLUMNS, found, empty="No document yet."))


@commands.command("diff")
def diff(
    slug: Slug,
    before: Annotated[int | None, typer.Option("--from", min=1, help="Revision; the one before --to.")] = None,
    after: Annotated[int | None, typer.Option("--to", min=1, help="Revision; the latest.")] = None,
    is_whole: Annotated[bool, typer.Option("--all", help="Show what is harmless, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two revisions, and what of it breaks those who use them."""
    with connect() as api:
        found = api.get(f"/v1/systems/{slug}/diff", **{"from": before, "to": after})
    output.show(found, as_json, lambda to: differences.draw(to, found, is_whole=is_whole))


def _draw_update(to: Console, system: dict[str, Any], before: dict[str, Any] | None) -> None:
    slug, surface = system["slug"], system["surface"]
    if surface is None or (before is not None and before["revision"] == surface["revision"]):
        number = f"revision {surface['revision']}" if surface else "no document"
        to.print(output.plain(f"{slug}, {system['title']}: at {system['base_url']}, with {number} as before."))
        return
    if before is None:
        return _draw_surface(to, slug, surface)
    found = f"{surface['actions']} actions found in {surface['title']} ({surface['dialect']})"
    to.print(output.plain(f"{slug}: {found}; this is revision {surface['revision']}, of which nothing is accepted."))
    _draw_quarantine(to, surface["quarantine"])
    _draw_flaws(to, surface["flaws"])
    mend = f"See `interlock systems diff {slug}`, then `interlock systems accept {slug} --carry unchanged`."
    to.print(output.plain(mend))


def _draw_accepted(to: Console, slug: str, answer: dict[str, Any]) -> None:
    to.print(output.plain(f"{len(answer['accepted'])} actions of {slug} are accepted."))
    if answer["left"]:
        to.print(output.plain(f"{len(answer['left'])} were accepted before and changed or are gone:", "yellow"))
        for action in answer["left"][:MOST_LEFT]:
            to.print(output.plain(f"  {action}"))
        if len(answer["left"]) > MOST_LEFT:
            to.print(output.plain(f"  … and {len(answer['left']) - MOST_LEFT} more; --json shows them.", "dim"))
        to.print(output.plain(f"See `interlock systems diff {slug}`, then accept by name what you agree to."))


def _draw_surface(to: Console, slug: str, surface: dict[str, Any]) -> None:
    to.print(output.plain(f"{slug}: {surface['actions']} actions found in {surface['title']} ({surface['dialect']})."))
    _draw_quarantine(to, surface["quarantine"])
    _draw_flaws(to, surface["flaws"])
    to.print(
        output.plain(f"Look at them with `interlock systems show {slug}`, then `interlock systems accept {slug}`.")
    )


def _draw_system(to: Console, system: dict[str, Any]) -> None:
    output.fields({name: system[field] for name, field in COLUMNS.items()})(to)
    to.print()
    if surface := system["surface"]:
        told = {name: surface[name] for name in ("revision", "dialect", "digest", "created_at")}
        told |= {"accepted": f"{surface['accepted']} of {surface['actions']} actions"}
        told |= {"classes": ", ".join(f"{count} {name}" for name, count in surface["classes"].items())}
        output.fields(told)(to)
        to.print()
    rows = [
        [one["id"], one["action_class"], one["is_accepted"], one["resource"], one["summary"]]
        for one in system["actions"]
    ]
    to.print(output.table(["action", "class", "accepted", "resource", "summary"], rows))
    if system["surface"]:
        _draw_quarantine(to, system["surface"]["quarantine"])
        _draw_flaws(to, system["surface"]["flaws"])


def _draw_quarantine(to: Console, entries: list[dict[str, Any]]) -> None:
    if entries:
        to.print()
        rows = [[one["method"], one["path"], one["reason"], one["pointer"]] for one in entries]
        to.print(output.table(["method", "path", "not usable because", "where"], rows))


def _draw_flaws(to: Console, entries: list[dict[str, Any]]) -> None:
    if entries:
        to.print()
        rows = [[one["problem"], one["pointer"] or "(it does not say)", one["fate"]] for one in entries[:MOST_FLAWS]]
        to.print(output.table(["the validator found", "where", "what became of it"], rows))
        if len(entries) > MOST_FLAWS:
            to.print(output.plain(f"and {len(entries) - MOST_FLAWS} more; --json shows all"))
