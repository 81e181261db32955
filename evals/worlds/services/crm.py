"""The CRM: contacts, companies, deals with notes, owners, and an outbox of e-mails."""

from evals.worlds import credentials, error_styles
from evals.worlds.access import Caller, KeyGate
from evals.worlds.paging import by_cursor, matching
from evals.worlds.records import Record
from evals.worlds.refusal import conflict, invalid_field
from evals.worlds.seeds import crm as seeds
from evals.worlds.service import Handler, Received, Reply, Service

#: Plural of the path -> noun, exact filters, filters by part of the text.
LISTS = {
    "contacts": ("contact", ("email", "company_id"), ("name",)),
    "companies": ("company", ("domain", "country"), ("name",)),
    "deals": ("deal", ("stage", "company_id", "contact_id", "owner_id"), ("name",)),
    "owners": ("owner", ("email",), ("name",)),
    "emails": ("email", ("to",), ("subject",)),
}
#: A body field that names a record of another table.
REFERENCES = {"company_id": "companies", "contact_id": "contacts", "owner_id": "owners"}


def lister(table: str) -> Handler:
    _, exact, contains = LISTS[table]

    def list_rows(received: Received) -> Reply:
        return _page(received, matching(received.tx.rows(table), received.query, exact=exact, contains=contains))

    return list_rows


def getter(table: str, parameter: str) -> Handler:
    def get_row(received: Received) -> Reply:
        return Reply(body=received.need(table, received.path[parameter], LISTS[table][0]))

    return get_row


def create_contact(received: Received) -> Reply:
    _check_references(received)
    _check_free(received, "contacts", "email")
    contact_id = seeds.contact_id(received.tx.next_number("contacts"))
    empty = {"phone": None, "job_title": None, "company_id": None}
    return _created(received, "contacts", contact_id, _named({"id": contact_id, **empty, **received.body}))


def update_contact(received: Received) -> Reply:
    contact = received.need("contacts", received.path["contact_id"], "contact")
    _check_references(received)
    _check_free(received, "contacts", "email", besides=contact["id"])
    return _updated(received, "contacts", _named({**contact, **received.body}))


def delete_contact(received: Received) -> Reply:
    """A contact that a running deal names is kept."""
    contact = received.need("contacts", received.path["contact_id"], "contact")
    deals = matching(received.tx.rows("deals"), {"contact_id": contact["id"]}, exact=("contact_id",))
    if any(deal["stage"] in ("open", "qualified") for deal in deals):
        raise conflict("contact_in_use", "An open deal names this contact.")
    received.tx.remove("contacts", contact["id"])
    return Reply(status=204)


def create_company(received: Received) -> Reply:
    _check_references(received)
    _check_free(received, "companies", "domain")
    company_id = seeds.company_id(received.tx.next_number("companies"))
    empty = dict.fromkeys(("billing_email", "country", "city", "vat_number", "owner_id"))
    return _created(received, "companies", company_id, {"id": company_id, **empty, **received.body})


def update_company(received: Received) -> Reply:
    company = received.need("companies", received.path["company_id"], "company")
    _check_references(received)
    _check_free(received, "companies", "domain", besides=company["id"])
    return _updated(received, "companies", {**company, **received.body})


def create_deal(received: Received) -> Reply:
    _check_references(received)
    deal_id = f"D-{100 + received.tx.next_number('deals')}"
    empty = {"contact_id": None, "owner_id": None, "close_date": None}
    return _created(received, "deals", deal_id, {"id": deal_id, **empty, **received.body})


def update_deal(received: Received) -> Reply:
    deal = received.need("deals", received.path["deal_id"], "deal")
    _check_references(received)
    return _updated(received, "deals", {**deal, **received.body})


def list_notes(received: Received) -> Reply:
    deal = received.need("deals", received.path["deal_id"], "deal")
    return _page(received, matching(received.tx.rows("notes"), {"deal_id": deal["id"]}, exact=("deal_id",)))


