"""The verb table: what a person's verb may mean as an operation, and which verbs must be said to be meant.

A verb stands for a *kind* of operation (create, update, delete, read, message), for an operation that bears the verb
itself (`close_ticket`, `POST /invoices/{id}/void`), or for a state that an update may set (close: `status = closed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    READ = "read"
    MESSAGE = "message"
    ACT = "act"
    #: an operation with a verb of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One reading of a word: `said` is its plain form, `kinds` what it may stand for."""

    said: str
    kinds: frozenset[Kind]
    states: frozenset[str] = frozenset()
    #: enum values that an update sets when this verb is said
    noun: str = ""
    #: the resource that this verb creates: to invoice is to create an invoice


def _verb(said: str, *kinds: Kind, states: str = "", noun: str = "") -> Verb:
    return Verb(said=said, kinds=frozenset(kinds), states=frozenset(states.split()), noun=noun)


#: Word -> its plain form, for words that mean the same operation.
_SAME = {
    "register": "create", "log": "create", "draft": "create", "file": "create", "enter": "create", "record": "create",
    "prepare": "create", "issue": "create", "place": "create", "post": "create", "leave": "create", "submit": "create",
    "generate": "create", "input": "create", "lodge": "create", "insert": "create",
    "change": "update", "set": "update", "edit": "update", "modify": "update", "correct": "update", "rename": "update",
    "mark": "update", "give": "update", "move": "update", "switch": "update", "amend": "update", "alter": "update",
    "revise": "update", "increase": "update", "lower": "update", "rectify": "update", "flag": "update",
    "reduce": "update", "decrease": "update", "promote": "update", "escalate": "update", "transfer": "update",
    "extend": "update", "adjust": "update", "replace": "update", "fix": "update", "assume": "update",
    "upgrade": "update", "downgrade": "update", "relocate": "update", "postpone": "update", "reschedule": "update",
    "shift": "update", "bump": "update", "push": "update", "swap": "update",
    "show": "read", "get": "read", "find": "read", "list": "read", "display": "read", "fetch": "read", "read": "read",
    "view": "read", "retrieve": "read",
    "notify": "tell", "inform": "tell", "message": "tell", "email": "tell", "e-mail": "tell", "mail": "tell",
    "alert": "tell", "write": "tell", "remind": "tell", "warn": "tell",
    "activate": "enable", "reactivate": "enable", "reinstate": "enable", "unblock": "enable",
    "deactivate": "disable", "reassign": "assign", "allocate": "assign", "route": "assign",
    "void": "void", "annul": "void", "nullify": "void", "invalidate": "void", "erase": "delete",
    "reject": "decline", "deny": "decline", "authorise": "approve",
    "authorize": "approve", "grant": "approve", "scrap": "cancel", "withdraw": "cancel", "reimburse": "refund",
    "settle": "pay",
    "answer": "reply", "respond": "reply",
    "bill": "invoice", "finalise": "finalize", "book": "request", "apply": "request",
    "enrol": "add", "enroll": "add", "include": "add", "attach": "add", "append": "add",
}  # fmt: skip

_TABLE = {
    verb.said: verb
    for verb in (
        _verb("create", Kind.CREATE),
        _verb("add", Kind.CREATE, Kind.ACT, Kind.UPDATE),
        _verb("update", Kind.UPDATE),
        _verb("raise", Kind.CREATE, Kind.UPDATE),
        _verb("make", Kind.CREATE, Kind.UPDATE),
        _verb("put", Kind.CREATE, Kind.UPDATE),
        _verb("delete", Kind.DELETE),
        _verb("remove", Kind.DELETE, Kind.ACT),
        _verb("read", Kind.READ),
        _verb("tell", Kind.MESSAGE),
        _verb("send", Kind.MESSAGE, Kind.ACT),
        _verb("request", Kind.CREATE, Kind.ACT),
        _verb("open", Kind.CREATE, Kind.ACT),
        _verb("assign", Kind.ACT, Kind.UPDATE),
        _verb("close", Kind.ACT, Kind.UPDATE, states="closed"),
        _verb("solve", Kind.ACT, Kind.UPDATE, states="solved"),
        _verb("resolve", Kind.ACT, Kind.UPDATE, states="resolved"),
        _verb("reopen", Kind.ACT),
        _verb("approve", Kind.ACT, Kind.UPDATE, states="approved"),
        _verb("decline", Kind.ACT, Kind.UPDATE, states="declined rejected"),
        _verb("confirm", Kind.ACT, Kind.UPDATE, states="confirmed"),
        _verb("finalize", Kind.ACT),
        _verb("publish", Kind.ACT, Kind.UPDATE, states="published"),
        _verb("pay", Kind.ACT),
        _verb("enable", Kind.ACT),
        _verb("disable", Kind.ACT),
        _verb("suspend", Kind.ACT, Kind.UPDATE, states="suspended"),
        _verb("archive", Kind.ACT),
        _verb("terminate", Kind.ACT),
        _verb("cancel", Kind.ACT),
        _verb("void", Kind.ACT),
        _verb("reset", Kind.ACT),
        _verb("revoke", Kind.ACT),
        _verb("lock", Kind.ACT),
        _verb("unlock", Kind.ACT),
        _verb("refund", Kind.ACT, Kind.CREATE, noun="refund"),
        _verb("hire", Kind.CREATE, noun="employee"),
        _verb("invoice", Kind.CREATE, noun="invoice"),
        _verb("order", Kind.CREATE, noun="order"),
        _verb("comment", Kind.CREATE, noun="comment"),
        _verb("note", Kind.CREATE, noun="note"),
        _verb("reply", Kind.CREATE, Kind.ACT, noun="comment"),
        _verb("merge", Kind.ACT),
        _verb("start", Kind.ACT),
        _verb("stop", Kind.ACT),
        _verb("complete", Kind.ACT, Kind.UPDATE, states="completed done"),
        _verb("ship", Kind.ACT, Kind.UPDATE, states="shipped"),
    )
}

