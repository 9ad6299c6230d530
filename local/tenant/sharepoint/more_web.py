"""More that a web is asked for: storage entities, alerts, its look, the lists SharePoint keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request, not_found
from local.tenant.sharepoint.access import actor, require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.fields import FIELD
from local.tenant.sharepoint.lists import LIST, may_manage
from local.tenant.sharepoint.subwebs import INFO
from local.tenant.sharepoint.surface import (
    ACT,
    VERB,
    Ask,
    Page,
    Step,
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
from local.tenant.sharepoint.web import WEB
from local.tenant.store import columns, kept, lists, principals, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.kept import Kept

ENTITY = "Microsoft.SharePoint.ClientSideComponent.StorageEntity"
ALERT, THEME, OUT = "SP.Alert", "SP.ThemeInfo", "SP.CheckedOutFile"
ENTITIES, ALERTS = "storage entity", "alert"
CATALOGS = {
    111: "_catalogs/wp",
    113: "_catalogs/wp",
    116: "_catalogs/masterpage",
    121: "_catalogs/solutions",
    124: "_catalogs/design",
}


# -- storage entities: values of the whole tenant -------------------------------------------------
@reach(WEB, "GetStorageEntity")
def entity(ask: Ask, place: Thing) -> Value:
    """Return a value of the tenant by its key; a value of null where nobody set one."""
    require(ask, place, "read")
    found = kept.members_of(ask.store, ENTITIES, ask.text("key", 0))
    fresh = {"Comment": None, "Description": None, "Value": None}
    return Value(fresh | found, ENTITY)


@act(WEB, "SetStorageEntity")
def set_entity(ask: Ask, place: Thing) -> None:
    """Set a value of the tenant; full control of the web it is set from is needed."""
    require(ask, place, "fullcontrol")
    said = {"Value": ask.text("value", 1), "Description": ask.find("description", 2),
            "Comment": ask.find("comments", 3)}  # fmt: skip
    kept.put(ask.store, ENTITIES, ask.text("key", 0), said)


@act(WEB, "RemoveStorageEntity")
def drop_entity(ask: Ask, place: Thing) -> None:
    require(ask, place, "fullcontrol")
    found = kept.find(ask.store, ENTITIES, ask.text("key", 0))
    if found is not None:
        kept.remove(ask.store, found)


# -- alerts: kept and shown; no mail is sent for them here ----------------------------------------
@kind(ALERT, key=lambda row: f"guid'{row.id}'")
def show_alert(_ask: Ask, row: Kept) -> dict[str, Any]:
    said = {name: value for name, value in row.members.items() if name != "-actor"}
    fresh = {"AlertFrequency": 0, "AlertType": 0, "DeliveryChannels": 1, "EventType": -1,
             "Status": 0, "Title": ""}  # fmt: skip
    return {**fresh, **said, "ID": row.id}


def _mine(ask: Ask) -> list[Kept]:
    """Return the caller's own alerts."""
    rows = kept.every(ask.store, ask.site["web_id"], ALERTS)
    return [row for row in rows if row.members["-actor"] == actor(ask)]


