"""Who can open a library, its folders and its files.

A library is read in one request, the numbers of its items with permissions of their own in another,
and those items side by side. Sharing links stand in hidden groups; Graph alone tells what they are,
so it is asked only where such a group holds a role. 5 units for each thing read (decision
33: assumed), 1 more for the address of a shared file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sync.errors import Missing
from sync.tenant import meter, rest
from sync.tenant.rest import quoted
from sync.tenant.shapes import DriveItem, Where, item_path
from sync.tenant.site_roles import LIMITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync.tenant.client import Tenant

PAGE = 500
"""Items of a page: few enough that a page with many shared files ends within a lease."""
LINK_GROUP = "SharingLinks."
"""How the hidden groups are titled that stand for links (gk): SharingLinks.{file}.{kind}.{id}."""
APP = "i:0i.t|"
OWN_DOMAIN = ".onmicrosoft.com"
GUEST_MARK, OTHER_GUEST = "#ext#", "spo:guest"
"""What marks a guest's user name (gk): ann_trust.example#ext#@…, urn:spo:guest#ann@trust.example"""
_ROLES = (
    "RoleAssignments/PrincipalId,RoleAssignments/Member/Title,RoleAssignments/Member/LoginName,"
    "RoleAssignments/Member/PrincipalType,RoleAssignments/RoleDefinitionBindings/Id"
)
_SHOWN = "RoleAssignments,RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings"
_WHO = f"&$expand={_SHOWN}"


class Holder(msgspec.Struct, frozen=True):
    """Somebody with roles at a place: the site's number of them, login, title, role ids."""

    principal: int
    login: str
    title: str
    roles: tuple[int, ...] = ()

    @property
    def address(self) -> str:
        """The mail address or user name behind a login, lower case; a guest's is their own."""
        return address_of(self.login)

    @property
    def is_own_account(self) -> bool:
        """Whether it is an account of the tenant itself, at Microsoft's own domain."""
        login = self.login.lower()
        guest = GUEST_MARK in login or OTHER_GUEST in login
        return login.endswith(OWN_DOMAIN) and not guest

    @property
    def is_person(self) -> bool:
        return "@" in self.address and not self.is_app and "|" in self.login

    @property
    def is_app(self) -> bool:
        return self.login.lower().startswith(APP)

    @property
    def is_link(self) -> bool:
        return self.title.startswith(LINK_GROUP)


class Link(msgspec.Struct, frozen=True):
    """A sharing link: `scope` anonymous, organization or users, `type` view or edit.

    `people` are the addresses (lower case) of those it is for, where it is for some only, and for a
    group its number in the directory, whatever its mailbox; `members` the site's numbers of them.
    """

    id: str
    scope: str
    type: str
    people: tuple[str, ...] = ()
    members: tuple[int, ...] = ()


class Spot(msgspec.Struct, frozen=True):
    """Who can open one place: a library (`item_id` ""), a folder or a file of it.

    `unique` when it has permissions of its own; `author` is the site's number of who made it.
    """

    item_id: str
    unique: bool
    holders: tuple[Holder, ...] = ()
    links: tuple[Link, ...] = ()
    author: int = 0
    is_folder: bool = False


class SiteGroup(msgspec.Struct, frozen=True):
    """A group of the site: its number there and its members (without roles)."""

    number: int
    members: tuple[Holder, ...] = ()


class Library(msgspec.Struct, frozen=True):
    """A library with the site's groups by title."""

    spot: Spot
    groups: dict[str, SiteGroup]


class OwnPage(msgspec.Struct, frozen=True):
    """A page of a library's items: those with permissions of their own; `last` None at its end."""

    item_ids: tuple[str, ...]
    last: int | None


class _LinkBody(msgspec.Struct):
    scope: str = ""
    type: str = ""


class _Permission(msgspec.Struct, rename="camel"):
    id: str
    link: _LinkBody | None = None
    inherited_from: dict[str, Any] | None = None
    granted_to_identities_v2: list[dict[str, Any]] = []


class _Permissions(msgspec.Struct):
    value: list[_Permission]


def address_of(login: str) -> str:
    """Return the address in a login such as i:0#.f|membership|ann@trust.example, lower case."""
    tail = login.rpartition("|")[2].lower().replace("%3a", ":").replace("%23", "#")
    if OTHER_GUEST in tail:
        return tail.rpartition("#")[2]
    if GUEST_MARK not in tail:
        return tail
    name, _, domain = tail.partition(GUEST_MARK)[0].rpartition("_")
    return f"{name}@{domain}"


async def library(tenant: Tenant, where: Where) -> Library:
    """Return who can open a library as a whole and who is in the site's groups (7 units)."""
    reads = [
        f"{list_rest(where)}?$select=Id,HasUniqueRoleAssignments,{_ROLES}{_WHO}",
        "Web/SiteGroups?$select=Id,Title,Users/Id,Users/Title,Users/LoginName&$expand=Users",
    ]
    doing = f"read who can open library {where.id}"
    told, groups = (await rest.exchange(tenant, where.site_url, [], reads, doing=doing)).answers
    if told is None:
        raise Missing("the library is gone", doing=doing)
    spot = Spot("", bool(told["HasUniqueRoleAssignments"]), _holders(told["RoleAssignments"]))
    return Library(spot, {str(row["Title"]): _group(row) for row in groups["value"]})


