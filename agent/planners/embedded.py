"""The embedded planner: a limited parser, no model.

It reads a goal as requests, each with one verb it knows, remarks that ask for nothing, and conditions. It accepts a
plan only when every typed part of the goal (e-mail, amount, date, id, quoted text, …) found its place and every
required argument its value; plain words that name nothing are passed over. Anything else it refuses, naming the clause.
It cannot:
- paraphrase or infer ("take care of the onboarding"), count, choose, or do arithmetic;
- read negation, exceptions, alternatives (`unless`, `except`, `or`, `otherwise`) or clauses that wait for an event;
- act on several records at once, or on one it cannot find by an id, an e-mail address, a name or another exact filter;
- decide between two actions that fit equally well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.goal import Span, SpanKind, read_spans
from agent.plan import CannotDo, Plan, Proposal, Step
from agent.planner import PlannerView
from agent.planners import accounts, clauses
from agent.planners.book import Book, Deed, Lexicon
from agent.planners.chaining import Chain
from agent.planners.clauses import Clause
from agent.planners.conditions import Condition, Unclear
from agent.planners.draft import Draft, Misfit
from agent.planners.ordering import ordered
from agent.planners.phrases import Phrase, alternatives
from agent.planners.records import Record, is_step_of
from agent.planners.slots import Fit, fit, verb_score
from agent.planners.trial import Scene
from discovery.catalog import Index
from discovery.lower import Signature
from tools.action import ActionId

CONNECT_A_MODEL = (
    "Rephrase it in plain imperative clauses with ids, e-mail addresses and quoted texts, or connect a model: set "
    "INTERLOCK_MODEL_BASE_URL, INTERLOCK_MODEL_API_KEY and INTERLOCK_MODEL."
)
MAX_STEPS = 40
NEAREST = 3


class EmbeddedPlanner:
    """A limited parser behind the planner's protocol."""

    name = "embedded"

    async def propose(self, view: PlannerView) -> Proposal:
        """A plan in which the whole goal is accounted for, or the reason why there is none. It never asks."""
        if view.defects:
            defect = view.defects[0]
            return _refusal(
                f"Its plan did not pass review at step {defect.step or '?'}: {defect.problem}", mend=defect.mend
            )
        book = Book(signatures=view.signatures, systems=tuple(view.systems.items()))
        proposal = _propose(view, book, is_eager=False)
        if isinstance(proposal, CannotDo):
            other = _propose(view, book, is_eager=True)
            return other if isinstance(other, Plan) else _with_nearest(proposal, view)
        return proposal


def _propose(view: PlannerView, book: Book, *, is_eager: bool) -> Proposal:
    """The plan by one way of dividing the goal into clauses."""
    spans = view.spans or read_spans(view.goal)
    lexicon = Lexicon(book)
    try:
        read = clauses.read(view.goal, spans, lexicon, is_eager=is_eager)
    except Unclear as unclear:
        return _refusal(f"This limited parser could not read it: {unclear.why}.", unclear.clause)
    return _plan(view, spans, Scene(book=book, chain=Chain(book), today=view.today, lexicon=lexicon), read)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """What became of one action for one clause."""

    signature: Signature
    verb: int
    fit: Fit | None = None
    why: str = ""
    is_incomplete: bool = False


def _plan(view: PlannerView, spans: tuple[Span, ...], scene: Scene, read: tuple[Clause, ...]) -> Proposal:
    draft, stated = Draft(), list[Clause]()
    for place, one in enumerate(read):
        clause = clauses.with_statements(one, stated)
        try:
            under = _guarded(clause.condition, replace(draft, mentions=clause.context), scene)
        except Misfit as misfit:
            return _refusal(
                f"Its condition cannot be checked: {misfit.why}.", clause.condition.text if clause.condition else ""
            )
        told = clauses.introduced(clause)
        chosen = _choose(told, under, scene) if told is not None else None
        if not isinstance(chosen, Draft):
            chosen = _choose(clause, under, scene)
        if isinstance(chosen, CannotDo) and clauses.is_restated(clause, read[place + 1 :]):
            stated.append(clause)
        elif isinstance(chosen, CannotDo):
            return chosen
        else:
            draft = chosen
    if (lost := next((one for one in stated if not clauses.is_held(one, draft.used)), None)) is not None:
        return _refusal("What it says is not in the plan.", lost.text)
    if (dropped := _lost([one for one in read if one not in stated], draft, scene)) is not None:
        return _refusal("No step accounts for it.", dropped)
    return _checked(view, spans, read, draft, scene)


def _lost(read: list[Clause], draft: Draft, scene: Scene) -> str | None:
    """The part of a clause, or of a remark after it, that is in no step; None when there is none."""
    held = draft.used | draft.placed
    for clause in read:
        told = accounts.lost(clause.tokens, held)
        for remark in clause.after:
            told = told or accounts.lost_after(remark, held, scene.lexicon)
        if told:
            return " ".join(token.text for token in told)
    return None


