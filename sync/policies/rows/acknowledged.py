"""Those who have to know a document confirm that they have read it, by the day asked for.

Whoever has not is reminded; the round is done when everybody has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Finding, Notify, SetColumns, Severity, Status
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sync.model import Item, Value
    from sync.model.rows import RowContext

READS = ("acknowledgements",)
NUMBER, VERSION, AUDIENCE, DUE = "RoundNumber", "RoundVersion", "RoundAudience", "RoundDue"
LADDER = (7, 0, -7)
"""Days before the round's end at which those who have not confirmed are reminded, each once."""


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield how many are still to confirm, with reminders to them; what ends the round."""
    audience = [one for one in row.column(AUDIENCE).split(";") if one]
    due = row.date_column(DUE)
    if is_closed(row, context.register) or not audience or due is None:
        return
    open_ = [one for one in audience if one not in _confirmed(row, context)]
    values: dict[str, Value] = {"RoundOpen": str(len(open_))}
    if not open_:
        values["RoundStatus"] = "Done"
    late = bool(open_) and due < context.today
    says = f"{len(open_)} of {len(audience)} have still to confirm by {show_date(due)}."
    yield Finding(
        says=says if open_ else f"All {len(audience)} have confirmed.",
        how="They add an entry to Confirmations." if late else "",
        severity=Severity.FIX if late else Severity.NOTE,
        status=Status.NEEDS_YOU if late else Status.IN_ORDER,
        remedies=(SetColumns(values), *_reminders(row, open_, due, context.today)),
    )


def _confirmed(row: Item, context: RowContext) -> set[str]:
    wanted = (row.column(NUMBER), row.column(VERSION))
    rows = context.others.get("acknowledgements", ())
    return {
        one.column("AckBy")
        for one in rows
        if (one.column("AckNumber"), one.column("AckVersion")) == wanted
    }


def _reminders(row: Item, open_: list[str], due: date, today: date) -> Iterator[Notify]:
    reached = [days for days in LADDER if days >= (due - today).days]
    what = f"{row.column(NUMBER)} {row.column(VERSION)}"
    first = "asked" if not reached else str(reached[-1])
    for one in open_:
        yield Notify((f"person:{one}",), once=f"read:{what}:{one}:{due.isoformat()}:{first}")
