"""Lists and libraries as a running flow needs to know them: which there are, how they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from sync.tenant import meter
from sync.tenant.shapes import Where, list_path

if TYPE_CHECKING:
    from sync.tenant.client import Tenant
    from sync.tenant.sharepoint import SiteContext

SETTINGS = ("EnableVersioning", "EnableMinorVersions", "EnableModeration", "DraftVersionVisibility")


class Site(msgspec.Struct, frozen=True, rename="camel"):
    """A site: `id` is Graph's "host,site guid,web guid"."""

    id: str
    web_url: str = ""
    display_name: str = ""


class _Facet(msgspec.Struct, rename="camel"):
    template: str = ""
    hidden: bool = False


class ListInfo(msgspec.Struct, frozen=True, rename="camel"):
    """A list of a site: its GUID, title and address."""

    id: str
    display_name: str = ""
    name: str = ""
    web_url: str = ""
    facet: _Facet = msgspec.field(name="list", default_factory=_Facet)

    @property
    def is_library(self) -> bool:
        return self.facet.template == "documentLibrary"


class Column(msgspec.Struct, frozen=True, rename="camel"):
    """A column: `name` is the internal name, `display_name` what staff see."""

    name: str
    display_name: str = ""
    read_only: bool = False
    indexed: bool = False
    date_time: dict[str, Any] | None = None


class _Lists(msgspec.Struct):
    value: list[ListInfo]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class _Columns(msgspec.Struct):
    value: list[Column]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class _Id(msgspec.Struct):
    id: str


async def site(tenant: Tenant, url: str) -> Site:
    """Return the site at an address such as https://wmin.sharepoint.com/sites/core (1 unit)."""
    parts = urlsplit(url)
    path = f"/sites/{parts.hostname}:{parts.path}" if parts.path.strip("/") else "/sites/root"
    return await tenant.graph.get(path, Site, doing=f"find the site {url}")


async def lists(tenant: Tenant, site_id: str) -> tuple[ListInfo, ...]:
    """Return a site's lists and libraries (2 units a page)."""
    link: str | None = f"/sites/{site_id}/lists"
    found: list[ListInfo] = []
    while link:
        doing = f"read the lists of site {site_id}"
        body = await tenant.graph.get(link, _Lists, doing=doing, units=meter.MANY)
        found += body.value
        link = body.next_link
    return tuple(found)


async def history(tenant: Tenant, site_id: str) -> dict[str, dict[str, Any]]:
    """Return, by a list's id, who made it, when, and when it was last changed (2 units a page).

    Who changed a setting last Graph does not say: that is in the audit log alone.
    """
    members = "id,createdBy,createdDateTime,lastModifiedDateTime"
    link: str | None = f"/sites/{site_id}/lists?$select={members}"
    found: dict[str, dict[str, Any]] = {}
    while link:
        doing = f"read when the lists of site {site_id} were changed"
        body = await tenant.graph.get(link, dict[str, Any], doing=doing, units=meter.MANY)
        found |= {str(row["id"]).lower(): row for row in body["value"]}
        link = body.get("@odata.nextLink")
    return found


async def columns(tenant: Tenant, where: Where) -> tuple[Column, ...]:
    """Return a list's columns (2 units a page)."""
    link: str | None = f"{list_path(where)}/columns"
    found: list[Column] = []
    while link:
        doing = f"read the columns of list {where.id}"
        body = await tenant.graph.get(link, _Columns, doing=doing, units=meter.MANY)
        found += body.value
        link = body.next_link
    return tuple(found)


async def settings(tenant: Tenant, where: Where) -> dict[str, Any]:
    """Return how a library versions and approves (2 units, assumed): what SETTINGS names."""

    def look(context: SiteContext) -> dict[str, Any]:
        one = context.web.lists.get_by_id(where.id)
        context.load(one, list(SETTINGS))
        context.execute_query()
        return {name: one.properties[name] for name in SETTINGS}

    doing = f"read the settings of list {where.id}"
    return await tenant.sharepoint.call(where.site_url, look, doing=doing)


async def drive_id(tenant: Tenant, where: Where) -> str:
    """Return the id of a library's drive; it is read once (1 unit) and remembered."""
    if where.id not in tenant.drive_ids:
        doing = f"find the drive of library {where.id}"
        found = await tenant.graph.get(f"{list_path(where)}/drive", _Id, doing=doing)
        tenant.drive_ids[where.id] = found.id
    return tenant.drive_ids[where.id]
