"""The passes that fill what the clause leaves unsaid.

From an earlier record, from the goal's own words, from the record as it is now; never from free text of a response.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from agent.goal import CURRENCY_DIGITS
from agent.plan import Step
from agent.planners import names
from agent.planners.book import key_argument, path_arguments
from agent.planners.draft import Misfit, step_name
from agent.planners.phrases import Phrase
from agent.planners.records import Record, Wanted, scalar_fields
from agent.planners.trial import Trial
from agent.planners.values import currency_value, is_amount, is_body, is_title
from agent.planners.verbs import Kind
from discovery.lower import ArgumentSignature, Signature

MAX_TITLE = 100


def source(trial: Trial) -> None:
    """A record that the new one is made from: `its company as a customer`, `an account for him`."""
    if trial.deed.kind is not Kind.CREATE:
        return
    told = [one for one in trial.left if one.prep in ("", "for", "from", "of") and not one.cue and not one.is_every]
    for phrase in told[:1]:
        chain = trial.scene.chain
        trial.source, trial.draft = chain.loaded(*chain.record(phrase, trial.draft))
        trial.left.remove(phrase)
        filled = carried_over(trial.free(), trial.source) | _amount_of(trial, trial.source)
        if not filled:
            raise Misfit(f"nothing of the {trial.source.resource} fits {trial.signature.id}")
        trial.args |= filled


def carried_over(arguments: tuple[ArgumentSignature, ...], record: Record) -> dict[str, JsonValue]:
    """What `record` says of who or what it is, for the arguments that ask the same."""
    found: dict[str, JsonValue] = {}
    for argument in arguments:
        same = [one for one in record.fields if names.same_field(argument.name, one, names.COPIED)]
        same.sort(key=lambda field: field != argument.name)
        if argument.enum:
            continue
        if same:
            found[argument.name] = record.read(same[0])
        elif argument.name in ("name", "full_name", "display_name"):
            found |= _full_name(argument.name, record)
    return found


def _full_name(argument: str, record: Record) -> dict[str, JsonValue]:
    for first, last in (("given_name", "family_name"), ("first_name", "last_name")):
        if record.has(first) and record.has(last):
            return {argument: {"$": f"f'{{{record.at}.{first}}} {{{record.at}.{last}}}'"}}
    return {}


def _amount_of(trial: Trial, record: Record) -> dict[str, JsonValue]:
    """The amount and currency of a deal that is invoiced: only together, and from major units as CRMs keep them only
    where the source's own document has no smallest unit."""
    amounts = [one for one in trial.free() if is_amount(one.name) and one.type in ("integer", "number")]
    currencies = [one for one in trial.free() if "currency" in names.spoken(one.name) and one.enum]
    if trial.clause.verb.noun != "invoice" or len(amounts) != 1 or len(currencies) != 1:
        return {}
    if not (record.has("amount") and record.has("currency")) or _is_minor(trial, record):
        return {}
    # Two decimals: the currencies of the enum are checked, since the amount of the record is known only when it runs.
    is_scaled = amounts[0].unit == "minor"
    if is_scaled and any(CURRENCY_DIGITS.get(str(code).upper()) != 2 for code in currencies[0].enum):
        return {}
    is_lower = all(str(code).islower() for code in currencies[0].enum)
    amount = f"round({record.at}.amount * 100)" if is_scaled else f"{record.at}.amount"
    currency = f"lower({record.at}.currency)" if is_lower else f"{record.at}.currency"
    return {amounts[0].name: {"$": amount}, currencies[0].name: {"$": currency}}


def _is_minor(trial: Trial, record: Record) -> bool:
    return any(
        argument.unit == "minor" and argument.name == "amount"
        for signature in trial.scene.book.signatures
        if signature.system == record.system
        for argument in signature.args
    )


def context(trial: Trial) -> None:
    """Required references that nothing said fills, from the records of the same sentence."""
    for argument in [one for one in trial.free() if one.required]:
        resource = trial.refers(argument.name)
        if resource is not None:
            _from_context(trial, argument, resource)


def _from_context(trial: Trial, argument: ArgumentSignature, resource: str) -> None:
    clause = trial.clause
    if clause.opens and not (clause.condition or clause.topic or trial.source):
        return  # a new sentence says anew what it is about
    records = [one for one in reversed(trial.draft.records) if one.resource == resource]
    here = [one for one in records if one.system == trial.system]
    if trial.source is not None and trial.source.resource != resource:
        records = [trial.source]
    if not (here or records):
        return
    if not here and records[0].is_new and _found_or_made(trial, argument, resource, records[0]):
        return
    said = Phrase(start=0, end=0, head=names.spoken(resource))
    known = trial.draft.known((here or records)[0])
    wanted = Wanted(resource, trial.system, argument.name)
    trial.args[argument.name], trial.draft = trial.scene.chain.key(said, known, wanted)


