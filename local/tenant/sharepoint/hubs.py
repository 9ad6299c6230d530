"""Hub sites: registered, joined, left, looked up (hub-site-rest-api.md).

A hub may ask for approval: joining it takes the token its owner gives out for that one site.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.body import members
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
    verb,
)
from local.tenant.sharepoint.web import HUB, JOINED, NO_GUID, SITE, WEB
from local.tenant.store import access, ids, navigation, sites

if TYPE_CHECKING:
    import sqlite3

HUB_SITE = "SP.HubSite"
KEPT = {"Title", "LogoUrl", "Description", "HideNameInNavigation", "RequiresJoinApproval"}
SECRET, ASKED = "hub_secret", "hub_join_asked"  # keys among a site's settings


@kind(HUB_SITE, key=lambda row: f"guid'{row['id']}'", etag=lambda _row: '"1"')
def show_hub(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    said = sites.settings(row).get(HUB) or {}
    return {
        "Description": said.get("Description") or "",
        "EnablePermissionsSync": False,
        "HideNameInNavigation": bool(said.get("HideNameInNavigation")),
        "ID": row["id"],
        "LogoUrl": said.get("LogoUrl"),
        "ParentHubSiteId": NO_GUID,
        "PermissionsSyncTag": 0,
        "RequiresJoinApproval": bool(said.get("RequiresJoinApproval")),
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
def by_id(ask: Ask, _place: Things) -> Thing:
    wanted = ask.text("hubSiteId").strip("{}").lower()
    for row in _hubs(ask):
        if row["id"] == wanted:
            return Thing(HUB_SITE, row)
    raise _unknown(wanted)


@act(f"{HUB_SITE}*", "GetById")
def by_id_changed(ask: Ask, place: Things) -> Thing:
    """Change a hub's name, logo and description (REST-getbyid-method.md) and return it."""
    hub = by_id(ask, place)
    sent = {k: v for k, v in members(ask.call).items() if k.lower() != "hubsiteid"}
    return Thing(HUB_SITE, _changed(ask, hub.row, sent))


@verb(HUB_SITE, "merge")
def change(ask: Ask, place: Thing) -> None:
    _changed(ask, place.row, members(ask.call))


def _changed(ask: Ask, row: sqlite3.Row, sent: dict[str, Any]) -> sqlite3.Row:
    if unknown := next((name for name in sent if name not in KEPT), None):
        raise bad_request(f"The local tenant keeps no '{unknown}' of a hub")
    if sent:
        require(ask, Thing(WEB, row), "fullcontrol")
        sites.put_setting(ask.store, row["id"], HUB, {**sites.settings(row)[HUB], **sent})
    return sites.by_id(ask.store, row["id"])


@reach(f"{HUB_SITE}*", "GetConnectedHubs")
def connected(ask: Ask, place: Things) -> Things:
    """Return the hubs connected to a hub; hubs are not nested here."""
    hub = by_id(ask, place)
    return Things(HUB_SITE, lambda _ask: Page([]), hub)


@act(f"{HUB_SITE}*", "GetSiteUrlByHubSiteId")
def url_of_hub(ask: Ask, place: Things) -> Value:
    return Value(sites.web_url(by_id(ask, place).row), "Edm.String")


@link("", "SP.HubSites.CanCreate")
@act("", "SP.HubSites.CanCreate")
def can_create(ask: Ask, _place: Thing) -> Value:
    allowed = access.may(ask.store, ask.who, access.of_site(ask.site), "fullcontrol")
    return Value(allowed, "Edm.Boolean", "CanCreate")


