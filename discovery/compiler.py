"""From a read document to the Surface of proposed actions. Pure; runs where documents are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from discovery import actions, classify, naming, operations, validation
from discovery.described import Operation
from discovery.document import Document
from discovery.references import unusable
from discovery.schemas import Schemas, closure
from tools.action import Action, Evidence, Flaw, Quarantined, Surface

VALIDATOR_SECTION = "as openapi-spec-validator found"


def compile_surface(
    system: str, loaded: Document, *, name: str | None = None, validation_s: float = 0.0
) -> Surface:
    """The surface of `loaded`; `name` stands in for the document's own title.

    With `validation_s` openapi-spec-validator looks at it too, for so many seconds of CPU.
    """
    walked = list(operations.walk(loaded))
    described = [one for one in walked if isinstance(one, Operation)]
    lost = [one for one in walked if isinstance(one, Quarantined)]
    described, invalid, flaws = _validated(loaded, described, validation_s)
    schemas = Schemas(loaded.root)
    proposed, unbuilt = _build_all(system, described, schemas)
    schemas.finish()
    usable, tainted = _without_broken(proposed, schemas)
    headers = {one.pointer: frozenset().union(*(answer.headers for answer in one.answers)) for one in described}
    return Surface(
        system=system,
        digest=loaded.digest,
        title=name or loaded.title,
        dialect=loaded.dialect,
        actions=classify.classify(usable, schemas.defs, headers),
        defs=schemas.defs,
        quarantine=tuple(lost + invalid + unbuilt + tainted),
        flaws=flaws,
    )


def _validated(
    loaded: Document, described: list[Operation], seconds: float
) -> tuple[list[Operation], list[Quarantined], tuple[Flaw, ...]]:
    """The operations that no flaw touches, those that one does, and all flaws."""
    found = validation.problems(loaded, seconds) if seconds else []
    if not found:
        return described, [], ()
    touched = validation.Touched(loaded, found)
    usable, invalid, lost = [], [], defaultdict(list)
    for one in described:
        if (problem := touched.by(one.pointer)) is None:
            usable.append(one)
        else:
            lost[problem].append(f"{one.method} {one.path}")
            cause = unusable(problem.text, VALIDATOR_SECTION)
            invalid.append(operations.quarantined(cause, one.method, one.path, one.pointer))
    return usable, invalid, validation.told(found, lost)


def _build_all(system: str, described: Sequence[Operation], schemas: Schemas) -> tuple[list[Action], list[Quarantined]]:
    proposed, lost = [], []
    for name, one in zip(naming.names(described), described, strict=True):
        try:
            proposed.append(actions.build(system, name, one, schemas))
        except Exception as exc:  # one operation must never lose the others; the entry says what it was
            lost.append(operations.quarantined(exc, one.method, one.path, one.pointer))
    return proposed, lost


def _without_broken(proposed: list[Action], schemas: Schemas) -> tuple[list[Action], list[Quarantined]]:
    """Set apart the actions whose arguments reach a shared schema with a reference that leads nowhere."""
    if not schemas.broken and not schemas.left_out:
        return proposed, []
    usable, lost = [], []
    for action in proposed:
        reached = closure(actions.argument_schemas(action), schemas.defs.get)
        if broken := reached & schemas.broken.keys():
            cause = unusable(f"in the schema {min(broken)!r}: {schemas.broken[min(broken)]}")
            lost.append(operations.quarantined(cause, action.method, action.path, action.pointer))
        else:
            missing = sorted(reached & schemas.left_out.keys())
            usable.append(_with_evidence(action, [f"left out of {one!r} {schemas.left_out[one]}" for one in missing]))
    return usable, lost


def _with_evidence(action: Action, told: Sequence[str]) -> Action:
    if not told:
        return action
    evidence = (*action.evidence, *(Evidence(field="arguments", why=why) for why in told))
    return action.model_copy(update={"evidence": evidence})
