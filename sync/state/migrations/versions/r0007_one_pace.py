"""The pace of each app, shared by all its processes; how fast and how surely a list is heard of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("held_until", sa.Float(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("draws", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("app", name=op.f("pk_pace")),
    )
    op.add_column("lists", sa.Column("latency", sa.Float(), nullable=True))
    op.add_column("lists", sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
    unheard = sa.Column("unheard", sa.Integer(), nullable=False, server_default="0")
    op.add_column("lists", unheard)
    op.create_index(op.f("ix_lists_paused"), "lists", ["paused"])
