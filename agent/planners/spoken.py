"""The passes that give arguments what the clause says, from the surest evidence to the weakest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from agent.goal import SpanKind
from agent.planners import names
from agent.planners.book import in_words
from agent.planners.draft import Misfit
from agent.planners.phrases import Phrase
from agent.planners.records import Wanted, is_party
from agent.planners.trial import TO_VALUE, Trial
from agent.planners.values import Taste, fit_value, is_body, naming_arguments
from agent.planners.verbs import Kind
from discovery.lower import ArgumentSignature

#: Verb and preposition -> the fields that the thing after it fills: assign X *to* her.
_ROLES: dict[tuple[str, str], tuple[str, ...]] = {
    ("assign", "to"): ("assignee", "owner", "agent"),
    ("invoice", ""): ("customer",),
    ("invoice", "to"): ("customer",),
    ("tell", ""): ("to", "recipient"),
    ("tell", "to"): ("to", "recipient"),
    ("send", "to"): ("to", "recipient"),
    ("send", ""): ("to", "recipient"),
}
_FOR = ("requester", "customer", "employee", "account", "contact", "company", "user", "deal")
_ADDRESSES = frozenset({"to", "recipient", "requester", "assignee"})
_PERSONAL = frozenset({"display_name", "full_name", "first_name", "last_name", "given_name", "family_name"})


def systems(trial: Trial) -> None:
    """`in the erp` must be the action's system, or say where the thing just before it is."""
    for phrase in [one for one in trial.left if one.system and one.is_bare() and not (one.value or one.pronoun)]:
        place = trial.left.index(phrase)
        before = trial.left[place - 1] if place else None
        if phrase.system == trial.system:
            trial.score += 5
        elif before is not None and not before.system and before.of is None:
            trial.left[place - 1] = replace(before, system=phrase.system)
        else:
            raise Misfit(f"{trial.signature.id} is not in {phrase.system}")
        trial.left.remove(phrase)


def objects(trial: Trial) -> None:
    """The noun that is made, sent or listed, with what it is called."""
    if trial.deed.kind not in (Kind.CREATE, Kind.MESSAGE, Kind.READ):
        return
    is_said = bool(trial.clause.verb.noun) and trial.deed.kind is Kind.CREATE
    things = [one for one in trial.left if _is_object(trial, one)]
    thing = next((one for one in things if one.prep == "as"), things[0] if things else None)
    if thing is not None:
        if thing.is_every and trial.deed.kind is not Kind.READ:
            raise Misfit("it is about several records at once")
        trial.score += 3 if names.spoken(trial.signature.resource) == thing.head else 2
        trial.score += 5 if thing.system else 0
        trial.put_back(thing, *_called(trial, thing))
    is_meant = trial.score > 0 or trial.deed.verb == trial.clause.verb.said
    is_link = trial.signature.path.count("{") > 1 and set(trial.args) >= trial.required() and is_meant
    if thing is None and not is_said and not is_link and trial.deed.kind is Kind.CREATE:
        raise Misfit(f"it does not say {' '.join(names.spoken(trial.signature.resource))}")


def _is_object(trial: Trial, phrase: Phrase) -> bool:
    if trial.signature.resource not in trial.named(phrase.head) or phrase.cue or phrase.prep not in ("", "as"):
        return False
    is_others = phrase.of is not None and trial.deed.kind is not Kind.CREATE
    return not is_others and phrase.system in ("", trial.system)


def _called(trial: Trial, thing: Phrase) -> Iterator[Phrase]:
    """Fills in what the new thing is called; gives what is left to explain of its phrase."""
    if thing.value is not None and thing.key:
        yield replace(thing, head=thing.key, key=(), prep="with", system="", of=None)
    elif thing.value is not None:
        called = naming_arguments(thing.value, trial.free()) if trial.deed.kind is Kind.CREATE else {}
        trial.args |= called
        if called:
            trial.use(thing.value)
        else:
            yield replace(thing, head=(), prep="", system="", of=None)
    elif names.spoken(trial.signature.resource) != thing.head:
        for argument in trial.free():  # a vacation is time off of the kind `vacation`
            for value in argument.enum:
                if in_words(str(value)) == " ".join(thing.head):
                    trial.args[argument.name] = value
    if thing.of is not None:
        yield replace(thing.of, prep="of")


