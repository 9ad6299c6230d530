"""Files by `_api`: content, check-out and check-in, publishing and approval, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_emulated
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.folders import FILE, FOLDER, Place, find_file, missing, writable
from local.tenant.sharepoint.items import ITEM, current, dressed, person, seen, url_of
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Raw,
    Result,
    Thing,
    Things,
    Value,
    act,
    extra,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import files, ids, items, lists, sight, sites, versions

if TYPE_CHECKING:
    from local.tenant.store.ids import Item

VERSION, ITEM_VERSION = "SP.FileVersion", "SP.ListItemVersion"
NOT_CHECKED_OUT, CHECKED_OUT_ONLINE = 2, 0
MINOR, MAJOR = 0, 1


def etag(row: Item) -> str:
    return f'"{{{row["unique_id"].upper()}}},{row["etag"]}"'


@kind(FILE, key=lambda row: f"'{row['name']}'", etag=etag)
def show_file(_ask: Ask, row: Item) -> dict[str, Any]:
    number = ids.version_number(versions.label(row))
    return {
        "CheckInComment": row["comment"],
        "CheckOutType": CHECKED_OUT_ONLINE if row["checkout"] else NOT_CHECKED_OUT,
        "ContentTag": f"{{{row['unique_id'].upper()}}},{row['etag']},{row['ctag']}",
        "CustomizedPageStatus": 0,
        "ETag": etag(row),
        "Exists": True,
        "IrmEnabled": False,
        "Length": str(row["size"]),
        "Level": versions.CHECKED_OUT if row["checkout"] else row["level"],
        "LinkingUri": None,
        "LinkingUrl": "",
        "MajorVersion": row["major"],
        "MinorVersion": row["minor"],
        "Name": row["name"],
        "ServerRelativeUrl": url_of(row["_list"], row),
        "TimeCreated": row["created"],
        "TimeLastModified": row["modified"],
        "Title": items.fields_of(row).get("Title"),
        "UIVersion": number,
        "UIVersionLabel": versions.label(row),
        "UniqueId": row["unique_id"],
    }


EXTRAS: dict[str, Any] = {
    # the client asks for Id in moveto, though SharePoint's own metadata has no such member
    "Id": lambda _ask, row: row["unique_id"],
    "ListId": lambda _ask, row: row["list_id"],
    "SiteId": lambda _ask, row: row["site_id"],
    "WebId": lambda ask, row: sites.by_id(ask.store, row["site_id"])["web_id"],
    "VroomItemID": lambda _ask, row: row["drive_item_id"],
    "VroomDriveID": lambda _ask, row: row["_list"]["drive_id"],
    "ServerRelativePath": lambda _ask, row: Value(
        {"DecodedUrl": url_of(row["_list"], row)}, "SP.ResourcePath"
    ),
}
for name, value in EXTRAS.items():
    extra(FILE, name)(value)


@reach("SP.Web", "GetFileByServerRelativeUrl")
@reach("SP.Web", "GetFileByServerRelativePath")
@reach("SP.Web", "GetFileByUrl")
def file_by_url(ask: Ask, _place: Thing) -> Thing:
    return Thing(FILE, find_file(ask, str(ask.find("DecodedUrl") or ask.text("url"))))


@reach("SP.Web", "GetFileById")
def file_by_id(ask: Ask, _place: Thing) -> Thing:
    guid = ask.text("uniqueId").strip("{}")
    found = items.by_unique(ask.store, guid)
    if found["kind"] != "file" or found["site_id"] != ask.site["id"]:
        raise missing(guid)
    return Thing(FILE, seen(ask, lists.by_id(ask.store, found["list_id"]), found))


@keyed(FOLDER, "Files")
def file_by_key(ask: Ask, place: Thing) -> Thing:
    name = str(ask.find("name"))
    return Thing(FILE, find_file(ask, name if "/" in name else f"{place.row.url}/{name}"))


@reach(f"{FILE}*", "GetByUrl")
def file_in(ask: Ask, place: Things) -> Thing:
    return file_by_key(ask, place.owner)


@link(ITEM, "File")
def item_file(_ask: Ask, place: Thing) -> Thing | None:
    return Thing(FILE, place.row) if place.row["kind"] == "file" else None


@link(FILE, "ListItemAllFields")
def file_item(_ask: Ask, place: Thing) -> Thing:
    return Thing(ITEM, place.row)


@link(FILE, "CheckedOutByUser")
def checked_out_by(ask: Ask, place: Thing) -> Thing | None:
    return person(ask, place.row["checkout"]) if place.row["checkout"] else None


@reach(FILE, "$value")
def content(ask: Ask, place: Thing) -> Raw:
    return Raw(files.read(ask.store, place.row["sha"]))


@act(f"{FILE}*", "Add")
@act(f"{FILE}*", "AddUsingPath")
def add(ask: Ask, place: Things) -> Thing:
    """Upload a file; without overwrite a name that is taken is refused with 400."""
    folder: Place = place.owner.row
    named = ask.find("DecodedUrl", 99) or ask.find("url", 0)
    if not named:
        raise bad_request("The parameter url is missing")
    name, overwrite = str(named).rpartition("/")[2], bool(ask.find("overwrite", 1))
    writable(ask, folder)
    found = items.exists(ask.store, folder.library, folder.dir, name)
    if found is not None and not overwrite:
        raise _taken(name)
    if found is not None:
        require(ask, Thing(ITEM, found), "write")
    how = versions.Write(ask.who)
    made = files.upload(ask.store, folder.library, (folder.dir, name), ask.call.body, how)
    return Thing(FILE, dressed(ask, folder.library, [made])[0])


def _taken(name: str) -> Refusal:
    words = f"A file with the name {name} already exists."
    return Refusal(400, "nameAlreadyExists", words, -2130575257, "Microsoft.SharePoint.SPException")


@act(FILE, "SaveBinaryStream")
@act(FILE, "$value")
def save(ask: Ask, place: Thing) -> None:
    """Give the file new content: a new version."""
    row, item = current(ask, place, "write")
    files.replace(ask.store, row, item, ask.call.body, versions.Write(ask.who))


@act(FILE, "CheckOut")
def check_out(ask: Ask, place: Thing) -> None:
    row, item = current(ask, place, "write")
    versions.check_out(ask.store, row, item, ask.who)


@act(FILE, "CheckIn")
def check_in(ask: Ask, place: Thing) -> None:
    """Check in as a minor (0) or major (1) version; overwriting the version (2) is not served."""
    row, item = current(ask, place, "write")
    how, number = str(ask.find("comment", 0) or ""), int(ask.find("checkInType", 1) or MINOR)
    if number not in {MINOR, MAJOR}:
        raise not_emulated("POST", f"{ask.call.path} (checkInType {number})")
    write = versions.Write(ask.who)
    versions.check_in(ask.store, row, item, write, how, major=number == MAJOR)


@act(FILE, "UndoCheckOut")
def undo_check_out(ask: Ask, place: Thing) -> None:
    row, item = current(ask, place, "write")
    versions.undo_check_out(ask.store, row, item, ask.who)


def _comment(ask: Ask) -> str:
    return str(ask.find("comment") or "")


@act(FILE, "Publish")
def publish(ask: Ask, place: Thing) -> None:
    row, item = current(ask, place, "write")
    versions.publish(ask.store, row, item, versions.Write(ask.who), _comment(ask))


@act(FILE, "UnPublish")
def unpublish(ask: Ask, place: Thing) -> None:
    row, item = current(ask, place, "write")
    versions.unpublish(ask.store, row, item, versions.Write(ask.who), _comment(ask))


@act(FILE, "Approve")
def approve(ask: Ask, place: Thing) -> None:
    _moderate(ask, place, versions.APPROVED)


@act(FILE, "Deny")
def deny(ask: Ask, place: Thing) -> None:
    _moderate(ask, place, versions.DENIED)


def _moderate(ask: Ask, place: Thing, status: int) -> None:
    row, item = current(ask, place, "approve")
    how = versions.Write(ask.who)
    versions.moderate(ask.store, row, item, how, status, _comment(ask))


@verb(FILE, "delete")
@act(FILE, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    _, item = current(ask, place, "write")
    items.recycle(ask.store, item, versions.Write(ask.who))


@act(FILE, "Recycle")
def recycle(ask: Ask, place: Thing) -> Value:
    """Delete to the recycle bin and return the entry's guid."""
    remove(ask, place)
    return Value(place.row["unique_id"])


