"""The passes that give arguments what the clause says, from the surest evidence to the weakest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from pydantic import JsonValue

from agent.goal import SpanKind
from agent.planners import names
from agent.planners.book import in_words, path_arguments
from agent.planners.draft import Draft, Misfit
from agent.planners.phrases import Phrase
from agent.planners.records import OWN_EMAIL, Wanted
from agent.planners.trial import Trial
from agent.planners.values import fit_value, is_body, naming_arguments
from agent.planners.verbs import Kind
from discovery import words
from discovery.lower import ArgumentSignature

_PLACED = 5
#: what naming its system adds to a reading
_THINGS = frozenset({"it", "them"})
_INTO = frozenset({"to", "into", "in", "from", "out", "of"})
_KEY_KINDS = (SpanKind.EMAIL, SpanKind.ID, SpanKind.NAME)


def systems(trial: Trial) -> None:
    """`in the erp` must be the action's system, or say where the thing just before it is."""
    for phrase in [one for one in trial.left if one.system and one.is_bare() and not (one.value or one.pronoun)]:
        place = trial.left.index(phrase)
        before = trial.left[place - 1] if place else None
        if phrase.system == trial.system:
            trial.score += _PLACED
        elif before is not None and not before.system and before.of is None and _is_kept(trial, before, phrase.system):
            trial.left[place - 1] = replace(before, system=phrase.system)
        else:
            raise Misfit(f"{trial.signature.id} is not in {phrase.system}")
        trial.left.remove(phrase)


def _is_kept(trial: Trial, phrase: Phrase, system: str) -> bool:
    """Whether the thing is of a kind that the system keeps, so that it is the thing which is in it."""
    return any((name, system) in trial.scene.book.resources() for name in trial.named(phrase.head))


def targets(trial: Trial) -> None:
    """The records that stand in the action's path: those that a noun names first, then bare values and pronouns."""
    pending = []
    for argument in path_arguments(trial.signature):
        resource = trial.refers(argument)
        if resource is None:
            raise Misfit(f"what {argument} of {trial.signature.id} names is not known")
        wanted = Wanted(resource, trial.system, argument)
        if not _named_target(trial, wanted):
            pending.append(wanted)
    is_unlinked = len(pending) > 1 and trial.clause.verb.said == "remove"  # take jane.doe out of billing-admins
    if trial.deed.kind is Kind.DELETE and pending and not trial.score and not is_unlinked:
        raise Misfit(f"it does not say that it is about a {trial.signature.resource}")
    if pending and not any(_may_be_target(trial, phrase) for phrase in trial.left):
        pending = [wanted for wanted in pending if not _understood(trial, wanted)]
    if trial.deed.kind is not Kind.CREATE or pending:
        pending = [wanted for wanted in pending if not _remarked_target(trial, wanted)]
    _bare_targets(trial, pending)


def _remarked_target(trial: Trial, wanted: Wanted) -> bool:
    """Whether nothing in the clause says which record, but the remarks around it speak of exactly one that can be
    it."""
    if any(_may_be_target(trial, phrase) and not phrase.pronoun for phrase in trial.left):
        return False
    if any((one.resource, one.system) == (wanted.resource, wanted.system) for one in trial.draft.records):
        return False  # `approve it`, after it was requested: not another one
    try:
        key, draft = trial.scene.chain.remarked(wanted, trial.draft)
    except Misfit:
        return False
    trial.args[wanted.argument], trial.draft = key, draft
    trial.score += 2 * any(wanted.resource in trial.named(one.head) and one.value is not None for one in trial.context)
    trial.target = trial.target or trial.draft.records[-1]
    for phrase in [one for one in trial.left if one.pronoun and one.is_bare()][:1]:
        trial.forget(phrase)
    return True


def _understood(trial: Trial, wanted: Wanted) -> bool:
    """Whether a harmless clause without a target goes on with the record that its sentence spoke of."""
    spoken_of = [one for one in trial.draft.records if (one.resource, one.system) == (wanted.resource, wanted.system)]
    if trial.clause.opens or trial.deed.must_say or trial.deed.kind is not Kind.CREATE or len(spoken_of) != 1:
        return False
    _aim(trial, wanted, Phrase(start=0, end=0, pronoun="it"))
    return True


def _named_target(trial: Trial, wanted: Wanted) -> bool:
    for phrase in trial.left:
        owner, remains = _owner(trial, phrase, wanted)
        if owner is not None:
            trial.score += 3
            _aim(trial, wanted, owner)
            trial.put_back(phrase, *([remains] if remains else []))
            return True
    return False


