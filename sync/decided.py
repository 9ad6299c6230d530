"""What was decided rests on its meeting: when the meeting's entry changes, the decision says so.

Attendance is often entered after the decision was. Whatever of the decision's row still says that
its meeting had no quorum, or had one, is found anew then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import as_date
from sync.recipients import body_of
from sync.registers import register_of
from sync.state import decisions, work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case


async def follow(
    tx: AsyncConnection, case: Case, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """Have the body's decisions of a meeting's day, and of the day it had before, looked at again.

    `before` and `after` are the columns of the meeting's entry ({} for none). Does nothing for a
    register of anything else, and for an entry that says what it said.
    """
    column = register_of(case.place).decided_on
    if column is None or before == after:
        return
    days, body = (
        {as_date(told.get(column)) for told in (before, after)},
        body_of(case.service, case.place),
    )
    again = [
        work.NewWork(list_id=one.list_id, item_id=one.item_id, kind="audit")
        for one in await decisions.all_decisions(tx)
        if one.list_id and one.item_id and one.body == body and one.on in days
    ]
    await work.put(tx, again, case.service.now())