def create_note(received: Received) -> Reply:
    deal = received.need("deals", received.path["deal_id"], "deal")
    note_id = f"N-{received.tx.next_number('notes')}"
    note = {"id": note_id, "deal_id": deal["id"], "author_id": None, **received.body, "created_at": received.at}
    return Reply(status=201, body=received.tx.put("notes", note_id, note))


def send_email(received: Received) -> Reply:
    email_id = f"EM-{received.tx.next_number('emails')}"
    told = {"cc": [], "deal_id": None, **received.body}
    if told["deal_id"] is not None and received.tx.get("deals", told["deal_id"]) is None:
        raise invalid_field("/deal_id", "unknown_reference", f"There is no deal {told['deal_id']}.")
    sent = {"id": email_id, "from": "crm@meridian.example", **told, "status": "sent", "sent_at": received.at}
    return Reply(status=201, body=received.tx.put("emails", email_id, sent))


def build(*, token_lifetime_s: int) -> Service:
    callers = {
        credentials.CRM_KEY: Caller(name="interlock"),
        credentials.CRM_READER_KEY: Caller(name="reader", is_read_only=True),
    }
    gate = KeyGate(header="authorization", prefix="Bearer ", callers=callers, challenge='Bearer realm="crm"')
    return Service(name="crm", handlers=HANDLERS, seed=seeds.seed, gate=gate, error_style=error_styles.crm)


HANDLERS: dict[str, Handler] = {
    "listContacts": lister("contacts"),
    "createContact": create_contact,
    "getContact": getter("contacts", "contact_id"),
    "updateContact": update_contact,
    "deleteContact": delete_contact,
    "listCompanies": lister("companies"),
    "createCompany": create_company,
    "getCompany": getter("companies", "company_id"),
    "updateCompany": update_company,
    "listDeals": lister("deals"),
    "createDeal": create_deal,
    "getDeal": getter("deals", "deal_id"),
    "updateDeal": update_deal,
    "listDealNotes": list_notes,
    "createDealNote": create_note,
    "listOwners": lister("owners"),
    "getOwner": getter("owners", "owner_id"),
    "listEmails": lister("emails"),
    "sendEmail": send_email,
    "getEmail": getter("emails", "email_id"),
}


def _page(received: Received, rows: list[Record]) -> Reply:
    page, cursor = by_cursor(rows, received.query["limit"], received.query.get("cursor"))
    return Reply(body={"results": page, "paging": {"next_cursor": cursor, "total": len(rows)}})


def _check_references(received: Received) -> None:
    for field, table in REFERENCES.items():
        wanted = received.body.get(field)
        if wanted is not None and received.tx.get(table, wanted) is None:
            raise invalid_field(f"/{field}", "unknown_reference", f"There is no {LISTS[table][0]} {wanted}.")


def _check_free(received: Received, table: str, field: str, besides: str | None = None) -> None:
    if received.body.get(field) is None:
        return
    for row in matching(received.tx.rows(table), received.body, exact=(field,)):
        if row["id"] != besides:
            message = f"The {LISTS[table][0]} {row['id']} has this {field} already."
            raise conflict(f"duplicate_{field}", message, f"/{field}")


def _named(contact: Record) -> Record:
    return {**contact, "name": f"{contact['first_name']} {contact['last_name']}"}


def _created(received: Received, table: str, record_id: str, record: Record) -> Reply:
    stamped = {**record, "created_at": received.at, "updated_at": received.at}
    return Reply(status=201, body=received.tx.put(table, record_id, stamped))


def _updated(received: Received, table: str, record: Record) -> Reply:
    """A PATCH that changes nothing leaves the record, its time stamp and the ledger alone."""
    if record == received.tx.get(table, record["id"]):
        return Reply(body=record)
    return Reply(body=received.tx.put(table, record["id"], {**record, "updated_at": received.at}))
