"""What the rules about boards share: who was a member when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sync.model import Item

MEMBERS = "members"
PERSON, KIND, ORGANISATION = "MemberPerson", "MemberKind", "MemberOrganisation"
SINCE, UNTIL = "MemberSince", "MemberUntil"
VOTING = "Voting"


def members_on(rows: Iterable[Item], day: date) -> list[Item]:
    """Return the entries of those who were members on a day; no date means from ever, for ever."""
    return [
        row
        for row in rows
        if row.column(PERSON)
        and ((since := row.date_column(SINCE)) is None or since <= day)
        and ((until := row.date_column(UNTIL)) is None or day < until)
    ]


def voting_on(rows: Iterable[Item], day: date) -> list[Item]:
    """Return the entries of the voting members of a day."""
    return [row for row in members_on(rows, day) if row.column(KIND) == VOTING]
