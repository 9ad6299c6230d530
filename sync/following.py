"""What was counted by another register is counted anew when that register changes.

A member is often entered late, or corrected: the quorum of the meetings since they joined is then
another. Which registers rest on which stands in their `follows:`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import as_date
from sync.state import register_rows, work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.registers import Follow
    from sync.cases import Case
    from sync.state.register_rows import RegisterRow


async def follow(
    tx: AsyncConnection, case: Case, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """Have the rows of the site looked at again that rest on this one, from its day on.

    `before` and `after` are the row's columns ({} for none). Does nothing where no register of the
    site follows this one, and for a row that says what it said. Rows that are over stay so.
    """
    if before == after:
        return
    for area, rests in _followers(case):
        since = _since(rests, [told for told in (before, after) if told])
        rows = await register_rows.rows_of(tx, {area}, {case.place.row.site_id})
        again = [
            work.NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit")
            for one in rows
            if one.open and _concerned(one, rests, since)
        ]
        await work.put(tx, again, case.service.now())


def _followers(case: Case) -> Iterator[tuple[str, Follow]]:
    """Yield the keys of the site's registers whose rows rest on this one's, and how."""
    for one in case.place.spec.lists:
        for rests in one.entries.follows if one.entries else ():
            if rests.area == case.place.area.key:
                yield one.key, rests


def _since(rests: Follow, told: Sequence[Mapping[str, str]]) -> date | None:
    """Return the first day from which the row counts or did; None when it does from ever."""
    days = [as_date(columns.get(rests.since)) for columns in told]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def _concerned(row: RegisterRow, rests: Follow, since: date | None) -> bool:
    day = as_date(row.columns.get(rests.day))
    return day is not None and (since is None or day >= since)