def history(ask: Ask, item: Item) -> list[dict[str, Any]]:
    """Return the versions the caller may see, newest first: drafts only to those who see drafts."""
    newest = items.by_unique(ask.store, item["unique_id"])
    view = sight.of(ask.store, ask.who, lists.by_id(ask.store, item["list_id"]))
    mine = view.actor in {newest["modified_by"], newest["created_by"]}
    drafts = mine or newest["scope"] in view.drafts
    label = versions.label(newest)
    return [
        {**dict(row), "_current": versions.label(dict(row)) == label, "_list": item["_list"],
         "_dir": item["dir"]}
        for row in versions.every(ask.store, item["unique_id"])
        if drafts or row["level"] == versions.PUBLISHED
    ]  # fmt: skip


def _number(row: dict[str, Any]) -> int:
    return ids.version_number(versions.label(row))


@kind(VERSION, key=lambda row: str(_number(row)))
def show_version(_ask: Ask, row: dict[str, Any]) -> dict[str, Any]:
    place = f"{row['_list']['name']}{row['_dir']}/{row['name']}"
    return {
        "CheckInComment": row["comment"],
        "Created": row["modified"],
        "ID": _number(row),
        "IsCurrentVersion": row["_current"],
        "Length": str(row["size"]),
        "Size": row["size"],
        "Url": f"_vti_history/{_number(row)}/{place}",
        "VersionLabel": versions.label(row),
    }


