"""The service desk: tickets, comments, agents. A create that is sent twice makes two tickets."""

from evals.worlds import credentials, error_styles
from evals.worlds.access import Caller, KeyGate
from evals.worlds.paging import by_number, link_header, matching
from evals.worlds.records import Record
from evals.worlds.refusal import conflict, invalid_field
from evals.worlds.seeds import tickets as seeds
from evals.worlds.service import Handler, Received, Reply, Service

FILTERS = ("external_ref", "requester_email", "assignee_email", "status", "priority")


def list_tickets(received: Received) -> Reply:
    rows = matching(received.tx.rows("tickets"), received.query, exact=FILTERS, contains=("subject",))
    tag = received.query.get("tag")
    return _page(received, [row for row in rows if tag is None or tag in row["tags"]])


def create_ticket(received: Received) -> Reply:
    _check_assignee(received)
    ticket_id = f"T-{5000 + received.tx.next_number('tickets')}"
    empty = {"assignee_email": None, "external_ref": None}
    stamps = {"status": "open", "created_at": received.at, "updated_at": received.at, "closed_at": None}
    ticket = {"id": ticket_id, **empty, **received.body, **stamps}
    received.tx.put("tickets", ticket_id, ticket)
    return Reply(status=201, body=ticket, headers={"Location": f"{received.url}/{ticket_id}"})


def get_ticket(received: Received) -> Reply:
    return Reply(body=_ticket(received))


def update_ticket(received: Received) -> Reply:
    _check_assignee(received)
    return _changed(received, received.body)


def assign_ticket(received: Received) -> Reply:
    _check_assignee(received)
    return _changed(received, {"assignee_email": received.body["assignee_email"]})


def close_ticket(received: Received) -> Reply:
    """A closing comment, if given, is added as a public one."""
    closed = _changed(received, {"status": "closed", "closed_at": received.at})
    if "comment" in received.body:
        _comment(received, {"body": received.body["comment"], "public": True, "author_email": None})
    return closed


def reopen_ticket(received: Received) -> Reply:
    ticket = _ticket(received)
    if ticket["status"] not in ("closed", "solved"):
        raise conflict("not_closed", f"The ticket is {ticket['status']}; only closed or solved ones are reopened.")
    reopened = {**ticket, "status": "open", "closed_at": None, "updated_at": received.at}
    return Reply(body=received.tx.put("tickets", ticket["id"], reopened))


def list_comments(received: Received) -> Reply:
    ticket = _ticket(received)
    return _page(received, matching(received.tx.rows("comments"), {"ticket_id": ticket["id"]}, exact=("ticket_id",)))


def add_comment(received: Received) -> Reply:
    _ticket(received)
    return Reply(status=201, body=_comment(received, {"author_email": None, **received.body}))


def list_agents(received: Received) -> Reply:
    return _page(received, matching(received.tx.rows("agents"), received.query, exact=("email",), contains=("name",)))


def build(*, token_lifetime_s: int) -> Service:
    callers = {
        credentials.TICKETS_KEY: Caller(name="interlock"),
        credentials.TICKETS_READER_KEY: Caller(name="reader", is_read_only=True),
    }
    gate = KeyGate(header=credentials.TICKETS_HEADER, prefix="", callers=callers, challenge="ApiKey")
    return Service(name="tickets", handlers=HANDLERS, seed=seeds.seed, gate=gate, error_style=error_styles.tickets)


HANDLERS: dict[str, Handler] = {
    "list-tickets": list_tickets,
    "create-ticket": create_ticket,
    "get-ticket": get_ticket,
    "update-ticket": update_ticket,
    "assign-ticket": assign_ticket,
    "close-ticket": close_ticket,
    "reopen-ticket": reopen_ticket,
    "list-ticket-comments": list_comments,
    "add-ticket-comment": add_comment,
    "list-agents": list_agents,
}


def _page(received: Received, rows: list[Record]) -> Reply:
    page = by_number(rows, received.query["page"], received.query["per_page"])
    links = link_header(received.url, received.query, len(rows))
    return Reply(body=page, headers={"Link": links, "X-Total-Count": str(len(rows))})


def _ticket(received: Received) -> Record:
    return received.need("tickets", received.path["ticket_id"], "ticket")


def _changed(received: Received, changes: Record) -> Reply:
    """A closed ticket takes no more changes until it is reopened."""
    ticket = _ticket(received)
    if ticket["status"] == "closed":
        raise conflict("ticket_closed", "The ticket is closed; reopen it first.")
    changed = {**ticket, **changes}
    if changed == ticket:
        return Reply(body=ticket)
    return Reply(body=received.tx.put("tickets", ticket["id"], {**changed, "updated_at": received.at}))


def _comment(received: Received, told: Record) -> Record:
    comment_id = f"TC-{9000 + received.tx.next_number('comments')}"
    comment = {"id": comment_id, "ticket_id": received.path["ticket_id"], **told, "created_at": received.at}
    return received.tx.put("comments", comment_id, comment)


def _check_assignee(received: Received) -> None:
    assignee = received.body.get("assignee_email")
    if assignee is not None and received.tx.get("agents", assignee) is None:
        raise invalid_field("/assignee_email", "unknown_reference", "There is no agent with this e-mail address.")
