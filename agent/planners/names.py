"""When a person's words and a name of an API mean the same thing: `job title` and `title`, `boss` and `manager_id`."""

from __future__ import annotations

from discovery import words

Words = tuple[str, ...]

#: Groups of names that say the same of a record, so that a value may be carried from one to the other.
SAME_FIELD: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "email work_email billing_email email_address primary_email contact_email customer_email mail",
        "name full_name display_name customer_name company_name legal_name",
        "first_name given_name firstname",
        "last_name family_name surname lastname",
        "phone phone_number telephone mobile",
        "vat_number vat_id tax_id vat tax_number",
        "country country_code",
        "city",
        "amount total value",
        "currency currency_code",
    )
)
#: What a record is, as against what was written about it: what is copied when one record is made from another.
COPIED = SAME_FIELD[:8]

#: The person's words -> the words that names of APIs use.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "account manager": ("owner",),
    "sales rep": ("owner",),
    "boss": ("manager",),
    "supervisor": ("manager",),
    "line manager": ("manager",),
    "reporter": ("requester",),
    "assigned": ("assignee",),
    "assigned agent": ("assignee",),
    "mail": ("email",),
    "e mail": ("email",),
    "mail address": ("email",),
    "email address": ("email",),
    "e mail address": ("email",),
    "phone number": ("phone",),
    "telephone": ("phone",),
    "surname": ("last name", "family name"),
    "last name": ("family name",),
    "first name": ("given name",),
    "vat id": ("vat number", "tax id"),
    "tax number": ("vat number", "tax id"),
    "vat number": ("tax id", "vat id"),
    "position": ("job title",),
    "price": ("unit price",),
    "qty": ("quantity",),
    "text": ("body", "message", "content", "description"),
    "wording": ("body", "message", "content", "description"),
    "message": ("body",),
    "comment": ("body", "note"),
    "note": ("comment",),
    "value": ("amount",),
    "starting": ("start", "start date"),
    "start date": ("first day",),
    "end date": ("last day",),
    "start": ("start date", "first day"),
    "ending": ("end", "end date"),
    "end": ("end date", "last day"),
    "effective": ("last day", "effective date"),
    "until": ("last day", "end date"),
    "due": ("due date",),
    "closing date": ("close date",),
    "expected close date": ("close date",),
    "user": ("account", "user"),
    "login": ("account", "username"),
    "user account": ("account",),
    "staff member": ("employee",),
    "colleague": ("employee",),
    "worker": ("employee",),
    "client": ("customer",),
    "product": ("item", "product"),
    "article": ("item",),
    "opportunity": ("deal",),
    "organisation": ("company", "organization"),
    "organization": ("company",),
    "firm": ("company",),
    "order": ("sales order",),
    "support ticket": ("ticket",),
    "case": ("ticket",),
    "issue": ("ticket", "issue"),
    "time off request": ("time off",),
    "leave request": ("time off",),
    "vacation request": ("time off",),
    "vacation": ("time off",),
    "holiday request": ("time off",),
    "holiday": ("time off",),
    "leave": ("time off",),
    "absence": ("time off",),
    "remark": ("note", "comment"),
    "mailbox": ("email",),
    "credit line": ("credit limit",),
    "employment": ("employee",),
    "contact person": ("contact",),
    "reference": ("external ref", "ref"),
    "role": ("job title",),
    "office": ("city",),
    "leaving date": ("last day", "end date"),
    "closing": ("close date",),
    "user name": ("username",),
    "contact email": ("email",),
    "invoice email": ("billing email",),
    "billing address": ("billing email",),
    "invoice address": ("billing email",),
    "address": ("email",),
    "leaver": ("employee",),
    "stock level": ("stock",),
    "note text": ("body",),
}
#: What people call a system -> the words of which its slug or title may have one.
SYSTEM_ROLES: dict[str, frozenset[str]] = {
    role: frozenset(told.split())
    for role, told in {
        "directory": "directory identity idp", "identity provider": "identity idp", "user directory": "identity"
        " directory",
        "help desk": "helpdesk desk tickets support", "helpdesk": "desk tickets support",
        "service desk": "desk tickets support", "support desk": "desk tickets support", "ticketing": "tickets desk",
        "ticket system": "tickets desk", "ticketing system": "tickets desk", "personnel system": "hr people personnel",
        "human resources": "hr people personnel", "personnel": "hr people", "accounting": "billing invoicing"
        " accounting",
        "invoicing": "billing invoicing", "sales system": "crm", "warehouse": "erp inventory stock",
    }.items()
}  # fmt: skip
_KEY_WORDS = frozenset({"id", "number", "key", "code", "uuid", "ref"})
_CLOSING = frozenset({"id", "number", "date", "email", "code", "key"})


def spoken(name: str) -> Words:
    """A name as the words a person would say: `workEmails` -> work, email."""
    pieces = words.split(name)
    return (*pieces[:-1], words.singular(pieces[-1])) if pieces else ()


def meanings(said: Words) -> tuple[Words, ...]:
    """What the person may mean with `said`: the words themselves first, then their synonyms."""
    return (said, *(tuple(other.split()) for other in _SYNONYMS.get(" ".join(said), ())))


def said_as() -> frozenset[Words]:
    """Every wording that has a synonym."""
    return frozenset(tuple(key.split()) for key in _SYNONYMS)


def forms(name: str) -> frozenset[Words]:
    """The ways to say a name: whole, without its `_id` or `_date`, or its last word alone (`title` for `job_title`)."""
    whole = spoken(name)
    found = {whole}
    if len(whole) > 1:
        found.add(whole[-1:] if whole[-1] not in _KEY_WORDS else whole)
        if whole[-1] in _CLOSING:
            found.add(whole[:-1])
    return frozenset(found - {()})


def closeness(said: Words, name: str) -> int:
    """3 when `said` is the whole name, 2 when only a closing `id` or `date` differs, 1 by its last word or a synonym, 0
    when they have nothing to do with each other."""
    whole = spoken(name)
    if said == whole:
        return 3
    for longer, shorter in ((whole, said), (said, whole)):
        if len(longer) > 1 and longer[-1] in _CLOSING and shorter == longer[:-1]:
            return 2
    return 1 if any(meant in forms(name) for meant in meanings(said)) else 0


def is_email(name: str, format_: str | None = None) -> bool:
    return format_ == "email" or bool({"email", "mail"} & set(spoken(name)))


def same_field(name: str, other: str, groups: tuple[frozenset[str], ...] = SAME_FIELD) -> bool:
    """Whether a value of the field `other` may be carried into the argument `name`."""
    mine, theirs = "_".join(words.split(name)), "_".join(words.split(other))
    return any(mine in group and theirs in group for group in groups)
