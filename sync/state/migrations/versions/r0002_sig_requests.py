"""Requests for SIG sites and the decisions about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _requests()
    _decisions()


def _requests() -> None:
    op.create_table(
        "sig_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=True),
        sa.Column("wish", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("slept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sig_requests")),
        sa.UniqueConstraint("slug", name=op.f("uq_sig_requests_slug")),
    )
    for columns in (["state"], ["site_id"], ["list_id", "item_id"]):
        name = op.f(f"ix_sig_requests_{'_'.join(columns)}")
        op.create_index(name, "sig_requests", columns, unique=False)


def _decisions() -> None:
    op.create_table(
        "sig_decisions",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["sig_requests.id"],
            name=op.f("fk_sig_decisions_request_id_sig_requests"),
        ),
        sa.PrimaryKeyConstraint("request_id", "step", name=op.f("pk_sig_decisions")),
    )
