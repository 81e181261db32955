"""The ASGI application of one service, its routes taken from its own document."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from time import monotonic

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evals.worlds import document, evaluation
from evals.worlds.document import Document, Operation
from evals.worlds.exchange import World, as_response, exchange
from evals.worlds.faults import Faults
from evals.worlds.idempotency import Memory
from evals.worlds.ledger import Ledger
from evals.worlds.places import PLACES
from evals.worlds.ratelimit import RateLimit
from evals.worlds.records import Store
from evals.worlds.refusal import Refused
from evals.worlds.service import Service

CODES = {404: "not_found", 405: "method_not_allowed"}
MESSAGES = {404: "There is nothing at this path.", 405: "This path does not take this method."}


def open_world(service: Service, state_folder: Path, rate_limit: int) -> World:
    """The seed with the ledger of the folder replayed over it, so that a restart loses nothing."""
    store = Store(service.seed())
    ledger = Ledger(state_folder / f"{service.name}.ledger.jsonl")
    ledger.replay(store)
    memory = Memory()
    memory.restore(ledger.entries)
    return World(
        service=service,
        document=Document(document.FOLDER / PLACES[service.name].document),
        store=store,
        ledger=ledger,
        memory=memory,
        faults=Faults(),
        limit=RateLimit(rate_limit, monotonic),
        now=lambda: datetime.now(UTC),
    )


def application(world: World, evaluation_token: str) -> Starlette:
    """Raises `ValueError` when the handlers are not exactly the documented operations."""
    documented = {operation.id for operation in world.document.operations}
    if documented != world.service.handlers.keys():
        odd = sorted(documented ^ world.service.handlers.keys())
        raise ValueError(f"{world.service.name}: documented or handled, but not both: {odd}")
    routes = [_document_route(world), *evaluation.routes(world, evaluation_token), *_operation_routes(world)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _unrouted(world), Exception: _broken(world)})
    app.router.redirect_slashes = False
    return app


def _document_route(world: World) -> Route:
    media_type = "application/json" if world.document.is_json else "application/yaml"

    async def serve(request: Request) -> Response:
        return Response(world.document.content, media_type=media_type)

    return Route(PLACES[world.service.name].route, serve, methods=["GET"])


def _operation_routes(world: World) -> list[Route]:
    """One route a path, so that 405 can name every method of the path."""
    by_path = groupby(world.document.operations, key=lambda operation: operation.path)
    return [_route(world, path, {one.method: one for one in operations}) for path, operations in by_path]


def _route(world: World, path: str, operations: dict[str, Operation]) -> Route:
    async def serve(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await exchange(world, operations[method], request)

    return Route(world.document.prefix + path, serve, methods=list(operations))


def _unrouted(world: World) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def serve(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 Starlette hands over what the handler is registered for
        status = error.status_code
        message = MESSAGES.get(status, error.detail)
        refused = Refused(status, CODES.get(status, "bad_request"), message, headers=error.headers)
        return as_response(world.service.error_style(refused, None))

    return serve


def _broken(world: World) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def serve(request: Request, error: Exception) -> Response:
        refused = Refused(500, "internal_error", "Something went wrong on our side.")
        return as_response(world.service.error_style(refused, None))

    return serve