@link(WEB, "Alerts")
def alerts(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(ALERT, lambda ask: Page(list(_mine(ask))), place)


@keyed(WEB, "Alerts")
@reach(f"{ALERT}*", "GetById")
def alert_by_id(ask: Ask, _place: Thing | Things) -> Thing:
    wanted = ask.text("idAlert", 0).strip("{}").lower()
    for row in _mine(ask):
        if row.id == wanted:
            return Thing(ALERT, row)
    raise not_found("The alert does not exist.")


@verb(f"{ALERT}*", "create")
def add_alert(ask: Ask, place: Things) -> Thing:
    require(ask, place.owner, "read")
    sent = members(ask.call)
    if not sent.get("Title"):
        raise bad_request("The parameter Title is missing")
    said = sent | {"-actor": actor(ask)}
    return Thing(ALERT, kept.add(ask.store, ask.site["web_id"], ALERTS, said))


@act(f"{ALERT}*", "DeleteAlert")
def delete_alert(ask: Ask, place: Things) -> None:
    kept.remove(ask.store, alert_by_id(ask, place).row)


@verb(ALERT, "delete")
@act(ALERT, "DeleteObject")
def remove_alert(ask: Ask, place: Thing) -> None:
    kept.remove(ask.store, place.row)


# -- its look, its place, its own lists -----------------------------------------------------------
@kind(THEME, key=lambda row: row["web_id"])
def show_theme(_ask: Ask, _row: sqlite3.Row) -> dict[str, Any]:
    return {"AccessibleDescription": "", "ThemeBackgroundImageUri": None}


@link(WEB, "ThemeInfo")
def theme(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return Thing(THEME, place.row)


@link(WEB, "ParentWeb")
def parent(ask: Ask, place: Thing) -> Thing | None:
    """Return what is told of the web above this one, nothing for the web of a site collection."""
    above = sites.settings(place.row).get(sites.PARENT)
    return Thing(INFO, sites.by_id(ask.store, str(above))) if above else None


@link(WEB, "Author")
def author(ask: Ask, place: Thing) -> Thing:
    number = principals.ensure_actor(ask.store, ask.site["id"], place.row["owner"])
    return Thing("SP.User", principals.get(ask.store, ask.site["id"], number))


@reach(WEB, "GetCatalog")
@act(WEB, "GetCatalog")
def catalog(ask: Ask, place: Thing) -> Thing:
    """Return one of the lists SharePoint keeps for itself: hidden, made when it is asked for."""
    require(ask, place, "read")
    number = ask.number("typeCatalog", 0)
    if number not in CATALOGS:
        raise bad_request(f"There is no catalog of the type {number} here")
    name = CATALOGS[number]
    path = f"{ask.site['path']}/{name}"
    found = ask.store.one("SELECT * FROM lists WHERE path=?", path)
    new = lists.NewList(name.rpartition("/")[2], "documentLibrary", url=name,
                        settings={"Hidden": True})  # fmt: skip
    return Thing(LIST, found or lists.create(ask.store, ask.site, new, actor(ask)))


@kind(OUT, key=lambda row: f"'{row['unique_id']}'")
def show_out(ask: Ask, row: Any) -> dict[str, Any]:
    number = principals.ensure_actor(ask.store, ask.site["id"], row["checkout"])
    return {"CheckedOutById": number, "ServerRelativePath": {"DecodedUrl": row["-url"]}}


@reach(LIST, "GetCheckedOutFiles")
def checked_out(ask: Ask, place: Thing) -> Things:
    """Return the files that are checked out and were never checked in."""
    require(ask, place, "manage")
    rows = ask.store.all(
        "SELECT * FROM items WHERE list_id=? AND state=0 AND level=255", place.row["id"]
    )
    found = [{**dict(row), "-url": f"{place.row['path']}{row['dir']}/{row['name']}"}
             for row in rows]  # fmt: skip
    return Things(OUT, lambda _ask: Page(list(found)), place)


@act(FIELD, "EnableIndex")
@act(FIELD, "DisableIndex")
def index(ask: Ask, place: Thing) -> Value:
    """Put a column's index on or off."""
    row = place.row
    owner = ask.store.one("SELECT * FROM lists WHERE id=?", row["owner"])
    may_manage(ask, Thing(LIST, owner) if owner else Thing(WEB, ask.site))
    on = ask.segment.name == "enableindex"
    columns.update(ask.store, row["owner"], row["name"], {"indexed": on})
    return Value(data=True, type="Edm.Boolean")


def complete() -> None:
    """Let whatever takes a MERGE take the operation Update, too: they are the same."""
    for (owner, name), step in list(VERB.items()):
        if name == "merge" and (owner, "update") not in ACT:
            ACT[owner, "update"] = Step("Update", step.run, step.cost)


complete()
