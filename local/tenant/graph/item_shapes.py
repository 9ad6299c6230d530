"""How list items, files, folders and their versions look in Graph."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from local.tenant.graph import odata, shapes
from local.tenant.store import (
    columns,
    content_types,
    downloads,
    files,
    items,
    lists,
    principals,
    sites,
    versions,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

_LEVEL = {
    versions.PUBLISHED: "published",
    versions.DRAFT: "draft",
    versions.CHECKED_OUT: "checkout",
}
_KB = 1024


def unique_id(item: Mapping[str, Any]) -> str:
    return str(item["unique_id"]).lower()


@dataclass(slots=True)
class Shaper:
    """Renders the items of one list for one call; people and types are looked up once."""

    call: Call
    row: sqlite3.Row
    site: sqlite3.Row = field(init=False)
    _people: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    _numbers: dict[str, str] = field(init=False, default_factory=dict)
    _types: dict[str, str] = field(init=False, default_factory=dict)
    _parents: dict[str, dict[str, str]] = field(init=False, default_factory=dict)
    _multi: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        store = self.call.store
        self.site = sites.by_id(store, self.row["site_id"])
        self._types = {row["id"]: row["name"] for row in content_types.every(store, self.row["id"])}
        self._multi = frozenset(
            row["name"]
            for row in columns.every(store, self.row["id"])
            if row["kind"] in {"lookup", "personOrGroup"}
        )

    def person(self, actor: str) -> dict[str, Any]:
        if actor not in self._people:
            self._people[actor] = shapes.identity(self.call.store, actor)
        return self._people[actor]

    def number(self, actor: str) -> str:
        """Return the site's number for an actor, as text: what AuthorLookupId holds."""
        if actor not in self._numbers:
            self._numbers[actor] = str(
                principals.ensure_actor(self.call.store, self.row["site_id"], actor)
            )
        return self._numbers[actor]

    def address(self, item: Mapping[str, Any]) -> str:
        host, path = self.site["host"], self.row["path"]
        tail = (
            f"{path}{items.path_of(item)}" if item["kind"] != "item" else f"{path}/{item['name']}"
        )
        return f"https://{host}{quote(tail)}"

    def fields(self, item: Item, wanted: set[str] | None = None) -> dict[str, Any]:
        """Return the columns, stored and computed, those of `wanted` only."""
        stored = items.fields_of(item)
        shown = {key: self._shown(key, value) for key, value in stored.items()}
        own = {**shown, **self._computed(item)}
        own = {key: value for key, value in own.items() if not wanted or key in wanted}
        return {"@odata.etag": self.etag(item), "id": str(item["id"]), **own}

    def _shown(self, key: str, value: Any) -> Any:
        """Return a stored value as Graph shows it: a reference is text, several are objects."""
        if key.endswith("LookupId") and key.removesuffix("LookupId") in self._multi:
            return (
                [{"LookupId": entry} for entry in value] if isinstance(value, list) else str(value)
            )
        return value

    def _computed(self, item: Item) -> dict[str, Any]:
        found: dict[str, Any] = {
            "ContentType": self._types.get(item["content_type"], "Item"),
            "Created": item["created"],
            "Modified": item["modified"],
            "AuthorLookupId": self.number(item["created_by"]),
            "EditorLookupId": self.number(item["modified_by"]),
            "_UIVersionString": versions.label(item),
        }
        if item["kind"] == "item":
            return {
                **found,
                "Attachments": False,
                "LinkTitle": items.fields_of(item).get("Title", ""),
            }
        found |= {
            "FileLeafRef": item["name"],
            "LinkFilename": item["name"],
            "LinkFilenameNoMenu": item["name"],
        }
        if item["kind"] == "file":
            found |= {
                "DocIcon": item["name"].rpartition(".")[2].lower(),
                "FileSizeDisplay": str(item["size"]),
                "_ModerationStatus": item["moderation"],
                "_CheckinComment": item["comment"],
            }
        if item["checkout"]:
            found["CheckoutUserLookupId"] = self.number(item["checkout"])
        return found

    def etag(self, item: Mapping[str, Any]) -> str:
        return f'"{unique_id(item)},{item["etag"]}"'

    def list_item(self, item: Item, options: Mapping[str, str]) -> dict[str, Any]:
        """Return a listItem with what $select and $expand ask for."""
        chosen, wider = odata.selected(options), odata.expands(options.get("$expand", ""))
        body: dict[str, Any] = {
            "@odata.etag": self.etag(item),
            "createdDateTime": item["created"],
            "eTag": self.etag(item),
            "id": str(item["id"]),
            "lastModifiedDateTime": item["modified"],
            "webUrl": self.address(item),
            "createdBy": self.person(item["created_by"]),
            "lastModifiedBy": self.person(item["modified_by"]),
            "parentReference": {"id": item["parent_id"], "siteId": sites.graph_id(self.site)},
            "contentType": {
                "id": item["content_type"],
                "name": self._types.get(item["content_type"], "Item"),
            },
        }
        if "sharepointIds" in chosen:
            body["sharepointIds"] = self.sharepoint_ids(item)
        if "fields" in wider or "fields" in chosen:
            body["fields"] = self.fields(item, odata.selected(wider.get("fields", {})))
        if "driveItem" in wider and item["kind"] != "item":
            body["driveItem"] = self.drive_item(item, wider["driveItem"])
        return odata.pick(body, chosen, set(wider))

    def sharepoint_ids(self, item: Mapping[str, Any]) -> dict[str, str]:
        return {
            "listId": self.row["id"],
            "listItemId": str(item["id"]),
            "listItemUniqueId": unique_id(item),
            "siteId": self.site["id"],
            "siteUrl": sites.web_url(self.site),
            "webId": self.site["web_id"],
        }

    def drive_item(self, item: Item | None, options: Mapping[str, str]) -> dict[str, Any]:
        """Return a driveItem (None: the drive's root) with what $select and $expand ask for."""
        if item is None:
            return odata.pick(self._root(), odata.selected(options))
        chosen, wider = odata.selected(options), odata.expands(options.get("$expand", ""))
        body = {
            "createdDateTime": item["created"],
            "eTag": f'"{{{unique_id(item).upper()}}},{item["etag"]}"',
            "id": item["drive_item_id"],
            "lastModifiedDateTime": item["modified"],
            "name": item["name"],
            "webUrl": self.address(item),
            "size": item["size"],
            "createdBy": self.person(item["created_by"]),
            "lastModifiedBy": self.person(item["modified_by"]),
            "parentReference": self.parent(item),
            "fileSystemInfo": {
                "createdDateTime": item["created"],
                "lastModifiedDateTime": item["modified"],
            },
            **self._facets(item),
        }
        if "sharepointIds" in chosen:
            body["sharepointIds"] = self.sharepoint_ids(item)
        if "publication" in chosen:
            body["publication"] = self.publication(item)
        if "listItem" in wider:
            body["listItem"] = self.list_item(item, wider["listItem"])
        wants_address = not chosen or chosen & {
            "content.downloadUrl",
            "@microsoft.graph.downloadUrl",
        }
        if item["kind"] == "file" and wants_address:
            body["@microsoft.graph.downloadUrl"] = self.download_address(item)
        return odata.pick(body, chosen, set(wider))

    def _facets(self, item: Item) -> dict[str, Any]:
        store = self.call.store
        if item["kind"] == "folder":
            return {"folder": {"childCount": items.children_count(store, item["unique_id"])}}
        kind = mimetypes.guess_type(item["name"])[0] or "application/octet-stream"
        return {
            "cTag": f'"c:{{{unique_id(item).upper()}}},{item["ctag"]}"',
            "file": {
                "mimeType": kind,
                "hashes": {"quickXorHash": files.hash_of(store, item["sha"])},
            },
        }

    def parent(self, item: Mapping[str, Any]) -> dict[str, str]:
        if item["parent_id"] not in self._parents:
            self._parents[item["parent_id"]] = self._parent(item)
        return self._parents[item["parent_id"]]

    def _parent(self, item: Mapping[str, Any]) -> dict[str, str]:
        drive = self.row["drive_id"]
        where = self.call.store.one(
            "SELECT drive_item_id FROM items WHERE unique_id=?", item["parent_id"]
        )
        parent_id = where["drive_item_id"] if where else lists.root_item_id(self.row)
        name = item["dir"].rpartition("/")[2] or self.row["name"]
        path = f"/drives/{drive}/root:" + quote(item["dir"])
        return {
            "driveType": "documentLibrary",
            "driveId": drive,
            "id": parent_id,
            "name": name,
            "path": path,
            "siteId": self.site["id"],
        }

    def _root(self) -> dict[str, Any]:
        row = self.row
        return {
            "createdBy": self.person(row["created_by"]),
            "createdDateTime": row["created"],
            "eTag": f'"{{{row["root_id"].upper()}}},{row["version"]}"',
            "id": lists.root_item_id(row),
            "lastModifiedBy": self.person(row["created_by"]),
            "name": "root",
            "size": 0,
            "lastModifiedDateTime": row["modified"],
            "webUrl": shapes.web_url(self.call.store, row),
            "root": {},
            "parentReference": {
                "driveType": "documentLibrary",
                "driveId": row["drive_id"],
                "siteId": self.site["id"],
            },
            "fileSystemInfo": {
                "createdDateTime": row["created"],
                "lastModifiedDateTime": row["modified"],
            },
            "folder": {"childCount": items.children_count(self.call.store, row["root_id"])},
        }

    def publication(self, item: Mapping[str, Any]) -> dict[str, Any]:
        level = "checkout" if item.get("checkout") else _LEVEL[item["level"]]
        body: dict[str, Any] = {"level": level, "versionId": versions.label(item)}
        if item.get("checkout"):
            body["checkedOutBy"] = self.person(item["checkout"])
        return body

    def download_address(self, item: Mapping[str, Any]) -> str:
        """Return an address that gives out this content to whoever holds it, for an hour."""
        token = downloads.offer(self.call.store, item["unique_id"], self._shown_version(item))
        return (
            f"{host_address(self.call, self.site)}{self.site['path']}/_layouts/15/download.aspx"
            f"?UniqueId={unique_id(item)}&Translate=false&tempauth={token}&ApiVersion=2.0"
        )

    def _shown_version(self, item: Mapping[str, Any]) -> str:
        """Return the label to give out where this caller does not see the newest state, else ""."""
        newest = self.call.store.one(
            "SELECT major, minor FROM items WHERE unique_id=?", item["unique_id"]
        )
        same = newest is not None and (newest["major"], newest["minor"]) == (
            item["major"],
            item["minor"],
        )
        return "" if same and not item["checkout"] else versions.label(item)


def host_address(call: Call, site: sqlite3.Row) -> str:
    """SharePoint's own host when the client used Graph's, else the loopback address it came by."""
    return f"https://{site['host']}" if call.base.endswith("//graph.microsoft.com") else call.base
