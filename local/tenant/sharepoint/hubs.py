"""Hub sites: registered, joined, left, looked up (hub-site-rest-api.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    kind,
    link,
    reach,
)
from local.tenant.sharepoint.web import HUB, JOINED, NO_GUID, SITE, WEB
from local.tenant.store import access, sites

if TYPE_CHECKING:
    import sqlite3

HUB_SITE = "SP.HubSite"


@kind(HUB_SITE, key=lambda row: f"guid'{row['id']}'", etag=lambda _row: '"1"')
def show_hub(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    said = sites.settings(row).get(HUB) or {}
    return {
        "Description": said.get("Description") or "",
        "EnablePermissionsSync": False,
        "HideNameInNavigation": False,
        "ID": row["id"],
        "LogoUrl": said.get("LogoUrl"),
        "ParentHubSiteId": NO_GUID,
        "PermissionsSyncTag": 0,
        "RequiresJoinApproval": False,
        "SiteDesignId": NO_GUID,
        "SiteId": row["id"],
        "SiteUrl": sites.web_url(row),
        "Targets": None,
        "TenantInstanceId": ask.store.get("tenant_id"),
        "Title": said.get("Title") or row["title"],
    }


def _hubs(ask: Ask) -> list[sqlite3.Row]:
    """Return the hubs whose sites the caller may read."""
    return [
        row
        for row in sites.everyone(ask.store)
        if HUB in sites.settings(row)
        and access.may(ask.store, ask.who, access.of_site(row), "read")
    ]


def _unknown(hub: str) -> Refusal:
    return Refusal(400, "invalidRequest", f"The hub site {hub} does not exist.", -2147024809,
                   "System.ArgumentException")  # fmt: skip


@link("", "HubSites")
@link("", "SP.HubSites")
def all_hubs(_ask: Ask, place: Thing) -> Things:
    return Things(HUB_SITE, lambda ask: Page(_hubs(ask)), place)


@reach(f"{HUB_SITE}*", "GetById")
@act(f"{HUB_SITE}*", "GetById")
def by_id(ask: Ask, _place: Things) -> Thing:
    """Return a hub by its id; its name, logo and description are changed on the same address."""
    wanted = ask.text("hubSiteId").strip("{}").lower()
    for row in _hubs(ask):
        if row["id"] == wanted:
            return Thing(HUB_SITE, row)
    raise _unknown(wanted)


@link("", "SP.HubSites.CanCreate")
@act("", "SP.HubSites.CanCreate")
def can_create(ask: Ask, _place: Thing) -> Value:
    allowed = access.may(ask.store, ask.who, access.of_site(ask.site), "fullcontrol")
    return Value(allowed, "Edm.Boolean", "CanCreate")


@act(SITE, "RegisterHubSite")
def register(ask: Ask, _place: Thing) -> Thing:
    """Make the site a hub, with title, logo and description if they are given."""
    require_web(ask, "fullcontrol")
    given = ask.find("creationInformation")
    said = {k: v for k, v in (given or {}).items() if k in {"Title", "LogoUrl", "Description"}}
    sites.put_setting(ask.store, ask.site["id"], HUB, said)
    return Thing(HUB_SITE, sites.by_id(ask.store, ask.site["id"]))


@act(SITE, "UnRegisterHubSite")
def unregister(ask: Ask, _place: Thing) -> None:
    require_web(ask, "fullcontrol")
    if HUB not in sites.settings(ask.site):
        raise _unknown(ask.site["id"])
    for row in sites.everyone(ask.store):
        if sites.settings(row).get(JOINED) == ask.site["id"]:
            sites.drop_setting(ask.store, row["id"], JOINED)
    sites.drop_setting(ask.store, ask.site["id"], HUB)


@act(SITE, "JoinHubSite")
def join(ask: Ask, _place: Thing) -> None:
    """Join a hub; the zero guid leaves the one the site is in."""
    require_web(ask, "fullcontrol")
    hub = ask.text("hubSiteId").strip("{}").lower()
    if hub == NO_GUID:
        sites.drop_setting(ask.store, ask.site["id"], JOINED)
        return
    if hub not in {row["id"] for row in _hubs(ask)}:
        raise _unknown(hub)
    sites.put_setting(ask.store, ask.site["id"], JOINED, hub)


@reach(WEB, "HubSiteData")
@act(WEB, "HubSiteData")
def hub_data(ask: Ask, place: Thing) -> Value:
    """Return what a page needs of its hub, as JSON in a string; nothing outside a hub."""
    require(ask, place, "read")
    hub = sites.settings(ask.site).get(JOINED) or (
        ask.site["id"] if HUB in sites.settings(ask.site) else ""
    )
    if not hub:
        return Value(None, "Edm.String")
    row = sites.by_id(ask.store, hub)
    said = sites.settings(row).get(HUB) or {}
    told = {"themeKey": None, "name": said.get("Title") or row["title"], "url": sites.web_url(row),
            "logoUrl": said.get("LogoUrl"), "usesMetadataNavigation": False,
            "navigation": []}  # fmt: skip
    return Value(json.dumps(told), "Edm.String")


@act(WEB, "SyncHubSiteTheme")
def sync_theme(ask: Ask, place: Thing) -> None:
    """Themes are not kept here, so there is nothing that could differ from the hub's."""
    require(ask, place, "fullcontrol")
