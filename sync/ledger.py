"""Verger's own list on the core site: what must outlive its database, one row for each entry.

Notes of sent mails (`sync.sent_list`) and anchors of the journal (`sync.anchors`) stand there. Its
owners alone may open it; nothing on it is policed, and Verger takes no instruction from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync.state import lists
from sync.tenant import rows

if TYPE_CHECKING:
    from sync.service import Service
    from sync.state.lists import ListRow
    from sync.tenant.shapes import ChangedItem

AREA = "ledger"
KIND, ENTRY = "LedgerKind", "LedgerEntry"
SENT, ANCHOR = "Sent notices", "Anchor"


async def home(service: Service) -> ListRow | None:
    """Return the list; None while no site with one is followed."""
    async with service.state.read() as tx:
        return await lists.first_of_area(tx, AREA)


async def write(service: Service, where: ListRow, kind: str, entry: str) -> str:
    """Add an entry under the present moment (UTC) and return its row's id (2 units)."""
    fields = {"Title": service.now().isoformat(), KIND: kind, ENTRY: entry}
    return await rows.create(service.tenant, where, fields)


async def remove(service: Service, where: ListRow, kind: str, before: datetime) -> int:
    """Remove the entries of a kind written before a moment; returns how many (2 units each).

    What one answer of the list holds is seen to; the next day's round sees to the rest.
    """
    found = await rows.find_all(service.tenant, where, KIND, kind)
    old = [one for one in found if datetime.fromisoformat(one.fields["Title"]) < before]
    for one in old:
        await rows.remove(service.tenant, where, one.id)
    return len(old)


def kind_of(row: ChangedItem) -> str:
    return str(row.fields.get(KIND, ""))


def entry_of(row: ChangedItem) -> str:
    return str(row.fields.get(ENTRY, ""))