def _owner(trial: Trial, phrase: Phrase, wanted: Wanted) -> tuple[Phrase | None, Phrase | None]:
    """The part of `phrase` that is the wanted record, and what then remains of it: of `stage of deal D-104` the deal,
    and the stage."""
    if phrase.cue:
        return None, None
    if wanted.resource in trial.named(phrase.head) and phrase.system in ("", wanted.system):
        return phrase, None
    if phrase.of is None or phrase.value is not None or not phrase.head:
        return None, None
    said = {words.singular(word) for word in words.split(trial.signature.id.partition(".")[2])}
    is_in_name = set(phrase.head) <= said and not trial.named(phrase.head)
    field = trial.argument(phrase.head)
    if (field is None or field.name in path_arguments(trial.signature)) and not is_in_name:
        return None, None
    owner = phrase.of
    is_bare = not owner.head and owner.of is None
    if not is_bare and wanted.resource not in trial.named(owner.head):
        return None, None
    return owner, None if is_in_name else replace(phrase, of=None)  # the password of an account, for `reset_password`


def _aim(trial: Trial, wanted: Wanted, owner: Phrase) -> None:
    if owner.is_every:
        raise Misfit("it is about several records at once")
    trial.args[wanted.argument], trial.draft = trial.scene.chain.key(owner, trial.draft, wanted)
    trial.aims[owner.start] = trial.draft.records[-1]
    if trial.target is None:
        trial.target = trial.draft.records[-1]


def _bare_targets(trial: Trial, pending: list[Wanted]) -> None:
    """Values, pronouns and roles without a fitting noun. They must fit the pending targets in exactly one way."""
    if not pending:
        return
    found: list[tuple[tuple[Phrase, ...], dict[str, JsonValue], Draft]] = []
    why = Misfit(f"it does not say which {pending[0].resource} {trial.signature.id} is about")
    candidates = [phrase for phrase in trial.left if _may_be_target(trial, phrase)]
    for chosen in permutations(candidates, len(pending)):
        draft, args = trial.draft, dict[str, JsonValue]()
        try:
            for wanted, phrase in zip(pending, chosen, strict=True):
                _require_named(trial, wanted, phrase)
                args[wanted.argument], draft = trial.scene.chain.key(phrase, draft, wanted)
        except Misfit as misfit:
            why = misfit
            continue
        found.append((chosen, args, draft))
    first = [one for one in found if one[0][0] is candidates[0]]
    found = first if len(pending) == 1 and first else found
    # Of two, the one with `to` or `from` is what the other is put into: add it to helpdesk-agents.
    placed = [one for one in found if one[0][0].prep in _INTO and not one[0][-1].prep] if len(pending) > 1 else []
    found = placed if len(placed) == 1 else found
    if len(found) > 1:
        raise Misfit("it is not plain which of its parts is which")
    if not found:
        raise why
    chosen, args, trial.draft = found[0]
    trial.aims[chosen[-1].start] = trial.draft.records[-1]
    if any(phrase.is_every for phrase in chosen):
        raise Misfit("it is about several records at once")
    trial.args |= args
    trial.left = [phrase for phrase in trial.left if phrase not in chosen]
    trial.target = trial.target or trial.draft.records[-1]


def _require_named(trial: Trial, wanted: Wanted, phrase: Phrase) -> None:
    """What takes something away acts on what was named, not on what stands for it elsewhere: to disable an employee
    is not
    to disable her account."""
    named = trial.named(phrase.head)
    if trial.deed.must_say and named and wanted.resource not in named:
        raise Misfit(f"{trial.signature.id} is about a {wanted.resource}, not a {' '.join(phrase.head)}")


def _may_be_target(trial: Trial, phrase: Phrase) -> bool:
    if phrase.cue or phrase.key:
        return False
    is_added = trial.deed.kind is Kind.CREATE  # to add somebody *to* a group; what is changed *to* something is a value
    preps = ("", "of", "for", "from", "on", *(("to", "into") if is_added else ()))
    if phrase.is_bare():
        is_key = phrase.value is None or phrase.value.kind in _KEY_KINDS
        is_choice = phrase.value is not None and any(phrase.value.value in one.enum for one in trial.signature.args)
        return is_key and not is_choice and phrase.prep in preps
    is_made = trial.deed.kind is Kind.CREATE and trial.signature.resource in trial.named(phrase.head)
    return bool(phrase.head) and not is_made and phrase.prep in preps and trial.argument(phrase.head) is None


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
    is_pointed = any(one.pronoun and one.is_bare() for one in trial.left) and trial.score >= _PLACED
    is_party = trial.score >= _PLACED and _is_party_made(trial)
    if thing is None and not (is_said or is_link or is_pointed or is_party) and trial.deed.kind is Kind.CREATE:
        raise Misfit(f"it does not say {' '.join(names.spoken(trial.signature.resource))}")


