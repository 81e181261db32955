"""Signing in with an API key, and out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import auth
from api.deps import Service
from api.web import drawing
from api.web.visitor import COOKIE, Anybody, check_origin, local_path
from tools import errors

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def show_sign_in(request: Request, next: Annotated[str, Query(max_length=500)] = "/") -> Response:
    return drawing.page(request, "login.html", next=local_path(next), problem="")


@router.post("/login")
async def sign_in(
    request: Request,
    service: Service,
    key: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    check_origin(request)
    try:
        async with service.database.write("session.open") as session:
            token = await auth.sign_in(session, key.strip())
    except errors.Unauthenticated:
        problem = "No valid API key: it is unknown or has expired."
        return drawing.page(request, "login.html", status=401, next=local_path(next), problem=problem)
    answer = RedirectResponse(local_path(next), status_code=303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(auth.SESSION_TIME.total_seconds()),
        httponly=True,
        samesite="strict",
        # On loopback there is no TLS, and a browser would drop the cookie.
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
async def sign_out(request: Request, _: Anybody, service: Service) -> Response:
    async with service.database.write("session.close") as session:
        await auth.sign_out(session, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer
