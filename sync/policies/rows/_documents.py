"""What rules about the network's documents share: the registry's rows of those in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import as_date

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sharepoint_schema.standard import DocumentType
    from sync.model import Item
    from sync.model.rows import RowContext

IN_FORCE = frozenset({"Current", "Under review", "Overdue"})


def in_force(context: RowContext, kinds: Collection[DocumentType]) -> list[Item]:
    """Return the registry's rows of documents of these types that are in force."""
    names = {one.name for one in kinds}
    return [
        row
        for row in context.others.get("registry", ())
        if row.column("DocumentStatus") in IN_FORCE and row.column("DocumentType") in names
    ]


def number_of(document: Item) -> str:
    """Return a registry row's document number, such as "Gov-04"."""
    return document.column("DocumentNumber")


def adopted_on(document: Item) -> date | None:
    """Return the day a registry row's document was adopted."""
    return as_date(document.column("DateAdopted"))
