"""Libraries of any size that have been judged: filled at once, with the shadow a look would leave.

A look costs a tenth of a second of processor time, so real ones don't reach the sizes at which an
audit is measured. What `as_judged` writes is what `sync.recording` leaves of a file in order.
"""

import uuid

from sqlalchemy import insert

from sync.rejudging import rejudge
from sync.state import items, lists
from sync.tenant import documents
from tests import tenant_kit as kit

NUMBERED = {"DocumentNumber": "Op-{n:06}", "VersionLabel": "V1"}
IN_ORDER = {"ControlStatus": "In order"}


def fill(tenant, list_id, count, name="Paper {n:07} V1.txt", **more):
    """Have a library hold `count` files of this name, with columns as Verger writes them."""
    order = {"list": list_id, "upn": kit.HELEN, "count": count, "name": name} | more
    with tenant.httpx() as client:
        client.post("/_local/files", json=order, timeout=3600).raise_for_status()


async def as_judged(service, list_id):
    """Let the shadow know everything of a library as in order; returns how many files there are."""
    async with service.state.read() as tx:
        row = await lists.get_list(tx, list_id)
    count = 0
    async for page in documents.changes(service.tenant, row):
        rows = [_shadow(service, list_id, one) for one in page.items if one.name]
        async with service.state.begin() as tx:
            await tx.execute(insert(items.items), rows)
            await lists.register_list(tx, row)
        count += len(rows)
    return count


def _shadow(service, list_id, item):
    return {
        "list_id": list_id,
        "item_id": item.id,
        "document_id": str(uuid.uuid4()),
        "unique_id": item.unique_id,
        "etag": item.etag,
        "name": item.name,
        "name_key": items.name_key(item.name),
        "folder": "",
        "content_id": item.unique_id,
        "control_status": "In order",
        "reason_hash": "judged",
        "verdict": {"status": "In order", "findings": [], "observed": [], "put_right": []},
        "features": {"looks": 1, "units": 6.0},
        "seen_at": service.now(),
    }


async def policed(service, *list_ids):
    """Let audits meet these lists and no other; the kit's are not policed, having no webhook."""
    async with service.state.begin() as tx:
        for row in await lists.all_lists(tx):
            told = {name: getattr(row, name) for name in row.__slots__}
            told["policed"] = row.id in list_ids
            await lists.register_list(tx, lists.ListRow(**told))


async def rules_written(service):
    """Write the rules down as those the files were judged by, as the timer does."""
    await rejudge(service)
