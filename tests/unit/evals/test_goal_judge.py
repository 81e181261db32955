"""The judge of the goals: what stands in the ledgers is what was meant, all of it, and nothing else."""

from typing import Any

import pytest

from evals.suites.goals.cases import Case, Change, Judgement, judge

CONTACT = {"first_name": "Rosa", "last_name": "Castro", "email": "rosa@kestrel.example"}
ADDED = Change(system="crm", operation="POST /contacts", fields=CONTACT)
MOVED = Change(system="crm", operation="PATCH /deals/{deal_id}", record_id="D-1", fields={"stage": "won"})
DEAL = {"id": "D-1", "stage": "open", "amount": 5.0, "tags": [], "updated_at": "2026-01-01"}


def case(*changes: Change) -> Case:
    return Case(id="it", half="dev", kind="single", goal="Do it.", changes=changes)


def created(operation: str, request: dict[str, Any], **filled_in: Any) -> dict[str, Any]:
    after = {"id": "N-1", "created_at": "2026-01-01", **filled_in, **request}
    return {"operation": operation, "record_id": "N-1", "request": request, "before": None, "after": after}


def changed(operation: str, request: dict[str, Any], **fields: Any) -> dict[str, Any]:
    after = {**DEAL, "updated_at": "2026-02-02", **fields}
    return {"operation": operation, "record_id": "D-1", "request": request, "before": DEAL, "after": after}


def is_right(change: Change, entry: dict[str, Any]) -> bool:
    return judge(case(change), {change.system: [entry]}).is_right


def contact(**more: Any) -> dict[str, Any]:
    return created("POST /contacts", {**CONTACT, **more}, phone=None, company_id=None)


def moved(**fields: Any) -> dict[str, Any]:
    return changed("PATCH /deals/{deal_id}", fields, **fields)


def test_what_was_meant_and_nothing_else_is_right() -> None:
    assert Judgement(is_right=True) == judge(case(ADDED, MOVED), {"crm": [moved(stage="won"), contact()], "erp": []})


def test_an_entry_that_nobody_asked_for_is_wrong() -> None:
    told = judge(case(ADDED), {"crm": [contact()], "erp": [created("POST /items", {"sku": "X"})]})

    assert Judgement(is_right=False, wrong=("erp POST /items N-1",)) == told


def test_the_same_entry_twice_is_wrong() -> None:
    told = judge(case(ADDED), {"crm": [contact(), contact()]})

    assert Judgement(is_right=False, wrong=("crm POST /contacts N-1",)) == told


def test_an_entry_that_is_not_there_is_missing() -> None:
    told = judge(case(ADDED, MOVED), {"crm": [contact()]})

    assert Judgement(is_right=False, missing=("crm PATCH /deals/{deal_id}",)) == told


def test_nothing_must_happen_where_nothing_is_meant() -> None:
    assert judge(case(), {"crm": [], "erp": []}).is_right
    assert not judge(case(), {"crm": [contact()]}).is_right


@pytest.mark.parametrize(
    "entry",
    [contact(email="rosa@kestrel.test"), contact(first_name="rosa"), contact(last_name=None)],
    ids=["another text", "another case", "none"],
)
def test_a_field_with_another_value_is_wrong(entry: dict[str, Any]) -> None:
    assert not is_right(ADDED, entry)


def test_the_right_entry_in_another_system_or_of_another_record_is_wrong() -> None:
    assert not judge(case(ADDED), {"erp": [contact()]}).is_right
    assert not is_right(MOVED, {**moved(stage="won"), "record_id": "D-2"})


def test_a_field_set_beyond_those_meant_is_wrong_on_a_new_record() -> None:
    assert not is_right(ADDED, contact(phone="+49 40 1"))


@pytest.mark.parametrize("nothing", [None, [], {}], ids=["null", "list", "object"])
def test_a_field_that_is_sent_empty_is_as_good_as_not_sent(nothing: Any) -> None:
    assert is_right(ADDED, contact(phone=nothing))