@act(SITE, "RegisterHubSite")
def register(ask: Ask, _place: Thing) -> Thing:
    """Make the site a hub, with title, logo and description if they are given; 400 if it is."""
    require_web(ask, "fullcontrol")
    given = ask.find("creationInformation")
    if HUB in sites.settings(ask.site):
        raise bad_request("This site is already a HubSite.")
    said = {k: v for k, v in (given or {}).items() if k in KEPT}
    sites.drop_setting(ask.store, ask.site["id"], JOINED)
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
    """Join a hub, with its owner's token where it asks for one; the zero guid leaves the hub."""
    require_web(ask, "fullcontrol")
    hub = ask.text("hubSiteId").strip("{}").lower()
    if hub == NO_GUID:
        sites.drop_setting(ask.store, ask.site["id"], JOINED)
        return
    if hub not in {row["id"] for row in _hubs(ask)}:
        raise _unknown(hub)
    if HUB in sites.settings(ask.site):
        raise bad_request("A hub site can't join another hub.")
    row = sites.by_id(ask.store, hub)
    given = str(ask.find("approvalToken", 1) or "")
    if sites.settings(row)[HUB].get("RequiresJoinApproval") and given != _token(ask, row):
        raise Refusal(403, "accessDenied", "The hub's owner has to approve that this site joins.",
                      -2147024891, "System.UnauthorizedAccessException")  # fmt: skip
    sites.put_setting(ask.store, ask.site["id"], JOINED, hub)
    sites.drop_setting(ask.store, ask.site["id"], ASKED)


def _token(ask: Ask, hub: sqlite3.Row, joining: str | None = None) -> str:
    """Return what lets one site join one hub."""
    secret = str(sites.settings(hub).get(SECRET, ""))
    site = (joining or ask.site["id"]).strip("{}").lower()
    return hmac.new(secret.encode(), site.encode(), hashlib.sha256).hexdigest()


@act(SITE, "OnHubSiteJoinRequestStarted")
def join_asked(ask: Ask, _place: Thing) -> None:
    """Write down that the joining site has asked (on the joining site)."""
    require_web(ask, "fullcontrol")
    number = ask.text("approvalCorrelationId")
    sites.put_setting(ask.store, ask.site["id"], ASKED, number)


@act(SITE, "OnHubSiteJoinRequestCanceled")
def join_withdrawn(ask: Ask, _place: Thing) -> None:
    require_web(ask, "fullcontrol")
    sites.drop_setting(ask.store, ask.site["id"], ASKED)


@act(SITE, "GetHubSiteJoinApprovalCorrelationId")
def join_number(ask: Ask, place: Thing) -> Value:
    require(ask, Thing(WEB, place.row), "read")
    return Value(sites.settings(ask.site).get(ASKED, ""), "Edm.String")


@act(SITE, "OnHubSiteJoinRequestApproved")
def join_approved(ask: Ask, _place: Thing) -> Value:
    """Return the token for a site, as the hub's owner (on the hub)."""
    require_web(ask, "fullcontrol")
    if HUB not in sites.settings(ask.site):
        raise _unknown(ask.site["id"])
    if SECRET not in sites.settings(ask.site):
        sites.put_setting(ask.store, ask.site["id"], SECRET, ids.new_guid())
    hub = sites.by_id(ask.store, ask.site["id"])
    return Value(_token(ask, hub, ask.text("joiningSiteId")), "Edm.String")


@act(SITE, "ValidateHubSiteJoinApprovalToken")
def token_holds(ask: Ask, _place: Thing) -> Value:
    require_web(ask, "read")
    joining, given = ask.text("joiningSiteId", 0), ask.text("approvalToken", 1)
    return Value(given == _token(ask, ask.site, joining), "Edm.Boolean")


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
            "navigation": _links(ask, row, navigation.TOP)}  # fmt: skip
    return Value(json.dumps(told), "Edm.String")


def _links(ask: Ask, hub: sqlite3.Row, parent: int) -> list[dict[str, Any]]:
    """Return the hub's top bar as every site of the hub shows it."""
    return [
        {
            "Id": row["id"],
            "Title": row["title"],
            "Url": row["url"],
            "IsDocLib": False,
            "IsExternal": bool(row["external"]),
            "ParentId": parent,
            "ListTemplateType": 0,
            "Children": _links(ask, hub, row["id"]),
        }
        for row in navigation.children(ask.store, hub, parent)
        if row["visible"]
    ]


@act(WEB, "SyncHubSiteTheme")
def sync_theme(ask: Ask, place: Thing) -> None:
    """Themes are not kept here, so there is nothing that could differ from the hub's."""
    require(ask, place, "fullcontrol")