async def own_page(tenant: Tenant, where: Where, after: int) -> OwnPage:
    """Return which of the next items have permissions of their own, by item number (5 units)."""
    token = f"&$skiptoken=Paged%3DTRUE%26p_ID%3D{after}" if after else ""
    path = f"{list_rest(where)}/Items?$select=Id,HasUniqueRoleAssignments&$top={PAGE}{token}"
    doing = f"read which items of library {where.id} have permissions of their own"
    rows = (await rest.read(tenant, where.site_url, path, doing=doing))["value"]
    own = tuple(str(row["Id"]) for row in rows if row["HasUniqueRoleAssignments"])
    return OwnPage(own, int(rows[-1]["Id"]) if len(rows) == PAGE else None)


async def spots(tenant: Tenant, where: Where, item_ids: Sequence[str]) -> list[Spot]:
    """Return who can open these items; one that is gone is left out. 5 units, 11 if shared."""
    if not item_ids:
        return []
    members = "Id,FileSystemObjectType,HasUniqueRoleAssignments,AuthorId"
    tail = f"?$select={members},{_ROLES}&$expand={_SHOWN}"
    reads = [f"{item_rest(where, item_id)}{tail}" for item_id in item_ids]
    doing = f"read who can open items of library {where.id}"
    told = (await rest.exchange(tenant, where.site_url, [], reads, doing=doing)).answers
    found = [_spot(row) for row in told if row is not None]
    return [await _with_links(tenant, where, one) for one in found]


async def _with_links(tenant: Tenant, where: Where, spot: Spot) -> Spot:
    if not any(one.is_link for one in spot.holders):
        return spot
    doing = f"read the sharing links of item {spot.item_id}"
    try:
        path = await permissions_path(tenant, where, spot.item_id)
        body = await tenant.graph.get(path, _Permissions, doing=doing, units=meter.PERMISSIONS)
    except Missing:  # it went while we looked
        return spot
    own = [one for one in body.value if one.link and one.inherited_from is None]
    links = tuple(
        Link(one.id, one.link.scope, one.link.type, _people(one), _members(one))
        for one in own
        if one.link
    )
    return msgspec.structs.replace(spot, links=links)


async def permissions_path(tenant: Tenant, where: Where, item_id: str) -> str:
    """Return the path of an item's permissions below /v1.0 (1 unit)."""
    doing = f"find the file of item {item_id}"
    path = f"{item_path(where, item_id)}/driveItem?$select=id,name,parentReference"
    file = await tenant.graph.get(path, DriveItem, doing=doing)
    return f"{file.path}/permissions"


def _people(one: _Permission) -> tuple[str, ...]:
    found = []
    for granted in one.granted_to_identities_v2:
        user = granted.get("user") or {}
        seat = granted.get("siteUser") or {}
        mail = "" if "group" in granted else user.get("email") or seat.get("email")
        told = mail or address_of(seat.get("loginName") or "")
        found.append(str(told).lower())
    return tuple(sorted(found))


def _members(one: _Permission) -> tuple[int, ...]:
    seats = (granted.get("siteUser") or {} for granted in one.granted_to_identities_v2)
    return tuple(sorted(int(seat["id"]) for seat in seats if str(seat.get("id", "")).isdecimal()))


def _spot(row: Mapping[str, Any]) -> Spot:
    return Spot(
        str(row["Id"]),
        bool(row["HasUniqueRoleAssignments"]),
        _holders(row["RoleAssignments"]),
        author=int(row["AuthorId"] or 0),
        is_folder=row["FileSystemObjectType"] == 1,
    )


def _holders(rows: Iterable[Mapping[str, Any]]) -> tuple[Holder, ...]:
    """Return who holds anything there; what SharePoint adds by itself opens nothing."""
    found = []
    for row in rows:
        roles = tuple(
            int(one["Id"]) for one in row["RoleDefinitionBindings"] if int(one["Id"]) != LIMITED
        )
        if roles:
            member = row["Member"]
            told = (str(member["LoginName"]), str(member["Title"]))
            found.append(Holder(int(row["PrincipalId"]), *told, roles))
    return tuple(found)


def _group(row: Mapping[str, Any]) -> SiteGroup:
    members = (
        Holder(int(one["Id"]), str(one["LoginName"]), str(one["Title"])) for one in row["Users"]
    )
    return SiteGroup(int(row["Id"]), tuple(members))


def list_rest(where: Where) -> str:
    """Return the address of a library below `_api`."""
    return f"Web/Lists(guid{quoted(where.id)})"


def item_rest(where: Where, item_id: str) -> str:
    """Return the address of an item below `_api`."""
    return f"{list_rest(where)}/Items({int(item_id)})"
