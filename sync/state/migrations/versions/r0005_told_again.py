"""What each entry of a register is being asked for, and which entry a digest's line is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("register_rows", sa.Column("asked", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("digest_lines", sa.Column("about", sa.String(), nullable=True))
    op.create_index(op.f("ix_digest_lines_about_sent_in"), "digest_lines", ["about", "sent_in"])
