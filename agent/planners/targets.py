"""The pass that finds the records in an action's path: what it works on."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from pydantic import JsonValue

from agent.goal import SpanKind
from agent.planners.book import path_arguments
from agent.planners.draft import Draft, Misfit
from agent.planners.phrases import Phrase
from agent.planners.records import Wanted
from agent.planners.trial import Trial
from agent.planners.verbs import Kind
from discovery import words

_KEYS = (SpanKind.EMAIL, SpanKind.ID, SpanKind.NAME)


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
    if trial.deed.kind is Kind.DELETE and pending and not trial.score:
        raise Misfit(f"it does not say that it is about a {trial.signature.resource}")
    if pending and not any(_may_be_target(trial, phrase) for phrase in trial.left):
        pending = [wanted for wanted in pending if not _understood(trial, wanted)]
    _bare_targets(trial, pending)


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
    is_whole = is_in_name and trial.value_after(phrase) is None  # the password of an account, for `reset_password`
    return owner, None if is_whole else replace(phrase, of=None)


def _aim(trial: Trial, wanted: Wanted, owner: Phrase) -> None:
    if owner.is_every:
        raise Misfit("it is about several records at once")
    trial.args[wanted.argument], trial.draft = trial.scene.chain.key(owner, trial.draft, wanted)
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
    if len(found) > 1:
        raise Misfit("it is not plain which of its parts is which")
    if not found:
        raise why
    chosen, args, trial.draft = found[0]
    if any(phrase.is_every for phrase in chosen):
        raise Misfit("it is about several records at once")
    trial.args |= args
    trial.left = [phrase for phrase in trial.left if phrase not in chosen]
    trial.target = trial.target or trial.draft.records[-1]


def _require_named(trial: Trial, wanted: Wanted, phrase: Phrase) -> None:
    """What takes something away acts on what was named, not on what stands for it elsewhere.

    To disable an employee is not to disable her account.
    """
    named = trial.named(phrase.head)
    if trial.deed.must_say and named and wanted.resource not in named:
        raise Misfit(f"{trial.signature.id} works on the {wanted.resource}, not the {' '.join(phrase.head)}")


def _may_be_target(trial: Trial, phrase: Phrase) -> bool:
    if phrase.cue or phrase.key:
        return False
    is_added = trial.deed.kind is Kind.CREATE  # to add somebody *to* a group; what is changed *to* something is a value
    preps = ("", "of", "for", "from", "on", *(("to",) if is_added else ()))
    if phrase.is_bare():
        is_key = phrase.value is None or phrase.value.kind in _KEYS
        is_choice = phrase.value is not None and any(phrase.value.value in one.enum for one in trial.signature.args)
        return is_key and not is_choice and phrase.prep in preps
    is_made = trial.deed.kind is Kind.CREATE and trial.signature.resource in trial.named(phrase.head)
    return bool(phrase.head) and not is_made and phrase.prep in preps and trial.argument(phrase.head) is None
