"""Every operation of every service, called as documented; the client holds each reply against the document."""

from typing import Any

from evals.worlds.client import Client, ClientFor


def created(client: Client, operation: str, body: dict[str, Any], key: str = "id", **path: str) -> str:
    reply = client.call(operation, body=body, path=path)
    assert reply.status_code in (200, 201), reply.text
    return str(reply.json()[key])


def statuses(client: Client, *calls: tuple[str, dict[str, Any]]) -> list[int]:
    return [client.call(operation, **arguments).status_code for operation, arguments in calls]


def test_the_crm_does_all_that_it_documents(client_for: ClientFor) -> None:
    crm = client_for("crm")
    person = {"first_name": "Ada", "last_name": "Byron", "email": "ada.byron@engines.example"}
    contact = created(crm, "createContact", person)
    company = created(crm, "createCompany", {"name": "Engines", "domain": "engines.example"})
    deal = created(crm, "createDeal", {"name": "Loom", "amount": 10.5, "currency": "EUR", "company_id": company})
    email = created(crm, "sendEmail", {"to": "a@b.example", "subject": "Hello", "body": "There"})
    assert [200] * 15 + [201, 204] == statuses(
        crm,
        ("listContacts", {"query": {"email": person["email"]}}),
        ("getContact", {"path": {"contact_id": contact}}),
        ("updateContact", {"path": {"contact_id": contact}, "body": {"company_id": company}}),
        ("listCompanies", {"query": {"domain": "engines.example"}}),
        ("getCompany", {"path": {"company_id": company}}),
        ("updateCompany", {"path": {"company_id": company}, "body": {"country": "GB"}}),
        ("listDeals", {"query": {"stage": "won", "limit": 3}}),
        ("getDeal", {"path": {"deal_id": deal}}),
        ("updateDeal", {"path": {"deal_id": deal}, "body": {"stage": "won"}}),
        ("listDealNotes", {"path": {"deal_id": "D-104"}}),
        ("listOwners", {}),
        ("getOwner", {"path": {"owner_id": "OW-3"}}),
        ("listEmails", {"query": {"to": "a@b.example"}}),
        ("getEmail", {"path": {"email_id": email}}),
        ("getDeal", {"path": {"deal_id": "D-104"}}),
        ("createDealNote", {"path": {"deal_id": deal}, "body": {"body": "Signed."}}),
        ("deleteContact", {"path": {"contact_id": contact}}),
    )


def test_the_erp_does_all_that_it_documents(client_for: ClientFor) -> None:
    erp = client_for("erp")
    debtor = {"name": "Engines", "email": "pay@engines.example", "country": "GB", "payment_terms": "net_30"}
    customer = created(erp, "Customers_Create", debtor, "customer_number")
    sku = created(
        erp, "Items_Create", {"sku": "XX-100", "description": "Thing", "unit_price": "9.90", "stock": 5}, "sku"
    )
    lines = [{"sku": sku, "quantity": 2}]
    order = created(erp, "SalesOrders_Create", {"customer_number": customer, "lines": lines}, "order_number")
    assert [200] * 10 == statuses(
        erp,
        ("Customers_List", {"query": {"email": debtor["email"]}}),
        ("Customers_Get", {"path": {"customer_number": customer}}),
        ("Customers_Replace", {"path": {"customer_number": customer}, "body": {**debtor, "name": "Engines Ltd"}}),
        ("Items_List", {"query": {"description": "pressure"}}),
        ("Items_Get", {"path": {"sku": sku}}),
        ("Items_Update", {"path": {"sku": sku}, "body": {"unit_price": "10.90"}}),
        ("SalesOrders_List", {"query": {"status": "draft"}}),
        ("SalesOrders_Get", {"path": {"order_number": order}}),
        ("SalesOrders_Confirm", {"path": {"order_number": order}}),
        ("SalesOrders_Cancel", {"path": {"order_number": order}}),
    )
    assert 5 == erp.call("Items_Get", path={"sku": sku}).json()["stock"]


def test_billing_does_all_that_it_documents(client_for: ClientFor) -> None:
    billing = client_for("billing")
    customer = created(billing, "PostCustomers", {"name": "Engines", "metadata[deal]": "D-1", "address[city]": "Leeds"})
    owed = {"customer": customer, "currency": "gbp", "items[0][amount]": "500", "items[0][quantity]": "3"}
    invoice, voided = created(billing, "PostInvoices", owed), created(billing, "PostInvoices", owed)
    assert [200] * 11 == statuses(
        billing,
        ("GetCustomers", {"query": {"limit": 2}}),
        ("GetCustomersCustomer", {"path": {"customer": customer}}),
        ("PostCustomersCustomer", {"path": {"customer": customer}, "body": {"email": "pay@engines.example"}}),
        ("GetInvoices", {"query": {"customer": customer}}),
        ("GetInvoicesInvoice", {"path": {"invoice": invoice}}),
        ("PostInvoicesInvoiceFinalize", {"path": {"invoice": invoice}}),
        ("PostInvoicesInvoicePay", {"path": {"invoice": invoice}}),
        ("PostInvoicesInvoiceFinalize", {"path": {"invoice": voided}}),
        ("PostInvoicesInvoiceVoid", {"path": {"invoice": voided}}),
        ("GetPayments", {"query": {"invoice": invoice}}),
        ("DeleteCustomersCustomer", {"path": {"customer": customer}}),
    )
    payment = billing.call("GetPayments", query={"invoice": invoice}).json()["data"][0]
    assert 1500 == payment["amount"]
    refund = created(billing, "PostRefunds", {"payment": payment["id"], "amount": "400"})
    assert [200] * 3 == statuses(
        billing,
        ("GetPaymentsPayment", {"path": {"payment": payment["id"]}}),
        ("GetRefunds", {"query": {"payment": payment["id"]}}),
        ("GetRefundsRefund", {"path": {"refund": refund}}),
    )


