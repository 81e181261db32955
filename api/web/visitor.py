"""Who looks at a page: the browser's session, and the proof that a form is ours."""

# Without postponed annotations: FastAPI reads those of `Visits.__call__` off an instance and cannot resolve names.
import hmac
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from api import auth
from api.auth import Actor
from api.deps import Service
from tools import errors
from tools.tables import Role

COOKIE = "interlock_session"
FORM_TOKEN = "form_token"  # noqa: S105 a field's name


class SignInNeeded(Exception):
    """Nobody is signed in; the browser is sent to the sign-in page and back."""


class Visits:
    """Lets a signed-in person with one of `roles` (or an admin) through; for a POST, only from one of our own forms."""

    def __init__(self, *roles: Role) -> None:
        self._roles = frozenset(roles) | {Role.ADMIN}

    async def __call__(self, request: Request, service: Service) -> Actor:
        token = request.cookies.get(COOKIE, "")
        try:
            async with service.database.read() as session:
                actor = auth.actor(await auth.by_session(session, token))
        except errors.Unauthenticated:
            raise SignInNeeded from None
        if request.method != "GET":
            check_origin(request)
            await _check_form(request, token)
        if self._roles.isdisjoint(actor.roles):
            raise errors.Forbidden(f"this needs the role {' or '.join(sorted(self._roles))}")
        return actor


Anybody = Annotated[Actor, Depends(Visits(*Role))]
#: who is signed in
SubmitterHere = Annotated[Actor, Depends(Visits(Role.SUBMITTER))]
ApproverHere = Annotated[Actor, Depends(Visits(Role.APPROVER))]
AuditorHere = Annotated[Actor, Depends(Visits(Role.AUDITOR))]
AdminHere = Annotated[Actor, Depends(Visits(Role.ADMIN))]


def check_origin(request: Request) -> None:
    """Refuse a form that another site sent. Browsers say so themselves; SameSite and the form token stand behind it."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin is not None and origin != _own_origin(request)):
        raise errors.Forbidden("the form was sent from another site")


async def _check_form(request: Request, token: str) -> None:
    form = await request.form()
    if not hmac.compare_digest(str(form.get(FORM_TOKEN, "")).encode(), auth.form_token(token).encode()):
        raise errors.Forbidden("the form is not one of this session's; open the page again")


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def to_sign_in(request: Request) -> Response:
    """To the sign-in page, and from there back to what was asked for."""
    wanted = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", status_code=303)


def local_path(path: str) -> str:
    """`path` if it leads to one of our pages, else the first page: nobody is sent elsewhere by a link to us."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_local else "/"
