"""Run by Alembic: applies the revisions over the connection that `api.migrate` opened."""

from __future__ import annotations

from alembic import context

from api.migrations.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a table by copying it; batch mode writes revisions that way.
    render_as_batch=True,
    compare_type=True,
    # Our SQLite connections begin transactions themselves, so a revision that fails leaves nothing behind there either.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
