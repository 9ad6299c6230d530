"""The site's recycle bin: what lies in it, brought back or gone for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import not_found
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.items import ITEM
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.sharepoint.web import SITE, WEB
from local.tenant.store import access, items, lists, principals, purge, versions

if TYPE_CHECKING:
    from local.tenant.store.ids import Item

ENTRY = "SP.RecycleBinItem"
_TYPES = {"file": 1, "folder": 5, "item": 3}  # RecycleBinItemType: File, Folder, ListItem
_FIRST_STAGE = 1


@kind(ENTRY, key=lambda row: f"guid'{row['unique_id']}'")
def show_entry(ask: Ask, row: Item) -> dict[str, Any]:
    library = lists.by_id(ask.store, row["list_id"])
    author = _person(ask, row["created_by"])
    deleter = _person(ask, row["_by"])
    where = f"{library['path']}{row['dir']}".strip("/")
    return {
        "AuthorEmail": author["email"],
        "AuthorName": author["title"],
        "DeletedByEmail": deleter["email"],
        "DeletedByName": deleter["title"],
        "DeletedDate": row["_at"],
        "DeletedDateLocalFormatted": row["_at"],
        "DirName": where,
        "DirNamePath": Value({"DecodedUrl": where}, "SP.ResourcePath"),
        "Id": row["unique_id"],
        "ItemState": _FIRST_STAGE,
        "ItemType": _TYPES[row["kind"]],
        "LeafName": row["name"],
        "LeafNamePath": Value({"DecodedUrl": row["name"]}, "SP.ResourcePath"),
        "Size": str(row["size"]),
        "Title": row["name"],
    }


def _person(ask: Ask, who: str) -> Any:
    number = principals.ensure_actor(ask.store, ask.site["id"], who)
    return principals.get(ask.store, ask.site["id"], number)


def _entries(ask: Ask) -> list[Item]:
    """Return what the caller deleted, everything for those with full control; newest first."""
    held = access.verbs(ask.store, ask.who, access.of_site(ask.site))
    me = principals.actor_of(ask.who)
    found = []
    for item in items.recycled(ask.store, ask.site["id"]):
        log = ask.store.one(
            "SELECT actor, at FROM changes WHERE unique_id=? AND kind='delete'"
            " ORDER BY seq DESC LIMIT 1",
            item["unique_id"],
        )
        entry = {**item, "_by": log["actor"], "_at": log["at"]} if log else None
        if entry is not None and ("fullcontrol" in held or entry["_by"] == me):
            found.append(entry)
    return found


@link(WEB, "RecycleBin")
@link(SITE, "RecycleBin")
def recycle_bin(ask: Ask, place: Thing) -> Things:
    require_web(ask)
    return Things(ENTRY, lambda ask: Page(_entries(ask)), place)


@keyed(WEB, "RecycleBin")
@keyed(SITE, "RecycleBin")
@reach(f"{ENTRY}*", "GetById")
def entry_by_id(ask: Ask, _place: Thing | Things) -> Thing:
    wanted = ask.text("id").strip("{}").lower()
    for entry in _entries(ask):
        if entry["unique_id"] == wanted:
            return Thing(ENTRY, entry)
    raise not_found("The recycle bin holds no such item.")


@act(ENTRY, "Restore")
def restore(ask: Ask, place: Thing) -> None:
    require(ask, Thing(ITEM, place.row), "write")
    items.restore(ask.store, place.row["unique_id"], versions.Write(ask.who))


@verb(ENTRY, "delete")
@act(ENTRY, "DeleteObject")
def delete(ask: Ask, place: Thing) -> None:
    require(ask, Thing(ITEM, place.row), "write")
    purge.erase(ask.store, place.row)


@act(f"{ENTRY}*", "RestoreAll")
def restore_all(ask: Ask, _place: Things) -> None:
    for entry in reversed(_entries(ask)):
        if entry["state"] == items.RECYCLED:
            restore(ask, Thing(ENTRY, entry))


@act(f"{ENTRY}*", "DeleteAll")
def delete_all(ask: Ask, _place: Things) -> None:
    require_web(ask, "fullcontrol")
    for entry in _entries(ask):
        purge.erase(ask.store, entry)
