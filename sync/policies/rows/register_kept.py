"""A register that has to be kept is kept: it is not empty, and what comes in a rhythm has come.

A group has a work programme; it reports to the Operational Board in the agreed rhythm.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.months import add_months
from sync.model import Finding, Notify
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.registers import Rhythm
    from sync.model import Item
    from sync.model.rows import RowContext

VERSION = "2"


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
        yield from _rhythm(rows, register.rhythm, context.today)


def _rhythm(rows: Sequence[Item], rhythm: Rhythm, today: date) -> Iterator[Finding]:
    """Yield a finding when the last whole period has no entry and its time is over.

    An entry counts for one period only: one of the first days that the period before still has is
    about that one.
    """
    first, last = last_period(rhythm.months, today)
    after = timedelta(days=rhythm.days_after)
    dates = (row.date_column(rhythm.column) for row in rows)
    came = any(day is not None and first + after <= day <= last + after for day in dates)
    if today <= last + after or came:
        return
    spoken = f"{last:%B %Y}" if rhythm.months == 1 else f"{first:%B} to {last:%B %Y}"
    yield Finding(
        says=f"{rhythm.what} for {spoken} has not come.",
        how="Add it to this register.",
        remedies=(Notify(rhythm.to, once=f"rhythm:{first.isoformat()}"),),
    )


def last_period(months: int, today: date) -> tuple[date, date]:
    """Return the first and last day of the last period that is over; periods begin in January."""
    month = (today.month - 1) // months * months + 1
    start = today.replace(month=month, day=1)
    return add_months(start, -months), start - timedelta(days=1)
