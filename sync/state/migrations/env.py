"""Alembic's entry: runs the steps on the connection that `sync.state.upgrades` hands over."""

from __future__ import annotations

from alembic import context

from sync.state.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
context.run_migrations()
