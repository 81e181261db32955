"""Second readers judge the wire: Prism reads paths, queries and headers, `bodies` reads bodies, both from the document.

For every action of five large documents of different kinds, arguments are generated from our own full schema, rendered,
and sent over the real way out to Prism on loopback. A request counts as accepted when both readers take it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from discovery import surface
from evals.suites.discovery import arguments, controls, prism
from evals.suites.discovery.arguments import Variant
from evals.suites.discovery.bodies import BodyJudge, parsed
from evals.suites.discovery.refusals import Cause, explain
from tools import errors
from tools.action import Action, Place, Surface
from tools.clock import SystemClock
from tools.egress import Answered, Egress, Target
from tools.vault import KeyRing, Vault
from tools.wire import Request, render

DOCUMENTS = (
    #: the largest; OpenAPI 3.0, JSON bodies, nullable beside oneOf
    "github_api.json",
    #: OpenAPI 3.0; every body a form, nested in brackets, deepObject queries
    "stripe.json",
    #: Swagger 2.0, JSON bodies by reference
    "docusign_esign.json",
    #: recursive schemas shared by all operations, bodies of any type
    "kubernetes.json",
    #: YAML; headers, lists joined by commas, files
    "xero_accounting.yaml",
)
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    document: str
    operation: str
    #: `METHOD path`
    variant: Variant
    reader: str
    #: who refused: `prism`, `body`, or before anything was sent `schema` (ours) or `wire`
    why: str
    cause: Cause
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentJudgement:
    document: str
    actions: int
    accepted: int
    of: int
    controls_refused: int
    #: requests with a wrong value that the reader of its place refused, as it should
    controls: int
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WireJudgement:
    documents: tuple[DocumentJudgement, ...]
    refusals: tuple[Refusal, ...]
    #: one for each reader that refused a request

    @property
    def accepted(self) -> int:
        return sum(one.accepted for one in self.documents)

    @property
    def of(self) -> int:
        return sum(one.of for one in self.documents)

    @property
    def share(self) -> float:
        return self.accepted / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What came of one request."""

    refusals: tuple[Refusal, ...] = ()
    controls: tuple[bool, ...] = ()
    #: for each control whether it was refused


async def judge_wire(
    corpus: Path, tell: Callable[[str], None], *, documents: Sequence[str] = DOCUMENTS, seed: int = 0
) -> WireJudgement:
    """Judge every action of `documents`, which lie in `corpus`. Raises `NoPrism` when Prism cannot be had."""
    tell(f"wire: getting Prism {prism.VERSION} ready")
    entry = await asyncio.to_thread(prism.provide)
    rows, refusals = [], []
    for name in documents:
        started = time.monotonic()
        judged = await _judge_document(corpus / name, entry, seed)
        row = _row(name, judged, round(time.monotonic() - started, 1))
        rows.append(row)
        refusals += [refusal for one in judged for refusal in one.refusals]
        tell(f"wire: {name}: both readers accept {row.accepted:,} of {row.of:,} requests ({row.took_s:g} s)")
    return WireJudgement(documents=tuple(rows), refusals=tuple(refusals))


def _row(name: str, judged: Sequence[_Judged], took_s: float) -> DocumentJudgement:
    controls = [one for request in judged for one in request.controls]
    return DocumentJudgement(
        document=name,
        actions=len(judged) // len(Variant),
        accepted=sum(not one.refusals for one in judged),
        of=len(judged),
        controls_refused=sum(controls),
        controls=len(controls),
        took_s=took_s,
    )


async def _judge_document(path: Path, entry: Path, seed: int) -> list[_Judged]:
    source = path.read_bytes()
    found = await asyncio.to_thread(surface.build, path.stem, source)
    root = parsed(source)
    waiting = asyncio.Semaphore(_AT_ONCE)
    with tempfile.TemporaryDirectory() as folder, prism.running(entry, root, Path(folder)) as url:
        async with Egress(Vault(KeyRing(bytes(32))), SystemClock()) as egress:
            readers = _Readers(document=path.name, found=found, bodies=BodyJudge(root), egress=egress, url=url)

            async def judge(action: Action, variant: Variant) -> _Judged:
                async with waiting:
                    return await readers.judge(action, variant, seed)

            return await asyncio.gather(*(judge(action, variant) for action in found.actions for variant in Variant))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Readers:
    """Both readers of one document, and the way to them."""

    document: str
    found: Surface
    bodies: BodyJudge
    egress: Egress
    url: str

    async def judge(self, action: Action, variant: Variant, seed: int) -> _Judged:
        made = arguments.generate(action, self.found.defs, variant, seed)
        told = [("schema", str(problem)) for problem in made.problems[:1]]
        try:
            request = render(action, made.arguments, self.url)
        except errors.RequestUnsafe as exc:
            return _Judged(refusals=(self._refusal(action, variant, "wire", exc.message),))
        for reader, why in (("body", self._body(action, request)), ("prism", await self._prism(request))):
            if why is not None:
                told.append((reader, why))
        controls = await self._controls(action, made.arguments) if variant is Variant.FULL and not told else ()
        return _Judged(refusals=tuple(self._refusal(action, variant, *one) for one in told), controls=controls)

    async def _controls(self, action: Action, given: Mapping[str, JsonValue]) -> tuple[bool, ...]:
        """Whether a wrong parameter is refused by Prism, and a wrong body by its judge; those that can be made."""
        of_parameters = controls.spoiled(action, given, frozenset(Place) - {Place.BODY})
        of_body = controls.spoiled(action, given, frozenset({Place.BODY}))
        found = []
        if of_parameters is not None:
            found.append(await self._prism(render(action, of_parameters, self.url)) is not None)
        if of_body is not None:
            found.append(self._body(action, render(action, of_body, self.url)) is not None)
        return tuple(found)

    def _body(self, action: Action, request: Request) -> str | None:
        return self.bodies.refusal(action.pointer, request.body, request.content_type)

    async def _prism(self, request: Request) -> str | None:
        target = Target(workspace="evals", connection="prism", base_url=self.url, allow_private=True)
        sent = await self.egress.send(request, target)
        if not isinstance(sent, Answered):
            # While Prism works on a large schema it lets connections idle, then closes them as they are used again.
            sent = await self.egress.send(request, target)
        if not isinstance(sent, Answered):
            return f"it gave no answer: {sent.reason}"
        return None if sent.status == 200 else _told(sent.status, sent.body)

    def _refusal(self, action: Action, variant: Variant, reader: str, why: str) -> Refusal:
        kind = explain(reader, why, action, {one.path for one in self.found.actions})
        return Refusal(
            document=self.document,
            operation=f"{action.method} {action.path}",
            variant=variant,
            reader=reader,
            why=why,
            cause=kind.cause,
            explanation=kind.explanation,
        )


def _told(status: int, body: bytes) -> str:
    """What Prism's problem document says is wrong, each thing once."""
    try:
        problem = json.loads(body)
    except ValueError:
        return f"status {status}"
    found = dict.fromkeys(str(one["message"]) for one in problem.get("validation", ()))
    return "; ".join(found) or f"status {status}: {problem.get('title')}: {problem.get('detail')}"
