"""A library and its people, written as signatures: systems that no planner of ours was made for."""

from __future__ import annotations

import re

import pytest

from discovery.lower import ArgumentSignature, ResultField, Signature
from tools.action import ActionClass, ActionId

LETTERS = {
    "e": {"format": "email"},
    "d": {"format": "date"},
    "t": {"format": "date-time"},
    "n": {"type": "number"},
    "i": {"type": "integer"},
    "m": {"type": "integer", "unit": "minor"},
    "b": {"type": "boolean", "description": "Whether the author sees it"},
}


def signature(line: str, args: str, result: str = "", items: str | None = None) -> Signature:
    """`id CLASS METHOD path resource`; an argument is `name`, with `*` required, `:e` e-mail (see LETTERS),
    `=a|b` an enum, `~D-1` an example."""
    name, kind, method, path, resource = line.split()
    prefix = "" if items is None else f"{items}[]."
    fields = [re.match(r"(\w+)(?:=(.*))?", one) for one in result.split()]
    return Signature(
        id=ActionId(name),
        system=name.partition(".")[0],
        action_class=ActionClass(kind),
        method=method,
        path=path,
        resource=resource,
        items=items,
        args=tuple(argument(one) for one in args.split()),
        result=tuple(
            ResultField(path=prefix + one[1], type="string", enum=tuple(one[2].split("|")) if one[2] else ())
            for one in fields
            if one is not None
        ),
    )


def argument(text: str) -> ArgumentSignature:
    told = re.fullmatch(
        r"(?P<name>\w+)(?P<star>\*?)(?::(?P<letter>\w))?(?:=(?P<enum>[^~]*))?(?:~(?P<example>.*))?", text
    )
    assert told is not None, text
    enum = tuple(told["enum"].split("|")) if told["enum"] else ()
    more = LETTERS.get(told["letter"], {})
    return ArgumentSignature(
        **{"name": told["name"], "type": "string", "required": bool(told["star"]), "enum": enum,
           "example": told["example"], **more}
    )  # fmt: skip


MEMBER = "id name email phone status=active|blocked sponsor_id"
BOOK = "id title isbn shelf state=in|lent|lost branch_id"
LOAN = "id book_id member_id due_date status=open|returned"


@pytest.fixture(scope="session")
def library() -> tuple[Signature, ...]:
    return (
        signature("lib.list_members read GET /members member", "email:e name", MEMBER, ""),
        signature("lib.get_member read GET /members/{member_id} member", "member_id*~M-17", MEMBER),
        signature("lib.create_member write POST /members member", "name* email*:e phone sponsor_id~M-17", MEMBER),
        signature("lib.update_member write PATCH /members/{member_id} member", "member_id* name email:e phone", MEMBER),
        signature("lib.block_member write POST /members/{member_id}/block member", "member_id* reason", MEMBER),
        signature("lib.delete_member delete DELETE /members/{member_id} member", "member_id*"),
        signature("lib.list_books read GET /books book", "isbn title", BOOK, "books"),
        signature("lib.get_book read GET /books/{book_id} book", "book_id*~B-100", BOOK),
        signature("lib.update_book write PATCH /books/{book_id} book", "book_id* title shelf state=in|lent|lost", BOOK),
        signature("lib.list_loans read GET /loans loan", "member_id book_id", LOAN, "loans"),
        signature("lib.get_loan read GET /loans/{loan_id} loan", "loan_id*~L-5", LOAN),
        signature("lib.create_loan write POST /loans loan", "book_id*~B-100 member_id*~M-17 due_date:d", LOAN),
        signature("lib.return_loan write POST /loans/{loan_id}/return loan", "loan_id*", LOAN),
        signature("fees.list_members read GET /members member", "email:e", "id name email", "data"),
        signature("fees.get_member read GET /members/{id} member", "id*~fm_1x", "id name email"),
        signature("fees.create_member write POST /members member", "name* email*:e", "id name email"),
        signature(
            "fees.create_fine money POST /fines fine", "member_id*~fm_1x amount*:m currency*=eur|chf due:d", "id"
        ),
        signature("fees.cancel_fine write POST /fines/{fine_id}/cancel fine", "fine_id*~fi_1", "id"),
        signature("chat.send_message message POST /messages message", "recipient*:e subject* body*", "id"),
    )
