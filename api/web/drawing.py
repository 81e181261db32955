"""Draws pages from templates. Everything is escaped unless it was made safe here, and undefined names are errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api import auth
from api.auth import Actor
from api.web import telling, text
from tools.tables import Role


def page(
    request: Request, template: str, *, actor: Actor | None = None, status: int = 200, **context: Any
) -> HTMLResponse:
    """The page, with the navigation of whoever sees it."""
    token = request.cookies.get("interlock_session", "")
    shown = _ENVIRONMENT.get_template(template).render(
        actor=actor,
        form_token=auth.form_token(token) if actor else "",
        is_auditor=actor is not None and actor.may(Role.AUDITOR),
        now=datetime.now(UTC),
        path=request.url.path,
        **context,
    )
    return HTMLResponse(shown, status_code=status)


def moment(value: datetime | str | None) -> str:
    """A time as people write it, always in UTC."""
    if value is None:
        return "–"
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{read.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def span(value: timedelta) -> str:
    """A length of time by its two largest units: `2 d 4 h`."""
    seconds = max(int(value.total_seconds()), 0)
    counts = (seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60, seconds % 60)
    told = [f"{count} {unit}" for count, unit in zip(counts, ("d", "h", "min", "s"), strict=True) if count]
    return " ".join(told[:2]) or "under 1 s"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": text.visible, "brief": text.brief, "moment": moment, "span": span}
    environment.filters["reason"] = telling.reason
    return environment


_ENVIRONMENT = _environment()
