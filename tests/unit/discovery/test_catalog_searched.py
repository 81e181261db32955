from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery.catalog import Index, stem
from discovery.lower import ArgumentSignature, Signature
from tools.action import ActionClass, ActionId


def signature(action: str, summary: str, resource: str, path: str, *arguments: str) -> Signature:
    return Signature(
        id=ActionId(action),
        system=action.partition(".")[0],
        action_class=ActionClass.WRITE,
        resource=resource,
        method="POST",
        path=path,
        summary=summary,
        args=tuple(ArgumentSignature(name=name, type="string") for name in arguments),
    )


CATALOG = [
    signature("crm.create_contact", "Create a contact", "contact", "/contacts", "email", "name"),
    signature("crm.list_contacts", "List contacts", "contact", "/contacts", "email"),
    signature("crm.delete_contact", "Delete a contact", "contact", "/contacts/{id}", "id"),
    signature("billing.create_invoice", "Create an invoice", "invoice", "/invoices", "customer", "amount"),
    signature("billing.void_invoice", "Void an invoice", "invoice", "/invoices/{id}/void", "invoice"),
    signature("hr.terminate_employee", "End an employment", "employee", "/employees/{id}/terminate", "last_day"),
    signature("tickets.create_ticket", "Open a ticket", "ticket", "/tickets", "subject"),
]
INDEX = Index.build(CATALOG)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add a new contact for ann@example.com", "crm.create_contact"),
        ("find the contacts with that email", "crm.list_contacts"),
        ("remove contact 17", "crm.delete_contact"),
        ("bill the customer 300 euros", "billing.create_invoice"),
        ("cancel invoice 9", "billing.void_invoice"),
        ("terminating employees", "hr.terminate_employee"),
        ("open a case about the printer", "tickets.create_ticket"),
    ],
)
def test_the_best_match_comes_first(text: str, expected: str) -> None:
    assert expected == INDEX.search(text)[0][1].id


def test_the_system_that_is_named_comes_first() -> None:
    rivals = [
        signature(f"{system}.create_task", "Create a task", "task", "/tasks")
        for system in ("asana", "click_up", "jira")
    ]
    index = Index.build(rivals)
    assert "jira.create_task" == index.search("create a task in Jira")[0][1].id
    assert [] == Index.build([signature("e_7.do", "Do", "", "/x")]).search("e-post")
    assert "click_up.create_task" == index.search("create a task in ClickUp")[0][1].id


def many(system: str, count: int, summary: str) -> list[Signature]:
    return [signature(f"{system}.do_{n}", summary, "thing", f"/{n}") for n in range(count)]


def test_common_words_find_all_actions_of_the_system_that_is_named() -> None:
    """Elsewhere, where enough is found by rarer words, a common one finds nothing."""
    rare = many("desk", 300, "Rare parrots")
    common = many("hub", 3_000, "Common sparrows")
    wanted = signature("hub.count_sparrows", "Sparrows", "sparrow", "/sparrows")
    found = Index.build([*rare, *common, wanted]).search("rare parrots or sparrows in hub")
    assert "hub.count_sparrows" == found[0][1].id


def test_a_name_of_a_system_is_not_taken_apart() -> None:
    index = Index.build(
        [
            signature("github.create_issue", "Create an issue", "issue", "/issues"),
            signature("github.create_git_tree", "Create a git tree in a hub", "tree", "/git/trees"),
            signature("hub.create_issue_tree", "Create an issue in a tree", "tree", "/trees"),
        ]
    )
    assert "github.create_issue" == index.search("create an issue on GitHub")[0][1].id


def test_a_word_that_most_others_use_names_no_system() -> None:
    others = [signature(f"s{letter}.make_deal", "Make a deal", "deal", "/deals") for letter in "abcdefgh"]
    named = signature("deals.find", "Find", "record", "/find")
    ranked = [found.id for _, found in Index.build([*others, named]).search("make a deal")]
    assert "deals.find" not in ranked[:8]


def test_a_name_is_found_however_its_words_are_joined() -> None:
    index = Index.build([signature("mail.list_things", "List", "thing", "/x"), *CATALOG])
    assert (
        "mail.list_things"
        == Index.build(
            [
                CATALOG[0].model_copy(update={"id": ActionId("mail.list_things"), "summary": "Things of GitHub"}),
                *CATALOG,
            ]
        )
        .search("github")[0][1]
        .id
    )
    assert [] == index.search("github")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("which contacts are there", "crm.list_contacts"),
        ("contact, erase it", "crm.delete_contact"),
        ("who is this contact", "crm.list_contacts"),
    ],
)
def test_a_question_is_answered_by_a_read_and_a_removal_by_no_read(text: str, expected: str) -> None:
    reads = [
        one.model_copy(update={"action_class": ActionClass.READ, "method": "GET"}) if "list" in one.id else one
        for one in CATALOG
    ]
    assert expected == Index.build(reads).search(text)[0][1].id


def test_a_common_word_ranks_the_same_as_in_a_small_catalog() -> None:
    """Many actions share `create`: it is counted another way then, and must not count otherwise."""
    many = [signature(f"crm.create_thing{n}", "Create it", f"thing{n}", f"/things{n}") for n in range(600)]
    index = Index.build([*many, *CATALOG])
    assert "billing.create_invoice" == index.search("create an invoice")[0][1].id
    assert 600 + 3 <= len(index.search("create", limit=1000))


def test_unknown_words_find_nothing() -> None:
    assert [] == INDEX.search("the of xylophone")
    assert [] == Index.build([]).search("contact")


@given(st.text(max_size=80), st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_results_are_ranked_bounded_and_the_same_each_time(text: str, limit: int) -> None:
    found = INDEX.search(text, limit)
    scores = [score for score, _ in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) <= limit
    assert found == Index.build(CATALOG).search(text, limit)


@pytest.mark.parametrize(
    "family",
    [("create", "creating", "created", "creates"), ("company", "companies"), ("stop", "stopped", "stopping")],
    ids=lambda family: family[0],
)
def test_forms_of_one_word_share_a_stem(family: tuple[str, ...]) -> None:
    assert 1 == len({stem(word) for word in family})
