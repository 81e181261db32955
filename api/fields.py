"""Types of what people may send: bounded, and without characters that no store or page should meet."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _no_controls(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds control characters; remove them")
    return text


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("a system's name begins with a-z and goes on with a-z, 0-9 or _, at most 32 characters")
    return text


Slug = Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": f"^{_SLUG.pattern}$"})]
#: first part of action ids: `crm.create_contact`
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\r\n]*$"), AfterValidator(_no_controls)]
Prose = Annotated[str, Field(max_length=4000), AfterValidator(_no_controls)]


class Sent(BaseModel):
    """A request's body: unknown fields are refused, because a misspelt one would be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Shown(BaseModel):
    """An answer's body, read off a row."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
