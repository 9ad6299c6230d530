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


def _excuses() -> None:
    op.create_table(
        "excuses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuses")),
    )
    for column in ("site_id", "document_id", "origin"):
        op.create_index(op.f(f"ix_excuses_{column}"), "excuses", [column])


def _breakers() -> None:
    op.create_table(
        "acts",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wish", sa.String(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_acts_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "policy", "document_id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_list_id_policy_at"), "acts", ["list_id", "policy", "at"])
    op.create_table(
        "breakers",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tripped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted", sa.Integer(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_breakers_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "policy", name=op.f("pk_breakers")),
    )
    for column in ("corrections_day", "corrections"):  # acts count better what was corrected
        op.drop_column("items", column)


def _access() -> None:
    op.create_table(
        "access_checks",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("members", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_access_checks_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_access_checks")),
    )
    op.create_table(
        "shared_items",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_shared_items_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_shared_items")),
    )


def _access_exceptions() -> None:
    op.create_table(
        "access_exceptions",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("library_id", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["lists.id"], name=op.f("fk_access_exceptions_library_id_lists")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_access_exceptions_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_access_exceptions")),
    )
    for column in ("library_id", "until"):
        op.create_index(op.f(f"ix_access_exceptions_{column}"), "access_exceptions", [column])


def _ties() -> None:
    op.create_table(
        "ties",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("taken_for", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "kind", "number", name=op.f("pk_ties")),
    )
    columns = ["number", "kind", "taken_for"]
    op.create_index(op.f("ix_ties_number_kind_taken_for"), "ties", columns)


def _rules() -> None:
    op.create_table(
        "rules_in_force",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("parameters_hash", sa.String(), nullable=False),
        sa.Column("schema_hash", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_rules_in_force_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("list_id", "policy", name=op.f("pk_rules_in_force")),
    )
    op.create_table(
        "rule_changes",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("policies", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("go_by", sa.String(), nullable=True),
        sa.Column("go_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_rule_changes_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_rule_changes")),
    )
    op.create_table(
        "rule_effects",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("says", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["rule_changes.list_id"], name=op.f("fk_rule_effects_list_id_rule_changes")
        ),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_rule_effects")),
    )


PARTS: tuple[Callable[[], None], ...] = (
    _assessments,
    _decisions,
    _publications,
    _likenesses,
    _ties,
    _excuses,
    _breakers,
    _access,
    _access_exceptions,
    _rules,
)
"""What is made, in this order; each is a function above."""


def upgrade() -> None:
    for part in PARTS:
        part()
