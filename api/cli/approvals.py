"""`interlock approvals`: the exact requests that wait for a person, and that person's word."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import entered, output, story
from api.cli.access import connect
from api.cli.client import Problem
from api.cli.output import AsJson, OnlyIds

commands = typer.Typer(help="Requests that wait for a person.", no_args_is_help=True)

ApprovalId = Annotated[str, typer.Argument(metavar="APPROVAL", help="The approval's id.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the trace.")]
COLUMNS = {
    "approval": "id", "state": "state", "run": "run", "action": "action", "asked by": "requester",
    "until": "expires_at", "because": "why",
}  # fmt: skip


@commands.command("list")
def list_approvals(
    state: Annotated[str, typer.Option(help="open, approved, rejected, expired, used or superseded.")] = "open",
    only_ids: OnlyIds = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a decision."""
    with connect() as api:
        found = api.items("/v1/approvals", state=state)
    if only_ids:
        output.print_ids(found)
        return
    output.show(found, as_json, output.listing(COLUMNS, found, empty=f"No {state} approvals."))


@commands.command("show")
def show(approval: ApprovalId, as_json: AsJson = False) -> None:
    """Show the exact request, drawn from the bytes that an approval binds."""
    with connect() as api:
        found = api.get(f"/v1/approvals/{approval}")
    output.show(found, as_json, lambda to: story.draw_request(to, found))


@commands.command("approve")
def approve(
    approval: ApprovalId,
    reason: Reason = "",
    digest: Annotated[str | None, typer.Option(help="The digest you saw; another request is then refused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Allow exactly this request, once."""
    _decide(approval, {"choice": "approve", "reason": reason}, digest, as_json)


@commands.command("reject")
def reject(approval: ApprovalId, reason: Reason = "", as_json: AsJson = False) -> None:
    """Refuse the request; the run goes on without it, or fails with your reason."""
    _decide(approval, {"choice": "reject", "reason": reason}, None, as_json)


@commands.command("edit")
def edit(
    approval: ApprovalId,
    arguments: Annotated[str, typer.Option(help="JSON or @FILE: the arguments as they should be, all of them.")],
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Ask for other arguments instead; they are judged anew, and may need an approval again."""
    edited = entered.json_object(arguments, "--arguments")
    _decide(approval, {"choice": "edit", "reason": reason, "edited_arguments": edited}, None, as_json)


def _decide(approval: str, word: dict[str, Any], digest: str | None, as_json: bool) -> None:
    with connect() as api:
        found, etag = api.seen(f"/v1/approvals/{approval}")
        if digest is not None and digest != found["digest"]:
            detail = f"the request of approval {approval} is not the one you saw; nothing was decided"
            raise Problem({"title": "another request", "detail": detail, "mend": "look at it again"})
        decided = api.post(f"/v1/approvals/{approval}/decision", word, if_match=etag)
    said = f"Approval {approval}: {word['choice']} recorded; it is {decided['state']}."
    output.show(decided, as_json, lambda to: to.print(output.plain(said)))
