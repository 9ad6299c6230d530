"""Moving a file to another library of its own site, with all its versions.

Graph cannot move between drives; SharePoint's MoveCopyUtil can. The file keeps its UniqueId and
gets a new list item id, which is read back (decision 3; gk for the UniqueId).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sync.errors import Missing, NotReady
from sync.tenant import meter
from sync.tenant.shapes import Where, server_path

if TYPE_CHECKING:
    from sync.model import Document
    from sync.tenant.client import Tenant
    from sync.tenant.sharepoint import SiteContext


NOT_MOVED = 300.0
"""Seconds until a move that was answered as done, and had no effect, is tried again."""


class Located(msgspec.Struct, frozen=True):
    """Where a file lies: its list item id, its path on the host, its name."""

    item_id: str
    path: str
    name: str


async def move(  # noqa: PLR0913 - what, from where, to where, and two options by name
    tenant: Tenant,
    where: Where,
    document: Document,
    target: Where,
    *,
    keep_both: bool = True,
    folder: str = "",
) -> str:
    """Move a file to a folder of `target` ("" its root); returns its new list item id (4 units).

    What has already arrived counts as moved. When the name is taken there SharePoint numbers the
    newcomer, unless `keep_both` is false: then Rejected (`name_taken`). Raises Locked while
    somebody edits it, NotReady when SharePoint says that it is done and the file still lies there.
    """
    doing = f"move item {document.item_id} to library {target.id}"
    root = await root_path(tenant, target)
    source = server_path(document.web_url)
    there = f"{root}/{folder}/{document.name}" if folder else f"{root}/{document.name}"
    try:
        await _carry(tenant, where, (source, there), keep_both, doing)
    except Missing:
        item_id = await arrived(tenant, document.unique_id, target)
        if item_id is None:
            raise
        return item_id
    found = await locate(tenant, where.site_url, document.unique_id)
    if not _lies_in(found, root):
        says = f"it still lies at {found.path}"  # answered as done (sp-dev-docs#10429)
        raise NotReady(says, doing=doing, code="notMoved", retry_after=NOT_MOVED)
    return found.item_id


async def arrived(tenant: Tenant, unique_id: str, target: Where) -> str | None:
    """Return a file's list item id in `target`, None when it does not lie there (2 units)."""
    folder = await root_path(tenant, target)
    try:
        found = await locate(tenant, target.site_url, unique_id)
    except Missing:
        return None
    return found.item_id if _lies_in(found, folder) else None


async def _carry(
    tenant: Tenant,
    where: Where,
    way: tuple[str, str],
    keep_both: bool,  # noqa: FBT001 — one of the service's own options, handed through
    doing: str,
) -> None:
    def carry(context: SiteContext) -> None:
        from office365.sharepoint.utilities.move_copy_options import (  # noqa: PLC0415 — see below
            MoveCopyOptions,
        )
        from office365.sharepoint.utilities.move_copy_util import (  # noqa: PLC0415 — half a second
            MoveCopyUtil,
        )

        options = MoveCopyOptions(KeepBoth=keep_both, RetainEditorAndModifiedOnMove=True)
        MoveCopyUtil.move_file_by_path(context, *way, options)  # type: ignore[no-untyped-call]
        context.execute_query()

    await tenant.sharepoint.call(where.site_url, carry, doing=doing, units=meter.WRITE)


async def root_path(tenant: Tenant, where: Where) -> str:
    """Return a library's path on the host; it is read once (2 units, assumed) and remembered."""
    if where.id not in tenant.root_paths:

        def look(context: SiteContext) -> str:
            folder = context.web.lists.get_by_id(where.id).root_folder
            context.load(folder, ["ServerRelativeUrl"])
            context.execute_query()
            return str(folder.properties["ServerRelativeUrl"])

        doing = f"find the folder of library {where.id}"
        tenant.root_paths[where.id] = await tenant.sharepoint.call(
            where.site_url, look, doing=doing
        )
    return tenant.root_paths[where.id]


async def locate(tenant: Tenant, site_url: str, unique_id: str) -> Located:
    """Return where the file with this UniqueId lies on its site (2 units, assumed)."""
    from sync.tenant import rest  # noqa: PLC0415 — office365 costs a second

    select = "$select=Name,ServerRelativeUrl,ListItemAllFields/Id&$expand=ListItemAllFields"
    path = f"Web/GetFileById('{unique_id}')?{select}"
    told = await rest.read(tenant, site_url, path, doing=f"find the file {unique_id}")
    where = str(told["ServerRelativeUrl"]), str(told["Name"])
    return Located(str(told["ListItemAllFields"]["Id"]), *where)


def _lies_in(found: Located, folder: str) -> bool:
    return found.path.lower().startswith(folder.lower() + "/")
