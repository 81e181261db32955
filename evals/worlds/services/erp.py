"""The ERP: customers by number, items by SKU, and sales orders that are confirmed or cancelled."""

from decimal import Decimal

from evals.worlds import credentials, error_styles
from evals.worlds.access import Caller, KeyGate
from evals.worlds.paging import matching
from evals.worlds.records import Record
from evals.worlds.refusal import conflict, invalid_field
from evals.worlds.seeds import erp as seeds
from evals.worlds.service import Handler, Received, Reply, Service


def list_customers(received: Received) -> Reply:
    exact = ("email", "vat_number", "country")
    return _page(received, matching(received.tx.rows("customers"), received.query, exact=exact, contains=("name",)))


def create_customer(received: Received) -> Reply:
    _check_email_free(received)
    number = str(70000 + received.tx.next_number("customers"))
    customer = {"customer_number": number, **received.body, "created_at": received.at}
    received.tx.put("customers", number, customer)
    return Reply(status=201, body=customer, headers={"Location": f"{received.url}/{number}"})


def get_customer(received: Received) -> Reply:
    return Reply(body=_customer(received))


def replace_customer(received: Received) -> Reply:
    """PUT: fields that are left out go back to their default."""
    old = _customer(received)
    _check_email_free(received, besides=old["customer_number"])
    kept = {name: old[name] for name in ("customer_number", "created_at")}
    customer = {**kept, **received.body}
    return Reply(body=received.tx.put("customers", old["customer_number"], customer))


def list_items(received: Received) -> Reply:
    return _page(
        received, matching(received.tx.rows("items"), received.query, exact=("sku",), contains=("description",))
    )


def create_item(received: Received) -> Reply:
    sku = received.body["sku"]
    if received.tx.get("items", sku) is not None:
        raise conflict("duplicate_sku", f"There is an item {sku} already.", "/sku")
    item = received.tx.put("items", sku, {**received.body, "currency": "EUR"})
    return Reply(status=201, body=item, headers={"Location": f"{received.url}/{sku}"})


def get_item(received: Received) -> Reply:
    return Reply(body=received.need("items", received.path["sku"], "item"))


def update_item(received: Received) -> Reply:
    item = received.need("items", received.path["sku"], "item")
    return Reply(body=received.tx.put("items", item["sku"], {**item, **received.body}))


def list_orders(received: Received) -> Reply:
    exact = ("customer_number", "status", "reference")
    return _page(received, matching(received.tx.rows("sales_orders"), received.query, exact=exact))


def create_order(received: Received) -> Reply:
    customer = received.tx.get("customers", received.body["customer_number"])
    if customer is None:
        raise invalid_field("/customer_number", "unknown_reference", "There is no customer of that number.")
    lines = [_line(received, at, line) for at, line in enumerate(received.body["lines"])]
    number = f"SO-{20000 + received.tx.next_number('sales_orders')}"
    order = {
        "order_number": number,
        **received.body,
        "lines": lines,
        "total": f"{sum(Decimal(line['line_total']) for line in lines):.2f}",
        "currency": "EUR",
        "status": "draft",
        "created_at": received.at,
    }
    received.tx.put("sales_orders", number, order)
    return Reply(status=201, body=order, headers={"Location": f"{received.url}/{number}"})


def get_order(received: Received) -> Reply:
    return Reply(body=_order(received))


def confirm_order(received: Received) -> Reply:
    """Takes the goods out of stock."""
    order = _order(received)
    if order["status"] != "draft":
        raise conflict("order_not_draft", f"The order is {order['status']}; only a draft can be confirmed.")
    confirmed = received.tx.put("sales_orders", order["order_number"], {**order, "status": "confirmed"})
    for at, line in enumerate(order["lines"]):
        item = received.need("items", line["sku"], "item")
        if item["stock"] < line["quantity"]:
            message = f"{item['stock']} of {item['sku']} are in stock."
            raise conflict("insufficient_stock", message, f"/lines/{at}/quantity")
        received.tx.put("items", item["sku"], {**item, "stock": item["stock"] - line["quantity"]})
    return Reply(body=confirmed)


def cancel_order(received: Received) -> Reply:
    """Puts the goods of a confirmed order back into stock."""
    order = _order(received)
    if order["status"] == "cancelled":
        raise conflict("order_cancelled", "The order is cancelled already.")
    cancelled = received.tx.put("sales_orders", order["order_number"], {**order, "status": "cancelled"})
    for line in order["lines"] if order["status"] == "confirmed" else []:
        item = received.need("items", line["sku"], "item")
        received.tx.put("items", item["sku"], {**item, "stock": item["stock"] + line["quantity"]})
    return Reply(body=cancelled)


def build(*, token_lifetime_s: int) -> Service:
    callers = {
        credentials.ERP_KEY: Caller(name="interlock"),
        credentials.ERP_READER_KEY: Caller(name="reader", is_read_only=True),
    }
    gate = KeyGate(header=credentials.ERP_HEADER, prefix="", callers=callers, challenge="ApiKey")
    return Service(name="erp", handlers=HANDLERS, seed=seeds.seed, gate=gate, error_style=error_styles.erp)


HANDLERS: dict[str, Handler] = {
    "Customers_List": list_customers,
    "Customers_Create": create_customer,
    "Customers_Get": get_customer,
    "Customers_Replace": replace_customer,
    "Items_List": list_items,
    "Items_Create": create_item,
    "Items_Get": get_item,
    "Items_Update": update_item,
    "SalesOrders_List": list_orders,
    "SalesOrders_Create": create_order,
    "SalesOrders_Get": get_order,
    "SalesOrders_Confirm": confirm_order,
    "SalesOrders_Cancel": cancel_order,
}


def _page(received: Received, rows: list[Record]) -> Reply:
    limit, offset = received.query["limit"], received.query["offset"]
    return Reply(body={"total": len(rows), "offset": offset, "limit": limit, "value": rows[offset : offset + limit]})


def _customer(received: Received) -> Record:
    return received.need("customers", received.path["customer_number"], "customer")


def _order(received: Received) -> Record:
    return received.need("sales_orders", received.path["order_number"], "sales order")


def _line(received: Received, at: int, line: Record) -> Record:
    item = received.tx.get("items", line["sku"])
    if item is None:
        raise invalid_field(f"/lines/{at}/sku", "unknown_reference", f"There is no item {line['sku']}.")
    total = Decimal(item["unit_price"]) * line["quantity"]
    return {**line, "unit_price": item["unit_price"], "line_total": f"{total:.2f}"}


def _check_email_free(received: Received, besides: str | None = None) -> None:
    for row in matching(received.tx.rows("customers"), {"email": received.body["email"]}, exact=("email",)):
        if row["customer_number"] != besides:
            message = f"The customer {row['customer_number']} has this e-mail address already."
            raise conflict("duplicate_email", message, "/email")
