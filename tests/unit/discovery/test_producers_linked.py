from __future__ import annotations

from discovery import links
from discovery.links import Links
from discovery.lower import ArgumentSignature, ResultField, Signature
from tools.action import ActionClass, ActionId


def signature(
    action: str, resource: str, path: str, args: str = "", result: str = "", items: str | None = None
) -> Signature:
    return Signature(
        id=ActionId(action),
        system=action.partition(".")[0],
        action_class=ActionClass.READ if result else ActionClass.WRITE,
        resource=resource,
        method="GET" if result else "POST",
        path=path,
        args=tuple(ArgumentSignature(name=name, type="string", is_target=True) for name in args.split()),
        result=tuple(ResultField(path=one, type="string") for one in result.split()),
        items=items,
    )


COMPANIES = signature(
    "crm.list_companies", "company", "/companies", result="results[].name results[].id", items="results"
)
COMPANY = signature("crm.get_company", "company", "/companies/{company_id}", "company_id", "id name")
DEALS = signature("crm.list_deals", "deal", "/deals", result="results[].id results[].company_id", items="results")
ELSEWHERE = signature("erp.get_company", "company", "/companies/{id}", "id", "id name")
CREATE = signature("crm.create_contact", "contact", "/contacts", "company_id email")
CATALOG = [ELSEWHERE, DEALS, CREATE, COMPANY, COMPANIES]


def found(consumer: Signature, argument: str) -> list[tuple[str, str]]:
    return [(one.signature.id, one.field) for one in Links(CATALOG).producers(consumer, argument)]


def test_a_listing_of_the_resource_comes_before_other_places_that_name_it() -> None:
    assert [
        ("crm.list_companies", "results[].id"),
        ("crm.get_company", "id"),
        ("crm.list_deals", "results[].company_id"),
        ("erp.get_company", "id"),
    ] == found(CREATE, "company_id")


def test_a_path_argument_called_id_is_that_of_the_segment_before_it() -> None:
    consumer = signature("erp.close_company", "company", "/companies/{id}/close", "id")
    assert "company" == links.needs(consumer, "id")
    assert ("erp.get_company", "id") == found(consumer, "id")[0]


def test_an_argument_named_like_the_resource_takes_its_id() -> None:
    consumer = signature("crm.create_visit", "visit", "/visits", "company")
    assert ("crm.list_companies", "results[].id") == found(consumer, "company")[0]


def test_what_names_no_record_has_no_producers() -> None:
    consumer = CREATE.model_copy(update={"args": (ArgumentSignature(name="email", type="string"),)})
    assert None is links.needs(consumer, "email")
    assert [] == found(consumer, "email")
    assert None is links.needs(consumer, "unheard")
