"""The view of evaluations, out of band: state, ledger and faults, on loopback and by a token that no client holds."""

import hmac
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from evals.worlds import faults
from evals.worlds.exchange import World
from evals.worlds.places import TOKEN_HEADER
from evals.worlds.refusal import Refused

View = Callable[[Request], Awaitable[Any]]


def routes(world: World, token: str) -> list[Route]:
    """`GET /_world/state`, `GET /_world/ledger`, and `/_world/faults` to arm (POST), list (GET) and clear (DELETE)."""

    async def state(request: Request) -> Any:
        return world.store.tables

    async def ledger(request: Request) -> Any:
        return world.ledger.entries

    async def fault_points(request: Request) -> Any:
        if request.method == "POST":
            world.faults.arm(faults.parse(await request.json()))
        if request.method == "DELETE":
            world.faults.clear()
        return [asdict(fault) for fault in world.faults.armed]

    return [
        Route("/_world/state", _guarded(state, token), methods=["GET"]),
        Route("/_world/ledger", _guarded(ledger, token), methods=["GET"]),
        Route("/_world/faults", _guarded(fault_points, token), methods=["GET", "POST", "DELETE"]),
    ]


def _guarded(view: View, token: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if not _is_loopback(request) or not _has_token(request, token):
            return JSONResponse({"detail": f"{TOKEN_HEADER} is missing or wrong."}, 401)
        try:
            return JSONResponse(await view(request))
        except Refused as refused:
            return JSONResponse({"errors": [asdict(defect) for defect in refused.defects]}, refused.status)
        except (json.JSONDecodeError, UnicodeDecodeError):
            return JSONResponse({"detail": "The body is not JSON."}, 400)

    return answer


def _is_loopback(request: Request) -> bool:
    return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback


def _has_token(request: Request, token: str) -> bool:
    """An empty token opens nothing."""
    return bool(token) and hmac.compare_digest(token.encode(), request.headers.get(TOKEN_HEADER, "").encode())
