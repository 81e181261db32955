"""Every way of paging gives each record once, and filters find what is there."""

from evals.worlds.client import ClientFor


def test_cursors_lead_through_all_contacts_once(client_for: ClientFor) -> None:
    crm, seen, cursor = client_for("crm"), [], None
    while True:
        page = crm.call("listContacts", query={"limit": 50} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["results"]]
        cursor = page["paging"]["next_cursor"]
        if cursor is None:
            break
    assert sorted(crm.system.state()["contacts"]) == sorted(seen)


def test_offsets_lead_through_all_items_once(client_for: ClientFor) -> None:
    erp = client_for("erp")
    total = erp.call("Items_List").json()["total"]
    pages = [erp.call("Items_List", query={"limit": 25, "offset": at}).json() for at in range(0, total, 25)]
    assert sorted(erp.system.state()["items"]) == sorted(row["sku"] for page in pages for row in page["value"])


def test_starting_after_leads_through_the_invoices_of_a_customer_newest_first(client_for: ClientFor) -> None:
    billing = client_for("billing")
    first = billing.call("GetInvoices", query={"limit": 2, "status": "open"}).json()
    second = billing.call(
        "GetInvoices", query={"limit": 2, "status": "open", "starting_after": first["data"][-1]["id"]}
    )
    created = [row["created"] for row in first["data"] + second.json()["data"]]
    assert first["has_more"]
    assert sorted(created, reverse=True) == created


def test_links_lead_through_all_tickets(client_for: ClientFor) -> None:
    tickets = client_for("tickets")
    reply = tickets.call("list-tickets", query={"page": 2, "per_page": 10, "status": "closed"})
    assert {"first", "prev", "next", "last"} == set(reply.links)
    assert "page=3" in reply.links["next"]["url"]
    assert "status=closed" in reply.links["next"]["url"]
    assert 10 == len(reply.json())
    assert 79 <= int(reply.headers["x-total-count"])


def test_deal_104_is_won_with_a_company_that_neither_erp_nor_billing_knows(client_for: ClientFor) -> None:
    crm = client_for("crm")
    deal = crm.call("getDeal", path={"deal_id": "D-104"}).json()
    company = crm.call("getCompany", path={"company_id": deal["company_id"]}).json()
    owner = crm.call("getOwner", path={"owner_id": deal["owner_id"]}).json()
    assert ("won", 18400.0, "EUR") == (deal["stage"], deal["amount"], deal["currency"])
    email = {"email": company["billing_email"]}
    assert [] == client_for("erp").call("Customers_List", query=email).json()["value"]
    assert [] == client_for("billing").call("GetCustomers", query=email).json()["data"]
    staff = client_for("hr").call("list_employees", query={"work_email": owner["email"]}).json()["data"]
    assert ["Account Manager"] == [row["job_title"] for row in staff]
