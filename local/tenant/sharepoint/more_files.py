"""More that files, folders, their versions and the recycle bin take: in bulk, by id, by label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.files import (
    ITEM_VERSION,
    VERSION,
    etag,
    file_version,
    history,
    remove,
    save,
)
from local.tenant.sharepoint.folders import FILE, FOLDER, Place, add_folder, find_folder, full_path
from local.tenant.sharepoint.folders import remove as remove_folder
from local.tenant.sharepoint.items import ITEM, current, dressed
from local.tenant.sharepoint.moves import copy as copy_file
from local.tenant.sharepoint.moves import make_room, place_at
from local.tenant.sharepoint.recycle_bin import ENTRY, entry_by_id, recycle_bin, restore
from local.tenant.sharepoint.recycle_bin import delete as erase
from local.tenant.sharepoint.surface import (
    Ask,
    Raw,
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
from local.tenant.store import files, ids, items, kept, versions

if TYPE_CHECKING:
    from local.tenant.store.ids import Item

METRICS, SECOND = "SP.StorageMetrics", "second stage"


# -- versions -------------------------------------------------------------------------------------
def _label(row: Any) -> str:
    return versions.label(row)


@verb(VERSION, "delete")
@act(VERSION, "DeleteObject")
def delete_version(ask: Ask, place: Thing) -> None:
    item = items.by_unique(ask.store, place.row["unique_id"])
    current(ask, Thing(ITEM, item), "write")
    versions.remove(ask.store, item, _label(place.row))


@act(f"{VERSION}*", "DeleteByID")
@act(f"{VERSION}*", "RecycleByID")
def delete_version_by_id(ask: Ask, place: Things) -> None:
    delete_version(ask, file_version(ask, place.owner))


@act(f"{VERSION}*", "RecycleByLabel")
def delete_version_by_label(ask: Ask, place: Things) -> None:
    _row, item = current(ask, place.owner, "write")
    versions.remove(ask.store, item, ask.text("versionLabel"))


@act(f"{VERSION}*", "DeleteAll")
@act(f"{ITEM_VERSION}*", "DeleteAll")
@act(f"{ITEM_VERSION}*", "RecycleAll")
def delete_versions(ask: Ask, place: Things) -> None:
    """Drop every earlier version; the newest stays."""
    _row, item = current(ask, place.owner, "write")
    for row in history(ask, dressed(ask, _row, [item])[0]):
        if not row["_current"]:
            versions.remove(ask.store, item, _label(row))


@keyed(ITEM, "Versions")
@reach(f"{ITEM_VERSION}*", "GetById")
@reach(ITEM, "GetVersionById")
def item_version(ask: Ask, place: Thing | Things) -> Thing:
    """Return one version of an item by SharePoint's number of it (512 for 1.0)."""
    owner = place.owner if isinstance(place, Things) else place
    number = ask.number("versionId")
    for row in history(ask, owner.row):
        if ids.version_number(_label(row)) == number:
            return Thing(ITEM_VERSION, row)
    raise kept.missing()


@act(f"{ITEM_VERSION}*", "RestoreByID")
def restore_item_version(ask: Ask, place: Things) -> None:
    row, item = current(ask, place.owner, "write")
    label = _label(item_version(ask, place).row)
    versions.restore(ask.store, row, item, label, versions.Write(ask.who))


@verb(ITEM_VERSION, "delete")
@act(ITEM_VERSION, "DeleteObject")
@act(ITEM_VERSION, "Recycle")
def delete_item_version(ask: Ask, place: Thing) -> None:
    delete_version(ask, place)


@reach(FILE, "OpenBinaryStream")
@act(FILE, "OpenBinaryStream")
@reach(VERSION, "OpenBinaryStream")
@act(VERSION, "OpenBinaryStream")
def stream(ask: Ask, place: Thing) -> Raw:
    return Raw(files.read(ask.store, place.row["sha"]))


# -- files and folders ----------------------------------------------------------------------------
@verb(FILE, "merge")
def replace_file(ask: Ask, place: Thing) -> None:
    """Give a file new content by PUT, as `$value` does."""
    save(ask, place)


def _guarded(ask: Ask, name: str) -> None:
    """Refuse with 412 when the parameters name another eTag."""
    wanted = (ask.find("parameters") or ask.body).get("ETagMatch") or ask.find("ETagMatch", 99)
    if wanted and str(wanted) != name:
        raise bad_request("The file was changed by somebody else.", "resourceModified")


@act(FILE, "DeleteWithParameters")
def delete_file(ask: Ask, place: Thing) -> None:
    _guarded(ask, etag(place.row))
    remove(ask, place)


@act(FILE, "RecycleWithParameters")
def recycle_file(ask: Ask, place: Thing) -> Value:
    delete_file(ask, place)
    return Value(place.row["unique_id"], "Edm.Guid")


@act(FILE, "CopyToUsingPath")
def copy_using_path(ask: Ask, place: Thing) -> None:
    target = place_at(ask, ask.text("DecodedUrl", 0))
    copy_file(ask, place, make_room(ask, target, overwrite=bool(ask.find("bOverWrite", 1))))


@act(FOLDER, "DeleteWithParameters")
def delete_folder(ask: Ask, place: Thing) -> None:
    """Delete a folder; one with something in it only without DeleteIfEmpty."""
    here: Place = place.row
    unique = here.item["unique_id"] if here.item else ""
    said = ask.find("DeleteIfEmpty", 99) or (ask.find("parameters") or {}).get("DeleteIfEmpty")
    if said and items.children_count(ask.store, unique):
        raise bad_request("The folder is not empty.")
    remove_folder(ask, place)


