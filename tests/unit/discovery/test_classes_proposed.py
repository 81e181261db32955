"""What discovery takes an operation for. The error that counts most is a write called a read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discovery import naming
from discovery.classify import propose_class
from discovery.described import Operation
from discovery.spoken import read_words
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
    ("read", ("GET", "/pay-runs", "listPayRuns", "Get all pay runs")),
    ("read", ("GET", "/newsletters/{id}/send-checklist", "", "Get the send checklist")),
    ("read", ("GET", "/repository/archive", "", "Get an archive of the repository")),
    ("read", ("GET", "/account/logins", "", "List the logins of an account")),
    ("read", ("GET", "/shelves.list", "shelves_list", "Lists all shelves")),
    ("read", ("GET", "/volumes", "listVolumes", "To list all volumes, send a GET request to `/volumes`.")),
    ("unknown", ("GET", "/panel.open", "panel_open", "Open a panel for a user")),
    ("unknown", ("GET", "/jobs.stepDone", "jobs_step_done", "Indicate that a step of a job is done")),
    ("unknown", ("GET", "/shelves.frobnicate", "shelves_frobnicate")),
    ("unknown", ("GET", "/devices/{id}/probe", "devices_probe", "Execute a method on a device")),
    ("unknown", ("GET", "/messages/next", "", "Returns the next message and deletes it")),
    ("unknown", ("GET", "/threads/{id}", "", "Marks a thread as read")),
    ("unknown", ("GET", "/orders/cancel/{id}")),
    ("unknown", ("GET", "/oauth/authorize", "", "Authorize a user")),
    ("unknown", ("GET", "/pods/{id}/run")),
    ("read", ("POST", "/markdown", "markdown/render", "Render a text")),
    ("read", ("POST", "/orders/batch-retrieve", "BatchRetrieveOrders", "BatchRetrieveOrders")),
    ("read", ("POST", "/contacts/batch/read", "", "Read a batch of contacts")),
    ("read", ("POST", "/carts/{id}/estimate-shipping-methods", "", "Estimate shipping by address")),
    ("read", ("POST", "/operations/billing-preview", "", "Generate a billing preview")),
    ("read", ("POST", "/names/match", "", "Retrieve a match score")),
    ("write", ("POST", "/matches/match", "createMatch", "Create a match")),
    ("permission", ("POST", "/session/token/get", "getToken", "Get an access token")),
    ("permission", ("POST", "/signin-url", "getLoginToken", "Returns a token")),
    ("permission", ("POST", "/login", "login", "Log in")),
    ("unknown", ("POST", "/events/{id}/read", "eventRead", "Event Mark as Read")),
    ("write", ("POST", "/conversations.rename", "", "Renames a conversation")),
    ("permission", ("POST", "/conversations.kick", "conversations_kick", "Removes a user from a conversation")),
    ("permission", ("POST", "/rooms/{id}/addMembers")),
    ("permission", ("PUT", "/teams/{id}/users/{user}")),
    ("permission", ("POST", "/users", "", "Create a user")),
    ("write", ("PATCH", "/users/{id}", "", "Update a user", "name")),
    ("permission", ("PATCH", "/users/{id}", "", "Update a user", "password")),
    ("write", ("PATCH", "/meetings/{id}", "", "Update a meeting", "password")),
    ("permission", ("POST", "/ephemeral_keys", "", "Creates a short-lived key")),
    ("write", ("POST", "/custom-field-keys", "", "Add a name")),
    ("permission", ("POST", "/relay/create", "", "Create a relay token to share a report")),
    ("permission", ("POST", "/webhooks", "", "Add a webhook")),
    ("delete", ("DELETE", "/webhooks/{id}")),
    ("write", ("POST", "/webhooks/{id}/test", "", "Test a webhook")),
    ("permission", ("POST", "/subscribers", "", "", "url", "enabled_events")),
    ("permission", ("PUT", "/repos/{id}/permissions-config/users/{user}")),
    ("permission", ("POST", "/repos/{id}/transfer", "", "", "new_name")),
    ("write", ("POST", "/articles/{id}/rating", "", "Set the rating")),
    ("write", ("POST", "/features/{id}/enable")),
    ("write", ("PUT", "/device-roles/{id}")),
    ("delete", ("POST", "/tables/{id}/deletecover", "", "Delete an item of a table")),
    ("write", ("POST", "/runs/{id}/cancel", "cancelRun", "Cancel a run")),
    ("delete", ("POST", "/bookings/{id}/cancel")),
    ("message", ("POST", "/Calls.json", "createCall", "Create a new outgoing call")),
    ("message", ("POST", "/chat.scheduleMessage", "", "Schedules a message")),
    ("message", ("POST", "/drafts/{id}/deliver", "", "Sends an email to all subscribers")),
    ("write", ("POST", "/jobs/{id}/pokes", "", "Send a request to the job")),
    ("message", ("POST", "/outgoing", "", "", "recipients", "subject")),
    ("message", ("POST", "/invoices/{id}/emails")),
    ("message", ("POST", "/emails/{id}/queue")),
    ("write", ("POST", "/email-templates", "createEmailTemplate", "Create a template")),
    ("write", ("POST", "/user/emails", "", "Add an address")),
    ("write", ("PUT", "/notification-settings")),
    ("money", ("POST", "/treasury/outbound_payments")),
    ("money", ("POST", "/payouts/{id}/reverse")),
    ("money", ("POST", "/payments/{id}/amountUpdates")),
    ("write", ("POST", "/payments/{id}/comments")),
    ("write", ("POST", "/charges/{id}", "", "Updates a charge", "description", "metadata")),
    ("money", ("POST", "/charges/{id}", "", "Updates a charge", "amount")),
    ("money", ("PUT", "/carts/{id}/order", "", "Places an order for a cart")),
    ("money", ("POST", "/numbers", "", "Purchase a number")),
    ("money", ("POST", "/transactions", "", "Create a transaction", "amount", "iban")),
    ("write", ("POST", "/deals", "", "Create a deal", "amount", "currency")),
    ("write", ("PUT", "/repos/{id}/subscription", "", "Watch a repository")),
    ("money", ("PUT", "/accounts/{id}/plans/addons")),
    ("write", ("POST", "/tasks/{id}/duplicate", "", "Duplicate a task")),
    ("unknown", ("POST", "/rules/{id}/run", "", "Run a rule")),
]


@pytest.mark.parametrize(
    ("expected", "given"), TABLE, ids=[f"{row[1][0]} {row[1][1]} {i}" for i, row in enumerate(TABLE)]
)
def test_the_class_proposed(expected: str, given: tuple[Any, ...]) -> None:
    assert expected == propose_class(action(*given)).action_class


def test_an_archive_that_something_empties_again_is_a_lesser_deed() -> None:
    archive = action("POST", "/rooms/{id}/archive")
    assert ActionClass.DELETE is propose_class(archive).action_class
    assert ActionClass.WRITE is propose_class(archive, done=frozenset({"/rooms/{}/unarchive"})).action_class


def test_a_path_that_can_be_read_ends_in_a_thing() -> None:
    comment = action("POST", "/issues/{id}/comment", "", "Add a comment")
    assert "issue" == read_words(comment).route.noun
    assert "comment" == read_words(comment, frozenset({"/issues/{}/comment/{}"})).route.noun


@pytest.mark.parametrize(("name", "expected"), [("markAsRead", "unknown"), ("marked", "read"), ("q", "read")])
def test_a_get_with_a_switch_for_an_effect_is_not_a_read(name: str, expected: str) -> None:
    switch = Argument(name=name, wire_name=name, place=Place.QUERY, json_schema={"type": "boolean"})
    given = action("GET", "/messages", "", "List messages").model_copy(update={"arguments": (switch,)})
    assert expected == propose_class(given).action_class


DEEDS = st.sampled_from("delete send revoke cancel publish execute indicate frobnicate open start share mark".split())


@given(DEEDS, st.sampled_from(["", "s"]), st.sampled_from(["a", "the", "an", "all", "this"]))
@settings(max_examples=60, deadline=None)
def test_a_get_whose_text_orders_something_else_than_to_look_is_never_a_read(deed: str, s: str, the: str) -> None:
    told = action("GET", "/views", "", f"{deed.capitalize()}{s} {the} view.")
    assert ActionClass.READ is not propose_class(told).action_class


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
