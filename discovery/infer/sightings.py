"""All exchanges of one operation, counted: its arguments, its bodies, its answers by status.

Values of one thing are counted together wherever they stand: a record in all answers that hold one of its kind, what
a client may send of it with what the API answers of it, the frame of a listing with the frames of other listings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from discovery.exchange import FORM, MULTIPART, Exchange
from discovery.infer import paths
from discovery.infer.observed import Kind, Observed
from discovery.infer.paths import Template
from discovery.infer.records import ELEMENT, Kinds, Steps, observed, subject_of
from discovery.infer.texts import typed
from tools.call import digest

ERROR = "error"
#: what refusals are about
LEAST_OF_ERROR = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers with one status."""

    count: int
    media_type: str
    headers: frozenset[str]
    body: Observed | None
    #: None when no answer had one that could be read
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The bodies that were sent with success."""

    count: int
    media_type: str
    body: Observed
    is_always: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    template: Template
    method: str
    exchanges: Sequence[Exchange]
    sent: Sent | None
    answers: dict[int, Answers]

    @property
    def succeeded(self) -> list[Exchange]:
        return [one for one in self.exchanges if is_success(one.status)]

    @property
    def subject(self) -> str:
        return subject_of(self.template)

    @property
    def kind(self) -> Kind | None:
        """The kind of record that it answers."""
        return next((one.kind for status, one in sorted(self.answers.items()) if is_success(status)), None)


@dataclass(slots=True)
class Survey:
    """Every operation that the exchanges show, and the kinds of record that they share."""

    kinds: Kinds = field(default_factory=Kinds)
    frames: dict[str, Observed] = field(default_factory=dict)
    #: the properties beside the records of a listing, by name
    errors: Counter[str] = field(default_factory=Counter)
    #: how often a refusal was of the kind

    def sightings(self, exchanges: Iterable[Exchange]) -> list[Sighting]:
        """In the order of their templates and methods, so that what is named first does not depend on the traffic."""
        found = [
            self._sighting(template, method, here)
            for template, all_here in paths.cluster(exchanges)
            for method, here in sorted(_grouped(all_here, "method").items())
        ]
        _share_what_is_sent(found)
        return found

    def _sighting(self, template: Template, method: str, here: Sequence[Exchange]) -> Sighting:
        by_status = sorted(_grouped(here, "status").items())
        return Sighting(
            template=template,
            method=method,
            exchanges=here,
            sent=_sent([one for one in here if is_success(one.status)]),
            answers={status: self._answers(template, status, ones) for status, ones in by_status},
        )

    def _answers(self, template: Template, status: int, ones: Sequence[Exchange]) -> Answers:
        readable = [one for one in ones if one.response_body is not None]
        media = Counter(one.response_type for one in (readable or ones) if one.response_type)
        placed = self._placed(template, status, [one.response_body for one in readable])
        body = observed(_different([one.response_body for one in readable]), placed) if readable else None
        if body is not None and placed is not None and ELEMENT in placed[0]:
            self._share_frame(body, placed[0])
        return Answers(
            count=len(ones),
            media_type=media.most_common(1)[0][0] if media else "",
            headers=frozenset(name for one in ones for name, _ in one.response_headers),
            body=body,
            kind=placed[1] if placed else None,
        )

    def _placed(self, template: Template, status: int, bodies: Sequence[Any]) -> tuple[Steps, Kind] | None:
        if status < 400:
            return self.kinds.place(subject_of(template), bodies)
        whole = [body for body in bodies if isinstance(body, dict)]
        kind = self.kinds.of(ERROR, whole, least=LEAST_OF_ERROR)
        if kind is None:
            return None
        self.errors[kind.name] += len(whole)
        return (), kind

    def _share_frame(self, body: Observed, steps: Steps) -> None:
        for name, place in body.properties.items():
            if name != steps[0]:
                _join(place, self.frames.setdefault(name, Observed(name=name)))


def is_success(status: int) -> bool:
    return 200 <= status < 300


def _sent(succeeded: Sequence[Exchange]) -> Sent | None:
    with_body = [one for one in succeeded if one.request_body is not None]
    if not with_body:
        return None
    media = Counter(one.request_type for one in with_body).most_common(1)[0][0]
    bodies = [one.request_body for one in with_body if one.request_type == media]
    if media in (FORM, MULTIPART):
        bodies = typed([body for body in bodies if isinstance(body, dict)])
    is_always = len(with_body) == len(succeeded)
    return Sent(count=len(with_body), media_type=media, body=observed(bodies, None), is_always=is_always)


def _share_what_is_sent(found: Sequence[Sighting]) -> None:
    """What a client may set of a record is one list, whether it makes the record or changes it.

    A change that was seen to set two properties may set the others as well; what a property may hold is counted from
    what is sent and what is answered.
    """
    by_kind: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in found:
        if sighting.sent is not None and sighting.kind is not None and "object" in sighting.sent.body.kinds:
            by_kind[sighting.kind.name].append(sighting)
    for alike in by_kind.values():
        _share(alike)


def _share(alike: Sequence[Sighting]) -> None:
    """Let the operations that write one kind of record share what is known of its properties."""
    pools: dict[str, Observed] = {}
    plain = [one for one in alike if _is_plain_write(one, alike)]
    for sighting in plain:
        for name, place in _body(sighting).properties.items():
            _join(place, pools.setdefault(name, Observed(name=name)))
    for name, pool in pools.items():
        answered = plain[0].kind.observed.properties.get(name) if plain[0].kind else None
        if answered is not None and not pool.contradicts(answered):
            pool.absorb(answered)
    for sighting in plain:
        if sighting.method in ("PATCH", "PUT"):
            for name, pool in pools.items():
                place = _body(sighting).property(name)
                if place.pool is None and not place.count:
                    place.pool = pool


def _body(sighting: Sighting) -> Observed:
    return sighting.sent.body if sighting.sent is not None else Observed()


def _join(place: Observed, pool: Observed) -> None:
    if not pool.contradicts(place):
        pool.absorb(place)
        place.pool = pool


def _is_plain_write(sighting: Sighting, alike: Sequence[Sighting]) -> bool:
    """Whether it makes or changes the record as such, rather than doing something to it (`/orders/{id}/cancel`)."""
    nouns = Counter(one.subject for one in alike)
    return sighting.subject == nouns.most_common(1)[0][0]


def _different(bodies: Sequence[Any]) -> list[Any]:
    """The bodies without repetitions: an answer polled a hundred times is evidence once."""
    return list({digest(body): body for body in bodies}.values())


def _grouped(exchanges: Iterable[Exchange], by: str) -> dict[Any, list[Exchange]]:
    found = defaultdict(list)
    for one in exchanges:
        found[getattr(one, by)].append(one)
    return found
