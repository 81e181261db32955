"""The passes that fill what the clause leaves unsaid.

From an earlier record, from the goal's own words, from the record as it is now; never from free text of a response.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pydantic import JsonValue

from agent.goal import CURRENCY_DIGITS
from agent.plan import Step
from agent.planners import amounts, names
from agent.planners.book import key_argument, path_arguments
from agent.planners.draft import Misfit, step_name
from agent.planners.phrases import Phrase
from agent.planners.records import Record, Wanted, scalar_fields
from agent.planners.searches import Found
from agent.planners.trial import Trial
from agent.planners.values import currency_value, is_amount, is_body, is_title
from agent.planners.verbs import Kind
from discovery.lower import ArgumentSignature, Signature

MAX_TITLE = 100


def source(trial: Trial) -> None:
    """A record that the new one is made from: `its company as a customer`, `an account for him`."""
    if trial.deed.kind is not Kind.CREATE:
        return
    for phrase in [one for one in trial.left if _may_be_source(trial, one)]:
        chain = trial.scene.chain
        try:
            found, draft = chain.loaded(*(_meant(trial, phrase) or chain.record(phrase, trial.draft)))
        except Misfit:
            continue
        is_reference = any(trial.refers(one.name) == found.resource for one in trial.free())
        unsaid = tuple(one for one in trial.free() if not _is_said(trial, one))
        filled = carried_over(unsaid, _as_made(trial, found)) | _amount_of(trial, found)
        if filled and not is_reference:
            trial.source, trial.draft = found, draft
            trial.args |= filled
            trial.forget(phrase)
            return


def _as_made(trial: Trial, record: Record) -> Record:
    """`record` without the fields that the step which makes it could have set and did not."""
    made = next((step for step in trial.draft.steps if record.is_new and step.id == record.at), None)
    maker = next((one for one in trial.scene.book.signatures if made and one.id == made.action), None)
    unset = {one.name for one in maker.args if made and one.name not in made.args} if maker else set[str]()
    return replace(record, fields=tuple(one for one in record.fields if one not in unset))


def _is_said(trial: Trial, argument: ArgumentSignature) -> bool:
    """Whether the clause gives the argument itself: `as a customer with country CZ`."""
    return any(one.value is not None and names.closeness(one.head, argument.name) for one in trial.left if one.head)


def _meant(trial: Trial, phrase: Phrase) -> Found | None:
    """What `it` is when one more is made of it: the latest of its own kind, else the one that tells most of it.

    `Create it as a customer` is said of the company, not of the deal that was opened with it.
    """
    if not phrase.pronoun:
        return None
    told = [*reversed(trial.draft.records)]
    same = [one for one in told if one.resource == trial.signature.resource]
    best = max(same or told, key=lambda one: bool(same) or len(carried_over(trial.free(), one)), default=None)
    return None if best is None else (best, trial.draft)


def _may_be_source(trial: Trial, phrase: Phrase) -> bool:
    is_thing = bool(phrase.pronoun) or bool(trial.named(phrase.head))
    is_plain = phrase.prep in ("", "for", "from", "of") and not phrase.cue and not phrase.is_every
    refers = {trial.refers(one.name) for one in trial.free()}
    return is_thing and is_plain and not trial.named(phrase.head) & refers


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
    """The amount and currency of a deal that is invoiced."""
    told = [one for one in trial.free() if is_amount(one.name) and one.type in ("integer", "number")]
    if trial.clause.verb.noun != "invoice" or len(told) != 1 or not record.has("amount"):
        return {}
    try:
        return amounts.carried(trial.signature, trial.scene.book, told[0], record, "amount")
    except Misfit:
        return {}


def context(trial: Trial) -> None:
    """Required references that nothing said fills, from the records of the same sentence."""
    for argument in [one for one in trial.free() if one.required]:
        resource = trial.refers(argument.name)
        if resource is None:
            continue
        _from_context(trial, argument, resource)
        if argument.name not in trial.args:
            _from_reference(trial, argument, resource)
        if argument.name not in trial.args and trial.draft.mentions:
            wanted = Wanted(resource, trial.system, argument.name)
            try:
                trial.args[argument.name], trial.draft = trial.scene.chain.remarked(wanted, trial.draft)
            except Misfit:
                continue


def _from_reference(trial: Trial, argument: ArgumentSignature, resource: str) -> None:
    """`draft a new one for the same customer`: whom the record spoken of last refers to."""
    said = next((one for one in trial.clause.phrases if resource in trial.named(one.head) and not one.value), None)
    if said is None or said.of is not None or not trial.scene.chain.is_referred_to(said.head, trial.draft):
        return
    wanted = Wanted(resource, trial.system, argument.name)
    trial.args[argument.name], trial.draft = trial.scene.chain.key(replace(said, prep=""), trial.draft, wanted)


def _from_context(trial: Trial, argument: ArgumentSignature, resource: str) -> None:
    clause = trial.clause
    if clause.opens and not (clause.condition or clause.context or trial.source):
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


def said_currency(trial: Trial) -> None:
    """`over the order total in EUR`: the amount that is carried over must be in the currency that the goal says."""
    for phrase in [one for one in trial.left if one.is_bare() and one.value is not None]:
        if phrase.value is None or phrase.value.text not in CURRENCY_DIGITS:
            continue
        for name, held in trial.args.items():
            source = held.get("$") if isinstance(held, dict) and "currency" in names.spoken(name) else None
            told = re.fullmatch(r"(?:lower\()?((\w+).*\.currency)\)?", source) if isinstance(source, str) else None
            if told is not None:
                trial.draft = trial.draft.expecting(told[2], f"upper({told[1]}) == '{phrase.value.text}'")
                trial.use(phrase.value)
                trial.forget(phrase)
                break


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
    codes = {word for text in told for word in text.split() if word in CURRENCY_DIGITS}
    if code in codes:
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
    if codes:
        raise Misfit(f"{signature.id} counts in {' or '.join(sorted(codes))}, not in {code}")


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
