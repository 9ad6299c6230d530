"""Who has a file checked out, and since when: a fact of ours, since no answer tells it.

A check-out changes neither content nor "Modified"; the day it was first seen is kept among the
facts. The feed hints at it (CheckoutUserLookupId), so only such a file costs a request more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync import notices
from sync.model import SITE_TIME
from sync.state import facts
from sync.state import notices as outbox
from sync.tenant import documents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.cases import Case
    from sync.model import Document, Finding, Person
    from sync.places import Place
    from sync.service import Service
    from sync.tenant.shapes import FileFacts

POLICY = "checked_out"
HINT = "CheckoutUserLookupId"


async def holder(service: Service, place: Place, item_id: str, file: FileFacts) -> Person | None:
    """Return who has the file checked out; asks nothing where no rule or no hint wants it."""
    if POLICY not in place.area.policies or not file.fields.get(HINT):
        return None
    return await documents.holder(service.tenant, place.row, item_id)


async def day_of(tx: AsyncConnection, document: Document) -> date | None:
    """Return the day (UK) a file was first seen as checked out as it is; None when it is not."""
    since = await _since(tx, document)
    return since.astimezone(SITE_TIME).date() if since else None


async def look_again(tx: AsyncConnection, case: Case, document: Document) -> Mapping[str, datetime]:
    """Return when a checked-out file is to be looked at again, by policy; {} when it is not."""
    since = await _since(tx, document)
    days = case.service.standard.checked_out.days
    moment = since + timedelta(days=days) if since else None
    return {POLICY: moment} if moment and moment > case.service.now() else {}


async def tell(case: Case, document: Document, findings: Sequence[Finding]) -> None:
    """Mail that a file has been checked out too long, once for each check-out.

    The verdict itself has to wait: what is checked out takes no column, and nothing is forced.
    """
    found = [one for one in findings if one.policy == POLICY]
    async with case.service.state.begin() as tx:
        since = await _since(tx, document) if found else None
        for finding in found:
            for notice in notices.ahead(case, document, finding, f"{POLICY}:{since}"):
                await outbox.queue_notice(tx, notice, case.service.now())
    if found:
        await notices.deliver(case.service)


async def _since(tx: AsyncConnection, document: Document) -> datetime | None:
    if document.checked_out_by is None:
        return None
    return await facts.true_since(tx, document.document_id, facts.CHECKED_OUT)
