"""What discovery takes an operation for. The error that counts most is a write called a read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery import naming
from discovery.classify import propose_class
from discovery.described import Operation
from tools.action import Action, ActionClass, ActionId, Argument, Place


def action(method: str, path: str, name: str = "", summary: str = "", *arguments: str) -> Action:
    (operation,) = naming.names([Operation(method=method, path=path, pointer="", operation_id=name)])
    return Action(
        id=ActionId(f"x.{operation}"),
        system="x",
        operation=operation,
        method=method,
        path=path,
        pointer="",
        summary=summary,
        arguments=tuple(Argument(name=one, wire_name=one, place=Place.BODY) for one in arguments),
    )


TABLE: list[tuple[str, tuple[Any, ...]]] = [
    ("read", ("GET", "/contacts")),
    ("read", ("GET", "/contacts/{id}", "getContact", "Fetch a contact")),
    ("read", ("HEAD", "/contacts")),
    ("read", ("GET", "/orders/{id}/updates", "listOrderUpdates")),
    ("read", ("GET", "/repos/{repo}/releases/latest", "repos/get-latest-release")),
    ("read", ("GET", "/payments/{id}/refunds")),
    ("read", ("GET", "/permissions")),
    ("unknown", ("GET", "/contacts/{id}/delete")),
    ("unknown", ("GET", "/messages/send")),
    ("unknown", ("GET", "/session/logout")),
    ("unknown", ("GET", "/payments/{id}/refund")),
    ("unknown", ("GET", "/auth.revoke", "auth_revoke")),
    ("unknown", ("GET", "/contacts/{id}", "deleteContact")),
    ("unknown", ("GET", "/contacts/{id}/x", "", "Deletes the contact")),
    ("unknown", ("TRACE", "/contacts")),
    ("read", ("POST", "/contacts/search", "searchContacts", "Search contacts")),
    ("read", ("POST", "/invoices/{id}/preview")),
    ("read", ("POST", "/databases/{id}/query", "queryDatabase", "Query a database")),
    ("write", ("POST", "/list", "createList", "Create a list")),
    ("read", ("POST", "/accounts/get", "accountsGet", "Retrieve accounts")),
    ("unknown", ("POST", "/accounts/list", "", "A list")),
    ("write", ("POST", "/filters", "createFilter")),
    ("write", ("POST", "/saved/search", "createSearch", "Create a saved search")),
    ("write", ("POST", "/contacts", "createContact", "Read, search and list contacts")),
    ("write", ("PUT", "/contacts/search")),
    ("write", ("PATCH", "/deals/{id}")),
    ("write", ("POST", "/deals/{id}/win")),
    ("write", ("POST", "/tickets/{id}/close")),
    ("write", ("POST", "/tickets/{id}/comments", "addComment", "", "body")),
    ("message", ("POST", "/tickets/{id}/comments", "addComment", "", "body", "public")),
    ("message", ("POST", "/emails", "sendEmail")),
    ("message", ("POST", "/invoices/{id}/send")),
    ("message", ("POST", "/users/{id}/notify")),
    ("delete", ("DELETE", "/contacts/{id}")),
    ("delete", ("POST", "/contacts/{id}/archive")),
    ("delete", ("POST", "/invoices/{id}/void")),
    ("delete", ("POST", "/orders/{id}/force-cancel")),
    ("delete", ("POST", "/employees/{id}/terminate")),
    ("delete", ("POST", "/accounts/{id}/close")),
    ("delete", ("POST", "/contacts/batch/delete", "batchDelete")),
    ("money", ("POST", "/payments")),
    ("money", ("PATCH", "/invoices/{id}")),
    ("money", ("POST", "/charges/{id}/refund")),
    ("money", ("POST", "/v1/credit_notes")),
    ("money", ("POST", "/orders/{id}/pay")),
    ("permission", ("PUT", "/groups/{id}/members/{user}")),
    ("permission", ("DELETE", "/groups/{id}/members/{user}")),
    ("permission", ("POST", "/accounts/{id}/disable")),
    ("permission", ("POST", "/accounts/{id}/reset-password")),
    ("permission", ("POST", "/api-keys")),
    ("permission", ("PATCH", "/users/{id}", "", "", "name", "roles")),
    ("unknown", ("POST", "/batch")),
    ("unknown", ("POST", "/graphql")),
    ("unknown", ("POST", "/things/{id}/frobnicate")),
]


@pytest.mark.parametrize(
    ("expected", "given"), TABLE, ids=[f"{row[1][0]} {row[1][1]} {i}" for i, row in enumerate(TABLE)]
)
def test_the_class_proposed(expected: str, given: tuple[Any, ...]) -> None:
    assert expected == propose_class(action(*given)).action_class


WORDS = st.sampled_from(
    "contact contacts {id} search list get send delete archive invoice refund members create preview v1 logs".split()
)
LOOKING = ("search", "query", "lookup", "preview", "validate", "calculate", "estimate", "count", "list", "get")


@given(
    st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]), st.lists(WORDS, min_size=1, max_size=5), st.text(max_size=30)
)
@settings(max_examples=200, deadline=None)
def test_no_summary_makes_a_write_a_read_unless_the_path_asks(method: str, words: list[str], summary: str) -> None:
    proposed = propose_class(action(method, "/" + "/".join(words), "", f"Get the list. {summary}"))
    if proposed.action_class is ActionClass.READ:
        assert method == "POST"
        assert [word for word in words if word != "v1"][-1] in LOOKING


@given(WORDS, st.sampled_from("delete send revoke cancel void refund logout pay terminate create update".split()))
@settings(max_examples=60, deadline=None)
def test_a_get_whose_path_ends_in_a_deed_is_never_a_read(word: str, deed: str) -> None:
    assert ActionClass.READ is not propose_class(action("GET", f"/{word}/{deed}")).action_class
