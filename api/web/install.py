"""Puts the pages, their style sheet and their errors into the application."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from api import problems
from api.web import drawing
from api.web.pages import approvals, audit, inbox, runs, sign_in
from api.web.visitor import SignInNeeded, to_sign_in

STATIC = Path(__file__).parent / "static"
PAGES = (inbox, runs, approvals, audit, sign_in)


def install(app: FastAPI) -> None:
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    async def ask_to_sign_in(request: Request, _: Exception) -> Response:
        return to_sign_in(request)

    app.add_exception_handler(SignInNeeded, ask_to_sign_in)
    problems.install(app, draw=_problem_page)


def _problem_page(request: Request, problem: problems.Problem) -> Response | None:
    """The problem as a page, for a browser that asked for one; None for programs."""
    if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return None
    return drawing.page(request, "problem.html", status=problem.status, problem=problem)
