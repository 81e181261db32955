"""One clause against one action: every phrase must find its argument and every required argument its value.

Whatever is left unexplained at the end makes the whole reading a misfit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.plan import Step
from agent.planners import carried, filling, names, places, spoken
from agent.planners.book import Deed, path_arguments
from agent.planners.clauses import Clause
from agent.planners.draft import Draft, Misfit, step_name
from agent.planners.records import Record, scalar_fields
from agent.planners.trial import Scene, Trial
from agent.planners.verbs import Kind
from discovery.lower import Signature

_SAID = (
    spoken.systems,
    spoken.targets,
    spoken.objects,
    spoken.states,
    spoken.lines,
    spoken.wording,
    filling.flagged,
    carried.source,
    filling.called,
    filling.fill,
    carried.said_currency,
    filling.settle,
)
_UNSAID = (carried.context, carried.message, carried.currency, carried.rest_as_it_is)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A reading that holds: the plan with this clause in it, and how sure the reading is."""

    signature: Signature
    draft: Draft
    score: int


def verb_score(clause: Clause, signature: Signature, deed: Deed) -> int:
    """How well the clause's verb names what the action does; 0 when it does not, or lacks a verb that must be said."""
    verb = clause.verb
    if (deed.must_say and not deed.must_say & clause.said) or not deed.must_mention <= clause.said | clause.around:
        return 0
    if deed.kind is Kind.READ:
        return 4 if Kind.READ in verb.kinds else 0
    if verb.noun and deed.kind is Kind.CREATE:
        return 5 if names.spoken(signature.resource)[-1:] == (verb.noun,) else 0
    if deed.verb == verb.said:
        return 6 if deed.kind is Kind.ACT else 5
    if deed.kind is Kind.ACT or deed.kind not in verb.kinds:
        return 0
    return 2 if deed.kind is Kind.UPDATE and (verb.states or verb.said in ("assign", "add")) else 4


def fit(clause: Clause, signature: Signature, deed: Deed, draft: Draft, scene: Scene) -> Fit:
    """The one reading of `clause` as a call of `signature`. Raises Misfit with the reason when there is none."""
    score = verb_score(clause, signature, deed)
    if not score:
        raise Misfit(f"{signature.id} does something else")
    trial = Trial(clause, signature, deed, replace(draft, mentions=clause.context), scene)
    for explain in _SAID:
        explain(trial)
    _require_change(trial)
    for complete in _UNSAID:
        complete(trial)
    _require_all_filled(trial)
    return Fit(signature=signature, draft=_with_step(trial), score=10 * score + trial.score)


def _require_change(trial: Trial) -> None:
    if trial.deed.kind is Kind.UPDATE and set(trial.args) <= set(path_arguments(trial.signature)):
        raise Misfit("it does not say what to change")


def _require_all_filled(trial: Trial) -> None:
    missing = sorted(trial.required() - set(trial.args))
    if missing:
        raise Misfit(f"{trial.signature.id} also needs {', '.join(missing)}", is_incomplete=True)


def _with_step(trial: Trial) -> Draft:
    """The draft with the action's own step; the record that it made or worked on is then the latest."""
    signature, deed = trial.signature, trial.deed
    trial.draft = replace(trial.draft, placed=trial.draft.placed | places.of(trial))
    wished = step_name(deed.verb or deed.kind.value, signature.resource)
    step = Step(id=wished, action=signature.id, args=trial.args, purpose=trial.clause.text)
    name, draft = trial.draft.called(step, is_effect=deed.kind is not Kind.READ)
    if len(path_arguments(signature)) > 1:
        # A link: what was linked, said before what to, stays the latest.
        return draft.known(trial.aims[min(trial.aims)]) if trial.aims else draft
    if deed.kind not in (Kind.CREATE, Kind.READ) and trial.target is not None:
        return draft.known(trial.target)
    fields = scalar_fields(signature)
    if not fields or signature.items is not None:
        return draft
    is_new = deed.kind is Kind.CREATE
    return draft.known(
        Record(resource=signature.resource, system=signature.system, at=name, fields=fields, is_new=is_new,
               source=trial.source)
    )  # fmt: skip
