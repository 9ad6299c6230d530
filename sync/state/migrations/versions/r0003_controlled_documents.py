"""Controlled documents through their life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Callable

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("quorate", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("people", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    for columns in (["document_id"], ["list_id", "item_id"]):
        op.create_index(op.f(f"ix_decisions_{'_'.join(columns)}"), "decisions", columns)


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("adopted", sa.Date(), nullable=False),
        sa.Column("review", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf", sa.String(), nullable=False),
        sa.Column("pdf_tries", sa.Integer(), nullable=False),
        sa.Column("pdf_not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf_says", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", "label", name=op.f("pk_publications")),
    )
    name = op.f("ix_publications_pdf_pdf_not_before")
    op.create_index(name, "publications", ["pdf", "pdf_not_before"])


def _assessments() -> None:
    op.create_table(
        "equality_assessments",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("missing", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_equality_assessments")),
    )
    name = op.f("ix_equality_assessments_number")
    op.create_index(name, "equality_assessments", ["number"])


def _likenesses() -> None:
    op.create_table(
        "likenesses",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("text_id", sa.String(), nullable=False),
        sa.Column("signature", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_likenesses")),
    )
    op.create_index(op.f("ix_likenesses_text_id"), "likenesses", ["text_id"])
    op.create_table(
        "likeness_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("band", "document_id", name=op.f("pk_likeness_bands")),
    )
    op.create_index(op.f("ix_likeness_bands_document_id"), "likeness_bands", ["document_id"])


PARTS: tuple[Callable[[], None], ...] = (_assessments, _decisions, _publications, _likenesses)
"""What is made, in this order; each is a function above."""


def upgrade() -> None:
    for part in PARTS:
        part()
