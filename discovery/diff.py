"""What changed between two revisions of a surface, and what that does to those who worked with the older one. Pure.

Pointers lead into the surface: `/actions/ID/arguments` is the schema of an action's arguments, `/actions/ID/result`
that of its result; `/defs/NAME` is a shared schema of the newer revision. A change of a shared schema is told once,
with all the actions that reach it, and apart for who sends and who reads. Of errors only the documented statuses count:
no plan reads their bodies, and one error schema that leads everywhere would make every action look changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from discovery import likeness
from discovery.comparison import Comparison, Pair
from discovery.differences import Change, Impact, Kind, Side, escaped
from tools.action import Action, ActionId, Argument, Record, Schema, Surface

IMPACTS = list(Impact)
WRITTEN = ("place", "wire_name", "style", "explode", "allow_reserved", "content_type")
#: how an argument stands on the wire
SERIOUS = frozenset({"action_class", "scopes"})
#: what an admin decided the acceptance by
PROPOSED = ("action_class", "scopes", "resolver", "resource", "pagination", "read_back", "inverse")


class Finding(Record):
    """One difference, in the words of `Change`, with its side and the actions that meet it."""

    kind: Kind
    impact: Impact
    side: Side
    pointer: str
    actions: tuple[ActionId, ...]
    #: by their ids in the newer revision, where they are still there; sorted
    before: JsonValue = None
    #: of an enumeration only the values that are not on the other side
    after: JsonValue = None
    likelihood: float | None = None


def diff(before: Surface, after: Surface) -> tuple[Finding, ...]:
    """Every finding, what breaks first, then by pointer. Nothing for two surfaces that say the same."""
    return _Diff(before, after).findings()


def touched(findings: Iterable[Finding], *, at_least: Impact = Impact.SAFE) -> frozenset[ActionId]:
    """The actions that any finding of that weight or a graver one concerns."""
    grave = IMPACTS[: IMPACTS.index(at_least) + 1]
    return frozenset(action for one in findings if one.impact in grave for action in one.actions)


class _Diff:
    def __init__(self, before: Surface, after: Surface) -> None:
        self._defs = (before.defs, after.defs)
        self._found: list[Finding] = []
        self._compared: dict[tuple[Side, Pair], Comparison] = {}
        #: of shared schemas, each pair once for a side
        self._reached: dict[tuple[Side, Pair], set[ActionId]] = {}
        self._match(before.actions, after.actions)

    def findings(self) -> tuple[Finding, ...]:
        for (side, (_, name)), actions in self._reached.items():
            pair = self._compared[side, (_, name)]
            self._tell(pair.changes, side, f"/defs/{escaped(name)}", sorted(actions))
        return tuple(sorted(self._found, key=lambda one: (IMPACTS.index(one.impact), one.pointer, one.side, one.kind)))

    def _match(self, before: Sequence[Action], after: Sequence[Action]) -> None:
        """By id; then, of those without a counterpart, by likelihood."""
        old, new = {one.id: one for one in before}, {one.id: one for one in after}
        gone = [one for one in before if one.id not in new]
        come = [one for one in after if one.id not in old]
        renames = likeness.pairs(gone, come, likeness.of_actions, likeness.LIKELY_ACTION)
        for was, now, likelihood in renames:
            self._renamed(was.id, now.id, now.id, likelihood)
            self._actions(was, now)
        lost, won = {was.id for was, _, _ in renames}, {now.id for _, now, _ in renames}
        for one in gone:
            if one.id not in lost:
                self._action(Kind.REMOVED, Impact.BREAKS, one.id, _request(one), None)
        for one in come:
            if one.id not in won:
                self._action(Kind.ADDITIVE, Impact.SAFE, one.id, None, _request(one))
        for action_id in old.keys() & new.keys():
            self._actions(old[action_id], new[action_id])

    def _renamed(self, was: JsonValue, now: JsonValue, action: ActionId, likelihood: float, below: str = "") -> None:
        change = Change(
            kind=Kind.RENAMED, impact=Impact.BREAKS, pointer=below, before=was, after=now, likelihood=likelihood
        )
        self._tell([change], Side.ACTION, f"/actions/{escaped(action)}", [action])

    def _action(self, kind: Kind, impact: Impact, action: ActionId, was: JsonValue, now: JsonValue) -> None:
        change = Change(kind=kind, impact=impact, pointer="", before=was, after=now)
        self._tell([change], Side.ACTION, f"/actions/{escaped(action)}", [action])

    def _actions(self, was: Action, now: Action) -> None:
        at = f"/actions/{escaped(now.id)}"
        if was.id == now.id and _request(was) != _request(now):
            self._renamed(_request(was), _request(now), now.id, 1.0, "/path")
        self._tell(_meaning(was, now), Side.ACTION, at, [now.id])
        self._tell(_written(was, now), Side.ARGUMENT, at, [now.id])
        self._schemas(was.args_schema(), now.args_schema(), Side.ARGUMENT, f"{at}/arguments", now.id)
        self._schemas(was.result_schema, now.result_schema, Side.RESULT, f"{at}/result", now.id)
        self._tell(_answers(was, now), Side.RESULT, at, [now.id])

    def _schemas(self, before: Schema, after: Schema, side: Side, at: str, action: ActionId) -> None:
        own = self._comparison(side)
        own.compare(before, after)
        self._tell(own.changes, side, at, [action])
        waiting, seen = list(own.met), set(own.met)
        while waiting:
            pair = waiting.pop()
            self._reached.setdefault((side, pair), set()).add(action)
            further = self._pair(side, pair).met - seen
            seen |= further
            waiting += further

    def _pair(self, side: Side, pair: Pair) -> Comparison:
        if (known := self._compared.get((side, pair))) is None:
            known = self._compared[side, pair] = self._comparison(side)
            known.compare(self._defs[0].get(pair[0], {}), self._defs[1].get(pair[1], {}))
        return known

    def _comparison(self, side: Side) -> Comparison:
        return Comparison(side, self._defs[0].get, self._defs[1].get)

    def _tell(self, changes: Iterable[Change], side: Side, at: str, actions: Sequence[ActionId]) -> None:
        for one in changes:
            self._found.append(
                Finding(
                    kind=one.kind,
                    impact=one.impact,
                    side=side,
                    pointer=at + one.pointer,
                    actions=tuple(actions),
                    before=one.before,
                    after=one.after,
                    likelihood=one.likelihood,
                )
            )


def _request(action: Action) -> str:
    return f"{action.method} {action.path}"


def _meaning(was: Action, now: Action) -> Iterator[Change]:
    """What discovery proposes, and the admin accepted, beside the request."""
    before, after = (
        was.model_dump(mode="json", include=set(PROPOSED)),
        now.model_dump(mode="json", include=set(PROPOSED)),
    )
    for field in PROPOSED:
        if before[field] != after[field]:
            impact = Impact.MAY_BREAK if field in SERIOUS else Impact.SAFE
            if field == "scopes" and not set(was.scopes) >= set(now.scopes):
                impact = Impact.BREAKS  # a connection may lack them
            yield Change(
                kind=Kind.MEANING, impact=impact, pointer=f"/{field}", before=before[field], after=after[field]
            )


def _written(was: Action, now: Action) -> Iterator[Change]:
    """How arguments and the body stand on the wire, and which are targets."""
    for one in now.arguments:
        if (old := was.argument(one.name)) is not None:
            yield from _argument(old, one)
    old_body = was.body.model_dump(mode="json") if was.body else {}
    new_body = now.body.model_dump(mode="json") if now.body else {}
    for field in sorted(old_body.keys() | new_body.keys()):
        before, after = old_body.get(field), new_body.get(field)
        if before != after:
            yield Change(
                kind=Kind.REQUIRED if field == "required" else Kind.FORMAT,
                impact=Impact.SAFE if field == "required" and not after else Impact.BREAKS,
                pointer=f"/body/{field}",
                before=before,
                after=after,
            )


def _argument(was: Argument, now: Argument) -> Iterator[Change]:
    at = f"/arguments/properties/{escaped(now.name)}"
    for field in (*WRITTEN, "is_target", "unit"):
        before, after = getattr(was, field), getattr(now, field)
        if before != after:
            is_written = field in WRITTEN
            yield Change(
                kind=Kind.FORMAT if is_written else Kind.MEANING,
                impact=Impact.BREAKS if is_written else Impact.MAY_BREAK,
                pointer=f"{at}/{field}",
                before=before,
                after=after,
            )


def _answers(was: Action, now: Action) -> Iterator[Change]:
    """Documented statuses and content types. A documented 4xx is how a refusal is told from a lost answer."""
    for status in sorted(was.errors.keys() ^ now.errors.keys()):
        is_gone = status in was.errors
        yield Change(
            kind=Kind.REMOVED if is_gone else Kind.ADDITIVE,
            impact=Impact.MAY_BREAK if is_gone else Impact.SAFE,
            pointer=f"/errors/{status}",
            before=status if is_gone else None,
            after=None if is_gone else status,
        )
    if was.accepts != now.accepts:
        harms = not set(now.accepts) <= set(was.accepts)
        impact = Impact.MAY_BREAK if harms else Impact.SAFE
        yield Change(
            kind=Kind.FORMAT, impact=impact, pointer="/accepts", before=list(was.accepts), after=list(now.accepts)
        )
