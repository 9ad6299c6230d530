"""A change of interests is declared within 28 days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync.model import Finding, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

ON, SINCE = "DeclaredOn", "InterestSince"
WITHIN = timedelta(days=28)


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a note for an interest declared late, a finding for a day that has not come."""
    declared, since = row.date_column(ON), row.date_column(SINCE)
    if declared and declared > context.today:
        yield Finding(
            says="The day of this declaration has not come yet.", how="Correct Declared on."
        )
    elif declared and since and declared - since > WITHIN:
        yield Finding(
            says=f"This was declared {(declared - since).days} days after the interest began.",
            expected="A change is declared within 28 days.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
        )
