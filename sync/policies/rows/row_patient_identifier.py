"""No entry of a register holds a patient's NHS number.

Ten digits are an NHS number when their check digit is right and something beside them shows it, as
in files. The entry is held and the information governance officers are told at once; only the
column is named, never the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify, Severity, Status
from sync.model.identifiers import WITHHELD
from sync.policies.patient_identifier import Sure, signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.standard import Patient
    from sync.model import Item
    from sync.model.rows import RowContext

NAME = __name__.rpartition(".")[2]
OFFICERS, AUTHOR = "ig_officers", "author"
OURS = frozenset({"ControlStatus", "ControlReason"})
"""Columns that Verger writes, in which no number ever stands."""


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield one finding that names the columns; people are told once for each new column."""
    sure = holding(row, context.standard.patient, Sure.YES)
    if sure:
        new = [name for name in sure if context.before.get(name) != WITHHELD]
        once = f"identifier:{row.etag}"
        told = Notify((OFFICERS, AUTHOR), once=once, at_once=True)
        yield _held(_titles(sure, context), (told,) if new else ())
    elif perhaps := holding(row, context.standard.patient, Sure.PERHAPS):
        yield _asked(_titles(perhaps, context), ",".join(perhaps))


def holding(row: Item, rules: Patient, weight: Sure) -> list[str]:
    """Return the internal names of the columns in which a number of this weight stands."""
    texts = ((name, row.column(name)) for name in row.fields if name not in OURS)
    return [name for name, text in texts if text and weight in set(signs(text, rules))]


def _titles(names: Sequence[str], context: RowContext) -> str:
    many = "columns " if len(names) > 1 else "column "
    return many + ", ".join(context.title(name) for name in names)


def _held(where: str, told: tuple[Notify, ...]) -> Finding:
    return Finding(
        says=f"The {where} of this entry: an NHS number stands there.",
        expected="Registers hold no patient identifiers.",
        how="Take the number out of the entry. An information governance officer sees to its"
        " earlier versions.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=told,
    )


def _asked(where: str, names: str) -> Finding:
    return Finding(
        says=f"The {where} of this entry: ten digits there could be an NHS number.",
        expected="Registers hold no patient identifiers.",
        how="If it is an NHS number, take it out. If not, nothing to do.",
        remedies=(Notify((AUTHOR,), once=f"perhaps:{names}"),),
    )
