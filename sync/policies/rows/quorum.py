"""A meeting has a quorum when enough of its voting members were there.

It is counted from who is entered as present and who was a voting member on that day. A meeting
without one decides nothing.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from sync.model import Finding, SetColumns, Severity, Status
from sync.policies.rows._boards import MEMBERS, PERSON, voting_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item, Value
    from sync.model.rows import RowContext

VERSION = "3"
READS = (MEMBERS,)
DAY, PRESENT = "MeetingDate", "Attendees"
COUNT, QUORATE = "VotingPresent", "Quorate"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield what the count makes of the meeting; nothing while nobody is entered as present.

    Nor while a board has no voting member entered yet; but what was counted once is counted again,
    also when those present are taken out of the row.
    """
    day = row.date_column(DAY)
    voting = voting_on(context.others.get(MEMBERS, ()), day) if day else []
    if not (row.column(COUNT) or (row.column(PRESENT) and voting)):
        return
    there = {one.column(PERSON) for one in voting} & set(row.column(PRESENT).split(";"))
    needed = max(1, ceil(_share(context) * len(voting)))
    enough = len(there) >= needed
    values: dict[str, Value] = {COUNT: str(len(there)), QUORATE: "Yes" if enough else "No"}
    said = row.column(QUORATE)
    if said and said != values[QUORATE]:
        yield Finding(
            says=f"Quorate said {said}.",
            expected=_counted(len(there), len(voting), needed),
            how="Nothing to do: it was put right. Correct Present or Members if they are wrong.",
            status=Status.CORRECTED,
            remedies=(SetColumns(values),),
        )
    elif row.column(COUNT) != values[COUNT] or not said or not enough:
        without = "" if enough else " Without a quorum the meeting decides nothing."
        yield Finding(
            says=_counted(len(there), len(voting), needed) + without,
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
            remedies=(SetColumns(values),),
        )


def _share(context: RowContext) -> float:
    return next((one.quorum for one in context.standard.bodies if one.code == context.body), 0.5)


def _counted(there: int, voting: int, needed: int) -> str:
    are = "is" if needed == 1 else "are"
    return f"{there} of {voting} voting members were there; {needed} {are} needed."
