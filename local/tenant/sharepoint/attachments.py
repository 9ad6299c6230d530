"""Attachments of list items: AttachmentFiles, read and written by file name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.items import ITEM, current
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
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
from local.tenant.store import attachments, files, items, lists, versions

if TYPE_CHECKING:
    import sqlite3

ATTACHMENT = "SP.Attachment"


@kind(ATTACHMENT, key=lambda row: "'" + row["name"].replace("'", "''") + "'")
def show_attachment(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    item = ask.store.one("SELECT * FROM items WHERE unique_id=?", row["unique_id"])
    library = lists.by_id(ask.store, item["list_id"]) if item else None
    place = f"{library['path']}/Attachments/{item['id']}" if library and item else ""
    url = f"{place}/{row['name']}"
    return {
        "FileName": row["name"],
        "FileNameAsPath": Value({"DecodedUrl": row["name"]}, "SP.ResourcePath"),
        "ServerRelativePath": Value({"DecodedUrl": url}, "SP.ResourcePath"),
        "ServerRelativeUrl": url,
    }


@link(ITEM, "AttachmentFiles")
def all_attachments(_ask: Ask, place: Thing) -> Things:
    guid = place.row["unique_id"]
    return Things(ATTACHMENT, lambda ask: Page(list(attachments.every(ask.store, guid))), place)


@keyed(ITEM, "AttachmentFiles")
def attachment_by_key(ask: Ask, place: Thing) -> Thing:
    name = str(ask.find("DecodedUrl") or ask.text("fileName"))
    return Thing(ATTACHMENT, attachments.get(ask.store, place.row["unique_id"], name))


@reach(f"{ATTACHMENT}*", "GetByFileName")
@reach(f"{ATTACHMENT}*", "GetByFileNameAsPath")
def attachment_by_name(ask: Ask, place: Things) -> Thing:
    return attachment_by_key(ask, place.owner)


@reach(ATTACHMENT, "$value")
def content(ask: Ask, place: Thing) -> Raw:
    return Raw(files.read(ask.store, place.row["sha"]))


@verb(f"{ATTACHMENT}*", "create")
@act(f"{ATTACHMENT}*", "Add")
@act(f"{ATTACHMENT}*", "AddUsingPath")
def add(ask: Ask, place: Things) -> Thing:
    """Attach the body's bytes under a new name; the item changes, without a new version."""
    row, item = current(ask, place.owner, "write")
    if row["is_library"] or not lists.settings(row)["EnableAttachments"]:
        raise bad_request("The list does not take attachments.")
    name = str(ask.find("DecodedUrl", 99) or ask.text("fileName"))
    made = attachments.add(ask.store, item["unique_id"], name, ask.call.body)
    _noticed(ask, item)
    return Thing(ATTACHMENT, made)


def _noticed(ask: Ask, item: dict[str, Any]) -> None:
    """Let the change log and the item's eTag follow, as for a write of its columns."""
    row = lists.by_id(ask.store, item["list_id"])
    items.write_fields(ask.store, row, item, {}, versions.Write(ask.who, version=False))


def _own(ask: Ask, place: Thing) -> dict[str, Any]:
    """Return the item of an attachment, once the caller may write it."""
    item = items.by_unique(ask.store, place.row["unique_id"])
    return current(ask, Thing(ITEM, item), "write")[1]


@act(ATTACHMENT, "$value")
@verb(ATTACHMENT, "merge")
def save(ask: Ask, place: Thing) -> None:
    """Give an attachment other bytes."""
    item = _own(ask, place)
    attachments.write(ask.store, place.row, ask.call.body)
    _noticed(ask, item)


@verb(ATTACHMENT, "delete")
@act(ATTACHMENT, "DeleteObject")
@act(ATTACHMENT, "RecycleObject")
def remove(ask: Ask, place: Thing) -> None:
    item = _own(ask, place)
    attachments.remove(ask.store, place.row)
    _noticed(ask, item)
