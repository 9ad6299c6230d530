"""A PDF beside each published document, for reading: drawn by Microsoft 365, later if need be.

It lies among the *Published PDFs* of the document's site under number and title alone, so that a
link to it goes on showing what is in force. Nothing waits for it (decision 31).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sharepoint_schema.naming import guess_name
from sync.errors import Missing, Rejected, Transient
from sync.state import decisions, items, lists
from sync.tenant import documents, publishing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sync.service import Service
    from sync.state.decisions import PublicationRow
    from sync.state.items import ItemRow
    from sync.state.lists import ListRow

AREA = "published"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
TRIES = 20
"""About four days of trying; then the last trouble stands beside the publication."""
CHANGED = "the document was changed before its PDF had been drawn"


@dataclass(frozen=True, slots=True)
class Source:
    """A published document, where it lies, and where its PDF goes."""

    item: ItemRow
    home: ListRow
    target: ListRow


async def draw_waiting(service: Service) -> int:
    """Draw the PDFs that are due. Returns how many were put in place."""
    now = service.now()
    async with service.state.read() as tx:
        due = await decisions.renditions_due(tx, now)
    return sum([await _attend(service, row) for row in due])


async def _attend(service: Service, row: PublicationRow) -> bool:
    """Draw one PDF; trouble that may pass puts it off, any other is written down."""
    try:
        said = await _draw(service, row)
    except Transient as error:
        said = _put_off(service, row, str(error))
    except (Rejected, Missing) as error:
        said = {"pdf": decisions.IMPOSSIBLE, "pdf_says": str(error)}
    async with service.state.begin() as tx:
        await decisions.note_rendition(tx, row, **said)
    return bool(said["pdf"] == decisions.MADE)


def _put_off(service: Service, row: PublicationRow, says: str) -> Mapping[str, Any]:
    if row.pdf_tries + 1 >= TRIES:
        return {"pdf": decisions.IMPOSSIBLE, "pdf_says": says}
    wait = min(FIRST_WAIT * 2**row.pdf_tries, LONGEST_WAIT)
    at = service.now() + wait
    return {"pdf": decisions.WAITING, "pdf_says": says, "pdf_not_before": at}


async def _draw(service: Service, row: PublicationRow) -> Mapping[str, Any]:
    source = await _source(service, row)
    if source is None:
        return {"pdf": decisions.IMPOSSIBLE, "pdf_says": CHANGED}
    where, item_id = source.home, source.item.item_id
    before = await documents.file_facts(service.tenant, where, item_id)
    limit = service.standard.limits.bytes
    data = await publishing.rendition(service.tenant, where, item_id, limit)
    after = await documents.file_facts(service.tenant, where, item_id)
    same = before is not None and after is not None and before.ctag == after.ctag
    if not same:
        return {"pdf": decisions.IMPOSSIBLE, "pdf_says": CHANGED}
    name = name_of(service, row, source.item)
    await publishing.put_file(service.tenant, source.target, name, data)
    return {"pdf": decisions.MADE, "pdf_says": None}


async def _source(service: Service, row: PublicationRow) -> Source | None:
    """Return the document if it still is what was published; the newest version is what is drawn.

    Raises Missing where its site has no place for PDFs.
    """
    async with service.state.read() as tx:
        item = await items.item_of(tx, row.document_id)
        home = await lists.get_list(tx, item.list_id) if item else None
        target = await lists.find_area(tx, home.site_id, AREA) if home else None
    if item is None or home is None or item.deleted_at or item.content_id != row.content_id:
        return None
    if target is None:
        raise Missing(f"the site {home.site_url} has no place for published PDFs")
    return Source(item, home, target)


def name_of(service: Service, row: PublicationRow, item: ItemRow) -> str:
    """Return the PDF's name: number and title, the same for every version."""
    title = guess_name(item.name, service.standard.series_codes).title
    return f"{row.number} {title}.pdf" if title else f"{row.number}.pdf"
