"""For good: what leaves the recycle bin, or never went there (permanentDelete)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.store import access, attachments, files, items, kept

if TYPE_CHECKING:
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item
    from local.tenant.store.versions import Write


def purge(store: Store, item: Item, how: Write) -> None:
    """Delete an item, a folder with all that is in it; refused as a deletion into the bin is."""
    items.recycle(store, item, how)
    for entry in items.tree(store, item, items.RECYCLED):
        erase(store, entry)


def erase(store: Store, entry: Item) -> None:
    """Take one item, already in the bin, out of the tenant with its versions and links."""
    guid = entry["unique_id"]
    shas = store.all("SELECT DISTINCT sha FROM versions WHERE unique_id=?", guid)
    for table in ("versions", "links", "items"):
        store.run(f"DELETE FROM {table} WHERE unique_id=?", guid)
    access.forget(store, guid)
    attachments.forget(store, guid)
    kept.forget(store, guid)
    for sha in {entry["sha"], *(row["sha"] for row in shas)}:
        files.sweep(store, sha)
