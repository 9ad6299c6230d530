"""A file that Verger moved is judged by the rules of the place it came to, where they ask for more.

What its old place found and the new one does not ask for stays behind; a rule of both, such as the
kinds of file allowed, may say something else there. That it can't be read is told in every place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.policies import READING
from sync.state import work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.acting import Acted
    from sync.cases import Case
    from sync.places import Place


async def place_of(case: Case, acted: Acted) -> Place | None:
    """Return the place a moved file is to be looked at in; None when nothing is left to say."""
    if acted.moved_from is None:
        return None
    there = await case.service.place(acted.document.list_id)
    left = {one.policy for one in acted.settlement.told if one.counts} - case.place.closing
    return there if left & {*there.area.policies, READING} else None


async def look_there(tx: AsyncConnection, case: Case, acted: Acted) -> None:
    """Open work for a moved file where it now lies."""
    key = (acted.document.list_id, acted.document.item_id)
    look = work.NewWork(list_id=key[0], item_id=key[1], kind="due")
    await work.put(tx, [look], case.service.now())
    case.opened.add(key[0])
