"""How a story ended: everything staff can see of its files, and what Verger remembers of them.

Two plays of a story compare whole: ids and moments are left out, everything else is kept.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sync.state import backlog, items, journal_reading, lists, notices, registry
from tests import tenant_kit as kit
from tests.scenarios.staff import unique_id

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.state.items import ItemRow
    from tests.scenarios.staff import Staff
    from tests.scenarios.theatre import Theatre

COLUMNS = (
    *("ControlStatus", "ControlReason", "DocumentNumber", "VersionLabel", "DocumentType"),
    *("DateAdopted", "ReviewDate", "ApprovedBy", "TargetAudience", "DocumentStatus", "Sensitivity"),
)
REGISTERED = ("Title", "NumberStatus", "RegistryNote", *COLUMNS)
WHO = {"helen": kit.HELEN, "sam": kit.SAM, "director": kit.DIRECTOR, "officer": kit.IG_OFFICER}
GUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
ITEM = re.compile(r"(?<=\?ID=)\d+")
"""A library's count of its files depends on who came first."""
OK, REFUSED, NOT_FOUND = 200, 403, 404

type Look = dict[str, Any]


async def look_at(staff: Staff) -> dict[str, Look]:
    """Return each file of a story as it is now, by the story's key."""
    return {key: await _file(staff.theatre, item) for key, item in staff.files.items()
            if "folder" not in item}  # fmt: skip


def row_of(staff: Staff, area: str, key: str, columns: tuple[str, ...]) -> Look | None:
    """Return some columns of the story's own row of a native list; None when it is not there."""
    theatre = staff.theatre
    path = f"/v1.0/sites/{theatre.site}/lists/{theatre.lists[area]}/items/{staff.rows[key]}"
    answer = theatre.person(kit.DIRECTOR).get(f"{path}?$expand=fields")
    if answer.status_code == NOT_FOUND:
        return None
    fields = answer.raise_for_status().json()["fields"]
    return {name: fields[name] for name in columns if fields.get(name)}


async def _file(theatre: Theatre, item: Any) -> Look:
    async with theatre.service.state.read() as tx:
        found = await items.find_by_unique_id(tx, unique_id(item))
        alive = [row for row in found if row.deleted_at is None]
        row = next(iter(alive or found), None)
        if row is None:
            return {"seen": False}
        remembered = await _remembered(tx, row)
    return remembered | _shown(theatre, row) | {"opens": _opens(theatre, row)}


async def _remembered(tx: AsyncConnection, row: ItemRow) -> Look:
    place = await lists.get_list(tx, row.list_id)
    told = [*row.verdict["findings"], *row.verdict["observed"]] if row.verdict else []
    entry = await registry.get_registry_row(tx, row.document_id)
    mails = await notices.all_notices(tx, document_id=row.document_id)
    kinds = await journal_reading.entries(tx, journal_reading.Query(document_id=row.document_id))
    return {
        "seen": True,
        "name": row.name,
        "folder": row.folder,
        "area": place.area if place else "",
        "gone": row.deleted_at is not None,
        "number": row.number,
        "label": row.label,
        "status": row.control_status,
        "policies": sorted({one["policy"] for one in told if one["severity"] != "note"}),
        "mails": Counter((one.recipient, one.subject, _plain(one.body["text"])) for one in mails),
        "unsent": [one.reason for one in mails if one.state != "sent"],
        "registry": _columns(entry.columns, REGISTERED) if entry else {},
        "journal": sorted({one.kind for one in kinds}),
        "open": [one.reason for one in await backlog.open_rows(tx) if one.item_id == row.item_id
                 and one.list_id == row.list_id],
    }  # fmt: skip


def _shown(theatre: Theatre, row: ItemRow) -> Look:
    """Return what SharePoint shows the site's owner: columns, versions, who may open the file."""
    if row.deleted_at is not None:
        return {"columns": {}, "versions": []}
    path = f"/v1.0/sites/{theatre.site}/lists/{row.list_id}/items/{row.item_id}"
    owner = theatre.person("provisioner")
    fields = owner.get(f"{path}?$expand=fields").raise_for_status().json()["fields"]
    versions = owner.get(f"{path}/versions").raise_for_status().json()["value"]
    return {"columns": _columns(fields, COLUMNS), "versions": [one["id"] for one in versions]}


def _opens(theatre: Theatre, row: ItemRow) -> list[str]:
    """Name those who get the file's content."""
    if row.deleted_at is not None:
        return []
    path = f"/v1.0/sites/{theatre.site}/lists/{row.list_id}/items/{row.item_id}/driveItem/content"
    return [name for name, upn in WHO.items() if _can_open(theatre.person(upn), path)]


def _can_open(person: httpx.Client, path: str) -> bool:
    answer = person.get(path, follow_redirects=True)
    if answer.status_code not in {OK, REFUSED, NOT_FOUND}:
        answer.raise_for_status()
    return answer.status_code == OK


def _columns(row: dict[str, Any], names: tuple[str, ...]) -> Look:
    return {name: row[name] for name in names if row.get(name) not in (None, "")}


def _plain(text: str) -> str:
    return ITEM.sub("…", GUID.sub("…", text))
