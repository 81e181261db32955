"""A guard over real services: crm, billing and tickets as processes, their own documents, a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from discovery import service as catalog
from discovery import surface
from evals.worlds.enterprise import Enterprise
from tools import credentials, db
from tools.call import Call, Position, RunId, StepPath
from tools.clock import RandomIds, SystemClock
from tools.egress import Egress
from tools.guard.gate import Guard, Limits
from tools.guard.ledger import Lease
from tools.guard.scope import Grant
from tools.guard.verdict import Outcome
from tools.labels import Label, labelled
from tools.ratelimit import Pace
from tools.tables import Attempt, Connection, Decision, Effect, Policy, System
from tools.vault import KeyRing, Vault

NAMES = ("crm", "billing", "tickets")
WORKSPACE = "default"


@pytest.fixture(scope="session")
def enterprise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enterprise]:
    with Enterprise.start(tmp_path_factory.mktemp("worlds"), NAMES) as running:
        yield running


@pytest.fixture(scope="session")
def surfaces(enterprise: Enterprise) -> dict[str, Any]:
    return {name: surface.read(name, enterprise[name].document_path.read_bytes()) for name in NAMES}


@dataclass
class Bench:
    """What a test needs to submit calls and look at what became of them."""

    enterprise: Enterprise
    database: db.Database
    guard: Guard
    run: str = "run_1"
    marks: dict[str, int] = field(default_factory=dict)

    async def submit(
        self,
        action: str,
        arguments: dict[str, Any],
        *,
        step: str = "1/a",
        label: Label = Label.USER,
        grant: Grant | None = None,
        lease: Lease | None = None,
    ) -> Outcome:
        call = Call(
            position=Position(run=RunId(self.run), step=StepPath(step)),
            action=action,  # type: ignore[arg-type]  # an ActionId, spelt out in the test
            surface=1,
            connection=f"con_{action.split('.')[0]}",
            arguments=labelled(arguments, label, "goal"),
        )
        return await self.guard.submit(
            call, grant or Grant(workspace=WORKSPACE, requester="sam"), lease or Lease(worker="w1", fence=1)
        )

    def mark(self) -> None:
        """Remember where the systems' ledgers end."""
        self.marks = {name: len(self.enterprise[name].ledger()) for name in NAMES}

    def written(self, system: str) -> list[str]:
        """The operations in the system's ledger since the mark."""
        return [entry["operation"] for entry in self.enterprise[system].ledger()[self.marks[system] :]]

    async def effects(self) -> list[Effect]:
        async with self.database.read() as session:
            return list(await session.exec(select(Effect)))

    async def attempts(self) -> list[tuple[int, str | None]]:
        async with self.database.read() as session:
            return [(one.number, one.outcome) for one in await session.exec(select(Attempt).order_by(Attempt.number))]

    async def kinds(self) -> list[str]:
        """The kinds of the run's records, in order."""
        async with self.database.read() as session:
            found = await session.exec(select(Decision).where(Decision.chain == self.run).order_by(Decision.seq))
            return [record.kind for record in found]

    async def policy(self, source: str) -> None:
        async with self.database.write("test.policy") as session:
            session.add(
                Policy(
                    workspace=WORKSPACE,
                    version=1,
                    source=source,
                    digest="d",
                    is_active=True,
                    created_by="ada",
                    created_at=await db.now(session),
                )
            )

    async def override(self, action: str, **fields: Any) -> None:
        async with self.database.write("test.override") as session:
            await catalog.accept(
                session, WORKSPACE, action.split(".")[0], by="ada", actions=[action], overrides={action: fields}
            )

    async def change_connection(self, system: str, **fields: Any) -> None:
        async with self.database.write("test.connection") as session:
            connection = await session.get(Connection, f"con_{system}")
            assert connection is not None
            for name, value in fields.items():
                setattr(connection, name, value)
            connection.version += 1
            session.add(connection)


@pytest.fixture
async def bench(enterprise: Enterprise, surfaces: dict[str, Any], tmp_path: Path) -> AsyncIterator[Bench]:
    database = db.Database(f"sqlite:///{tmp_path}/guard.sqlite")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    vault = Vault(KeyRing.from_text("A" * 43 + "="))
    for name in NAMES:
        await register(database, vault, enterprise, surfaces[name], name)
    clock = SystemClock()
    async with Egress(vault, clock) as sender:
        guard = Guard(database, catalog, sender, RandomIds(), Pace(clock), Limits(timeout_s=1.0))
        yield Bench(enterprise=enterprise, database=database, guard=guard)
    for name in NAMES:
        enterprise[name].clear_faults()
    await database.close()


async def register(database: db.Database, vault: Vault, enterprise: Enterprise, found: Any, name: str) -> None:
    given = enterprise[name].credential
    entered = (
        {"kind": "bearer", "token": given.token}
        if given.kind == "bearer"
        else {"kind": "header", "name": given.header_name, "value": given.header_value}
    )
    credential = credentials.read(entered)
    async with database.write("test.register") as session:
        moment = await db.now(session)
        session.add(
            System(
                id=f"sys_{name}",
                workspace=WORKSPACE,
                slug=name,
                title=name,
                base_url=enterprise[name].base_url,
                allow_private=True,
                owner="ada",
                created_at=moment,
            )
        )
        session.add(
            Connection(
                id=f"con_{name}",
                workspace=WORKSPACE,
                system=name,
                name="main",
                auth_kind=credential.kind,
                public=credential.public(),
                sealed=vault.seal(credential.sealed(), WORKSPACE, f"con_{name}"),
                created_at=moment,
            )
        )
        await catalog.ingest(session, WORKSPACE, name, found, "ada")
        await catalog.accept(session, WORKSPACE, name, by="ada")
