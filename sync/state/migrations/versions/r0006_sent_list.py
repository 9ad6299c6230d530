"""The list of sent mails kept in SharePoint: what is noted there, and what was learnt from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("noted_in", sa.String(), nullable=True))
    op.create_index(op.f("ix_notices_noted_in"), "notices", ["noted_in"])
    op.create_table(
        "sent_elsewhere",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_elsewhere")),
    )
    for column in ("content", "sent_at"):
        op.create_index(op.f(f"ix_sent_elsewhere_{column}"), "sent_elsewhere", [column])
    op.create_table(
        "ledger_cursors",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_ledger_cursors")),
    )