def test_hr_does_all_that_it_documents(client_for: ClientFor) -> None:
    hr = client_for("hr")
    person = {"given_name": "Ada", "family_name": "Byron", "work_email": "ada.byron@meridian.example"}
    job = {"department": "Engineering", "job_title": "Analyst", "start_date": "2026-07-01"}
    employee = created(hr, "create_employee", {**person, **job})
    days = {"employee_id": employee, "kind": "vacation", "first_day": "2026-08-01", "last_day": "2026-08-09"}
    first, second = created(hr, "request_time_off", days), created(hr, "request_time_off", days)
    leaving = {"last_day": "2026-12-31", "reason": "resignation"}
    assert [200] * 10 == statuses(
        hr,
        ("list_employees", {"query": {"work_email": person["work_email"]}}),
        ("get_employee", {"path": {"employee_id": employee}}),
        ("update_employee", {"path": {"employee_id": employee}, "body": {"salary": 70000}}),
        ("list_departments", {}),
        ("get_department", {"path": {"department_id": "DEP-02"}}),
        ("list_time_off", {"query": {"employee_id": employee}}),
        ("get_time_off", {"path": {"request_id": first}}),
        ("approve_time_off", {"path": {"request_id": first}}),
        ("decline_time_off", {"path": {"request_id": second}}),
        ("terminate_employee", {"path": {"employee_id": employee}, "body": leaving}),
    )


def test_identity_does_all_that_it_documents(client_for: ClientFor) -> None:
    identity = client_for("identity")
    person = {"username": "ada.byron", "email": "ada.byron@meridian.example", "display_name": "Ada Byron"}
    account = created(identity, "accounts.create", person)
    group = created(identity, "groups.create", {"name": "analysts"})
    both = {"account_id": account, "group_id": group}
    reset = {"temporary_password": "correct horse battery"}
    assert [200] * 9 + [202, 204, 204, 204] == statuses(
        identity,
        ("accounts.list", {"query": {"username": "ada.byron", "enabled": "true"}}),
        ("accounts.get", {"path": {"account_id": account}}),
        ("accounts.update", {"path": {"account_id": account}, "body": {"display_name": "Ada"}}),
        ("accounts.disable", {"path": {"account_id": account}}),
        ("accounts.enable", {"path": {"account_id": account}}),
        ("accounts.groups.list", {"path": {"account_id": account}}),
        ("groups.list", {"query": {"name": "analysts"}}),
        ("groups.get", {"path": {"group_id": group}}),
        ("groups.members.list", {"path": {"group_id": group}}),
        ("accounts.resetPassword", {"path": {"account_id": account}, "body": reset}),
        ("groups.members.add", {"path": both}),
        ("groups.members.add", {"path": both}),
        ("groups.members.remove", {"path": both}),
    )
    assert "correct horse" not in str(identity.system.ledger())


def test_tickets_does_all_that_it_documents(client_for: ClientFor) -> None:
    tickets = client_for("tickets")
    asked = {"subject": "It hums", "description": "All night.", "requester_email": "a@b.example", "mood": "ignored"}
    ticket = created(tickets, "create-ticket", asked)
    agent = tickets.call("list-agents").json()[0]["email"]
    assert [200] * 7 + [201] == statuses(
        tickets,
        ("list-tickets", {"query": {"status": "open", "per_page": 2, "page": 2}}),
        ("get-ticket", {"path": {"ticket_id": ticket}}),
        ("update-ticket", {"path": {"ticket_id": ticket}, "body": {"priority": "high"}}),
        ("assign-ticket", {"path": {"ticket_id": ticket}, "body": {"assignee_email": agent}}),
        ("close-ticket", {"path": {"ticket_id": ticket}, "body": {"comment": "Fixed."}}),
        ("reopen-ticket", {"path": {"ticket_id": ticket}}),
        ("list-ticket-comments", {"path": {"ticket_id": ticket}}),
        ("add-ticket-comment", {"path": {"ticket_id": ticket}, "body": {"body": "Thanks."}}),
    )
