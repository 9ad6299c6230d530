"""Every voting member has declared their interests, or that there are none, in the last 12 months.

A new member does so within 28 days, and so does one who comes back after having left. Members are
reminded themselves; the board's secretary is told of those who are late.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync.model import Finding, Notify, Severity, Status
from sync.policies.rows._boards import MEMBERS, PERSON, SINCE, UNTIL, voting_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Item
    from sync.model.rows import RowContext

VERSION = "3"
READS = (MEMBERS,)
BY, ON = "DeclaredBy", "DeclaredOn"
NEW = timedelta(days=28)
ONE_DAY = timedelta(days=1)
MONTHS = 12
LADDER = (30, 0, -28)
"""Days before a declaration is due at which its member is reminded, each once."""


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a note for each declaration that is due soon, a finding for each one that is late."""
    members = context.others.get(MEMBERS, ())
    for member in voting_on(members, context.today):
        number, since = member.column(PERSON), member.date_column(SINCE)
        declared = _declared(rows, number, context.today)
        if since is not None and _left_before(members, number, since):
            declared = [day for day in declared if day > since - NEW]
        due = _due(declared, since)
        if due is None:
            yield _never(context, number)
            continue
        left = (due - context.today).days
        rungs = [days for days in LADDER if days >= left]
        if rungs:
            yield _finding(context, number, due, rungs[-1])


def _declared(rows: Sequence[Item], number: str, today: date) -> list[date]:
    """Return the days on which somebody has declared; one that has not come is none yet."""
    days = (row.date_column(ON) for row in rows if row.column(BY) == number)
    return [day for day in days if day is not None and day <= today]


def _left_before(members: Sequence[Item], number: str, since: date) -> bool:
    """Whether somebody had left the board when they joined it, anew, on this day.

    Who changes from one kind of member to another, from one day to the next, was never away.
    """
    own = (one for one in members if one.column(PERSON) == number)
    earlier = [one for one in own if (day := one.date_column(SINCE)) is None or day < since]
    until = [one.date_column(UNTIL) for one in earlier]
    return bool(until) and all(day is not None and day < since - ONE_DAY for day in until)


def _due(declared: Sequence[date], since: date | None) -> date | None:
    """Return the day by which somebody declares next; None for one who joined at no known day."""
    if declared:
        return add_months(max(declared), MONTHS)
    return since + NEW if since else None


def _never(context: RowContext, number: str) -> Finding:
    """Return the finding about a member who never declared and joined at no known day."""
    who = context.name(number)
    return Finding(
        says=f"{who} has not declared their interests; since when they are a member is not known.",
        how="Enter Member since under Members, and have them add an entry to Declarations of"
        " interest; Nil return when there is nothing.",
        remedies=(
            Notify((f"person:{number}", "{body}_secretaries"), once=f"declare:{number}:never"),
        ),
    )


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
