"""One request from its arrival to its reply: admitted, checked, handled, committed, told in the ledger."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from evals.worlds.access import ANYONE, Caller
from evals.worlds.connection import BrokenReply
from evals.worlds.document import Document, Operation
from evals.worlds.faults import Fault, Faults, Point
from evals.worlds.idempotency import HEADER, Memory, request_digest
from evals.worlds.intake import Intake, take
from evals.worlds.ledger import Ledger
from evals.worlds.ratelimit import RateLimit
from evals.worlds.records import Store, Transaction
from evals.worlds.refusal import Refused
from evals.worlds.service import Received, Reply, Service

HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A service with all that it holds and stands on."""

    service: Service
    document: Document
    store: Store
    ledger: Ledger
    memory: Memory
    faults: Faults
    limit: RateLimit
    now: Callable[[], datetime]


async def exchange(world: World, operation: Operation, request: Request) -> Response:
    """The reply to a request of this operation, or the end of its connection where a fault says so."""
    struck = await _strike(world, operation, "before_commit")
    if struck is not None:
        return struck
    changed = False
    try:
        reply, changed = await _answer(world, operation, request)
    except Refused as refused:
        reply = world.service.error_style(refused, operation)
    whole = as_response(reply)
    points: tuple[Point, ...] = ("after_commit", "before_reply") if changed else ("before_reply",)
    for point in points:
        struck = await _strike(world, operation, point)
        if struck is not None:
            return struck
    return await _strike(world, operation, "mid_body", whole) or whole


async def _answer(world: World, operation: Operation, request: Request) -> tuple[Reply, bool]:
    """The reply, and whether state changed. From the handler's start to the commit nothing is awaited."""
    caller = ANYONE if operation.is_public else world.service.gate.admit(request.headers, operation)
    world.limit.count(caller.name)
    refuses = world.service.refuses_unknown_query
    digest = request_digest(request.method, request.url.path, await request.body())
    key = request.headers.get(HEADER)
    if world.service.honours_idempotency_key and key and operation.method == "POST":
        replayed = world.memory.recall(caller.name, key, digest)
        if replayed is not None:
            return replayed, False
    intake = await take(request, operation, world.document, refuses_unknown_query=refuses)
    return _perform(world, operation, request, intake, caller, key, digest)


def _perform(
    world: World, operation: Operation, request: Request, intake: Intake, caller: Caller, key: str | None, digest: str
) -> tuple[Reply, bool]:
    tx = Transaction(world.store)
    received = Received(
        operation=operation,
        path=intake.path,
        query=intake.query,
        body=intake.body,
        headers=request.headers,
        caller=caller,
        tx=tx,
        now=world.now(),
        url=str(request.url.replace(query="")),
    )
    reply = world.service.handlers[operation.id](received)
    if not tx.changes:
        return reply, False
    entry: dict[str, Any] = {
        "at": received.now.isoformat(),
        "system": world.service.name,
        "operation": operation.name,
        "operation_id": operation.id,
        "path": request.url.path,
        "caller": caller.name,
        "idempotency_key": key,
        "request": _without_secrets(intake.body, operation, world.document),
    }
    if world.service.honours_idempotency_key and key:
        entry |= {"request_digest": digest, "reply": {"status": reply.status, "body": reply.body}}
        world.memory.remember(caller.name, key, digest, reply)
    world.ledger.append(entry, tx.changes)
    world.store.apply(tx.changes)
    return reply, True


def as_response(reply: Reply) -> Response:
    if reply.body is None:
        return Response(status_code=reply.status, headers=reply.headers)
    return JSONResponse(reply.body, reply.status, headers=reply.headers, media_type=reply.media_type)


async def _strike(world: World, operation: Operation, point: Point, whole: Response | None = None) -> Response | None:
    fault = world.faults.strike(operation, point)
    return await _suffer(world, operation, fault, whole) if fault else None


async def _suffer(world: World, operation: Operation, fault: Fault, whole: Response | None) -> Response | None:
    match fault.action:
        case "delay":
            await asyncio.sleep(fault.delay_s)
            return None
        case "status" if whole is None:
            headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
            refused = Refused(fault.status, "service_unavailable", "The service is in trouble.", headers=headers)
            return as_response(world.service.error_style(refused, operation))
        case "drop" | "reset":
            return BrokenReply(fault.action, whole)
    return None


def _without_secrets(body: dict[str, Any], operation: Operation, document: Document) -> dict[str, Any]:
    """The body with its password fields hidden, as the document marks them."""
    schema = document.resolve(operation.body.schema) if operation.body else {}
    secret = {name for name, item in schema.get("properties", {}).items() if item.get("format") == "password"}
    return {name: HIDDEN if name in secret else value for name, value in body.items()}
