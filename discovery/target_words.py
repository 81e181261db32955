"""The words by which an argument's name says who, what, how much or where to. Tables, and the rules that read them."""

from __future__ import annotations

from functools import lru_cache

from discovery.words import singular, vocabulary
from tools.action import ActionClass

IDS = vocabulary("id ids uuid guid oid sid key number iban bic swift account urn slug token tokens gid identifier ref")
AMOUNTS = vocabulary(
    "amount total subtotal price cost fee salary wage budget discount balance tax rate currency quantity qty "
    "percent percentage units credit debit compensation stock points usd eur gbp chf jpy"
)
MONEYED = vocabulary("amount price fee salary wage money currency")
#: wherever one stands in a name, it says how much
TEXTUAL = vocabulary(
    "name description text label comment note title mode behavior behaviour format symbol display message reason"
)
PLACES = vocabulary("url uri href link callback webhook endpoint redirect host destination destinations")
INSTRUMENTS = vocabulary("destination bank iban bacs beneficiary payee creditor debtor sepa")
PEOPLE = vocabulary(
    "to cc bcc recipient sender assignee owner reviewer approver member user signer attendee participant guest watcher"
)
RIGHTS = vocabulary("role permission scope group admin access right rights privilege restricted")
OWN = vocabulary("external own foreign vat tax registration phone mobile fax serial postal idempotency page")
#: before `id` or `number` they tell of the record itself, not of another one
OWN_KEYS = vocabulary("email username login name sku code slug domain type status state title version")
#: a record may be found by them in a path, yet where they are set they are its own content
PAGING = vocabulary(
    "page per_page limit offset cursor page_size sort order fields expand include page_token next_page_token "
    "sync_token idempotency_key idempotency_token"
)
OWN_ADDRESSES = vocabulary("work primary main contact company business login user billing mail home private personal "
                           "secondary other support") | {""}  # fmt: skip
#: before `email` and the like: still the record's own, unlike `receipt_email`
ADDRESS = vocabulary("email emails mail phone mobile phones")
CONTENT = vocabulary(
    "name title description content body text comment note message subject label tag status state type kind email "
    "address phone metadata attribute property value option setting config configuration language locale data date "
    "time key topic reason image icon color file_name version preference priority custom_field field attachment "
    "search query code domain event language category line item image avatar url sort summary view environment_name "
    "country city region zip schedule variable rule test draft log history environment export import check "
    "report format size position level currency timezone time_zone template_data package statistic feed action "
    "notification permission license body_html deadline weight reaction subject_type"
)
#: nouns that are also paths of many APIs, yet as arguments they are what is said
RELATIONS = vocabulary("channel file parent successor predecessor container supplier vendor merchant payer child")
#: they name another record in any API

LINES = vocabulary("item line line_item record")
#: what a payment or a delivery consists of
SELECTING = vocabulary("selector name tag type ts timestamp login username domain filter item file channel")
BY_CLASS = {
    ActionClass.PERMISSION: vocabulary(
        "domain identifier address login username groupname direction name cidr length key subject identity principal "
        "expiration"
    )
    - vocabulary("name length"),
    ActionClass.MONEY: vocabulary("split item line store value host method data payment money allocation instrument"),
    ActionClass.MESSAGE: vocabulary("channel contact thread audience segment list"),
}
WHY_BY_CLASS = {
    ActionClass.PERMISSION: "says who is let in or out",
    ActionClass.MONEY: "says what is paid, and with what",
    ActionClass.MESSAGE: "says who is reached",
}
LAST = (
    (IDS, "names a record"),
    (AMOUNTS, "says how much"),
    (PLACES, "says where to"),
    (PEOPLE, "says who"),
    (RIGHTS, "says which rights"),
)


@lru_cache(maxsize=16384)
def why(words: tuple[str, ...]) -> str | None:
    """Why a name of these words is a target whatever the action does; None when that depends, or it is content."""
    last = words[-1]
    for table, reason in LAST:
        if last in table or (table is not IDS and table is not AMOUNTS and singular(last) in table):
            return reason
    return _by_any_word(words, last)


def _by_any_word(words: tuple[str, ...], last: str) -> str | None:
    if last == "limit" and len(words) > 1:
        return "says how much"
    if last in TEXTUAL:
        return None
    held = set(words)
    if held & MONEYED or ("per" in held and held & AMOUNTS):
        return "says how much"
    if held & INSTRUMENTS or {"payment", "method"} <= held:
        return "says where money goes"
    if len(words) > 1 and (words[0] == "to" or words[-2:] in (("owned", "by"), ("accessible", "by"))):
        return "says who"
    return "says which rights" if words[-2:] in (("access", "level"), ("authorization", "level")) else None


@lru_cache(maxsize=16384)
def address_of(words: tuple[str, ...]) -> str | None:
    """What stands before `email`, `phone number` and the like; None for a name that is no address of somebody."""
    kept = words[:-1] if words[-1] in ("address", "addresses", "number", "numbers") and len(words) > 1 else words
    return "_".join(kept[:-1]) if kept[-1] in ADDRESS else None
