"""Puts the demo systems into an Interlock of this process: systems, connections, accepted surfaces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from api.wiring import Interlock
from discovery import service as catalog
from discovery import surface
from evals.stage import entered
from evals.worlds.enterprise import Enterprise
from tools import credentials, db
from tools.tables import Connection, System

ADMIN = "ada"

PROVEN_KEY = {"kind": "key", "key_header": "Idempotency-Key", "is_proven": True}

OVERRIDES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    # An admin's word on what the document leaves open: the billing world's tests show that it keeps its keys.
    "billing": {
        "billing.post_customers": {"resolver": PROVEN_KEY},
        "billing.post_customers_customer": {"resolver": PROVEN_KEY, "action_class": "write"},
        "billing.post_invoices": {"resolver": PROVEN_KEY},
    }
}


async def stage(interlock: Interlock, enterprise: Enterprise, names: Iterable[str]) -> None:
    """Register, connect, ingest and accept the named systems, as an admin would."""
    for name in names:
        found = await asyncio.to_thread(surface.read, name, enterprise[name].document_path.read_bytes())
        workspace = interlock.settings.workspace
        credential = credentials.read(entered(enterprise[name].credential))
        async with interlock.database.write("staging.system") as session:
            moment = await db.now(session)
            session.add(
                System(
                    id=interlock.ids.new("sys"),
                    workspace=workspace,
                    slug=name,
                    title=found.title,
                    base_url=enterprise[name].base_url,
                    allow_private=True,
                    owner=ADMIN,
                    created_at=moment,
                )
            )
            connection = interlock.ids.new("con")
            session.add(
                Connection(
                    id=connection,
                    workspace=workspace,
                    system=name,
                    name="main",
                    auth_kind=credential.kind,
                    public=credential.public(),
                    sealed=interlock.vault.seal(credential.sealed(), workspace, connection),
                    created_at=moment,
                )
            )
            await catalog.ingest(session, workspace, name, found, ADMIN)
            await catalog.accept(session, workspace, name, by=ADMIN, overrides=OVERRIDES.get(name))