def _is_party_made(trial: Trial) -> bool:
    """`set up Acme in billing`: of what the system keeps, companies and people are what has a name and an address."""
    names_ = {one.name for one in trial.signature.args}
    is_party = bool(names_ & {"name", "first_name", "given_name", "display_name"} and names_ & set(OWN_EMAIL))
    told = [one.value for one in trial.left if one.is_bare() and not one.prep and one.value is not None]
    return is_party and bool(told) and told[0].kind is SpanKind.NAME and not told[0].text.islower()


def _is_object(trial: Trial, phrase: Phrase) -> bool:
    # A note on a ticket that only takes comments is one.
    is_meant = bool(trial.aims) and names.spoken(trial.signature.resource)[-1:] in names.meanings(phrase.head)
    is_named = trial.signature.resource in trial.named(phrase.head)
    if not (is_named or is_meant) or phrase.cue or phrase.prep not in ("", "as"):
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
    if thing.of is not None and trial.scene.chain.is_referenced(thing, trial.draft):
        yield replace(thing, prep="of", value=None, system="")
    elif thing.of is not None:
        yield replace(thing.of, prep=thing.of.prep or "of")


def states(trial: Trial) -> None:
    """The enum value that the verb itself means: to solve is to set the status `solved`."""
    verb = trial.clause.verb
    if trial.deed.kind is not Kind.UPDATE or not verb.states:
        return
    found = [(one, value) for one in trial.free() for value in one.enum if str(value).lower() in verb.states]
    if not found and any(one.prep == "as" and one.value and trial.scene.is_state(one.value) for one in trial.left):
        return  # close the deal as won
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
    if len(counts) != 1 or len(things) != 1:
        return None
    if _is_single(phrase) and phrase.value is not None:
        trial.forget(phrase)
        trial.use(phrase.value)
        return {things[0].name: phrase.value.text, counts[0].name: 1}
    if following is None:
        return None
    wanted = Wanted(trial.refers(things[0].name) or "", trial.system, things[0].name)
    for count, thing in ((phrase, following), (following, phrase)):
        if count.value is None or not _is_count(count, counts[0]):
            continue
        if thing.pronoun in _THINGS and wanted.resource:  # 3 pieces of it
            key, trial.draft = trial.scene.chain.key(thing, trial.draft, wanted)
            return _lined(trial, (count, thing), {things[0].name: key}, counts[0])
        if thing.value is None:
            continue
        is_item = bool(thing.head) and wanted.resource in trial.named(thing.head)
        if is_item:
            key, trial.draft = trial.scene.chain.key(thing, trial.draft, wanted)
        elif thing.value.kind is SpanKind.ID and (not thing.head or names.closeness(thing.head, things[0].name)):
            key = fit_value(thing.value, things[0], trial.scene.today)
        else:
            continue
        return _lined(trial, (count, thing), {things[0].name: key}, counts[0])
    return None


def _lined(
    trial: Trial, said: tuple[Phrase, Phrase], line: dict[str, JsonValue], count: ArgumentSignature
) -> JsonValue:
    """The line with its count, the first of the two phrases; both have their place now."""
    assert said[0].value is not None
    for one in said:
        trial.left.remove(one)
        if one.value is not None:
            trial.use(one.value)
    return {**line, count.name: fit_value(said[0].value, count, trial.scene.today)}


def _is_single(phrase: Phrase) -> bool:
    is_id = phrase.value is not None and phrase.value.kind is SpanKind.ID
    return is_id and bool({"one", "a", "an"} & set(phrase.before[-2:]))


def _is_count(phrase: Phrase, argument: ArgumentSignature) -> bool:
    is_number = phrase.value is not None and phrase.value.kind is SpanKind.NUMBER
    return is_number and (not phrase.head or names.closeness(phrase.head, argument.name) > 0)


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