def assignments(trial: Trial) -> None:
    """`the stage … to won`: a field and, after it, its value; or `make her the owner of …`: the value first."""
    if trial.clause.verb.said == "make" and trial.deed.kind is Kind.UPDATE and len(trial.left) == 2:
        value, field = trial.left
        argument = trial.argument(field.head) if field.of is None or field.of.pronoun else None
        if argument is not None and field.value is None and not (value.prep or value.cue):
            trial.set(argument, value)
            trial.left = []
    for phrase in list(trial.left):
        if phrase not in trial.left or not phrase.head or phrase.value is not None or phrase.prep in TO_VALUE:
            continue
        is_own = phrase.of is None or bool(phrase.of.pronoun and trial.target)
        argument, told = trial.argument(phrase.head), trial.value_after(phrase)
        if is_own and argument is not None and told is not None:
            trial.set(argument, told)
            trial.left.remove(phrase)
            trial.left.remove(told)


def states(trial: Trial) -> None:
    """The enum value that the verb itself means: to solve is to set the status `solved`."""
    verb = trial.clause.verb
    if trial.deed.kind is not Kind.UPDATE or not verb.states:
        return
    found = [(one, value) for one in trial.free() for value in one.enum if str(value).lower() in verb.states]
    if len(found) != 1:
        raise Misfit(f"{trial.signature.id} has no state that '{verb.said}' means")
    trial.args[found[0][0].name] = found[0][1]


def lines(trial: Trial) -> None:
    """`5 of item PT-100` as one element of a list of objects."""
    for argument in trial.free():
        if not argument.required or argument.type != "array" or not argument.fields:
            continue
        found: list[JsonValue] = []
        for phrase in list(trial.left):
            line = _line(trial, phrase, argument) if phrase in trial.left else None
            if line is not None:
                found.append(line)
        if found:
            trial.args[argument.name] = found


def _line(trial: Trial, phrase: Phrase, argument: ArgumentSignature) -> JsonValue:
    counts = [one for one in argument.fields if one.type in ("integer", "number") and one.required]
    things = [one for one in argument.fields if one.required and one not in counts]
    place = trial.left.index(phrase)
    following = trial.left[place + 1] if place + 1 < len(trial.left) else None
    if len(counts) != 1 or len(things) != 1 or following is None:
        return None
    wanted = Wanted(trial.refers(things[0].name) or "", trial.system, things[0].name)
    for count, thing in ((phrase, following), (following, phrase)):
        if count.value is None or thing.value is None or not _is_count(count, counts[0]):
            continue
        is_item = bool(thing.head) and wanted.resource in trial.named(thing.head)
        if is_item:
            key, trial.draft = trial.scene.chain.key(thing, trial.draft, wanted)
        elif thing.value.kind is SpanKind.ID and (not thing.head or names.closeness(thing.head, things[0].name)):
            key = fit_value(thing.value, things[0], trial.scene.today)
        else:
            continue
        number = fit_value(count.value, counts[0], trial.scene.today)
        for one in (count, thing):
            trial.left.remove(one)
        trial.use(count.value)
        trial.use(thing.value)
        return {things[0].name: key, counts[0].name: number}
    return None


def _is_count(phrase: Phrase, argument: ArgumentSignature) -> bool:
    is_number = phrase.value is not None and phrase.value.kind is SpanKind.NUMBER
    return is_number and (not phrase.head or names.closeness(phrase.head, argument.name) > 0)


def fields(trial: Trial) -> None:
    """Fields named in words: `with priority high`, `assigned to …`, `for customer 70001`."""
    for phrase in list(trial.left):
        said = phrase.cue or phrase.head
        if not said or phrase.is_every:
            continue
        argument = trial.argument(said) or (None if phrase.cue else _reference(trial, phrase))
        if argument is not None and (phrase.value is not None or trial.can_refer(argument)):
            trial.set(argument, phrase)
            trial.left.remove(phrase)


def _reference(trial: Trial, phrase: Phrase) -> ArgumentSignature | None:
    named = trial.named(phrase.head)
    found = [one for one in trial.free() if trial.refers(one.name) in named]
    return found[0] if len(found) == 1 else None


