"""Holds what discovery proposes, and what its search finds, against the labels; decides nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from discovery import lower, surface
from discovery.catalog import Index
from discovery.lower import Signature
from evals.suites.discovery.bm25 import Bm25
from evals.suites.discovery.labels import Label, Place, Query
from tools import errors
from tools.action import Action, ActionClass, Surface

Search = Callable[[str, int], Sequence[str]]
#: from a query and a limit to the ids of the best actions, best first


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of a number were right."""

    right: int = 0
    of: int = 0

    @property
    def value(self) -> float:
        """1.0 when there was nothing to get wrong."""
        return self.right / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassJudgement:
    precision: Mapping[ActionClass, Share]
    #: of what was proposed as this class, how much was labelled so or defensible
    recall: Mapping[ActionClass, Share]
    #: of what is labelled as this class, how much was proposed so or defensibly; `unknown` is a miss, though a safe one
    unknown: int
    writes_called_read: tuple[str, ...]
    #: `document METHOD path` of each effect proposed as a read: the error that counts most
    wrong: tuple[str, ...]
    #: every other miss, told with what was proposed and why
    lost: tuple[str, ...]
    #: labelled operations that are no actions because they are quarantined; they count in no share


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetJudgement:
    precision: Share
    recall: Share
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationJudgement:
    pagination: Share
    read_back: Share
    inverse: Share
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchJudgement:
    at_10: Share
    at_20: Share
    missed: tuple[str, ...]
    #: queries without an acceptable action among the first 20


def read_corpus(folder: Path) -> dict[str, Surface]:
    """The surface of each document of `folder` that is one, by file name; its slug is the file's name."""
    surfaces = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".json", ".yaml"):
            continue
        try:
            surfaces[path.name] = surface.build(path.stem, path.read_bytes())
        except errors.DocumentInvalid:
            continue  # two files are no API documents, which is what the corpus has them for
    return surfaces


def judge_classes(labels: Iterable[Label], surfaces: Mapping[str, Surface]) -> ClassJudgement:
    listed = list(labels)
    pairs = _paired(listed, surfaces)
    proposed_as: dict[ActionClass, list[bool]] = {one: [] for one in ActionClass}
    labelled_as: dict[ActionClass, list[bool]] = {one: [] for one in ActionClass}
    wrong, called_read = [], []
    for label, action in pairs:
        proposed = action.action_class
        is_right = proposed in {label.action_class, *label.also_right}
        proposed_as[proposed].append(is_right)
        labelled_as[label.action_class].append(is_right)
        if proposed is ActionClass.READ and not is_right:
            called_read.append(_told(label))
        elif not is_right:
            why = next((one.why for one in action.evidence if one.field == "action_class"), "")
            wrong.append(f"{_told(label)}: {label.action_class.value}, proposed {proposed.value} ({why})")
    known = [one for one in ActionClass if one is not ActionClass.UNKNOWN]
    return ClassJudgement(
        precision={one: _share(proposed_as[one]) for one in known},
        recall={one: _share(labelled_as[one]) for one in known},
        unknown=len(proposed_as[ActionClass.UNKNOWN]),
        writes_called_read=tuple(called_read),
        wrong=tuple(wrong),
        lost=tuple(sorted({_told(one) for one in listed} - {_told(one) for one, _ in pairs})),
    )


def judge_targets(labels: Iterable[Label], surfaces: Mapping[str, Surface]) -> TargetJudgement:
    """Arguments are compared by wire name; one the action does not have (a body taken whole) is not judged."""
    proposals, meant, wrong = [], [], []
    for label, action in _paired(labels, surfaces):
        if label.targets is None:
            continue
        judged = {one.wire_name for one in action.arguments} - label.unclear
        proposed = {one.wire_name for one in action.arguments if one.is_target} & judged
        right = label.targets & judged
        proposals += [name in right for name in proposed]
        meant += [name in proposed for name in right]
        if proposed != right:
            too_many, missing = sorted(proposed - right), sorted(right - proposed)
            wrong.append(f"{_told(label)}: not a target {too_many}, is one {missing}")
    return TargetJudgement(precision=_share(proposals), recall=_share(meant), wrong=tuple(wrong))


def judge_relations(labels: Iterable[Label], surfaces: Mapping[str, Surface]) -> RelationJudgement:
    """How much of what is labelled was found; a row without a label is not judged."""
    found: dict[str, list[bool]] = {"pagination": [], "read_back": [], "inverse": []}
    wrong = []
    for label, action in _paired(labels, surfaces):
        operations = {one.id: f"{one.method} {one.path}" for one in surfaces[label.document].actions}
        proposed = {
            "pagination": action.pagination.kind if action.pagination else None,
            "read_back": operations.get(action.read_back) if action.read_back else None,
            "inverse": operations.get(action.inverse) if action.inverse else None,
        }
        for name, value in proposed.items():
            meant: str | None = getattr(label, name)
            if meant is not None:
                # Variants of one path are told apart by a fragment that an action's path does not keep.
                found[name].append(value == meant.partition("#")[0])
                if not found[name][-1]:
                    wrong.append(f"{_told(label)}: {name} is {meant}, proposed {value}")
    return RelationJudgement(**{name: _share(row) for name, row in found.items()}, wrong=tuple(wrong))


def judge_search(queries: Sequence[Query], surfaces: Mapping[str, Surface], search: Search) -> SearchJudgement:
    """A query is served at k when one of its acceptable actions is among the first k of all actions of all systems."""
    ids = {document: {one.pointer: one.id for one in found.actions} for document, found in surfaces.items()}
    ranks = []
    for query in queries:
        accepted = {ids.get(one.document, {}).get(one.pointer) for one in query.answers}
        results = search(query.query, 20)
        ranks.append(next((rank for rank, found in enumerate(results, 1) if found in accepted), None))
    return SearchJudgement(
        at_10=_share(rank is not None and rank <= 10 for rank in ranks),
        at_20=_share(rank is not None for rank in ranks),
        missed=tuple(query.query for query, rank in zip(queries, ranks, strict=True) if rank is None),
    )


def signatures(surfaces: Mapping[str, Surface]) -> list[Signature]:
    """The union of all actions of the corpus, as the catalogue's search takes them."""
    return [lower.signature(action, found.defs) for found in surfaces.values() for action in found.actions]


def catalog_search(listed: Sequence[Signature]) -> Search:
    index = Index.build(listed)
    return lambda query, limit: [found.id for _, found in index.search(query, limit)]


def plain_search(listed: Sequence[Signature]) -> Search:
    """Plain BM25 over the same texts."""
    return Bm25({one.id: f"{one.id} {one.summary} {one.path} {one.description}" for one in listed}).search


def _paired(labels: Iterable[Label], surfaces: Mapping[str, Surface]) -> list[tuple[Label, Action]]:
    """Each label with its action; a quarantined operation has none."""
    actions = {
        (document, action.pointer): action for document, found in surfaces.items() for action in found.actions
    }
    return [(label, actions[_key(label)]) for label in labels if _key(label) in actions]


def _key(place: Place) -> tuple[str, str]:
    return place.document, place.pointer


def _told(place: Place) -> str:
    return f"{place.document} {place.method} {place.path}"


def _share(rights: Iterable[bool]) -> Share:
    count = Counter(rights)
    return Share(right=count[True], of=count.total())