def _choose(clause: Clause, draft: Draft, scene: Scene) -> Draft | CannotDo:
    """The action that explains the clause best; a refusal when there is none, or no single best."""
    if clause.verb.said == "read" and (found := _looked_up(clause, draft, scene)) is not None:
        return found
    attempts = [_attempt(clause, signature, deed, draft, scene) for signature, deed in scene.book.deeds()]
    fits = sorted((one.fit for one in attempts if one.fit), key=lambda found: -found.score)
    verbed = sorted(
        (one for one in attempts if one.verb), key=lambda one: (not one.is_incomplete, -_nearness(one, clause, scene))
    )
    nearest = tuple(one.signature.id for one in verbed)[:NEAREST]
    if not fits and (found := _each(clause, draft, scene)) is not None:
        return found
    if not fits and (other := clauses.restated(clause, scene.lexicon)) is not None:
        return _choose(other, draft, scene)
    if not fits:
        why = verbed[0].why if verbed else "no action here does what its verb says"
        return _refusal(f"No action explains it whole: {why}.", clause.text, nearest)
    best = fits[0]
    rivals = [one.signature.id for one in fits[1:] if one.score >= best.score]
    rivals += [
        one.signature.id for one in attempts if one.is_incomplete and _is_rival(one.signature, best.signature, clause)
    ]
    if rivals:
        both = (best.signature.id, *rivals)
        return _refusal(f"It may mean {' or '.join(both)}; say the system or the noun.", clause.text, both)
    return best.draft


def _each(clause: Clause, draft: Draft, scene: Scene) -> Draft | None:
    """The draft with the clause once for each of what it lists: `add X to the groups A and B`; None when it lists
    none."""
    told = list(alternatives(clause.phrases))
    if len(told) < 2:
        return None
    made = draft
    for phrases in told:
        one = _choose(replace(clause, phrases=phrases), replace(made, records=draft.records), scene)
        if isinstance(one, CannotDo):
            return None
        made = one
    done = [step.action for step in made.steps if step.id in made.effects - draft.effects]
    return made if len(done) == len(told) and len(set(done)) == 1 else None


def _looked_up(clause: Clause, draft: Draft, scene: Scene) -> Draft | None:
    """The draft with the one record that the clause asks to see; None when it asks for something else."""
    places = [one.system for one in clause.phrases if one.system and one.is_bare() and not (one.value or one.pronoun)]
    things = [one for one in clause.phrases if one.head or one.value or one.pronoun]
    if len(things) != 1 or len(places) > 1 or things[0].is_every or things[0].prep:
        return None
    thing = replace(things[0], system=places[0]) if places else things[0]
    try:
        record, found = scene.chain.loaded(*scene.chain.record(thing, draft))
    except Misfit:
        return None
    steps = tuple(
        step.model_copy(update={"purpose": clause.text}) if is_step_of(record, step.id) else step
        for step in found.steps
    )
    return replace(found.known(record), steps=steps)


def _nearness(attempt: _Attempt, clause: Clause, scene: Scene) -> int:
    """How near an action that did not fit came: its noun was said, its system was, its verb fits."""
    said: list[Phrase] = [*clause.phrases]
    said += [phrase.of for phrase in said if phrase.of]
    is_noun = any(attempt.signature.resource in scene.book.named(one.head) for one in said if one.head)
    is_place = any(one.system == attempt.signature.system for one in said)
    is_object = bool(said) and attempt.signature.resource in scene.book.named(said[0].head)
    return 10 * (is_noun + is_place + is_object) + attempt.verb


def _is_rival(other: Signature, best: Signature, clause: Clause) -> bool:
    """Whether an action that lacks only something unsaid may be what was meant: the same noun in a system not named."""
    is_placed = any(phrase.system == best.system for phrase in clause.phrases)
    return other.resource == best.resource and other.system != best.system and not is_placed


def _attempt(clause: Clause, signature: Signature, deed: Deed, draft: Draft, scene: Scene) -> _Attempt:
    verb = verb_score(clause, signature, deed)
    if not verb:
        return _Attempt(signature=signature, verb=0)
    try:
        return _Attempt(signature=signature, verb=verb, fit=fit(clause, signature, deed, draft, scene))
    except Misfit as misfit:
        return _Attempt(signature=signature, verb=verb, why=misfit.why, is_incomplete=misfit.is_incomplete)


def _guarded(condition: Condition | None, draft: Draft, scene: Scene) -> Draft:
    """The draft under the clause's condition: the record it is about is read, and later steps wait for its value."""
    if condition is None:
        return replace(draft, guard=None)
    if condition.flag:
        return _flagged(condition, draft, scene)
    record, field, after = _compared(condition, replace(draft, guard=None), scene)
    sign = "!=" if condition.is_negated else "=="
    guard = f"{record.at}.{field} {sign} {str(condition.value.value)!r}"
    return replace(after.known(record).using(condition.value.start, condition.value.end), guard=guard)


