"""The HTTP application: routes, errors, headers, and the services' life around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from api import edge, problems, web
from api.deps import Needs
from api.routes import (
    actions,
    approvals,
    audit,
    connections,
    effects,
    goals,
    health,
    keys,
    observations,
    policies,
    revisions,
    runs,
    systems,
    waits,
)
from api.wiring import Interlock

ROUTES = (
    systems,
    revisions,
    observations,
    connections,
    actions,
    goals,
    runs,
    approvals,
    waits,
    effects,
    policies,
    audit,
    keys,
    health,
)
ROLES = "x-roles"
#: extension of an operation in our own document: who may call it


def create_app(interlock: Interlock, *, worker: bool = True) -> FastAPI:
    """The application around `interlock`, which it starts and stops; with `worker` it takes legs too."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await interlock.start(worker=worker)
        try:
            yield
        finally:
            await interlock.stop()

    app = FastAPI(
        title="Interlock",
        version=version("interlock"),
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        middleware=[Middleware(edge.Headers), Middleware(edge.BodyLimit)],
        redirect_slashes=False,
    )
    app.state.interlock = interlock
    _check_closed()
    for module in ROUTES:
        app.include_router(module.router)
    web.install(app)
    _describe(app)
    return app


def api_routes() -> list[APIRoute]:
    """Every route of the REST interface."""
    return [route for module in ROUTES for route in module.router.routes if isinstance(route, APIRoute)]


def roles_of(route: APIRoute) -> frozenset[str]:
    """The roles that may call the route; empty when it asks for none."""
    return frozenset(role.value for needs in _needs(route.dependant) for role in needs.roles)


def _needs(dependant: Dependant) -> list[Needs]:
    own = [dependant.call] if isinstance(dependant.call, Needs) else []
    return own + [needs for inner in dependant.dependencies for needs in _needs(inner)]


def _check_closed() -> None:
    """Refuse to run with a route under `/v1` that forgot to say who may call it."""
    for route in api_routes():
        if route.path.startswith("/v1/") and not roles_of(route):
            raise RuntimeError(f"{route.name} names no role; take its actor from api.deps")


def _describe(app: FastAPI) -> None:
    """Our own OpenAPI document: with the key's scheme, problem documents, and each operation's roles."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI's manual describes for extending it


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Place"] = problems.Place.model_json_schema()
    schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for route in api_routes():
        for method in route.methods or ():
            _complete(document["paths"][route.path_format][method.lower()], roles_of(route))
    return document


def _complete(operation: dict[str, Any], roles: frozenset[str]) -> None:
    refused = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"description": "A problem document, RFC 9457.", "content": refused}
    if roles:
        operation["security"] = [{"key": []}]
        operation[ROLES] = sorted(roles)
