"""The oracle of the discovery suite: operations judged by hand, and searches with the actions that answer them.

`half: dev` may be looked at while discovery is worked on; `half: test` is only measured, never tuned to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.action import ActionClass

FOLDER = Path(__file__).parent

Half = Literal["dev", "test"]
Method = Literal["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]


class Part(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Part):
    """An operation of a document of the corpus."""

    document: str
    #: file name
    method: Method
    path: str
    #: as the document writes it, with a fragment where it has one

    @property
    def pointer(self) -> str:
        """JSON pointer of the operation, which is how an action is found again (RFC 6901 section 3)."""
        escaped = self.path.replace("~", "~0").replace("/", "~1")
        return f"/paths/{escaped}/{self.method.lower()}"


class Label(Place):
    half: Half
    action_class: ActionClass = Field(alias="class")
    also_right: frozenset[ActionClass] = frozenset()
    #: other classes that a careful judge could defend
    effect: str = Field(min_length=1)
    #: what it does, in a few words
    targets: frozenset[str] | None = None
    #: wire names of the arguments that decide who, what or how much; None when these were not judged
    unclear: frozenset[str] = frozenset()
    #: wire names of arguments that count neither way
    resource: str | None = None
    pagination: Literal["cursor", "page", "offset", "link"] | None = None
    #: None when it was not judged
    read_back: str | None = None
    #: `METHOD path` in the same document
    inverse: str | None = None
    #: `METHOD path` in the same document

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if ActionClass.UNKNOWN in {self.action_class, *self.also_right}:
            raise ValueError("a label decides: `unknown` is the classifier's word")
        if ActionClass.READ in self.also_right:
            raise ValueError("what changes something is never also a read")
        if self.action_class in self.also_right:
            raise ValueError("`also_right` repeats the class")
        if (self.targets is None and self.unclear) or (self.targets or frozenset()) & self.unclear:
            raise ValueError("an argument is a target, unclear, or neither")
        return self


class Query(Part):
    """A search in a user's words and the one to three actions that would serve it."""

    query: str = Field(min_length=3)
    half: Half
    answers: tuple[Place, ...] = Field(min_length=1, max_length=3)


def load_labels(half: Half | None = None, path: Path = FOLDER / "labels.yaml") -> list[Label]:
    """The labelled operations in the file's order. Raises pydantic's `ValidationError` for a row that is wrong."""
    return [label for label in map(Label.model_validate, _rows(path)) if half in (None, label.half)]


def load_queries(half: Half | None = None, path: Path = FOLDER / "search.yaml") -> list[Query]:
    """The labelled searches in the file's order. Raises pydantic's `ValidationError` for a row that is wrong."""
    return [query for query in map(Query.model_validate, _rows(path)) if half in (None, query.half)]


def _rows(path: Path) -> Sequence[object]:
    rows: Sequence[object] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return rows
