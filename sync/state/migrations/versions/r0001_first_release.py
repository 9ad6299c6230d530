"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _facts()
    _journal()
    _journal_heads()
    _leases()
    _lists()
    _meter()
    _notices()
    _numbers()
    _registry()
    _remembered()
    _series_heads()
    _sites()
    _steps()
    _due()
    _items()
    _personal()
    _subscriptions()
    _work()


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index(
        op.f("ix_facts_document_id_valid_from"),
        "facts",
        ["document_id", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_facts_list_id_valid_from"), "facts", ["list_id", "valid_from"], unique=False
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("policy", sa.String(), nullable=True),
        sa.Column("policy_version", sa.String(), nullable=True),
        sa.Column("schema_hash", sa.String(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("undo", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("ru", sa.Integer(), nullable=False),
        sa.Column("commitments", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_journal_idempotency_key")),
    )
    op.create_index(op.f("ix_journal_at"), "journal", ["at"], unique=False)
    op.create_index(op.f("ix_journal_correlation_id"), "journal", ["correlation_id"], unique=False)
    op.create_index(
        op.f("ix_journal_document_id_at"), "journal", ["document_id", "at"], unique=False
    )
    op.create_index(
        op.f("ix_journal_list_id_item_id"), "journal", ["list_id", "item_id"], unique=False
    )


def _journal_heads() -> None:
    op.create_table(
        "journal_heads",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_journal_heads")),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("site_url", sa.String(), nullable=False),
        sa.Column("drive_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("policed", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("cursor_generation", sa.Integer(), nullable=False),
        sa.Column("hint_seq", sa.Integer(), nullable=False),
        sa.Column("drained_seq", sa.Integer(), nullable=False),
        sa.Column("last_hint_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_drained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enumerating_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index(op.f("ix_lists_drive_id"), "lists", ["drive_id"], unique=False)
    op.create_index(op.f("ix_lists_site_id"), "lists", ["site_id"], unique=False)


def _meter() -> None:
    op.create_table(
        "meter",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("ru", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "lane", name=op.f("pk_meter")),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("idempotency_key", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_document_id"), "notices", ["document_id"], unique=False)
    op.create_index(op.f("ix_notices_recipient"), "notices", ["recipient"], unique=False)
    op.create_index(
        op.f("ix_notices_state_queued_at"), "notices", ["state", "queued_at"], unique=False
    )


def _numbers() -> None:
    op.create_table(
        "numbers",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("nn", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("series", "nn", name=op.f("pk_numbers")),
    )
    op.create_index(op.f("ix_numbers_document_id"), "numbers", ["document_id"], unique=False)


def _registry() -> None:
    op.create_table(
        "registry",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("list_item_id", sa.String(), nullable=True),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_registry")),
    )
    op.create_index(op.f("ix_registry_number"), "registry", ["number"], unique=False)


def _remembered() -> None:
    op.create_table(
        "remembered",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_remembered")),
    )


def _series_heads() -> None:
    op.create_table(
        "series_heads",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_series_heads")),
    )


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("site_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("order", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site_key", name=op.f("pk_sites")),
        sa.UniqueConstraint("url", name=op.f("uq_sites_url")),
    )
    op.create_index(op.f("ix_sites_site_id"), "sites", ["site_id"], unique=False)


def _steps() -> None:
    op.create_table(
        "steps",
        sa.Column("site_key", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("step_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("site_key", "seal", "step_id", name=op.f("pk_steps")),
    )


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_due_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "item_id", "policy", name=op.f("pk_due")),
    )
    op.create_index(op.f("ix_due_due_at"), "due", ["due_at"], unique=False)


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("unique_id", sa.String(), nullable=True),
        sa.Column("drive_item_id", sa.String(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("ctag", sa.String(), nullable=True),
        sa.Column("own_etag", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("content_id", sa.String(), nullable=True),
        sa.Column("raw_hash", sa.String(), nullable=True),
        sa.Column("control_status", sa.String(), nullable=True),
        sa.Column("reason_hash", sa.String(), nullable=True),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("features", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrections_day", sa.Date(), nullable=True),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_items_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_content_id"), "items", ["content_id"], unique=False)
    op.create_index(op.f("ix_items_control_status"), "items", ["control_status"], unique=False)
    op.create_index(op.f("ix_items_document_id"), "items", ["document_id"], unique=False)
    op.create_index(op.f("ix_items_drive_item_id"), "items", ["drive_item_id"], unique=False)
    op.create_index(
        op.f("ix_items_list_id_folder_name_key"),
        "items",
        ["list_id", "folder", "name_key"],
        unique=False,
    )
    op.create_index(op.f("ix_items_number"), "items", ["number"], unique=False)
    op.create_index(op.f("ix_items_unique_id"), "items", ["unique_id"], unique=False)


def _personal() -> None:
    op.create_table(
        "personal",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "seq"],
            ["journal.site_id", "journal.seq"],
            name=op.f("fk_personal_site_id_seq_journal"),
        ),
        sa.PrimaryKeyConstraint("site_id", "seq", "field", name=op.f("pk_personal")),
    )
    op.create_index(op.f("ix_personal_value"), "personal", ["value"], unique=False)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lists.id"], name=op.f("fk_subscriptions_list_id_lists")
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        op.f("ix_subscriptions_expires_at"), "subscriptions", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_subscriptions_list_id"), "subscriptions", ["list_id"], unique=False)


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("change", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chunk", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hint_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_work_list_id_lists")),
        sa.PrimaryKeyConstraint("list_id", "item_id", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_list_id_chunk"), "work", ["list_id", "chunk"], unique=False)
    op.create_index(
        op.f("ix_work_state_lane_first_seen_at"),
        "work",
        ["state", "lane", "first_seen_at"],
        unique=False,
    )
