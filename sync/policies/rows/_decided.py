"""What the rules about decisions share: what a body's register of meetings says of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sync.model import Item

DAY, STATUS, HELD, QUORATE = "MeetingDate", "MeetingStatus", "Held", "Quorate"


def doubt(meetings: Iterable[Item], day: date) -> str:
    """Return what speaks against a quorum on a day, in words for staff; "" when nothing does.

    A meeting of which nobody is entered as present yet has no count, and speaks neither way.
    """
    held = [row for row in meetings if row.date_column(DAY) == day and row.column(STATUS) == HELD]
    if not held:
        return f"no meeting of {show_date(day)} is entered as held"
    if all(row.column(QUORATE) == "No" for row in held):
        return f"the attendance entered for {show_date(day)} makes no quorum"
    return ""
