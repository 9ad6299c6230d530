"""Every voting member has declared their interests, or that there are none, in the last 12 months.

A new member does so within 28 days. Members are reminded themselves; the board's secretary is told
of those who are late.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync.model import Finding, Notify, Severity, Status
from sync.policies.rows._boards import MEMBERS, PERSON, SINCE, voting_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Item
    from sync.model.rows import RowContext

READS = (MEMBERS,)
BY, ON = "DeclaredBy", "DeclaredOn"
NEW = timedelta(days=28)
MONTHS = 12
LADDER = (30, 0, -28)
"""Days before a declaration is due at which its member is reminded, each once."""


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a note for each declaration that is due soon, a finding for each one that is late."""
    for member in voting_on(context.others.get(MEMBERS, ()), context.today):
        number = member.column(PERSON)
        due = _due(rows, number, member.date_column(SINCE))
        if due is None:
            continue
        left = (due - context.today).days
        rungs = [days for days in LADDER if days >= left]
        if rungs:
            yield _finding(context, number, due, rungs[-1])


def _due(rows: Sequence[Item], number: str, since: date | None) -> date | None:
    """Return the day by which somebody declares next; None for one who joined at no known day."""
    declared = [day for row in rows if row.column(BY) == number and (day := row.date_column(ON))]
    if declared:
        return add_months(max(declared), MONTHS)
    return since + NEW if since else None


def _finding(context: RowContext, number: str, due: date, rung: int) -> Finding:
    late = due < context.today
    to = (f"person:{number}", *(("{body}_secretaries",) if late else ()))
    who = context.name(number)
    return Finding(
        says=f"The declaration of interests of {who} {'was' if late else 'is'} due on"
        f" {show_date(due)}.",
        how="Add an entry to Declarations of interest; Nil return when there is nothing.",
        severity=Severity.FIX if late else Severity.NOTE,
        status=Status.NEEDS_YOU if late else Status.IN_ORDER,
        remedies=(Notify(to, once=f"declare:{number}:{due.isoformat()}:{rung}"),),
    )
