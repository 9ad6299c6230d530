"""User custom actions of a web, a site or a list: what extensions and command sets hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
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
from local.tenant.store import kept

if TYPE_CHECKING:
    from local.tenant.store.kept import Kept

ACTION = "SP.UserCustomAction"
KIND = "custom action"
SCOPES = {"SP.Site": 2, "SP.Web": 3, "SP.List": 4}  # UserCustomActionScope: Site, Web, List
FRESH: dict[str, Any] = {
    "ClientSideComponentId": "00000000-0000-0000-0000-000000000000",
    "ClientSideComponentProperties": "",
    "CommandUIExtension": None,
    "Description": None,
    "Group": None,
    "HostProperties": "",
    "ImageUrl": None,
    "Location": None,
    "Name": None,
    "RegistrationId": None,
    "RegistrationType": 0,
    "Rights": {"High": "0", "Low": "0"},
    "ScriptBlock": None,
    "ScriptSrc": None,
    "Sequence": 0,
    "Title": None,
    "Url": None,
}


@kind(ACTION, key=lambda row: f"guid'{row.id}'")
def show_action(_ask: Ask, row: Kept) -> dict[str, Any]:
    said = FRESH | dict(row.members)
    rights = {name: str(said["Rights"].get(name, "0")) for name in ("High", "Low")}
    return {
        **said,
        "Id": row.id,
        "Name": said["Name"] or f"{{{row.id}}}",
        "Rights": Value(rights, "SP.BasePermissions"),
        "VersionOfUserCustomAction": "16.0.1.0",
    }


def owner_of(ask: Ask, place: Thing) -> Thing:
    """Return whose permissions count: the list's own, else the web's."""
    return place if place.kind == "SP.List" else Thing("SP.Web", ask.site)


def owner_id(place: Thing) -> str:
    """Return under which id a place keeps its things; a web's stand apart from its site's."""
    return str(place.row["web_id"] if place.kind == "SP.Web" else place.row["id"])


@link("SP.Web", "UserCustomActions")
@link("SP.Site", "UserCustomActions")
@link("SP.List", "UserCustomActions")
def all_actions(ask: Ask, place: Thing) -> Things:
    require(ask, owner_of(ask, place), "read")
    return Things(
        ACTION, lambda ask: Page(list(kept.every(ask.store, owner_id(place), KIND))), place
    )


@keyed("SP.Web", "UserCustomActions")
@keyed("SP.Site", "UserCustomActions")
@keyed("SP.List", "UserCustomActions")
@reach(f"{ACTION}*", "GetById")
def one_action(ask: Ask, place: Thing | Things) -> Thing | None:
    """Return one by its guid; nothing (`odata.null`) where there is none, as SharePoint says it."""
    owner = place.owner if isinstance(place, Things) else place
    require(ask, owner_of(ask, owner), "read")
    found = kept.find(ask.store, owner_id(owner), KIND, ask.text("id").strip("{}"))
    return None if found is None else Thing(ACTION, found)


def _sent(ask: Ask) -> dict[str, Any]:
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in FRESH), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{ACTION}'.")
    return sent


@verb(f"{ACTION}*", "create")
@act(f"{ACTION}*", "Add")
def add(ask: Ask, place: Things) -> Thing:
    """Keep a custom action; the scope is that of the place it was added to."""
    require(ask, owner_of(ask, place.owner), "manage")
    said = _sent(ask) | {"Scope": SCOPES[place.owner.kind]}
    return Thing(ACTION, kept.add(ask.store, owner_id(place.owner), KIND, said))


def _managed(ask: Ask, row: Kept) -> Kept:
    """Check that the caller may change it: `manage` on its list, else on the web."""
    found = ask.store.one("SELECT * FROM lists WHERE id=?", row.owner)
    require(ask, Thing("SP.List", found) if found else Thing("SP.Web", ask.site), "manage")
    return row


@verb(ACTION, "merge")
def change(ask: Ask, place: Thing) -> None:
    kept.merge(ask.store, _managed(ask, place.row), _sent(ask))


@verb(ACTION, "delete")
@act(ACTION, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    kept.remove(ask.store, _managed(ask, place.row))


@act(f"{ACTION}*", "Clear")
def clear(ask: Ask, place: Things) -> None:
    require(ask, owner_of(ask, place.owner), "manage")
    for row in kept.every(ask.store, owner_id(place.owner), KIND):
        kept.remove(ask.store, row)
