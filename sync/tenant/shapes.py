"""What the tenant tells us about items and files, decoded once, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from sync.errors import Rejected
from sync.model import Person, Version

FOLDER_TYPE = "0x0120"  # every folder's content type id begins so


class Where(Protocol):
    """A list or library: its GUID, Graph's id of its site, the site's address."""

    @property
    def id(self) -> str: ...
    @property
    def site_id(self) -> str: ...
    @property
    def site_url(self) -> str: ...


def list_path(where: Where) -> str:
    """Return a list's path below /v1.0."""
    return f"/sites/{where.site_id}/lists/{where.id}"


def item_path(where: Where, item_id: str) -> str:
    return f"{list_path(where)}/items/{item_id}"


def bare(etag: str) -> str:
    """Return an eTag in one spelling, 'guid,4': listItems and driveItems quote differently."""
    return etag.strip().removeprefix("W/").strip('"').replace("{", "").replace("}", "").lower()


def count(etag: str) -> int:
    """Return the n of an eTag "guid,n", which grows by one with each write (gk); 0 without one."""
    number = etag.rpartition(",")[2]
    return int(number) if number.isdecimal() else 0


def after_a_write(etag: str) -> str:
    """Return the eTag "guid,n" that one write of ours leaves: n grows by one with each (gk).

    Where it should not, the echo is not known as ours: it is judged, conforms, and that is all.
    """
    guid, _, number = etag.rpartition(",")
    return f"{guid},{int(number) + 1}" if number.isdecimal() else etag


class Identity(msgspec.Struct, frozen=True, rename="camel"):
    """One of Graph's identities; an app has no email."""

    id: str | None = None
    display_name: str | None = None
    email: str | None = None


class By(msgspec.Struct, frozen=True):
    """Graph's identitySet, as far as we need it."""

    user: Identity | None = None
    application: Identity | None = None

    @property
    def person(self) -> Person:
        one = self.user or self.application or Identity()
        return Person(one.id or "", one.display_name or "", one.email or "")


class ContentType(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class Parent(msgspec.Struct, frozen=True, rename="camel"):
    drive_id: str = ""
    id: str = ""
    path: str = ""


class Publication(msgspec.Struct, frozen=True):
    """A file's state of publication: `by` has it checked out; only $select brings it (gk)."""

    by: By | None = msgspec.field(name="checkedOutBy", default=None)


class DriveItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file's own facts: size in bytes, eTag (moves with any change), cTag (with content)."""

    id: str
    name: str
    size: int = 0
    e_tag: str = ""
    c_tag: str = ""
    parent_reference: Parent = Parent()
    file: dict[str, Any] | None = None
    malware: dict[str, Any] | None = None
    publication: Publication | None = None

    @property
    def path(self) -> str:
        """The driveItem's path below /v1.0."""
        return f"/drives/{self.parent_reference.drive_id}/items/{self.id}"

    @property
    def folder(self) -> str:
        """The path of its folder inside the library, "" at the root."""
        return unquote(self.parent_reference.path.partition("root:")[2]).strip("/")


class ChangedItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A list item as Graph gives it, in a delta page or by itself.

    `removed` is set on a deleted one, which has its id only. `fields` are the columns by internal
    name, empty ones left out; `drive_item` is there when it was asked for.
    """

    id: str
    tag: str = msgspec.field(name="eTag", default="")
    web_url: str = ""
    created_date_time: datetime | None = None
    last_modified_date_time: datetime | None = None
    created_by: By = By()
    last_modified_by: By = By()
    content_type: ContentType = ContentType()
    removed: dict[str, Any] | None = msgspec.field(name="deleted", default=None)
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    drive_item: DriveItem | None = None

    @property
    def etag(self) -> str:
        """The listItem's eTag as 'guid,4'."""
        return bare(self.tag)

    @property
    def deleted(self) -> bool:
        return self.removed is not None

    @property
    def is_folder(self) -> bool:
        return self.content_type.id.startswith(FOLDER_TYPE)

    @property
    def name(self) -> str:
        """The file's name, "" for a row of a plain list."""
        return str(self.fields.get("FileLeafRef", ""))

    @property
    def unique_id(self) -> str:
        """The listItemUniqueId (a GUID, lower case), which is what the eTag is made of."""
        return self.etag.partition(",")[0]


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a library as it is now; `etag` is the listItem's, so it compares with a page's.

    Times are aware, in UTC; `size` is in bytes; `folder` is the path inside the library.
    """

    etag: str
    ctag: str
    unique_id: str
    drive_id: str
    drive_item_id: str
    name: str
    folder: str
    size: int
    web_url: str
    created_by: Person
    modified_by: Person
    modified_at: datetime
    fields: Mapping[str, Any]
    malware: bool
    file_etag: str

    @classmethod
    def of(cls, item: ChangedItem, file: DriveItem) -> FileFacts:
        if item.last_modified_date_time is None:
            raise Rejected(f"item {item.id} came without its lastModifiedDateTime")
        return cls(
            etag=item.etag,
            ctag=file.c_tag,
            unique_id=item.unique_id,
            drive_id=file.parent_reference.drive_id,
            drive_item_id=file.id,
            name=file.name,
            folder=file.folder,
            size=file.size,
            web_url=item.web_url,
            created_by=item.created_by.person,
            modified_by=item.last_modified_by.person,
            modified_at=item.last_modified_date_time,
            fields=item.fields,
            malware=file.malware is not None,
            file_etag=file.e_tag,
        )


def server_path(web_url: str) -> str:
    """Return the decoded path on the host, e.g. "/sites/core/Shared Documents/a b.docx"."""
    return unquote(urlsplit(web_url).path)


class Page(msgspec.Struct, frozen=True):
    """One page of a delta: `cursor` is where to go on; on the `final` one it is the new cursor."""

    items: list[ChangedItem]
    cursor: str
    final: bool


class ItemsBody(msgspec.Struct):
    """A page of listItems on the wire, of a delta or a query."""

    value: list[ChangedItem]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


class VersionBody(msgspec.Struct, rename="camel"):
    id: str
    last_modified_date_time: datetime | None = None
    last_modified_by: By = By()

    @property
    def version(self) -> Version:
        return Version(self.id, self.last_modified_date_time, self.last_modified_by.person)


class VersionsBody(msgspec.Struct):
    value: list[VersionBody]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