@act(FOLDER, "RecycleWithParameters")
def recycle_folder(ask: Ask, place: Thing) -> Value:
    delete_folder(ask, place)
    return Value(place.row.item["unique_id"], "Edm.Guid")


@act(FOLDER, "MoveTo")
@act(FOLDER, "MoveToUsingPath")
def move_folder(ask: Ask, place: Thing) -> None:
    """Move or rename a folder inside its library; 409 when the name is taken."""
    here: Place = place.row
    if here.item is None:
        raise bad_request("A library's root folder can't be moved")
    url = full_path(ask, str(ask.find("DecodedUrl", 0) or ask.text("newUrl", 0)))
    where, _, name = url.rpartition("/")
    above = find_folder(ask, where)
    if above.library["id"] != here.library["id"]:
        raise bad_request("A folder moves by SP.MoveCopyUtil into another library")
    row, item = current(ask, Thing(ITEM, here.item), "write")
    items.rename(ask.store, row, item, (above.dir, name), versions.Write(ask.who, version=False))


@act(FOLDER, "AddSubFolder")
@act(f"{FOLDER}*", "AddWithOverwrite")
def add_sub_folder(ask: Ask, place: Thing | Things) -> Thing | None:
    """Make a folder in this one; 400 without a name."""
    parent = place if isinstance(place, Things) else Things(FOLDER, _nothing, place)
    segment = ask.segment
    name = str(ask.find("leafName", 0) or ask.text("url", 0))
    made = add_folder(ask.at(type(segment)(segment.name, segment.text, (), {"url": name})), parent)
    return made if isinstance(place, Things) else None


def _nothing(_ask: Ask) -> Any:
    raise bad_request("These can't be listed")


@reach(f"{FOLDER}*", "GetByPath")
def folder_by_path(ask: Ask, place: Things) -> Thing:
    name = str(ask.find("DecodedUrl") or ask.text("path"))
    base = place.owner.row.url if place.owner.kind == FOLDER else ask.site["path"]
    return Thing(FOLDER, find_folder(ask, name if name.startswith("/") else f"{base}/{name}"))


@kind(METRICS, key=lambda here: f"'{here.url}'")
def show_metrics(ask: Ask, here: Place) -> dict[str, Any]:
    """Return how many bytes and files lie below a folder."""
    place = here.library
    below = f"{here.dir}/"
    found = ask.store.one(
        "SELECT COUNT(*) AS n, COALESCE(SUM(size), 0) AS bytes, MAX(modified) AS at FROM items"
        " WHERE list_id=? AND state=0 AND kind='file' AND (dir=? OR substr(dir, 1, ?)=?)",
        place["id"], here.dir, len(below), below,
    )  # fmt: skip
    if found is None:
        raise bad_request("The folder has no metrics")
    size = str(found["bytes"])
    return {"LastModified": found["at"] or place["modified"], "TotalFileCount": str(found["n"]),
            "TotalFileStreamSize": size, "TotalSize": size}  # fmt: skip


@link(FOLDER, "StorageMetrics")
def metrics(_ask: Ask, place: Thing) -> Thing:
    return Thing(METRICS, place.row)


# -- the recycle bin ------------------------------------------------------------------------------
def _entries(ask: Ask) -> list[Item]:
    wanted = ask.need("ids", 0)
    wanted = wanted if isinstance(wanted, list) else str(wanted).split(",")
    segment = ask.segment
    return [
        entry_by_id(ask.at(type(segment)("", "", (str(guid),))), Thing("SP.Web", ask.site)).row
        for guid in wanted
    ]


@act(f"{ENTRY}*", "RestoreByIds")
def restore_some(ask: Ask, _place: Things) -> None:
    for row in _entries(ask):
        restore(ask, Thing(ENTRY, row))


@act(f"{ENTRY}*", "DeleteByIds")
def delete_some(ask: Ask, _place: Things) -> None:
    for row in _entries(ask):
        erase(ask, Thing(ENTRY, row))


@act(f"{ENTRY}*", "MoveToSecondStageByIds")
def move_some(ask: Ask, _place: Things) -> None:
    for row in _entries(ask):
        move_on(ask, Thing(ENTRY, row))


@act(ENTRY, "MoveToSecondStage")
def move_on(ask: Ask, place: Thing) -> None:
    """Send an entry on to the second stage, which only administrators of the site empty."""
    require(ask, Thing(ITEM, place.row), "write")
    kept.put(ask.store, place.row["unique_id"], SECOND, {"at": ask.store.stamp()})


@act(f"{ENTRY}*", "MoveAllToSecondStage")
def move_all(ask: Ask, place: Things) -> None:
    for row in place.load(ask).rows:
        move_on(ask, Thing(ENTRY, row))


@act(f"{ENTRY}*", "DeleteAllSecondStageItems")
def empty_second_stage(ask: Ask, place: Things) -> None:
    require_web(ask, "fullcontrol")
    for row in place.load(ask).rows:
        if kept.find(ask.store, row["unique_id"], SECOND):
            erase(ask, Thing(ENTRY, row))


@reach("SP.Web", "GetRecycleBinItems")
@reach("SP.Site", "GetRecycleBinItems")
def bin_items(ask: Ask, place: Thing) -> Things:
    return recycle_bin(ask, place)
