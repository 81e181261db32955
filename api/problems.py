"""Every error as a problem document (RFC 9457): one place says which status each error of ours becomes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from tools import errors

MEDIA_TYPE = "application/problem+json"
URN = "urn:interlock:problem:"

log = logging.getLogger("interlock.api")


@dataclass(frozen=True, slots=True)
class Kind:
    status: HTTPStatus
    name: str
    #: last part of the problem's type
    title: str


#: A class that is not here takes its nearest ancestor's line.
KINDS: dict[type[errors.InterlockError], Kind] = {
    errors.InterlockError: Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something in Interlock went wrong"),
    errors.Invalid: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The input is not valid"),
    errors.DocumentInvalid: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "document", "Not a usable API document"),
    errors.PolicyInvalid: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "policy", "The policy cannot be read"),
    errors.Unknown: Kind(HTTPStatus.NOT_FOUND, "unknown", "No such thing here"),
    errors.Conflict: Kind(HTTPStatus.CONFLICT, "conflict", "The state is another by now"),
    # draft-ietf-httpapi-idempotency-key-header-07 section 2.7
    errors.KeyReused: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "key_reused", "The Idempotency-Key was used before"),
    errors.Forbidden: Kind(HTTPStatus.FORBIDDEN, "forbidden", "Not allowed"),
    errors.Unauthenticated: Kind(HTTPStatus.UNAUTHORIZED, "unauthenticated", "No valid API key"),
    errors.CredentialMissing: Kind(HTTPStatus.CONFLICT, "credential", "A credential is missing"),
    errors.VaultSealed: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "vault", "A secret cannot be opened"),
    errors.AddressDenied: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "address", "The address is not allowed"),
    errors.ExpressionFailed: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "expression", "The expression has no value"),
    errors.PlannerFailed: Kind(HTTPStatus.BAD_GATEWAY, "planner", "The planner gave no usable answer"),
    errors.Unavailable: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "A part does not answer"),
}

#: Headers that go with a status whatever its cause.
HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}


class Place(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str
    #: JSON pointer into the body, or the name of the parameter
    problem: str
    source: str = "body"
    #: body, query, path or header


class Problem(BaseModel):
    """A problem document, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    mend: str | None = None
    #: what to do about it, when the detail does not say it
    problems: list[Place] | None = None


def of_error(error: errors.InterlockError) -> Problem:
    """The document for an error of ours."""
    kind = next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)
    return Problem(
        type=URN + kind.name,
        title=kind.title,
        status=kind.status,
        detail=error.message,
        mend=error.data.get("mend"),
        problems=_places(error.data, error.message),
    )


def of_status(status: int, detail: str | None = None) -> Problem:
    """The document for what HTTP itself refuses: no such path, no such method, a precondition."""
    known = HTTPStatus(status)
    return Problem(type="about:blank", title=known.phrase, status=status, detail=detail or known.description)


def of_unread(found: Any) -> Problem | None:
    """The document for a body that could not be read at all; None when it was read and does not fit."""
    if found["type"] == "json_invalid":
        # The parser's words end in "at" or "starting at" where it adds the place itself.
        why = found["ctx"]["error"].removesuffix(" at").removesuffix(" starting").lower()
        return of_status(400, f"The body is not JSON: {why} at character {found['loc'][1] + 1}.")
    if isinstance(found.get("input"), bytes):
        # The framework leaves a body of another type unread, and says only that it is no object.
        return of_status(415, "Send the body as JSON, with the header `Content-Type: application/json`.")
    return None


def of_validation(found: Sequence[Any]) -> Problem:
    """The document for a request that does not fit its schema. What was sent is not repeated: it may hold a secret."""
    kind = KINDS[errors.Invalid]
    places = [_place(one["loc"], one["msg"]) for one in found]
    first = places[0]
    where = f"{first.source} {first.pointer}".strip()
    return Problem(
        type=URN + kind.name,
        title=kind.title,
        status=kind.status,
        detail=f"{where}: {first.problem}" + (f" (and {len(places) - 1} more)" if len(places) > 1 else ""),
        problems=places,
    )


def response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    body = orjson.dumps(problem.model_dump(mode="json", exclude_none=True))
    given = HEADERS.get(HTTPStatus(problem.status), {}) | (headers or {})
    return Response(body, status_code=problem.status, headers=given, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """The document for whatever went wrong."""
    match error:
        case errors.InterlockError():
            return of_error(error)
        case RequestValidationError():
            return of_unread(error.errors()[0]) or of_validation(error.errors())
        case HTTPException():
            is_told = error.detail != HTTPStatus(error.status_code).phrase
            return of_status(error.status_code, error.detail if is_told else None)
    log.error("a request broke off", exc_info=error)
    return of_status(HTTPStatus.INTERNAL_SERVER_ERROR, "Something in Interlock went wrong; its log says what.")


def install(app: FastAPI, draw: Callable[[Request, Problem], Response | None]) -> None:
    """Answer every error of the app with a problem document, or with the page that `draw` makes of it."""

    async def handle(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
        return draw(request, problem) or response(problem, headers)

    for kind in (errors.InterlockError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def _places(data: dict[str, Any], message: str) -> list[Place] | None:
    if isinstance(listed := data.get("problems"), Iterable):
        return [Place(pointer=_pointer(one), problem=str(getattr(one, "problem", one))) for one in listed]
    if pointer := data.get("pointer"):
        return [Place(pointer=str(pointer), problem=message)]
    return None


def _pointer(problem: object) -> str:
    return str(getattr(problem, "pointer", ""))


def _place(location: Sequence[str | int], message: str) -> Place:
    source, *path = location or ("body",)
    message = message.removeprefix("Value error, ")
    if source == "body":
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return Place(pointer="".join(f"/{part}" for part in parts), problem=message)
    return Place(source=str(source), pointer=".".join(map(str, path)), problem=message)
