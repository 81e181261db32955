"""Paths of exchanges become templates: ids are places, words stay words until there is evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.exchange import Exchange
from discovery.infer import paths

AT = datetime(2026, 1, 1, tzinfo=UTC)


def seen(path: str, body: Any = None, method: str = "GET") -> Exchange:
    return Exchange(at=AT, method=method, path=path, status=200, response_body=body)


def templates(found: Iterable[Exchange]) -> list[str]:
    return [template.text for template, _ in paths.cluster(found)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users/123/orders/9f2c8b7a", "/users/{user_id}/orders/{order_id}"),
        ("/v1/customers/cus_9s8F", "/v1/customers/{customer_id}"),
        ("/companies/3f9d2c1e-8b7a-4d5e-9f2c-1a2b3c4d5e6f", "/companies/{company_id}"),
        ("/api/2/issues/PROJ-17", "/api/2/issues/{issue_id}"),
        ("/rest/api/3/issue/10001/comment", "/rest/api/3/issue/{issue_id}/comment"),
        ("/2010-04-01/Accounts/AC0123456789abcdef01234567/Calls.json", "/2010-04-01/Accounts/{account_id}/Calls.json"),
        ("/invoices/1234.pdf", "/invoices/{invoice_id}.pdf"),
        ("/v1/operations/88123:cancel", "/v1/operations/{operation_id}:cancel"),
        ("/users/someone@example.com", "/users/{user_id}"),
        ("/links/1/2", "/links/{link_id}/{link_id_2}"),
        ("/17", "/{id}"),
        ("/oauth2/token", "/oauth2/token"),
        ("/v2.1/application-templates/search", "/v2.1/application-templates/search"),
        ("/users/me", "/users/me"),
        ("/days/2026-01-31/shifts", "/days/{day_id}/shifts"),
        ("/", "/"),
    ],
)  # fmt: skip
def test_one_path_already_shows_what_can_be_no_word(path: str, expected: str) -> None:
    assert [expected] == templates([seen(path)])


RESOURCES = ("customers", "orders", "invoices", "products", "tickets", "employees", "shipments", "contracts")


def test_sibling_resources_never_melt_into_one() -> None:
    found = [seen(f"/{noun}/{number}", {"id": number, "name": "x"}) for noun in RESOURCES for number in range(5)]
    found += [seen(f"/{noun}", [{"id": 1, "name": "x"}]) for noun in RESOURCES]
    found += [seen(f"/v1/{noun}/{number}", {"id": number, "name": "x"}) for noun in RESOURCES for number in range(5)]
    found += [seen(f"/v1/{noun}", {"id": 1, "name": "x"}) for noun in RESOURCES]
    expected = [f"{prefix}/{noun}{rest}" for prefix in ("", "/v1") for noun in RESOURCES
                for rest in ("", f"/{{{noun[:-1]}_id}}")]  # fmt: skip
    assert sorted(expected) == templates(found)


WORDS = ("blue-shirt", "red-hat", "green-sock", "old-boot", "silk-scarf", "wool-coat", "linen-shirt")


def test_many_words_that_stand_in_the_records_they_lead_to_are_slugs() -> None:
    found = [seen(f"/products/{word}", {"slug": word, "price": 1, "stock": 2}) for word in WORDS]
    found += [seen("/products/search", {"results": [], "total": 0}), seen("/products/blue-shirt/reviews", [])]
    assert ["/products/search", "/products/{product_id}", "/products/{product_id}/reviews"] == templates(found)


def test_a_few_words_are_no_evidence() -> None:
    found = [seen(f"/products/{word}", {"slug": word, "price": 1}) for word in WORDS[:4]]
    assert [f"/products/{word}" for word in sorted(WORDS[:4])] == templates(found)


def test_words_of_one_shape_that_their_records_do_not_name_stay_words() -> None:
    found = [seen(f"/reports/{noun}", {"rows": 1, "sum": 2}) for noun in RESOURCES]
    assert [f"/reports/{noun}" for noun in sorted(RESOURCES)] == templates(found)


IDS = st.one_of(
    st.integers(0, 10**9).map(str),
    st.uuids().map(str),
    st.integers(0, 2**96 - 1).map(lambda number: f"{number:024x}"),
    st.from_regex(r"cus_[A-Za-z0-9]{6,14}[0-9]", fullmatch=True),
)


@given(ids=st.lists(st.tuples(IDS, IDS), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_whatever_the_ids_one_operation_is_one_template_and_gives_them_back(ids: list[tuple[str, str]]) -> None:
    ((template, found),) = paths.cluster([seen(f"/users/{one}/orders/{other}") for one, other in ids])
    assert ("/users/{user_id}/orders/{order_id}", ("user_id", "order_id")) == (template.text, template.names)
    assert ids == [template.values(exchange.path) for exchange in found]
    assert template.values("/users/1") is None