def wording(trial: Trial) -> None:
    """`that …` is the body of a message, comment or note."""
    told = trial.clause.wording
    if told is None:
        return
    bodies = [one for one in trial.free() if is_body(one.name) and not one.enum and one.type == "string"]
    bodies = [one for one in bodies if one.required] or bodies
    if len(bodies) != 1:
        raise Misfit(f"{trial.signature.id} takes no wording")
    trial.args[bodies[0].name] = told.value
    trial.use(told)


def roles(trial: Trial) -> None:
    """People and things that only a preposition places: assign X *to* her, a ticket *for* him."""
    for phrase in list(trial.left):
        wanted = _ROLES.get((trial.clause.verb.said, phrase.prep), _FOR if phrase.prep in ("for", "of") else ())
        if phrase.cue or not _is_someone(phrase) or _is_source(trial, phrase, wanted):
            continue
        found = _pointed(trial, phrase) or [
            one for role in wanted for one in trial.free()
            if role in names.spoken(one.name) and one.type != "array" and (trial.can_refer(one) or role in _ADDRESSES)
        ]  # fmt: skip
        is_name = phrase.value is not None and phrase.value.kind is SpanKind.NAME and phrase.is_bare()
        if found and not (is_name and trial.refers(found[0].name) is None):
            trial.set(found[0], phrase)
            trial.left.remove(phrase)


def _pointed(trial: Trial, phrase: Phrase) -> list[ArgumentSignature]:
    """The reference that a pronoun fills: `add a contact to it`, of a company."""
    if not phrase.pronoun:
        return []
    record, _ = trial.scene.chain.record(phrase, trial.draft)
    found = [one for one in trial.free() if trial.refers(one.name) == record.resource]
    return found if len(found) == 1 and record.system == trial.system else []


def _is_someone(phrase: Phrase) -> bool:
    if phrase.value is None or not phrase.is_bare():
        return True
    is_name = phrase.value.kind is SpanKind.NAME and not phrase.value.text.islower() and phrase.prep in ("for", "to")
    return is_name or phrase.value.kind is SpanKind.EMAIL


def _is_source(trial: Trial, phrase: Phrase, wanted: tuple[str, ...]) -> bool:
    """Whether the thing is what to make it from, not whom it is for: to invoice a deal is not to invoice a customer."""
    if not wanted or set(wanted) & _ADDRESSES or (phrase.value is not None and phrase.is_bare()):
        return False
    record, _ = trial.scene.chain.record(phrase, trial.draft)
    return record.resource not in wanted and (bool(phrase.pronoun) or not is_party(record))


def bare_values(trial: Trial) -> None:
    """Bare values, by their type. Two arguments that suit one value equally well make a misfit; a record that exists is
    changed only by values that a field or an enum names."""
    for phrase in [one for one in trial.left if one.is_bare() and one.value is not None and not one.cue]:
        assert phrase.value is not None
        if (called := _naming(trial, phrase)) is not None:
            trial.args |= called
            trial.use(phrase.value)
            trial.left.remove(phrase)
            continue
        taste = Taste(phrase.value, phrase.prep, is_change=trial.deed.kind is Kind.UPDATE, said=trial.clause.said)
        tastes = [(taste.of(one), one) for one in trial.free()]
        best = max((rank for rank, _ in tastes), default=0)
        suited = [one for rank, one in tastes if rank == best and best]
        suited = [one for one in suited if one.required] or suited
        if len(suited) > 1:
            raise Misfit(f"{phrase.value.text!r} may be {' or '.join(one.name for one in suited)}")
        if suited:
            trial.set(suited[0], phrase)
            trial.left.remove(phrase)


def _naming(trial: Trial, phrase: Phrase) -> dict[str, str] | None:
    """A name that stands alone, as the new record's own."""
    if trial.deed.kind is not Kind.CREATE or phrase.value is None or phrase.value.kind is not SpanKind.NAME:
        return None
    called = naming_arguments(phrase.value, trial.free())
    is_own = phrase.prep in ("", "named", "called", "titled", "entitled")
    return called if called and (is_own or (phrase.prep == "for" and set(called) <= _PERSONAL)) else None
