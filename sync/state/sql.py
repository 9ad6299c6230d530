"""What every table of the state shares: one metadata, times in UTC, JSON, one upsert."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, MetaData, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Dialect, Row, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

# Constraint names are fixed, so that a migration can name what it changes on either database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True)


class UtcTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC; SQLite keeps no zone, so it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; state keeps UTC only")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def insert_into(tx: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Give the dialect's own INSERT, the only one that knows ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


async def save(
    tx: AsyncConnection, table: Table, values: Mapping[str, Any], *, keep: Collection[str] = ()
) -> None:
    """Insert one row, or update the row of the same primary key in all columns but `keep`."""
    insert = insert_into(tx, table).values(dict(values))
    fixed = {column.name for column in table.primary_key} | set(keep)
    changed = {name: insert.excluded[name] for name in values if name not in fixed}
    await tx.execute(
        insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
    )


def values_of(record: Any) -> dict[str, Any]:
    """Turn a frozen record into column values, shallowly: JSON members stay as they are."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def load[T](kind: type[T], row: Row[Any] | None) -> T | None:
    """Turn a row into a record whose fields carry the columns' names; None stays None."""
    return None if row is None else kind(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def load_all[T](kind: type[T], rows: Iterable[Row[Any]]) -> list[T]:
    return [kind(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it
