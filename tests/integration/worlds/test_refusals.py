"""What the services refuse, with which status, and how each tells it."""

from typing import Any

import httpx
import pytest

from evals.worlds import credentials
from evals.worlds.client import ClientFor
from evals.worlds.credentials import BasicPair, BearerKey, Credential, HeaderKey
from evals.worlds.enterprise import Enterprise

WRONG: dict[str, Credential] = {
    "crm": BearerKey(token="wrong"),
    "erp": HeaderKey(header_name="X-ERP-Key", header_value="wrong"),
    "billing": BearerKey(token="wrong"),
    "hr": BasicPair(username="interlock", password="wrong"),
    "tickets": HeaderKey(header_name="X-Api-Key", header_value="wrong"),
}
READERS: dict[str, Credential] = {
    "crm": BearerKey(token=credentials.CRM_READER_KEY),
    "erp": HeaderKey(header_name="X-ERP-Key", header_value=credentials.ERP_READER_KEY),
    "billing": BearerKey(token=credentials.BILLING_READER_KEY),
    "hr": BasicPair(username=credentials.HR_READER_USERNAME, password=credentials.HR_READER_PASSWORD),
    "tickets": HeaderKey(header_name="X-Api-Key", header_value=credentials.TICKETS_READER_KEY),
}
LIST = {
    "crm": "listDeals",
    "erp": "Items_List",
    "billing": "GetInvoices",
    "hr": "list_departments",
    "tickets": "list-tickets",
}
CREATE = {
    "crm": "createContact",
    "erp": "Items_Create",
    "billing": "PostCustomers",
    "hr": "request_time_off",
    "tickets": "create-ticket",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_credential_is_refused_with_a_challenge(client_for: ClientFor, name: str) -> None:
    reply = client_for(name, WRONG[name]).call(LIST[name])
    assert 401 == reply.status_code
    assert reply.headers["www-authenticate"]


@pytest.mark.parametrize("name", READERS)
def test_a_read_only_credential_reads_and_does_not_write(client_for: ClientFor, name: str) -> None:
    client = client_for(name, READERS[name])
    assert (200, 403) == (client.call(LIST[name]).status_code, client.call(CREATE[name], body={}).status_code)


@pytest.mark.parametrize(
    ("name", "operation", "path", "body", "status", "told"),
    [
        ("crm", "createContact", {}, {"first_name": "A", "email": "no"}, 422, ["/last_name", "/email"]),
        (
            "crm",
            "createContact",
            {},
            {"first_name": "A", "last_name": "B", "email": "a@b.example", "x": 1},
            422,
            ["/x"],
        ),
        ("crm", "updateDeal", {"deal_id": "D-104"}, {"stage": "almost"}, 422, ["/stage"]),
        ("crm", "updateDeal", {"deal_id": "D-104"}, {"company_id": "CO-1"}, 422, ["/company_id"]),
        ("crm", "getDeal", {"deal_id": "D-9"}, None, 404, ["D-9"]),
        ("crm", "deleteContact", {"contact_id": "C-1005"}, None, 409, ["CONTACT_IN_USE"]),
        (
            "erp",
            "Customers_Create",
            {},
            {"name": "A", "country": "Germany"},
            422,
            ["/email", "/country", "/payment_terms"],
        ),
        ("erp", "Items_Create", {}, {"sku": "AB-100", "description": "A", "unit_price": 1.5}, 422, ["/unit_price"]),
        (
            "erp",
            "SalesOrders_Create",
            {},
            {"customer_number": "70001", "lines": [{"sku": "PT-100", "quantity": 0}]},
            422,
            ["/lines/0/quantity"],
        ),
        (
            "erp",
            "SalesOrders_Create",
            {},
            {"customer_number": "70001", "lines": [{"sku": "NO-100", "quantity": 1}]},
            422,
            ["/lines/0/sku"],
        ),
        ("erp", "SalesOrders_Confirm", {"order_number": "SO-20001"}, None, 409, ["order_not_draft"]),
        ("billing", "PostInvoices", {}, {"customer": "cus_x", "amount": "5"}, 400, ["parameter_missing", "currency"]),
        ("billing", "PostInvoices", {}, {"customer": "cus_x", "amount": "5", "currency": "eur"}, 400, ["cus_x"]),
        ("billing", "PostCustomers", {}, {"nmae": "A"}, 400, ["parameter_unknown", "nmae"]),
        ("billing", "GetCustomersCustomer", {"customer": "cus_x"}, None, 404, ["resource_missing"]),
        ("hr", "create_employee", {}, {"given_name": "A", "salary": "much"}, 422, ["/family_name", "/salary"]),
        (
            "hr",
            "request_time_off",
            {},
            {"employee_id": "E-1001", "kind": "fun", "first_day": "2026-08-01", "last_day": "2026-08-01"},
            422,
            ["/kind"],
        ),
        (
            "hr",
            "terminate_employee",
            {"employee_id": "E-1004"},
            {"last_day": "2026-08-01", "reason": "retirement"},
            409,
            ["has-reports"],
        ),
        (
            "identity",
            "accounts.create",
            {},
            {"username": "A B", "email": "a@b.example", "display_name": "A"},
            422,
            ["/username"],
        ),
        ("tickets", "create-ticket", {}, {"subject": "A", "priority": "now"}, 422, ["/description", "/priority"]),
        (
            "tickets",
            "assign-ticket",
            {"ticket_id": "T-5100"},
            {"assignee_email": "no@body.example"},
            422,
            ["/assignee_email"],
        ),
        ("tickets", "close-ticket", {"ticket_id": "T-5001"}, {}, 409, ["TicketClosed"]),
    ],
)
def test_a_request_that_breaks_a_rule_is_told_where(
    client_for: ClientFor, name: str, operation: str, path: dict[str, str], body: Any, status: int, told: list[str]
) -> None:
    client = client_for(name)
    before = len(client.system.ledger())
    reply = client.call(operation, path=path, body=body)
    assert status == reply.status_code, reply.text
    assert [] == [word for word in told if word not in reply.text]
    assert before == len(client.system.ledger())


@pytest.mark.parametrize(
    ("name", "operation", "body"),
    [
        ("crm", "createContact", {"first_name": "A", "last_name": "B", "email": "ROSA.castro@kestrel-foods.example"}),
        ("crm", "createCompany", {"name": "A", "domain": "kestrel-foods.example"}),
        (
            "erp",
            "Customers_Create",
            {"name": "A", "email": "accounts@brightwater.example", "country": "NL", "payment_terms": "net_30"},
        ),
        (
            "hr",
            "create_employee",
            {
                "given_name": "A",
                "family_name": "B",
                "work_email": "david.okafor@meridian.example",
                "department": "Sales",
                "job_title": "C",
                "start_date": "2026-07-01",
            },
        ),
        ("identity", "accounts.create", {"username": "david.okafor", "email": "a@b.example", "display_name": "A"}),
        ("identity", "groups.create", {"name": "all-staff"}),
    ],
)
def test_a_second_record_of_the_same_natural_key_is_a_conflict(
    client_for: ClientFor, name: str, operation: str, body: dict[str, Any]
) -> None:
    assert 409 == client_for(name).call(operation, body=body).status_code


def test_a_body_that_is_no_json_is_malformed_and_another_media_type_unsupported(enterprise: Enterprise) -> None:
    url = enterprise["crm"].base_url + "/contacts"
    headers = {"Authorization": f"Bearer {credentials.CRM_KEY}"}
    json_type = {"Content-Type": "application/json"}
    odd = [b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b'{"a": ', b"\xff", b"[" * 100_000]
    malformed = [httpx.post(url, content=one, headers=headers | json_type, trust_env=False) for one in odd]
    unsupported = httpx.post(url, data={"first_name": "A"}, headers=headers, trust_env=False)
    assert [400] * len(odd) == [reply.status_code for reply in malformed]
    assert 415 == unsupported.status_code


def test_the_evaluation_view_opens_to_no_credential_of_a_client(enterprise: Enterprise) -> None:
    headers = {"Authorization": f"Bearer {credentials.CRM_KEY}"}
    assert 401 == httpx.get(enterprise["crm"].origin + "/_world/state", headers=headers, trust_env=False).status_code
