"""The chair writes to a member who has missed several meetings in a row.

The letter is put before the chair as a draft; nothing is sent unless the chair sends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Enter, Finding, Notify
from sync.policies.rows._boards import MEMBERS, PERSON, members_on, voting_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sync.model import Item
    from sync.model.rows import RowContext

READS = (MEMBERS,)
DAY, STATUS, PRESENT, HELD = "MeetingDate", "MeetingStatus", "Attendees", "Held"
USUAL = 3


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a finding, and a draft, for each voting member absent from the last meetings held."""
    held = sorted(
        (day, row.column(PRESENT).split(";"))
        for row in rows
        if row.column(STATUS) == HELD and row.column(PRESENT) and (day := row.date_column(DAY))
    )
    last = held[-_absences(context) :]
    if len(last) < _absences(context):
        return
    members = context.others.get(MEMBERS, ())
    first = {one.column(PERSON) for one in members_on(members, last[0][0])}
    for member in voting_on(members, context.today):
        number = member.column(PERSON)
        if number in first and not any(number in present for _, present in last):
            yield _finding(context, number, [day for day, _ in last])


def _absences(context: RowContext) -> int:
    bodies = context.standard.bodies
    return next((one.absences for one in bodies if one.code == context.body), USUAL)


def _finding(context: RowContext, number: str, days: list[date]) -> Finding:
    who, told = context.name(number), ", ".join(map(show_date, days))
    once = f"attendance:{number}:{days[-1].isoformat()}"
    words, known = context.standard.letters, {"who": who, "days": told}
    title, text = (words.passage(one, known) for one in ("attendance_title", "attendance"))
    values = {"Title": title, "LetterTo": number, "LetterText": text}
    return Finding(
        says=f"{who} was not at the last {len(days)} meetings ({told}).",
        how="A draft of a letter waits for the chair under Letters to members.",
        remedies=(
            Enter("letters", once, {**values, "LetterStatus": "Draft"}),
            Notify(("{body}_chairs",), once=once),
        ),
    )
