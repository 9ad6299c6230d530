"""GroupSiteManager: a Microsoft 365 group and its team site in one call (site-creation-rest.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.errors import access_denied, not_found
from local.tenant.sharepoint.provisioning import MAY_CREATE
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, link, reach
from local.tenant.sharepoint.web import NO_GUID
from local.tenant.store import directory, homes, ids, profiles, sites

if TYPE_CHECKING:
    import sqlite3

MANAGER, INFO = (
    "Microsoft.SharePoint.Portal.GroupSiteManager",
    "Microsoft.SharePoint.Portal.GroupSiteInfo",
)
READY, FAILED = 2, 3


@link("", "GroupSiteManager")
def manager(_ask: Ask, _place: Thing) -> Thing:
    return Thing(MANAGER, None)


@act(MANAGER, "CreateGroupEx")
def create(ask: Ask, _place: Thing) -> Value:
    """Make the group, with owners, and its site; status 3 with words when the alias is taken."""
    if not MAY_CREATE & (ask.who.roles | ask.who.scopes):
        raise access_denied("Access denied. You may not create groups.")
    alias, name = ask.text("alias", 1), ask.text("displayName", 0)
    mail = f"{alias}@{ask.store.get('domain')}"
    if directory.group(ask.store, mail) is not None:
        return _info(None, f"The group alias {alias} already exists.")
    wanted = ask.find("optionalParams") or {}
    about = str(wanted.get("Description") or "")
    made = directory.Group(ids.new_guid(), name, alias, mail, about, unified=True)
    directory.put_group(ask.store, made)
    if ask.find("isPublic", 2) is True:
        profiles.merge(ask.store, made.id, {"visibility": "Public"})
    for owner in _owners(ask, wanted.get("Owners") or []):
        directory.add_member(ask.store, made.id, owner, owner=True)
        directory.add_member(ask.store, made.id, owner)
    row = directory.group(ask.store, made.id)
    return _info(homes.of_group(ask.store, row) if row is not None else None)


def _owners(ask: Ask, names: list[str]) -> list[str]:
    """Return the ids of the owners named, and of the person who asks."""
    rows = [directory.user(ask.store, str(name).rpartition("|")[2]) for name in names]
    found = [str(row["id"]) for row in rows if row is not None]
    return list(dict.fromkeys([*found, *([ask.who.user_id] if ask.who.user_id else [])]))


@act(MANAGER, "Create")
@act(MANAGER, "GetSiteStatus")
@reach(MANAGER, "GetSiteStatus")
def status(ask: Ask, _place: Thing) -> Value:
    """Return the team site of a group, made now if the group has none yet."""
    row = directory.group(ask.store, ask.text("groupId").strip("'"))
    if row is None or not row["unified"]:
        raise not_found("The group does not exist.")
    return _info(homes.of_group(ask.store, row))


def _info(site: sqlite3.Row | None, error: str = "") -> Value:
    url = sites.web_url(site) if site is not None else None
    shown = {
        "DocumentsUrl": f"{url}/Shared Documents" if url else None,
        "ErrorMessage": error or None,
        "GroupId": sites.settings(site)["group"] if site is not None else NO_GUID,
        "SiteStatus": READY if site is not None else FAILED,
        "SiteUrl": url,
    }
    return Value(shown, INFO)
