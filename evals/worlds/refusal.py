"""Why a request is refused, in words that every service shares; each service dresses them in its own error shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Place = Literal["body", "query", "path", "header"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing wrong with one place of the request."""

    place: Place
    pointer: str  #: a JSON pointer (RFC 6901) into the body, or `/name` of the parameter
    code: str
    message: str

    @property
    def name(self) -> str:
        """The place as a bracketed path, `items[0][amount]`, as form-encoded services tell it."""
        first, *rest = self.pointer.strip("/").split("/")
        return first + "".join(f"[{part}]" for part in rest)


class Refused(Exception):
    """The request is answered with an error. `code` is a lower_snake word that styles may change in case."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        defects: Iterable[Defect] = (),
        headers: Mapping[str, str] | None = None,
        missing_scopes: Iterable[str] = (),
    ) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.defects = tuple(defects)
        self.headers = dict(headers or {})
        self.missing_scopes = tuple(missing_scopes)


def invalid(defects: Iterable[Defect]) -> Refused:
    """The request is understood, but breaks a rule; services that say 400 here change the status in their style."""
    return Refused(422, "validation_failed", "The request did not pass validation.", defects=defects)


def invalid_field(pointer: str, code: str, message: str) -> Refused:
    return invalid([Defect(place="body", pointer=pointer, code=code, message=message)])


def not_found(noun: str, record_id: str) -> Refused:
    return Refused(404, "not_found", f"No such {noun}: {record_id}")


def conflict(code: str, message: str, pointer: str | None = None) -> Refused:
    defects = [Defect(place="body", pointer=pointer, code=code, message=message)] if pointer else []
    return Refused(409, code, message, defects=defects)


def malformed(message: str) -> Refused:
    return Refused(400, "malformed_request", message)
