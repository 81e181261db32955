"""Billing: customers, invoices from draft to paid or void, payments and refunds. E-mails need not be unique here."""

from evals.worlds import credentials, error_styles
from evals.worlds.access import Caller, KeyGate
from evals.worlds.paging import after_id, matching
from evals.worlds.records import Record
from evals.worlds.refusal import Refused, invalid_field
from evals.worlds.seeds import billing as seeds
from evals.worlds.service import Handler, Received, Reply, Service

#: Table -> noun, id prefix, filters.
KINDS = {
    "customers": ("customer", "cus", ("email",)),
    "invoices": ("invoice", "in", ("customer", "status")),
    "payments": ("payment", "py", ("customer", "invoice")),
    "refunds": ("refund", "re", ("payment",)),
}


def lister(table: str) -> Handler:
    def list_rows(received: Received) -> Reply:
        newest_first = received.tx.rows(table)[::-1]
        rows = matching(newest_first, received.query, exact=KINDS[table][2])
        page, has_more = after_id(rows, received.query["limit"], received.query.get("starting_after"))
        return Reply(body={"object": "list", "url": f"/v1/{table}", "has_more": has_more, "data": page})

    return list_rows


def getter(table: str) -> Handler:
    def get_row(received: Received) -> Reply:
        noun = KINDS[table][0]
        return Reply(body=received.need(table, received.path[noun], noun))

    return get_row


def create_customer(received: Received) -> Reply:
    empty = dict.fromkeys(("name", "email", "description", "phone", "tax_id"))
    customer = {**empty, "currency": None, "metadata": {}, **received.body, "address": _address({}, received)}
    return _create(received, "customers", customer)


def update_customer(received: Received) -> Reply:
    customer = received.need("customers", received.path["customer"], "customer")
    merged = {**customer.get("metadata", {}), **received.body.get("metadata", {})}
    changed = {**customer, **received.body, "metadata": merged, "address": _address(customer["address"], received)}
    return Reply(body=received.tx.put("customers", customer["id"], changed))


def delete_customer(received: Received) -> Reply:
    customer = received.need("customers", received.path["customer"], "customer")
    received.tx.remove("customers", customer["id"])
    return Reply(body={"id": customer["id"], "object": "customer", "deleted": True})


def create_invoice(received: Received) -> Reply:
    """A draft, over `amount` or over the sum of `items`, not both."""
    told = received.body
    customer = received.tx.get("customers", told["customer"])
    if customer is None:
        raise invalid_field("/customer", "resource_missing", f"No such customer: {told['customer']}")
    if ("amount" in told) == ("items" in told):
        raise invalid_field("/amount", "parameter_invalid", "Give either amount or items.")
    description = told.get("description")
    items = told.get("items") or [{"description": description, "amount": told["amount"], "quantity": 1}]
    lines = [{"description": None, "quantity": 1, **item} for item in items]
    invoice = {
        "number": None,
        "customer": customer["id"],
        "customer_email": customer["email"],
        "description": description,
        "currency": told["currency"],
        "amount": sum(line["amount"] * line["quantity"] for line in lines),
        "amount_paid": 0,
        "items": lines,
        "due_date": told.get("due_date"),
        "status": "draft",
        "metadata": told.get("metadata", {}),
    }
    return _create(received, "invoices", invoice)


def finalize_invoice(received: Received) -> Reply:
    invoice = _invoice(received, "draft", "finalized")
    finalized = sum(1 for row in received.tx.rows("invoices") if row["number"]) + 1
    number = f"INV-{received.now.year}-{finalized:04}"
    return Reply(body=received.tx.put("invoices", invoice["id"], {**invoice, "number": number, "status": "open"}))


def void_invoice(received: Received) -> Reply:
    invoice = _invoice(received, "open", "voided")
    return Reply(body=received.tx.put("invoices", invoice["id"], {**invoice, "status": "void"}))


def pay_invoice(received: Received) -> Reply:
    """Records the payment that settles the invoice."""
    invoice = _invoice(received, "open", "paid")
    paid = {**invoice, "status": "paid", "amount_paid": invoice["amount"]}
    received.tx.put("invoices", invoice["id"], paid)
    told = {name: invoice[name] for name in ("amount", "currency", "customer")}
    _create(received, "payments", {**told, "amount_refunded": 0, "invoice": invoice["id"], "status": "succeeded"})
    return Reply(body=paid)


def create_refund(received: Received) -> Reply:
    payment = received.tx.get("payments", received.body["payment"])
    if payment is None:
        raise invalid_field("/payment", "resource_missing", f"No such payment: {received.body['payment']}")
    left = payment["amount"] - payment["amount_refunded"]
    amount = received.body.get("amount", left)
    if left == 0:
        raise Refused(400, "charge_already_refunded", "The payment is refunded in full already.")
    if amount > left:
        raise invalid_field("/amount", "amount_too_large", f"At most {left} can still be refunded.")
    refund = {
        "amount": amount,
        "currency": payment["currency"],
        "payment": payment["id"],
        "reason": received.body.get("reason"),
        "status": "succeeded",
        "metadata": received.body.get("metadata", {}),
    }
    reply = _create(received, "refunds", refund)
    received.tx.put("payments", payment["id"], {**payment, "amount_refunded": payment["amount_refunded"] + amount})
    return reply


def build(*, token_lifetime_s: int) -> Service:
    callers = {
        credentials.BILLING_KEY: Caller(name="interlock"),
        credentials.BILLING_READER_KEY: Caller(name="reader", is_read_only=True),
    }
    return Service(
        name="billing",
        handlers=HANDLERS,
        seed=seeds.seed,
        gate=KeyGate(header="authorization", prefix="Bearer ", callers=callers, challenge='Bearer realm="billing"'),
        error_style=error_styles.billing,
        honours_idempotency_key=True,
        refuses_unknown_query=True,
    )


HANDLERS: dict[str, Handler] = {
    "GetCustomers": lister("customers"),
    "PostCustomers": create_customer,
    "GetCustomersCustomer": getter("customers"),
    "PostCustomersCustomer": update_customer,
    "DeleteCustomersCustomer": delete_customer,
    "GetInvoices": lister("invoices"),
    "PostInvoices": create_invoice,
    "GetInvoicesInvoice": getter("invoices"),
    "PostInvoicesInvoiceFinalize": finalize_invoice,
    "PostInvoicesInvoicePay": pay_invoice,
    "PostInvoicesInvoiceVoid": void_invoice,
    "GetPayments": lister("payments"),
    "GetPaymentsPayment": getter("payments"),
    "GetRefunds": lister("refunds"),
    "PostRefunds": create_refund,
    "GetRefundsRefund": getter("refunds"),
}


def _create(received: Received, table: str, record: Record) -> Reply:
    noun, prefix, _ = KINDS[table]
    record_id = seeds.object_id(prefix, received.tx.next_number(table))
    whole = {"id": record_id, "object": noun, **record, "created": int(received.now.timestamp())}
    return Reply(body=received.tx.put(table, record_id, whole))


def _address(known: Record, received: Received) -> Record:
    empty: Record = dict.fromkeys(("line1", "city", "postal_code", "country"))
    return {**empty, **known, **received.body.get("address", {})}


def _invoice(received: Received, wanted: str, done: str) -> Record:
    invoice = received.need("invoices", received.path["invoice"], "invoice")
    if invoice["status"] != wanted:
        message = f"This invoice is {invoice['status']}; only invoices that are {wanted} can be {done}."
        raise Refused(400, f"invoice_not_{wanted}", message)
    return invoice