@extra(VERSION, "ExpirationDate")
def version_expiry(_ask: Ask, _row: dict[str, Any]) -> None:
    """No version limit by age is kept here, so no version expires."""


@kind(ITEM_VERSION, key=lambda row: str(_number(row)))
def show_item_version(_ask: Ask, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **items.fields_of(row),
        "Created": row["modified"],
        "IsCurrentVersion": row["_current"],
        "OData__x005f_ModerationStatus": row["moderation"],
        "VersionId": _number(row),
        "VersionLabel": versions.label(row),
    }


@link(FILE, "Versions")
def file_versions(_ask: Ask, place: Thing) -> Things:
    """Return a file's earlier versions: the current one is the file itself."""

    def load(ask: Ask) -> Page:
        return Page([row for row in history(ask, place.row) if not row["_current"]])

    return Things(VERSION, load, place)


@link(ITEM, "Versions")
def item_versions(_ask: Ask, place: Thing) -> Things:
    return Things(ITEM_VERSION, lambda ask: Page(list(history(ask, place.row))), place)


@keyed(FILE, "Versions")
def file_version(ask: Ask, place: Thing) -> Thing:
    number = ask.number("versionId")
    for row in history(ask, place.row):
        if _number(row) == number:
            return Thing(VERSION, row)
    raise missing(f"version {number}", "version")


@reach(f"{VERSION}*", "GetById")
def version_by_id(ask: Ask, place: Things) -> Thing:
    return file_version(ask, place.owner)


@reach(VERSION, "$value")
def version_content(ask: Ask, place: Thing) -> Raw:
    return Raw(files.read(ask.store, place.row["sha"]))


@link(VERSION, "CreatedBy")
def version_author(ask: Ask, place: Thing) -> Thing:
    return person(ask, place.row["modified_by"])


@act(f"{VERSION}*", "RestoreByLabel")
def restore_version(ask: Ask, place: Things) -> Result:
    row, item = current(ask, place.owner, "write")
    label = ask.text("versionLabel")
    versions.restore(ask.store, row, item, label, versions.Write(ask.who))
    return None


@act(f"{VERSION}*", "DeleteByLabel")
def delete_version(ask: Ask, place: Things) -> Result:
    _, item = current(ask, place.owner, "write")
    versions.remove(ask.store, item, ask.text("versionLabel"))
    return None