#: Two words that are one verb: they stand for the right-hand verb.
PHRASAL = {
    ("set", "up"): "create", ("look", "up"): "read", ("take", "on"): "create", ("call", "off"): "cancel",
    ("close", "out"): "close", ("write", "to"): "tell", ("sign", "up"): "create", ("put", "into"): "add",
    ("put", "in"): "add", ("put", "to"): "update", ("take", "out"): "remove", ("take", "off"): "remove",
    ("take", "from"): "remove", ("kick", "out"): "remove", ("pull", "out"): "remove", ("hand", "over"): "assign",
    ("hand", "to"): "assign", ("let", "know"): "tell", ("turn", "down"): "decline", ("turn", "off"): "disable",
    ("switch", "off"): "disable", ("give", "back"): "refund", ("pay", "back"): "refund", ("set", "to"): "update",
    ("give", "access"): "add", ("grant", "access"): "add", ("give", "to"): "assign",
    ("pass", "to"): "assign", ("shut", "down"): "close", ("end", "employment"): "terminate",
    ("end", "contract"): "terminate", ("pass", "on"): "assign", ("open", "again"): "reopen",
    ("collect", "payment"): "pay", ("turn", "on"): "enable", ("switch", "on"): "enable", ("sign", "off"): "approve",
    ("get", "rid"): "delete", ("bring", "back"): "enable",
}  # fmt: skip
#: Those whose second word may stand further on: `take X out of Y`.
PARTED = frozenset({
    ("put", "into"), ("put", "in"), ("take", "out"), ("take", "off"), ("take", "from"), ("kick", "out"),
    ("pull", "out"), ("hand", "over"), ("hand", "to"), ("let", "know"), ("turn", "off"), ("turn", "down"),
    ("switch", "off"), ("give", "back"), ("pay", "back"),
    ("give", "to"), ("pass", "to"), ("give", "access"), ("grant", "access"), ("end", "employment"),
    ("end", "contract"), ("collect", "payment"), ("turn", "on"), ("switch", "on"),
})  # fmt: skip

#: Verbs that are nouns as often. After "and" or a comma they open a new clause only when what follows makes it plain.
NOUN_LIKE = frozenset(
    "email e-mail mail invoice order note comment message bill file log list book set open request start stop raise"
    " ship refund record leave place post issue pay release fix view flag upgrade shift push swap bump route".split()
)

#: Operations that take away or cannot be taken back -> the verbs of which one must be said.
MUST_BE_SAID: dict[str, frozenset[str]] = {
    word: frozenset(said.split())
    for word, said in {
        "delete": "delete remove", "destroy": "delete destroy", "remove": "remove delete", "void": "void",
        "refund": "refund", "terminate": "terminate", "cancel": "cancel", "disable": "disable", "reset": "reset",
        "revoke": "revoke", "archive": "archive", "suspend": "suspend", "purge": "purge", "deactivate": "disable",
        "lock": "lock", "merge": "merge", "close": "close", "decline": "decline", "reject": "decline",
    }.items()
}  # fmt: skip

#: First words of operation names and the kind they tell; every other verb of an operation is its own (`ACT`).
OPERATION_KINDS = {
    "create": Kind.CREATE, "add": Kind.CREATE, "new": Kind.CREATE, "insert": Kind.CREATE, "request": Kind.CREATE,
    "submit": Kind.CREATE, "register": Kind.CREATE, "open": Kind.CREATE, "send": Kind.CREATE, "notify": Kind.CREATE,
    "update": Kind.UPDATE, "edit": Kind.UPDATE, "modify": Kind.UPDATE, "replace": Kind.UPDATE, "set": Kind.UPDATE,
    "patch": Kind.UPDATE, "change": Kind.UPDATE,
    "delete": Kind.DELETE, "destroy": Kind.DELETE, "remove": Kind.DELETE,
    "get": Kind.READ, "list": Kind.READ, "find": Kind.READ, "search": Kind.READ, "read": Kind.READ,
    "retrieve": Kind.READ, "fetch": Kind.READ, "show": Kind.READ,
}  # fmt: skip


def of_table(word: str) -> Verb | None:
    """The verb that `word`, in lower case, is; None when the table does not hold it."""
    return _TABLE.get(_SAME.get(word, word))


def known() -> frozenset[str]:
    """Every verb of the table, in its plain form and others that mean the same."""
    return frozenset({*_TABLE, *_SAME})


def plain(word: str) -> str:
    """The plain form of a verb of an operation's name: `deactivate` -> `disable`."""
    return _SAME.get(word, word) if word in _SAME or word in _TABLE else word


def is_action_word(word: str) -> bool:
    """Whether a word of an operation's name says what it does."""
    return word in OPERATION_KINDS or word in MUST_BE_SAID or word in _TABLE
