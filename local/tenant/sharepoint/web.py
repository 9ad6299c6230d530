"""The web and the site collection, and contextInfo, from which every client starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.sharepoint import digest
from local.tenant.sharepoint.access import declare_unique, require
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, kind, link
from local.tenant.store import kept, principals, sites

if TYPE_CHECKING:
    import sqlite3

NO_GUID = "00000000-0000-0000-0000-000000000000"
WEB, SITE = "SP.Web", "SP.Site"
SETTINGS = "web settings"  # under which a web and a site keep what they were told
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
    said = kept.members_of(ask.store, row["web_id"], SETTINGS)
    return {
        "AllowAutomaticASPXPageIndexing": False,
        "Configuration": int(number or 0),
        "Created": row["created"],
        "Description": row["description"],
        "Id": row["web_id"],
        "IsMultilingual": said.get("IsMultilingual", False),
        "Language": row["lcid"],
        "LastItemModifiedDate": row["modified"],
        "LastItemUserModifiedDate": row["modified"],
        "MasterUrl": f"{row['path']}/_catalogs/masterpage/seattle.master",
        "NoCrawl": said.get("NoCrawl", False),
        "ServerRelativeUrl": row["path"] or "/",
        "SyndicationEnabled": said.get("SyndicationEnabled", True),
        "Title": row["title"],
        "Url": sites.web_url(row),
        "WebTemplate": template,
    }


declare_unique(WEB)


@kind(SITE, key=lambda row: f"guid'{row['id']}'")
def show_site(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    require(ask, Thing(WEB, row), "read")
    told = sites.settings(row)
    hub = row["id"] if HUB in told else told.get(JOINED, NO_GUID)
    return {
        "Classification": kept.members_of(ask.store, row["id"], SETTINGS).get("Classification", ""),
        "GroupId": told.get("group", NO_GUID),
        "HubSiteId": hub,
        "Id": row["id"],
        "IsHubSite": HUB in told,
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
