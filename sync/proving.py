"""Which verdicts an audit need not give again, because they can only come out as they did.

A verdict follows from the file as it is, the rules of its list, the day, and what our records say
of other documents. The file is as it was judged when its eTag is; the rules when those written down
are those of today; a date or another document that matters opens a row of its own. What is proven
so costs its share of a delta page, no download. Everything else is looked at, as after an upload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.changes import is_settled
from sync.model import Status
from sync.remedies import STATUS
from sync.rulebook import rules_now, turns
from sync.state import rulesets

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service
    from sync.state.settled import Known
    from sync.tenant.shapes import ChangedItem


async def rules_stand(service: Service, place: Place) -> bool:
    """Whether a list's verdicts were given by its rules as they are, and no change is under way.

    False for lists that keepers see to: they have no such rules, and few rows.
    """
    async with service.state.read() as tx:
        before = await rulesets.rules_of(tx, place.row.id)
        change = await rulesets.get_change(tx, place.row.id)
    return bool(before) and change is None and not turns(before, rules_now(service, place))


def is_proven(item: ChangedItem, known: Known | None, folder: str) -> bool:
    """Whether an item of a list whose rules stand is as it was judged, with nothing left to do.

    `folder` is where the feed says it lies: a folder's new name leaves its files' eTags as they
    were. What could not be read then is looked at again, and so is a file whose status column says
    something else than what was written.
    """
    if known is None or known.pending or known.reason_hash is None or known.folder != folder:
        return False
    shown = item.fields.get(STATUS)
    told = shown is None or shown == known.control_status
    return told and known.control_status != Status.NOT_CHECKED and is_settled(item, known)
