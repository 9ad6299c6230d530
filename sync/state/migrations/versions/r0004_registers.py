"""Registers: their rows, the daily digest, and whom a site's numbers stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Callable

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _register_rows() -> None:
    op.create_table(
        "register_rows",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_register_rows")),
    )
    name = op.f("ix_register_rows_area_site_id")
    op.create_index(name, "register_rows", ["area", "site_id"])


def _digest_lines() -> None:
    op.create_table(
        "digest_lines",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_in", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_digest_lines")),
    )
    name = op.f("ix_digest_lines_recipient_sent_in")
    op.create_index(name, "digest_lines", ["recipient", "sent_in"])


def _site_people() -> None:
    op.create_table(
        "site_people",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "number", name=op.f("pk_site_people")),
    )


PARTS: tuple[Callable[[], None], ...] = (_register_rows, _digest_lines, _site_people)
"""What is made, in this order; each is a function above."""


def upgrade() -> None:
    for part in PARTS:
        part()
