"""What openapi-spec-validator has to say against a document, and which operations that touches.

A flaw about what an operation takes puts that operation into quarantine: its request may be misread. A flaw about
a mere annotation, about answers, or about something outside of the operations is told and nothing more.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from jsonschema.exceptions import ValidationError

from discovery.document import Document
from discovery.references import References, pointer, pointer_tokens
from tools import errors
from tools.action import Flaw

MAX_FLAWS = 500
MAX_TEXT = 300
ANNOTATIONS = frozenset({"pattern", "default", "example", "examples", "description", "summary", "title", "format",
                         "externalDocs", "deprecated", "xml", "tags", "operationId", "uniqueItems"})  # fmt: skip
#: keywords that change nothing about how a request is written
REQUEST = frozenset({"parameters", "requestBody", "consumes"})
#: keys of an operation that say what it takes
TOLD = "told only: no request is written by it"
SHARED = frozenset({"components", "definitions", "parameters", "x-interlock-files"})
#: keys of the root under which parts lie that operations refer to


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    tokens: tuple[str, ...]
    #: where in the document; () when the validator does not say
    text: str


class _TimeUp(Exception):
    """The validator has had its time."""


def problems(document: Document, seconds: float) -> list[Problem]:
    """All that the validator finds within `seconds` of CPU; the last one tells when it was stopped."""
    found: list[Problem] = []
    try:
        with _at_most(seconds):
            for problem in _found(document):
                found.append(problem)
                if len(found) == MAX_FLAWS:
                    return [*found, Problem(tokens=(), text=f"only the first {MAX_FLAWS} flaws are told")]
    except _TimeUp:
        found.append(Problem(tokens=(), text=f"the validation was stopped after {seconds:g} s and is not complete"))
    except Exception as exc:
        # References that lead nowhere end the validator; discovery tells them one by one.
        why = _short(str(exc).partition(" within {")[0])
        found.append(Problem(tokens=(), text=f"the validator gave up ({type(exc).__name__}): {why}"))
    return found


class Touched:
    """Finds out which operations the problems touch."""

    def __init__(self, document: Document, found: Sequence[Problem]) -> None:
        self._references = References(document.root)
        self._grave = [one for one in found if one.tokens and one.tokens[-1] not in ANNOTATIONS]
        self._shared = {one.tokens: one for one in self._grave if one.tokens[0] in SHARED}

    def by(self, operation_pointer: str) -> Problem | None:
        """The first problem with what the operation at that pointer takes."""
        own = tuple(pointer_tokens(f"#{operation_pointer}"))
        for problem in self._grave:
            tokens = problem.tokens
            is_of_path = tokens[:3] == (*own[:2], "parameters")
            if is_of_path or (tokens[: len(own)] == own and REQUEST.intersection(tokens[len(own) : len(own) + 1])):
                return problem
        return self._of_shared(own) if self._shared else None

    def _of_shared(self, own: tuple[str, ...]) -> Problem | None:
        reached = self._reached(own)
        return next(
            (one for tokens, one in self._shared.items() if any(tokens[: len(part)] == part for part in reached)), None
        )

    def _reached(self, own: tuple[str, ...]) -> set[tuple[str, ...]]:
        """The shared parts that what the operation takes refers to, directly or not."""
        item = self._at(own[:2])
        operation = self._at(own)
        waiting: list[Any] = [item.get("parameters")] if isinstance(item, dict) else []
        waiting += [operation.get(key) for key in REQUEST] if isinstance(operation, dict) else []
        reached: set[tuple[str, ...]] = set()
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                tokens = _tokens(node.get("$ref"))
                if tokens and tokens not in reached:
                    reached.add(tokens)
                    waiting.append(self._at(tokens))
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
        return reached

    def _at(self, tokens: tuple[str, ...]) -> Any:
        try:
            return self._references.follow({"$ref": f"#{pointer(*tokens)}"})
        except errors.DocumentInvalid:
            return None


def told(found: Sequence[Problem], lost: Mapping[Problem, Sequence[str]]) -> tuple[Flaw, ...]:
    """The problems as flaws; `lost` are the operations, as `METHOD path`, that each put into quarantine."""
    return tuple(
        Flaw(pointer=pointer(*one.tokens), problem=one.text, fate=_fate(one, lost.get(one, ()))) for one in found
    )


def _fate(problem: Problem, lost: Sequence[str]) -> str:
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        return f"quarantined: {', '.join(lost[:3])}{more}"
    return TOLD if problem.tokens else "told only: it does not say where"


def _found(document: Document) -> Iterator[Problem]:
    # It takes half a second to import, which only those pay who validate.
    from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    kinds = {
        "swagger-2.0": OpenAPIV2SpecValidator,
        "openapi-3.0": OpenAPIV30SpecValidator,
        "openapi-3.1": OpenAPIV31SpecValidator,
    }
    validator = kinds[document.dialect]
    # Without handlers a reference to another host or file is an error instead of a request.
    local = type(validator.__name__, (validator,), {"resolver_handlers": {}})
    for error in local(document.root).iter_errors():
        problem = _problem(error)
        # Some places are told from the schema they are in, which nobody can find again.
        is_placed = not problem.tokens or problem.tokens[0] in document.root
        yield problem if is_placed else replace(problem, tokens=())


def _problem(error: ValidationError) -> Problem:
    """The error that went deepest: an alternative that nearly fits says more than "fits none of the alternatives"."""
    deepest = [error]
    for one in deepest:
        deepest += one.context or ()
    chosen = max(deepest, key=lambda one: len(one.absolute_path))
    return Problem(tokens=tuple(map(str, chosen.absolute_path)), text=_short(chosen.message))


def _short(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    # The validator begins with the whole part that it means, which the pointer names already.
    line = re.sub(r"^[{[].*[}\]] (?=is |has |does )", "it ", line)
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def _tokens(ref: Any) -> tuple[str, ...]:
    try:
        return tuple(pointer_tokens(ref)) if isinstance(ref, str) else ()
    except errors.DocumentInvalid:
        return ()


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises `_TimeUp` inside the block after so many seconds of CPU. For the main thread only, where signals go."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
