"""Proposes how actions of one surface belong together: who lists, fetches, undoes what another makes, and how a lost
answer is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from discovery import shapes, undoing
from discovery.book import Book
from discovery.lower import listing_path
from discovery.spoken import TEMPLATE
from discovery.words import snake
from tools.action import Action, ActionClass, Argument, Evidence, Place, Probe, Resolver, ResolverKind, Schema

STRONG_KEYS = (
    "external_ref", "external_id", "externalid", "external_reference", "client_reference", "reference", "ref", "email",
    "email_address", "user_name", "username", "login", "sku", "code", "number", "slug", "key", "account_number",
    "employee_number", "customer_number", "po_number", "purchase_order", "order_number", "vat_number", "domain",
)  # fmt: skip
#: names of fields that tell records apart, the best first
PARKED = Resolver()
WEAK_KEYS = ("name", "display_name", "title")
#: good enough only where the system itself refuses a second one (409)
OWNED_BY_RECORD = ("work", "primary", "main", "contact", "company", "business", "login", "user", "billing", "mail")
#: before `email` and the like: still the record's own, unlike `requester_email`


def relate(actions: Sequence[Action], defs: Mapping[str, Schema]) -> tuple[Action, ...]:
    """The actions with read-back, inverse and resolver proposed."""
    book = Book(actions, defs)
    return tuple(_related(action, book) for action in actions)


def template(path: str) -> str:
    return TEMPLATE.sub("{}", path.rstrip("/"))


def _related(action: Action, book: Book) -> Action:
    if action.action_class is ActionClass.READ:
        return action
    read_back = book.read_back(action) if action.method != "DELETE" else None
    inverse = undoing.inverse(action, book)
    resolver, why = _resolver(action, book)
    evidence = [_evidence("resolver", why)]
    if read_back:
        evidence.append(Evidence(field="read_back", why=f"reads {read_back.path}"))
    if inverse:
        evidence.append(Evidence(field="inverse", why=f"{inverse.method} {inverse.path} undoes it"))
    return action.model_copy(
        update={
            "read_back": read_back.id if read_back else None,
            "inverse": inverse.id if inverse else None,
            "resolver": resolver,
            "evidence": (*action.evidence, *evidence),
        }
    )


@lru_cache(maxsize=4096)
def _evidence(field: str, why: str) -> Evidence:
    return Evidence(field=field, why=why)


def _resolver(action: Action, book: Book) -> tuple[Resolver, str]:
    """How a lost answer is settled, and why it is thought so."""
    is_create = action.method == "POST" and not action.path.endswith("}")
    probe = _probe_of_create(action, book) if is_create else _probe_of_change(action, book)
    if action.resolver.key_header:
        why = f"the document names the header {action.resolver.key_header}, not yet proven"
        return action.resolver.model_copy(update={"probe": probe}), why
    if condition := _condition(action):
        return Resolver(kind=ResolverKind.CONDITIONAL, probe=probe), f"takes {condition}"
    if probe is None:
        return PARKED, "no field of a listing or of the record itself would show whether it happened"
    looked = ", ".join(f"{name} = {source}" for name, source in probe.arguments.items())
    if probe.matches and "409" in action.errors:
        return Resolver(
            kind=ResolverKind.NATURAL_KEY, probe=probe
        ), f"{probe.action} finds it by {looked}; 409 on a second"
    return Resolver(kind=ResolverKind.PROBE, probe=probe), f"{probe.action} finds it by {looked}"


def _condition(action: Action) -> str | None:
    headers = (one.wire_name for one in action.arguments if one.place is Place.HEADER)
    return next((name for name in headers if name.lower() in ("if-match", "if-unmodified-since")), None)


def _probe_of_create(action: Action, book: Book) -> Probe | None:
    """A look-up in the collection by a field that the create sets, the listing filters by, and the record shows."""
    listing = book.listing(action)
    if listing is None or (items := listing_path(listing, book.defs)) is None:
        return None
    record = shapes.object_of(shapes.item_of(listing.result_schema, items, book.defs.get), book.defs.get).properties
    filters = {one.wire_name: one for one in listing.arguments if one.place is Place.QUERY}
    if any(one.required for one in filters.values() if one.wire_name not in {a.wire_name for a in action.arguments}):
        return None
    key = _key(action, filters.keys() & record.keys())
    if key is None:
        return None
    shared_path = {one.name: one.name for one in listing.arguments if one.place is Place.PATH}
    return Probe(
        action=listing.id,
        arguments={**shared_path, filters[key.wire_name].name: key.name},
        items=items,
        matches={key.wire_name: key.name},
        found_id=_id_field(record, action, book),
    )


def _key(action: Action, names: Iterable[str]) -> Argument | None:
    """The argument that tells the new record apart best: a required one first, a mere name only where 409 guards it."""
    allowed = STRONG_KEYS + (WEAK_KEYS if "409" in action.errors else ())
    order = {known: place for place, known in enumerate(allowed)}
    known_as = {one.name: _key_name(one, action, order) for one in action.arguments if one.wire_name in set(names)}
    found = [one for one in action.arguments if known_as.get(one.name) is not None]
    return min(found, key=lambda one: (not one.required, order[known_as[one.name] or ""]), default=None)


def _key_name(argument: Argument, action: Action, order: Mapping[str, int]) -> str | None:
    """The entry of the key table that the argument stands for: `work_email` -> email, `customer_code` -> code."""
    name = snake(argument.wire_name)
    if argument.place is not Place.BODY or argument.is_target:
        return None  # a target names another record, and many records may name the same
    owner, _, last = name.rpartition("_")
    for known in (name, name.removeprefix(f"{action.resource}_")):
        if known in order:
            return known
    return last if last in order and owner in OWNED_BY_RECORD else None


def _id_field(record: Mapping[str, Schema], action: Action, book: Book) -> str | None:
    """The field of the record that its own path takes."""
    item = book.item(action)
    parameter = TEMPLATE.findall(item.path)[-1].strip("{}") if item and item.path.endswith("}") else ""
    wanted = (parameter, "id", f"{action.resource}_id", "uuid", "key", "number")
    return next((name for name in wanted if name in record), None)


def _probe_of_change(action: Action, book: Book) -> Probe | None:
    """The record itself shows whether a change arrived: every argument that it has too is compared."""
    item = book.get("GET", action.path)
    if action.method == "PUT" and item is None:
        return _probe_of_addition(action, book)
    if action.method == "DELETE" or item is None or item.action_class is not ActionClass.READ:
        return None
    paths = [one.name for one in item.arguments if one.place is Place.PATH]
    record = shapes.object_of(item.result_schema, book.defs.get).properties
    sent = {one.wire_name for one in action.arguments if one.place is Place.BODY}
    if not paths or not sent & record.keys() or any(action.argument(name) is None for name in paths):
        return None
    return Probe(action=item.id, arguments={name: name for name in paths}, found_id=_id_field(record, action, book))


def _probe_of_addition(action: Action, book: Book) -> Probe | None:
    """PUT of a member into a collection: the collection shows it. Missing it on a later page does no harm, because a
    PUT may be sent twice (RFC 9110 section 9.2.2)."""
    above, _, last = action.path.rpartition("/")
    listing, added = book.get("GET", above), last.strip("{}")
    if not last.startswith("{") or listing is None or (items := listing_path(listing, book.defs)) is None:
        return None
    record = shapes.object_of(shapes.item_of(listing.result_schema, items, book.defs.get), book.defs.get).properties
    field = next((name for name in (added, "id") if name in record), None)
    if field is None:
        return None
    paths = {one.name: one.name for one in listing.arguments if one.place is Place.PATH}
    return Probe(action=listing.id, arguments=paths, items=items, matches={field: added}, found_id=field)
