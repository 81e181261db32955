"""The demo enterprise as discovery sees it: the class and resolver of every action that is not a plain read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from discovery import lower, surface
from discovery.links import Links
from discovery.lower import Signature
from tools.action import Surface

DOCUMENTS = Path(__file__).resolve().parents[3] / "evals" / "worlds" / "documents"
READS = {
    "billing": "get_customers get_customers_customer get_invoices get_invoices_invoice get_payments "
    "get_payments_payment get_refunds get_refunds_refund",
    "crm": "list_contacts get_contact list_companies get_company list_deals get_deal list_deal_notes list_owners "
    "get_owner list_emails get_email",
    "erp": "customers_list customers_get items_list items_get sales_orders_list sales_orders_get",
    "hr": "list_employees get_employee list_departments get_department list_time_off get_time_off",
    "identity": "accounts_list accounts_get accounts_groups_list groups_list groups_get groups_members_list",
    "tickets": "list_tickets get_ticket list_ticket_comments list_agents",
}
WRITES = {
    "billing": {
        "post_customers": ("write", "key"),
        "post_customers_customer": ("write", "key"),
        "delete_customers_customer": ("delete", "park"),
        "post_invoices": ("money", "key"),
        "post_invoices_invoice_finalize": ("money", "key"),
        "post_invoices_invoice_pay": ("money", "key"),
        "post_invoices_invoice_void": ("delete", "key"),
        "post_refunds": ("money", "key"),
    },
    "crm": {
        "create_contact": ("write", "natural_key"),
        "update_contact": ("write", "probe"),
        "delete_contact": ("delete", "park"),
        "create_company": ("write", "natural_key"),
        "update_company": ("write", "probe"),
        "create_deal": ("write", "natural_key"),
        "update_deal": ("write", "probe"),
        "create_deal_note": ("write", "park"),
        "send_email": ("message", "park"),
    },
    "erp": {
        "customers_create": ("write", "natural_key"),
        "customers_replace": ("write", "probe"),
        "items_create": ("write", "natural_key"),
        "items_update": ("write", "probe"),
        "sales_orders_create": ("write", "natural_key"),
        "sales_orders_confirm": ("write", "park"),
        "sales_orders_cancel": ("delete", "park"),
    },
    "hr": {
        "create_employee": ("write", "natural_key"),
        "update_employee": ("write", "probe"),
        "terminate_employee": ("delete", "park"),
        "request_time_off": ("write", "park"),
        "approve_time_off": ("write", "park"),
        "decline_time_off": ("write", "park"),
    },
    "identity": {
        "oauth_token": ("permission", "park"),
        "accounts_create": ("write", "natural_key"),
        "accounts_update": ("write", "probe"),
        "accounts_disable": ("permission", "park"),
        "accounts_enable": ("permission", "park"),
        "accounts_reset_password": ("permission", "park"),
        "groups_create": ("write", "natural_key"),
        "groups_members_add": ("permission", "probe"),
        "groups_members_remove": ("permission", "park"),
    },
    "tickets": {
        "create_ticket": ("write", "probe"),
        "update_ticket": ("write", "probe"),
        "assign_ticket": ("write", "park"),
        "close_ticket": ("write", "park"),
        "reopen_ticket": ("write", "park"),
        "add_ticket_comment": ("message", "park"),
    },
}
KEYS = {
    "billing.post_customers": "email",
    "crm.create_contact": "email",
    "crm.create_company": "domain",
    "crm.create_deal": "name",
    "erp.customers_create": "email",
    "erp.items_create": "sku",
    "erp.sales_orders_create": "reference",
    "hr.create_employee": "work_email",
    "identity.accounts_create": "email",
    "identity.groups_create": "name",
    "tickets.create_ticket": "external_ref",
}


@cache
def built(system: str) -> Surface:
    (path,) = DOCUMENTS.glob(f"{system}.*")
    return surface.build(system, path.read_bytes())


@cache
def signatures() -> tuple[Signature, ...]:
    return tuple(lower.signature(action, built(name).defs) for name in WRITES for action in built(name).actions)


@pytest.mark.parametrize("system", WRITES)
def test_every_operation_has_its_class_and_resolver(system: str) -> None:
    expected = WRITES[system] | dict.fromkeys(READS[system].split(), ("read", "park"))
    found = built(system)
    assert () == found.quarantine
    assert expected == {one.operation: (one.action_class.value, one.resolver.kind.value) for one in found.actions}


def test_a_lost_create_is_looked_for_by_what_tells_records_apart() -> None:
    probes = {
        action.id: action.resolver.probe
        for system in WRITES
        for action in built(system).actions
        if action.resolver.probe and action.resolver.probe.matches and action.method == "POST"
    }
    assert KEYS == {action: next(iter(probe.matches.values())) for action, probe in probes.items()}


@pytest.mark.parametrize(
    ("action", "argument", "producer", "field"),
    [
        ("crm.create_contact", "company_id", "crm.list_companies", "results[].id"),
        ("crm.update_deal", "deal_id", "crm.list_deals", "results[].id"),
        ("crm.create_deal", "owner_id", "crm.list_owners", "results[].id"),
        ("erp.sales_orders_create", "customer_number", "erp.customers_list", "value[].customer_number"),
        ("billing.post_invoices", "customer", "billing.get_customers", "data[].id"),
        ("billing.post_refunds", "payment", "billing.get_payments", "data[].id"),
        ("hr.terminate_employee", "employee_id", "hr.list_employees", "data[].id"),
        ("identity.groups_members_add", "account_id", "identity.accounts_list", "resources[].id"),
        ("identity.groups_members_add", "group_id", "identity.groups_list", "resources[].id"),
        ("tickets.close_ticket", "ticket_id", "tickets.list_tickets", "[].id"),
    ],
)
def test_the_first_producer_of_an_id_is_the_listing_of_its_resource(
    action: str, argument: str, producer: str, field: str
) -> None:
    consumer = next(one for one in signatures() if one.id == action)
    best = Links(signatures()).producers(consumer, argument)[0]
    assert (producer, field) == (best.signature.id, best.field)
