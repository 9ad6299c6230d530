"""A register that has to be kept is kept: it is not empty, and what comes in a rhythm has come.

A group has a work programme; it reports to the Operational Board in the agreed rhythm, from the
period on in which it was opened. It is reminded before the last day, and asked after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync.model import Finding, Notify, Severity, Status
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.registers import Rhythm
    from sync.model import Item
    from sync.model.rows import RowContext

VERSION = "3"
HOW = "Add it to this register."


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield what the register as a whole lacks."""
    register = context.register
    if register.never_empty and not any(not is_closed(row, register) for row in rows):
        month = context.today.strftime("%Y-%m")
        yield Finding(
            says=f"There is no {register.never_empty}.",
            how="Add an entry to this register.",
            remedies=(Notify(("owner",), once=f"empty:{month}"),),
        )
    if register.rhythm is not None:
        yield from _rhythm(rows, register.rhythm, context)


def _rhythm(rows: Sequence[Item], rhythm: Rhythm, context: RowContext) -> Iterator[Finding]:
    """Yield what the last whole period lacks: a note before its last day, a finding after it.

    An entry counts for one period only: one of the first days that the period before still has is
    about that one. Nothing is asked for a period that ended before the register was there.
    """
    first, last = last_period(rhythm.months, context.today)
    after = timedelta(days=rhythm.days_after)
    dates = (row.date_column(rhythm.column) for row in rows)
    came = any(day is not None and first + after <= day <= last + after for day in dates)
    if came or (context.opened is not None and last < context.opened):
        return
    what = f"{rhythm.what} for {_spoken(rhythm, first, last)}"
    key = f"rhythm:{first.isoformat()}"
    left = (last + after - context.today).days
    reached = [days for days in rhythm.remind if days >= left]
    if left < 0:
        yield _finding(f"{what} has not come.", Notify(rhythm.to, once=f"{key}:late"))
    elif reached:
        says = f"{what} is due by {show_date(last + after)}."
        yield _note(says, Notify(rhythm.to, once=f"{key}:{reached[-1]}"))


def _spoken(rhythm: Rhythm, first: date, last: date) -> str:
    return f"{last:%B %Y}" if rhythm.months == 1 else f"{first:%B} to {last:%B %Y}"


def _finding(says: str, notify: Notify) -> Finding:
    return Finding(says=says, how=HOW, remedies=(notify,))


def _note(says: str, notify: Notify) -> Finding:
    return replace(_finding(says, notify), severity=Severity.NOTE, status=Status.IN_ORDER)


def last_period(months: int, today: date) -> tuple[date, date]:
    """Return the first and last day of the last period that is over; periods begin in January."""
    month = (today.month - 1) // months * months + 1
    start = today.replace(month=month, day=1)
    return add_months(start, -months), start - timedelta(days=1)
