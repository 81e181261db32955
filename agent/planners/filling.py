"""Which argument each value of a clause belongs to, by type, by the words around it, by what the clause asks to change.

Every pairing is scored; the surest is made first. A value that two arguments suit equally well is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.goal import SpanKind
from agent.planners import evidence, flags, names
from agent.planners.draft import Misfit
from agent.planners.phrases import Phrase, is_mandatory
from agent.planners.trial import Trial
from agent.planners.values import naming_arguments
from agent.planners.verbs import Kind
from discovery.lower import ArgumentSignature

_OWN_NAME = ("", "named", "called", "titled", "entitled", "for", "as")
_NAMES = frozenset({"name", "full_name", "display_name", "first_name", "given_name", "last_name", "family_name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    score: int
    phrase: Phrase
    argument: ArgumentSignature


def called(trial: Trial) -> None:
    """What a new record is called: the name beside its noun, or the one that its e-mail address is made of."""
    free = tuple(one for one in trial.free() if not one.enum)
    if trial.deed.kind is not Kind.CREATE or not _NAMES & {one.name for one in free}:
        return
    told = [one for one in (*trial.left, *trial.context) if _may_name(one)]
    best = max(told, key=lambda one: (_is_addressed(one, trial), not one.is_context, not one.prep), default=None)
    if best is None or best.value is None or (best.is_context and not _is_addressed(best, trial)):
        return
    if best.prep in ("for", "as") and not _is_addressed(best, trial):
        return
    arguments = naming_arguments(best.value, free)
    if not arguments:
        return
    trial.args |= arguments
    trial.use(best.value)
    trial.forget(best)


def _may_name(phrase: Phrase) -> bool:
    value = phrase.value
    is_name = value is not None and value.kind is SpanKind.NAME and not value.text.islower()
    is_free = phrase.is_bare() and not phrase.cue and not phrase.is_listed
    return is_name and is_free and phrase.prep in _OWN_NAME


def _is_addressed(phrase: Phrase, trial: Trial) -> bool:
    """Whether an e-mail address in the clause or its remarks is made of this name."""
    values = [one.value for one in (*trial.left, *trial.context) if one.value is not None]
    return phrase.value is not None and any(
        one.kind is SpanKind.EMAIL and evidence.is_address_of(str(one.value), phrase.value.text) for one in values
    )


def flagged(trial: Trial) -> None:
    """Gives each free flag of the action what the clause says of it. Raises Misfit when it says both."""
    for argument in [one for one in trial.free() if one.type == "boolean"]:
        denied = flags.opposites(argument.name) & trial.clause.said or flags.is_for(argument, trial.clause.denied)
        said = [one for one in trial.left if names.spoken(argument.name) == one.head and one.value is None]
        if denied and said:
            raise Misfit(f"it says two things of {argument.name}")
        if denied or said:
            trial.args[argument.name] = not denied
        for phrase in said:
            trial.forget(phrase)


def fill(trial: Trial) -> None:
    """The free arguments from the clause's own values, then from those of the remarks around it."""
    wishes = evidence.wishes(trial)
    while True:
        pairs = sorted(_pairs(trial, wishes), key=lambda one: -one.score)
        if not pairs:
            break
        best = pairs[0]
        if _is_torn(best, pairs):
            trial.forget(best.phrase)
            continue
        rivals = [one for one in pairs[1:] if one.score == best.score and one.phrase is best.phrase]
        if rivals and is_mandatory(best.phrase):
            both = " or ".join(one.argument.name for one in (best, *rivals))
            raise Misfit(f"{_said(best.phrase)!r} may be {both}")
        if rivals:
            trial.forget(best.phrase)
            continue
        trial.set(best.argument, best.phrase)
        trial.score += min(best.score, 4) if not best.phrase.is_context else 1
        trial.forget(best.phrase)
    for argument in trial.free():
        if (told := evidence.told_in_words(trial, argument)) is not None:
            trial.args[argument.name] = told
    # A required reference is looked for among the records spoken of before, and missed later if there is none.
    open_yet = [one for one in wishes if one.name not in trial.args]
    left_open = [one.name for one in open_yet if not (one.required and trial.refers(one.name))]
    if left_open:
        raise Misfit(f"it does not say what {left_open[0]} is to be", is_incomplete=True)


def _is_torn(best: _Pair, pairs: list[_Pair]) -> bool:
    """Whether another part of the remarks is as good for the same argument: then neither is taken."""
    return best.phrase.is_context and any(
        one.argument is best.argument and one.score == best.score and one.phrase.is_context
        and one.phrase.value is not None and best.phrase.value is not None
        and one.phrase.value.value != best.phrase.value.value
        for one in pairs[1:]
    )  # fmt: skip


def _pairs(trial: Trial, wishes: tuple[ArgumentSignature, ...]) -> Iterator[_Pair]:
    for phrase in (*trial.left, *trial.context):
        if phrase.is_every or (phrase.system and phrase.is_bare() and phrase.value is None and not phrase.pronoun):
            continue
        for argument in trial.free():
            score = evidence.score(trial, phrase, argument, wishes)
            if score >= evidence.ENOUGH:
                yield _Pair(score=score, phrase=phrase, argument=argument)


def settle(trial: Trial) -> None:
    """What is left unexplained: a misfit when it is a typed part, a name that names nothing known, or a
    contradiction."""
    for phrase in [one for one in trial.left if one.is_former and one.value is not None]:
        assert phrase.value is not None
        trial.use(phrase.value)
        trial.forget(phrase)
    for phrase in trial.left:
        for one in _parts(phrase):
            is_extra = one.is_description and not (trial.deed.kind is Kind.CREATE and _NAMES & set(trial.args))
            is_choice = one.value is not None and one.prep == "to" and trial.scene.is_state(one.value)
            is_needed = (is_mandatory(one) or (is_choice and not one.is_former)) and not is_extra
            if is_needed and not trial.is_used(one) and not evidence.is_known_name(trial, one):
                raise Misfit(f"{trial.signature.id} has no place for {_said(one)!r}")
            if one.value is not None and evidence.contradicts(trial, one):
                raise Misfit(f"{_said(one)!r} says another thing of the same")
        is_change = trial.deed.kind is Kind.UPDATE and evidence.is_wish(phrase, trial)
        if is_change and not phrase.is_context and not trial.named(phrase.head) and trial.lacks(phrase.head):
            raise Misfit(f"{trial.signature.id} does not change {' '.join(phrase.head)!r}")
        if evidence.is_second_object(trial, phrase):
            raise Misfit(f"{trial.signature.id} has no place for {_said(phrase)!r}")


def _parts(phrase: Phrase) -> Iterator[Phrase]:
    yield phrase
    if phrase.of is not None:
        yield from _parts(replace(phrase.of, is_context=phrase.is_context))


def _said(phrase: Phrase) -> str:
    value = phrase.value.text if phrase.value else ""
    own = [phrase.prep, *phrase.cue, phrase.system, phrase.pronoun, *phrase.head, value]
    return " ".join(word for word in own if word)