def _flagged(condition: Condition, draft: Draft, scene: Scene) -> Draft:
    """As `_guarded`, for a field that is true or false."""
    record, after = scene.chain.loaded(*scene.chain.record(condition.phrase, replace(draft, guard=None)))
    if not record.has(condition.flag):
        raise Misfit(f"a {record.resource} of {record.system} has no {condition.flag!r}")
    told = f"{record.at}.{condition.flag}"
    return replace(after.known(record), guard=f"not {told}" if condition.is_negated else told)


def _compared(condition: Condition, draft: Draft, scene: Scene) -> tuple[Record, str, Draft]:
    """The record and field that the condition compares."""
    phrase, value = condition.phrase, condition.value.value
    if phrase.of is not None:
        record, after = scene.chain.loaded(*scene.chain.record(phrase.of, draft))
        named = [one for one in _enum_fields(record, scene.book) if value in one[1]]
        fields = [name for name, _ in named if name.split("_")[-1] == phrase.head[-1]]
    else:
        record, after = scene.chain.loaded(*scene.chain.record(phrase, draft))
        fields = [name for name, values in _enum_fields(record, scene.book) if value in values]
    if len(fields) != 1:
        raise Misfit(f"no single field of the {record.resource} can be {condition.value.text!r}")
    return record, fields[0], after


def _enum_fields(record: Record, book: Book) -> list[tuple[str, tuple[object, ...]]]:
    getter = book.getter(record.resource, record.system)
    return [(field.path, tuple(field.enum)) for field in (getter.result if getter else ()) if field.enum]


def _is_aside(span: Span, read: tuple[Clause, ...], goal: str, draft: Draft) -> bool:
    """Whether it stands in a remark and asks for nothing there: `today` says when the remark was made, and what a
    clause says again counts there: `we agreed on 60 days: set the payment terms to net 60`."""
    if any(one.start <= span.start < one.end for one in read):
        return False
    again = [goal[start:end] for start, end in draft.used if any(one.start <= start < one.end for one in read)]
    is_past = span.kind is SpanKind.DATE and re.match(r"P(0|-\d+)[DWMY]", str(span.value)) is not None
    return is_past or any(re.search(rf"\b{re.escape(span.text)}\b", text) for text in again)


def _checked(
    view: PlannerView, spans: tuple[Span, ...], read: tuple[Clause, ...], draft: Draft, scene: Scene
) -> Proposal:
    """The plan, unless some typed part of the goal is in none of its steps or a look-up serves nothing."""
    introduced = [span for clause in read for span in _introduced(clause, scene)]
    for span in [*spans, *introduced]:
        is_held = any(start <= span.start and span.end <= end for start, end in draft.used)
        is_needed = span.kind is not SpanKind.NAME or span in introduced
        if is_needed and not is_held and not _is_aside(span, read, view.goal, draft):
            return _refusal(f"{span.text!r} would not be used.", view.goal)
    if not draft.steps or len(draft.steps) > MAX_STEPS:
        return _refusal("It comes to no plan of a reasonable size.", view.goal)
    steps = ordered(draft)
    idle = next((step for step in steps if step.id not in draft.effects and _is_idle(step, steps, draft)), None)
    if idle is not None:
        return _refusal(f"Looking up {idle.action} would serve nothing.", view.goal)
    return Plan(steps=steps, summary=view.goal[:500])


def _introduced(clause: Clause, scene: Scene) -> list[Span]:
    """What a remark says of the new thing that the clause creates, and which must not be lost: its states, and its
    names unless it speaks of a person, of whom other records may be made."""
    told = [one.value for one in clause.introduction if one.value is not None and one.value.kind is SpanKind.NAME]
    is_person = bool(clause.phrases and clause.phrases[0].pronoun)
    return [one for one in told if scene.is_state(one) or not (is_person or one.text.islower())]


def _is_idle(step: Step, steps: tuple[Step, ...], draft: Draft) -> bool:
    """A read that nothing uses and that no clause asked for."""
    if step.purpose:
        return False
    written = [f"{other.args} {other.when} {other.for_each} {other.expect}" for other in steps if other.id != step.id]
    return not any(re.search(rf"\b{step.id}\b", text) for text in written)


def _refusal(why: str, clause: str = "", nearest: tuple[ActionId, ...] = (), mend: str = "") -> CannotDo:
    return CannotDo(why=why, clause=clause, nearest=nearest, mend=f"{mend} {CONNECT_A_MODEL}".strip())


def _with_nearest(refusal: CannotDo, view: PlannerView) -> CannotDo:
    """The refusal with the actions nearest in words, when the reading broke off before any was tried."""
    if refusal.nearest:
        return refusal
    found = Index.build(view.signatures).search(refusal.clause or view.goal, NEAREST)
    return refusal.model_copy(update={"nearest": tuple(one.id for _, one in found)})
