"""What routes ask for: the services, and an actor who has one of the roles that the route names."""

# Without postponed annotations: FastAPI reads those of `Needs.__call__` off an instance and cannot resolve names.
from typing import Annotated

from fastapi import Depends, Request

from api import auth
from api.auth import Actor
from api.wiring import Interlock
from tools import db, errors
from tools.tables import Role


def services(request: Request) -> Interlock:
    found: Interlock = request.app.state.interlock
    return found


Service = Annotated[Interlock, Depends(services)]


class Needs:
    """Lets a request through when its key is a principal's who has one of `roles`, or is an admin.

    The application refuses to start with a route that has none of these: what nobody thought about is closed.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles) | {Role.ADMIN}

    async def __call__(self, request: Request, service: Service) -> Actor:
        actor = await authenticated(service, _bearer(request))
        if self.roles.isdisjoint(actor.roles):
            raise errors.Forbidden(f"this needs the role {' or '.join(sorted(self.roles))}")
        return actor


Reader = Annotated[Actor, Depends(Needs(*Role))]
#: anybody with a role in the workspace
Submitter = Annotated[Actor, Depends(Needs(Role.SUBMITTER))]
Approver = Annotated[Actor, Depends(Needs(Role.APPROVER))]
Auditor = Annotated[Actor, Depends(Needs(Role.AUDITOR))]
Admin = Annotated[Actor, Depends(Needs(Role.ADMIN))]


async def authenticated(service: Interlock, key: str) -> Actor:
    """The actor whose key this is. Raises `Unauthenticated`."""
    async with service.database.read() as session:
        principal = await auth.by_key(session, key)
        is_touch_due = auth.is_touch_due(principal, await db.now(session))
    if is_touch_due:
        async with service.database.write("principal.touch") as session:
            await auth.touch(session, principal)
    return auth.actor(principal)


def _bearer(request: Request) -> str:
    # RFC 6750 section 2.1; the scheme is case-insensitive (RFC 9110 section 11.1).
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise errors.Unauthenticated
    return key.strip()
