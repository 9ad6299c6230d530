"""The retention schedule lists every type of document with the period that the standard sets.

Until a period is set for a type, nothing of it is disposed of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Enter, Finding, SetColumns, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.standard import Standard
    from sync.model import Item, Value
    from sync.model.rows import RowContext

AREA, KEY = "retention_schedule", "EntryKey"
NOT_SET = "Not set yet: nothing is disposed of"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a finding for a row that says another period than the standard."""
    wanted = {one.code: _says(context.standard, one.code) for one in context.standard.types}
    years = wanted.get(row.column(KEY))
    if years is not None and row.column("RetentionYears") != years:
        yield Finding(
            says=f"The schedule said {row.column('RetentionYears') or 'nothing'}.",
            expected=f"The network's standard says: {years}.",
            how="Nothing to do: it was put right. The period is changed in the standard.",
            status=Status.CORRECTED,
            remedies=(SetColumns({"RetentionYears": years}),),
        )


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield the types that have no row yet; their rows are made."""
    there = {row.column(KEY) for row in rows}
    for one in context.standard.types:
        if one.code in there:
            continue
        values: dict[str, Value] = {
            "Title": one.name,
            "RetentionType": one.name,
            "RetentionYears": _says(context.standard, one.code),
        }
        yield Finding(
            says=f"{one.name} was added to the schedule.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
            remedies=(Enter(AREA, one.code, values, always=True),),
        )


def _says(standard: Standard, kind: str) -> str:
    years = standard.retention.years_of(kind)
    return NOT_SET if years is None else f"{years} years"
