"""People by `_api`: EnsureUser, site users, site groups and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.body import members as sent
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
from local.tenant.store import kept, principals, sites

if TYPE_CHECKING:
    import sqlite3

USER, GROUP = "SP.User", "SP.Group"
COST = 5
PRINCIPAL_TYPES = {"user": 1, "app": 1, "group": 4, "everyone": 4, "site_group": 8, "link": 8}


def principal(row: sqlite3.Row) -> Thing:
    """Return a principal as the user or group it is."""
    return Thing(GROUP if PRINCIPAL_TYPES[row["kind"]] == PRINCIPAL_TYPES["link"] else USER, row)


@kind(USER, key=lambda row: str(row["id"]))
def show_user(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    upn = row["login"].rpartition("|")[2] if row["kind"] == "user" else ""
    shown: dict[str, Any] = {
        "Id": row["id"],
        "IsHiddenInUI": False,
        "LoginName": row["login"],
        "Title": row["title"],
        "PrincipalType": PRINCIPAL_TYPES[row["kind"]],
        "Email": row["email"],
        "Expiration": "",
        "IsEmailAuthenticationGuestUser": False,
        "IsShareByEmailGuestUser": False,
        "IsSiteAdmin": ask.site["owner"] == f"user:{row['ref']}",
        "UserId": None,
        "UserPrincipalName": upn or None,
    }
    if row["kind"] == "user":
        names = {"NameId": row["ref"], "NameIdIssuer": "urn:federation:microsoftonline"}
        shown["UserId"] = Value(names, "SP.UserIdInfo")
    return shown


FLAGS = "group settings"  # under which a group keeps what its switches were set to
SWITCHES: dict[str, Any] = {
    "AllowMembersEditMembership": False,
    "AllowRequestToJoinLeave": False,
    "AutoAcceptRequestToJoinLeave": False,
    "OnlyAllowMembersViewMembership": False,
    "RequestToJoinLeaveEmailSetting": "",
}


@kind(GROUP, key=lambda row: str(row["id"]))
def show_group(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    said = kept.members_of(ask.store, key_of(ask, row), FLAGS)
    return {
        "Id": row["id"],
        "IsHiddenInUI": row["kind"] == principals.LINK,
        "LoginName": row["login"],
        "Title": row["title"],
        "PrincipalType": PRINCIPAL_TYPES[row["kind"]],
        **{name: said.get(name, fresh) for name, fresh in SWITCHES.items()},
        "Description": row["description"],
        "OwnerTitle": "System Account",
    }


def key_of(ask: Ask, row: sqlite3.Row) -> str:
    """Return under which id a group keeps what it was told."""
    return f"{ask.site['id']}:{row['id']}"


@link("SP.RoleAssignment", "Member")
def member(_ask: Ask, place: Thing) -> Thing:
    return principal(place.row.principal)


@act("SP.Web", "EnsureUser")
def ensure_user(ask: Ask, place: Thing) -> Thing:
    """Give whoever a login name, UPN or mail names a number in the site; 404 for the unknown."""
    require(ask, place, "write")
    name = ask.text("logonName")
    try:
        number = principals.ensure_login(ask.store, ask.site["id"], name)
    except Refusal as refusal:
        raise Refusal(
            refusal.status,
            refusal.code,
            f"The specified user {name} could not be found.",
            -2146232832,
            "Microsoft.SharePoint.SPException",
        ) from refusal
    return principal(principals.get(ask.store, ask.site["id"], number))


@link("SP.Web", "CurrentUser")
def current_user(ask: Ask, _place: Thing) -> Thing:
    who = principals.actor_of(ask.who)
    number = principals.ensure_actor(ask.store, ask.site["id"], who)
    return principal(principals.get(ask.store, ask.site["id"], number))


@link("SP.Web", "SiteUsers")
def site_users(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(USER, lambda ask: Page(principals.everyone_met(ask.store, ask.site["id"])), place)


@link("SP.Web", "SiteGroups")
def site_groups(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(GROUP, lambda ask: Page(principals.site_groups(ask.store, ask.site["id"])), place)


@keyed("SP.Web", "SiteUsers")
@reach("SP.Web", "GetUserById")
@keyed("SP.Web", "SiteGroups")
@reach(f"{GROUP}*", "GetById")
@reach(f"{USER}*", "GetById")
def by_id(ask: Ask, _place: Thing | Things) -> Thing:
    require_web(ask)
    return principal(principals.get(ask.store, ask.site["id"], ask.number("id")))


@reach(f"{GROUP}*", "GetByName")
def group_by_name(ask: Ask, _place: Things) -> Thing:
    require_web(ask)
    return Thing(GROUP, principals.site_group(ask.store, ask.site["id"], ask.text("name")))


@verb(f"{GROUP}*", "create", COST)
def add_group(ask: Ask, place: Things) -> Thing:
    """Make a site group; 400 when its name is taken."""
    require(ask, place.owner, "fullcontrol")
    title, about = ask.text("Title"), str(ask.find("Description") or "")
    number = principals.add_site_group(ask.store, ask.site["id"], title, about)
    return Thing(GROUP, principals.get(ask.store, ask.site["id"], number))


@verb(GROUP, "merge", COST)
def change_group(ask: Ask, place: Thing) -> None:
    require_web(ask, "fullcontrol")
    new = sent(ask.call)
    title = str(new.get("Title", place.row["title"]))
    about = str(new.get("Description", place.row["description"]))
    principals.rename_group(ask.store, ask.site["id"], place.row["id"], title, about)
    if flags := {name: value for name, value in new.items() if name in SWITCHES}:
        key = key_of(ask, place.row)
        kept.put(ask.store, key, FLAGS, kept.members_of(ask.store, key, FLAGS) | flags)


@act(f"{GROUP}*", "RemoveById", COST)
def remove_group(ask: Ask, _place: Things) -> None:
    require_web(ask, "fullcontrol")
    principals.remove_group(ask.store, ask.site["id"], ask.number("id"))


@act(f"{GROUP}*", "RemoveByLoginName", COST)
def remove_group_by_name(ask: Ask, _place: Things) -> None:
    require_web(ask, "fullcontrol")
    row = principals.site_group(ask.store, ask.site["id"], ask.text("loginName"))
    principals.remove_group(ask.store, ask.site["id"], row["id"])


@link(GROUP, "Users")
def group_members(_ask: Ask, place: Thing) -> Things:
    number = place.row["id"]
    return Things(
        USER, lambda ask: Page(principals.members(ask.store, ask.site["id"], number)), place
    )


@keyed(GROUP, "Users")
def one_member(ask: Ask, place: Thing) -> Thing:
    return _member(ask, place, "id", ask.number("id"))


@verb(f"{USER}*", "create", COST)
def add_member(ask: Ask, place: Things) -> Thing:
    """Add a user or Entra group to a site group by its login name."""
    require_web(ask, "fullcontrol")
    number = principals.ensure_login(ask.store, ask.site["id"], ask.text("LoginName"))
    principals.add_member(ask.store, ask.site["id"], _group(place), number)
    return principal(principals.get(ask.store, ask.site["id"], number))


@reach(f"{USER}*", "GetByLoginName")
def member_by_login(ask: Ask, place: Things) -> Thing:
    return _among(ask, place, "login", ask.text("logonName"))


@reach(f"{USER}*", "GetByEmail")
def member_by_email(ask: Ask, place: Things) -> Thing:
    return _among(ask, place, "email", ask.text("emailAddress"))


@act(f"{USER}*", "RemoveById", COST)
def remove_member(ask: Ask, place: Things) -> None:
    require_web(ask, "fullcontrol")
    _dropped(ask, place, principals.get(ask.store, ask.site["id"], ask.number("id")))


@act(f"{USER}*", "RemoveByLoginName", COST)
def remove_member_by_login(ask: Ask, place: Things) -> None:
    require_web(ask, "fullcontrol")
    row = member_by_login(ask, place).row
    _dropped(ask, place, row)


def _dropped(ask: Ask, place: Things, row: sqlite3.Row) -> None:
    """Take one out of a group, or out of the whole site where the users are the site's."""
    if place.owner.kind == GROUP:
        principals.remove_member(ask.store, ask.site["id"], _group(place), row["id"])
        return
    if ask.site["owner"] == f"user:{row['ref']}":
        raise bad_request("A site needs an administrator: make another one first.")
    principals.remove_from_site(ask.store, ask.site["id"], row["id"])


def _associated(ask: Ask, which: int) -> Thing:
    require_web(ask)
    number = sites.associated_groups(ask.store, ask.site["id"])[which]
    return Thing(GROUP, principals.get(ask.store, ask.site["id"], number))


@link("SP.Web", "AssociatedOwnerGroup")
def owner_group(ask: Ask, _place: Thing) -> Thing:
    return _associated(ask, 0)


@link("SP.Web", "AssociatedMemberGroup")
def member_group(ask: Ask, _place: Thing) -> Thing:
    return _associated(ask, 1)


@link("SP.Web", "AssociatedVisitorGroup")
def visitor_group(ask: Ask, _place: Thing) -> Thing:
    return _associated(ask, 2)


def _group(place: Things) -> int:
    if place.owner.kind != GROUP:
        raise bad_request("Members belong to a site group")
    return int(place.owner.row["id"])


def _member(ask: Ask, place: Thing, column: str, wanted: Any) -> Thing:
    return _among(ask, group_members(ask, place), column, wanted)


def _among(ask: Ask, place: Things, column: str, wanted: Any) -> Thing:
    for row in place.load(ask).rows:
        if str(row[column]).casefold() == str(wanted).casefold():
            return principal(row)
    raise not_found("User cannot be found.")