def _found_or_made(trial: Trial, argument: ArgumentSignature, resource: str, record: Record) -> bool:
    """What the goal has just made in another system is looked for here by its e-mail address, and made if missing."""
    maker = _maker(trial, resource)
    record = record.source or record
    args = carried_over(maker.args, record) if maker else {}
    if maker is None or not {one.name for one in maker.args if one.required} <= set(args):
        return False
    rows, draft = trial.scene.chain.find_or_none(record, trial.draft, resource, trial.system)
    guard = draft.guard
    missing = f"len({rows}) == 0" if guard is None else f"({guard}) and len({rows}) == 0"
    step = Step(id=step_name("create", resource), action=maker.id, args=args, purpose=trial.clause.text)
    made, draft = replace(draft, guard=missing).called(step, is_effect=True)
    trial.draft = replace(draft, guard=guard)
    trial.args[argument.name] = {"$": f"{rows}[0].id if len({rows}) == 1 else {made}.id"}
    return True


def _maker(trial: Trial, resource: str) -> Signature | None:
    """The one action that makes a `resource` here, when its answer shows an id as its listing does."""
    found = [
        signature for signature, deed in trial.scene.book.deeds()
        if deed.kind is Kind.CREATE and (signature.resource, signature.system) == (resource, trial.system)
    ]  # fmt: skip
    listing = trial.scene.book.listing(resource, trial.system)
    if len(found) != 1 or listing is None:
        return None
    return found[0] if "id" in scalar_fields(found[0]) and "id" in scalar_fields(listing) else None


def message(trial: Trial) -> None:
    """A message without a wording is told in the goal's own words."""
    if trial.deed.kind is not Kind.MESSAGE:
        return
    free = [one for one in trial.free() if one.required and one.type == "string"]
    titles = [one for one in free if is_title(one.name)]
    bodies = [one for one in free if is_body(one.name)]
    told = next((trial.args[one.name] for one in trial.signature.args
                 if is_body(one.name) and one.name in trial.args), None)  # fmt: skip
    if told is None and trial.clause.condition is not None:
        told = trial.clause.condition.text
    if told is None and bodies:
        raise Misfit("it does not say what to write; add the wording in quotes", is_incomplete=True)
    for one in bodies:
        trial.args[one.name] = told
    for one in titles if told is not None else ():
        text = str(told)
        trial.args[one.name] = text if len(text) <= MAX_TITLE else text[:MAX_TITLE].rsplit(" ", 1)[0]


def currency(trial: Trial) -> None:
    """An amount in a currency goes only where that currency is said, or is the record's own."""
    if trial.money is None or trial.money.currency is None:
        return
    code = trial.money.currency
    free = next((one for one in trial.free() if "currency" in names.spoken(one.name)), None)
    if free is not None:
        trial.args[free.name] = currency_value(code, free)
        return
    signature = trial.signature
    told = [signature.description, signature.summary, *(one.description for one in signature.args)]
    if any(code in text for text in told):
        return
    for name, value in trial.args.items():
        resource = trial.refers(name)
        getter = trial.scene.book.getter(resource, trial.system) if resource else None
        key = key_argument(getter) if getter else None
        if getter and key and "currency" in scalar_fields(getter):
            wished = step_name(getter.resource)
            step = Step(
                id=wished,
                action=getter.id,
                args={key: value},
                expect=f"upper({wished}.currency) == '{code}'",
                purpose=f"the amount is meant in {code}",
            )
            _, trial.draft = trial.draft.called(step, is_effect=False)
            return
    raise Misfit(f"{signature.id} does not say that it counts in {code}")


def rest_as_it_is(trial: Trial) -> None:
    """An update that replaces the whole record (RFC 9110, section 9.3.4) is given the rest of it as it is now."""
    if trial.deed.kind is not Kind.UPDATE or trial.signature.method != "PUT" or not path_arguments(trial.signature):
        return
    getter = trial.scene.book.getter(trial.signature.resource, trial.system)
    key = key_argument(getter) if getter else None
    if getter is None or key is None or key not in trial.args:
        raise Misfit(f"{trial.signature.id} replaces the whole record, and nothing reads it first")
    step = Step(id=step_name("current", getter.resource), action=getter.id, args={key: trial.args[key]})
    name, trial.draft = trial.draft.called(step, is_effect=False)
    shown = scalar_fields(getter)
    for argument in trial.free():
        if argument.name not in shown:
            raise Misfit(f"{trial.signature.id} would reset {argument.name}")
        trial.args[argument.name] = {"$": f"{name}.{argument.name}"}
