"""What has to be done by a date is done by then.

Reminders go out at the days this register has agreed, each once: before the date, on the day, and
afterwards also to those who then look after it. A new date starts the reminders afresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.clocks import reached
from sync.model import Finding, Notify, Severity, Status
from sync.model.rows import is_closed, waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sharepoint_schema.registers import Clock
    from sync.model import Item
    from sync.model.rows import RowContext


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a note for each date that draws near, a finding for each one that has passed."""
    if is_closed(row, context.register):
        return
    for clock in context.register.clocks:
        due = row.date_column(clock.column)
        if due is None or waits(row, clock):
            continue
        if (found := _told(clock, due, context.today)) is not None:
            yield found


def _told(clock: Clock, due: date, today: date) -> Finding | None:
    rung = reached(clock, due, today)
    late = due < today
    if rung is None and not late:
        return None
    notify = () if rung is None else (_notify(clock, due, rung.days, (*clock.to, *rung.to)),)
    what = clock.what[0].upper() + clock.what[1:]
    return Finding(
        says=f"{what} {'was' if late else 'is'} due on {show_date(due)}.",
        how=clock.how or "Do it, then bring this entry up to date.",
        severity=Severity.FIX if late else Severity.NOTE,
        status=Status.NEEDS_YOU if late else Status.IN_ORDER,
        remedies=notify,
    )


def _notify(clock: Clock, due: date, days: int, to: tuple[str, ...]) -> Notify:
    return Notify(tuple(dict.fromkeys(to)), once=f"{clock.key}:{due.isoformat()}:{days}")
