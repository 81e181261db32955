"""Where the phrases of a clause stand that its step accounts for, with a value or without."""

from __future__ import annotations

from agent.planners import names
from agent.planners.phrases import Phrase
from agent.planners.trial import Trial


def of(trial: Trial) -> frozenset[tuple[int, int]]:
    """The offsets of the phrases that found their place, or that name again what the step is about."""
    open_yet = {one.start: one for one in trial.left}
    return frozenset(
        _extent(phrase)
        for phrase in (*trial.clause.phrases, *trial.clause.context)
        if (_is_placed(phrase, trial) if phrase.start not in open_yet else _is_known(open_yet[phrase.start], trial))
    )


def _is_placed(phrase: Phrase, trial: Trial) -> bool:
    is_system = bool(phrase.system) and phrase.is_bare() and phrase.value is None
    is_unused = phrase.is_context and not trial.is_used(phrase)
    return phrase.system == trial.system if is_system else not is_unused


def _is_known(phrase: Phrase, trial: Trial) -> bool:
    """Whether its noun is that of an argument which is filled, or of a record that the plan reaches."""
    if not phrase.head or phrase.is_context:
        return False
    is_here = phrase.system in ("", trial.system)
    if is_here and any(names.closeness(phrase.head, name) for name in trial.args):
        return True
    reached = [(one.resource, one.system) for one in trial.draft.records]
    reached.append((trial.signature.resource, trial.system))
    return any(name in trial.named(phrase.head) and phrase.system in ("", place) for name, place in reached)


def _extent(phrase: Phrase) -> tuple[int, int]:
    """The phrase without what it belongs to, which has a place of its own."""
    owner = phrase.of
    if owner is None or not phrase.start <= owner.start < phrase.end:
        return phrase.start, phrase.end
    return (owner.end, phrase.end) if owner.start == phrase.start else (phrase.start, owner.start)
