"""More about people and groups: administrators, owners of groups, by their directory number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request, not_found
from local.tenant.sharepoint.access import require_web
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.people import COST, GROUP, USER, key_of, principal
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    extra,
    link,
    reach,
    verb,
)
from local.tenant.store import kept, principals, sites

if TYPE_CHECKING:
    import sqlite3

OWNER = "owner"


@extra(USER, "AadObjectId")
def object_id(_ask: Ask, row: sqlite3.Row) -> Value | None:
    if row["kind"] != "user":
        return None
    told = {"NameId": row["ref"], "NameIdIssuer": "urn:federation:microsoftonline"}
    return Value(told, "SP.UserIdInfo")


@reach(f"{USER}*", "GetByObjectId")
def by_object(ask: Ask, place: Things) -> Thing:
    wanted = ask.text("objectId").strip("{}").lower()
    for row in place.load(ask).rows:
        if str(row["ref"]).lower() == wanted:
            return principal(row)
    raise not_found("User cannot be found.")


@act("SP.Web", "EnsureUserByObjectId")
def ensure_by_object(ask: Ask, _place: Thing) -> Thing:
    """Give a person of the directory a number in the site; 404 for an id nobody has."""
    require_web(ask, "write")
    number = principals.ensure_user(ask.store, ask.site["id"], ask.text("objectId").strip("{}"))
    return principal(principals.get(ask.store, ask.site["id"], number))


@act(f"{USER}*", "AddUserById", COST)
def add_by_id(ask: Ask, place: Things) -> Thing:
    require_web(ask, "fullcontrol")
    number = ask.number("id")
    row = principals.get(ask.store, ask.site["id"], number)
    principals.add_member(ask.store, ask.site["id"], int(place.owner.row["id"]), number)
    return principal(row)


@link(USER, "Groups")
def groups_of(_ask: Ask, place: Thing) -> Things:
    """Return the site's groups that a user is in, by name or by way of an Entra group."""
    row = place.row

    def load(ask: Ask) -> Page:
        held = {row["id"]}
        if row["kind"] == "user":
            held = principals.ids_of_user(ask.store, ask.site["id"], row["ref"])
        return Page([each for each in principals.site_groups(ask.store, ask.site["id"])
                     if each["id"] in held])  # fmt: skip

    return Things(GROUP, load, place)


@verb(USER, "merge", COST)
def change_user(ask: Ask, place: Thing) -> None:
    """Make a person the site's administrator (IsSiteAdmin), or let another take over."""
    require_web(ask, "fullcontrol")
    sent: dict[str, Any] = members(ask.call)
    if unknown := next(
        (name for name in sent if name not in {"IsSiteAdmin", "Title", "Email"}), None
    ):
        raise bad_request(f"The property '{unknown}' of '{USER}' can't be written.")
    if "IsSiteAdmin" in sent and place.row["kind"] == "user":
        _administer(ask, f"user:{place.row['ref']}", chosen=bool(sent["IsSiteAdmin"]))
    if sent.keys() & {"Title", "Email"}:
        ask.store.run(
            "UPDATE principals SET title=?, email=? WHERE site_id=? AND id=?",
            sent.get("Title", place.row["title"]), sent.get("Email", place.row["email"]),
            ask.site["id"], place.row["id"],
        )  # fmt: skip


def _administer(ask: Ask, who: str, *, chosen: bool) -> None:
    """Make one the owner; the one there is stays until another takes over."""
    if chosen:
        ask.store.run("UPDATE sites SET owner=? WHERE id=?", who, ask.site["id"])
    elif ask.site["owner"] == who:
        raise bad_request("A site needs an administrator: make another one first.")


@verb(USER, "delete", COST)
@act(USER, "DeleteObject", COST)
def remove_user(ask: Ask, place: Thing) -> None:
    """Take a person or Entra group out of the site, with every role and membership there."""
    require_web(ask, "fullcontrol")
    if ask.site["owner"] == f"user:{place.row['ref']}":
        raise bad_request("A site needs an administrator: make another one first.")
    principals.remove_from_site(ask.store, ask.site["id"], place.row["id"])


@act(GROUP, "SetUserAsOwner", COST)
def set_owner(ask: Ask, place: Thing) -> None:
    require_web(ask, "fullcontrol")
    number = ask.number("ownerId", 0)
    principals.get(ask.store, ask.site["id"], number)
    kept.put(ask.store, key_of(ask, place.row), OWNER, {"id": number})


@link(GROUP, "Owner")
def owner(ask: Ask, place: Thing) -> Thing:
    """Return who owns a group: who was set, else the site's group of owners."""
    said = kept.members_of(ask.store, key_of(ask, place.row), OWNER)
    number = said.get("id") or sites.associated_groups(ask.store, ask.site["id"])[0]
    return principal(principals.get(ask.store, ask.site["id"], int(number)))