def test_a_field_beyond_those_meant_is_wrong_on_a_changed_record() -> None:
    assert is_right(MOVED, moved(stage="won"))
    assert not is_right(MOVED, moved(stage="won", amount=6.0))
    assert not is_right(MOVED, moved(stage="won", tags=["new"]))


def test_another_operation_counts_only_where_the_case_says_so() -> None:
    entry = changed("POST /deals/{deal_id}/win", {}, stage="won")

    assert not is_right(MOVED, entry)
    assert is_right(MOVED.model_copy(update={"instead": ("POST /deals/{deal_id}/win",)}), entry)


@pytest.mark.parametrize(
    ("found", "meant", "expected"),
    [
        ("18400.00", 18400, True),
        (598.5, 598.50, True),
        ("598.05", 598.50, False),
        (924000, 9240, False),
        ("a lot", 9240, False),
        ("70045", "70045", True),
        ("+491", "491", False),
        (True, 1, False),
    ],
)
def test_a_number_is_compared_as_a_number_and_a_text_as_a_text(found: Any, meant: Any, expected: bool) -> None:
    change = Change(system="erp", operation="POST /items", fields={"value": meant})

    assert expected == is_right(change, created("POST /items", {"value": found}))


def test_a_field_that_may_be_set_need_not_be() -> None:
    change = ADDED.model_copy(update={"may": {"phone": ["1", "2"], "job_title": "*"}})

    assert is_right(change, contact())
    assert is_right(change, contact(phone="2", job_title="Anything"))


def test_a_field_that_may_be_set_has_one_of_the_values_allowed() -> None:
    assert not is_right(ADDED.model_copy(update={"may": {"phone": ["1", "2"]}}), contact(phone="3"))


def test_what_a_record_had_before_is_not_held_against_what_may_be_set() -> None:
    assert is_right(MOVED.model_copy(update={"may": {"amount": 9}}), moved(stage="won"))


def test_a_part_of_an_object_may_be_set_and_no_other_part() -> None:
    change = ADDED.model_copy(update={"may": {"address.country": "IE"}})

    assert is_right(change, contact(address={"country": "IE", "city": None}))
    assert not is_right(change, contact(address={"country": "IE", "city": "Galway"}))


def test_lines_have_at_least_what_is_meant_and_are_as_many() -> None:
    change = Change(system="erp", operation="POST /orders", fields={"lines": [{"sku": "A", "quantity": 2}]})
    line = {"sku": "A", "quantity": 2, "line_total": "24.00"}

    assert is_right(change, created("POST /orders", {"lines": [line]}))
    assert not is_right(change, created("POST /orders", {"lines": [line, line]}))
    assert not is_right(change, created("POST /orders", {"lines": [{**line, "quantity": 3}]}))


@pytest.mark.parametrize(
    ("body", "expected"),
    [("Hello, KESTREL foods is set up.", True), ("Hello, all is set up.", False), (None, False)],
)
def test_a_free_text_must_contain_what_is_meant(body: str | None, expected: bool) -> None:
    change = Change(system="crm", operation="POST /emails", contains={"body": "Kestrel Foods"})

    assert expected == is_right(change, created("POST /emails", {"body": body}))


def test_what_only_the_request_tells_is_judged_too() -> None:
    """The reason of a termination stands in no record, a closing comment in another one."""
    operation = "POST /deals/{deal_id}/close"
    change = Change(system="crm", operation=operation, record_id="D-1", fields={"stage": "won", "reason": "price"})

    assert is_right(change, changed(operation, {"reason": "price"}, stage="won"))
    assert not is_right(change, changed(operation, {"reason": "quality"}, stage="won"))
    assert not is_right(change, changed(operation, {"reason": "price", "comment": "Bye"}, stage="won"))


def test_a_deletion_needs_no_word_about_the_fields_that_went() -> None:
    change = Change(system="crm", operation="DELETE /deals/{deal_id}", record_id="D-1")
    entry = {**changed("DELETE /deals/{deal_id}", {}), "after": None}

    assert is_right(change, entry)
    assert not is_right(change, {**entry, "record_id": "D-2"})
