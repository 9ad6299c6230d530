"""The web and the site collection, and contextInfo, from which every client starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint import digest
from local.tenant.sharepoint.access import declare_unique, require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, kind, link, verb
from local.tenant.store import principals, sites

if TYPE_CHECKING:
    import sqlite3

NO_GUID = "00000000-0000-0000-0000-000000000000"
WEB, SITE = "SP.Web", "SP.Site"
HUB, JOINED = "hub", "joined_hub"  # keys among a site's settings


@act("", "contextinfo", 1)
def context_info(ask: Ask, _place: Thing) -> Value:
    """Return the form digest, its life in seconds, and the site's address."""
    url = f"{ask.call.base}{ask.site['path']}"
    shown = {
        "FormDigestTimeoutSeconds": digest.LIFETIME_S,
        "FormDigestValue": digest.issue(ask.call),
        "LibraryVersion": "16.0.26120.12000",
        "SiteFullUrl": url,
        "SupportedSchemaVersions": Value(["14.0.0.0", "15.0.0.0"], "Edm.String"),
        "WebFullUrl": url,
    }
    return Value(shown, "SP.ContextWebInformation", "GetContextWebInformation")


@kind(WEB, key=lambda row: f"guid'{row['web_id']}'")
def show_web(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    require(ask, Thing(WEB, row), "read")
    template, _, number = row["template"].partition("#")
    return {
        "AllowAutomaticASPXPageIndexing": False,
        "Configuration": int(number or 0),
        "Created": row["created"],
        "Description": row["description"],
        "Id": row["web_id"],
        "IsMultilingual": False,
        "Language": row["lcid"],
        "LastItemModifiedDate": row["modified"],
        "LastItemUserModifiedDate": row["modified"],
        "MasterUrl": f"{row['path']}/_catalogs/masterpage/seattle.master",
        "NoCrawl": False,
        "ServerRelativeUrl": row["path"] or "/",
        "SyndicationEnabled": True,
        "Title": row["title"],
        "Url": sites.web_url(row),
        "WebTemplate": template,
    }


declare_unique(WEB)


@kind(SITE, key=lambda row: f"guid'{row['id']}'")
def show_site(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    require(ask, Thing(WEB, row), "read")
    kept = sites.settings(row)
    hub = row["id"] if HUB in kept else kept.get(JOINED, NO_GUID)
    return {
        "Classification": "",
        "GroupId": kept.get("group", NO_GUID),
        "HubSiteId": hub,
        "Id": row["id"],
        "IsHubSite": HUB in kept,
        "LockIssue": None,
        "PrimaryUri": sites.web_url(row),
        "ReadOnly": False,
        "ServerRelativeUrl": row["path"] or "/",
        "Url": sites.web_url(row),
    }


@link("", "Web")
def web(ask: Ask, _place: Thing) -> Thing:
    return Thing(WEB, ask.site)


@link("", "Site")
def site(ask: Ask, _place: Thing) -> Thing:
    return Thing(SITE, ask.site)


@link(SITE, "RootWeb")
def root_web(ask: Ask, _place: Thing) -> Thing:
    return Thing(WEB, ask.site)


@link(SITE, "Owner")
def site_owner(ask: Ask, _place: Thing) -> Thing:
    number = principals.ensure_actor(ask.store, ask.site["id"], ask.site["owner"])
    return Thing("SP.User", principals.get(ask.store, ask.site["id"], number))


@verb(WEB, "merge")
def change_web(ask: Ask, place: Thing) -> None:
    """Change title and description; other members are refused rather than forgotten."""
    require(ask, place, "fullcontrol")
    new = members(ask.call)
    if unknown := next((name for name in new if name not in {"Title", "Description"}), None):
        raise bad_request(f"The local tenant keeps no '{unknown}' of a web")
    title = str(new.get("Title", place.row["title"]))
    about = str(new.get("Description", place.row["description"]))
    sites.update(ask.store, place.row["id"], title, about)
