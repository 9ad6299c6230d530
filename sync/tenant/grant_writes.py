"""Taking single accesses away from a library, its folders and its files, and giving them back.

5 units for each access (decision 33: assumed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sync.errors import Missing, NotReady
from sync.tenant import meter, rest
from sync.tenant.grants import Link, item_rest, list_rest, permissions_path
from sync.tenant.graph import Ask, segment
from sync.tenant.lists import drive_id
from sync.tenant.rest import Write, typed
from sync.tenant.site_roles import level_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync.model import Document
    from sync.tenant.client import Tenant
    from sync.tenant.grants import Holder, Spot
    from sync.tenant.shapes import Where


class _Invited(msgspec.Struct):
    """One person's permission, or why there is none."""

    id: str = ""
    error: dict[str, Any] | None = None


class _Invitations(msgspec.Struct):
    value: list[_Invited]


class Given(msgspec.Struct, frozen=True):
    """What an item is given back: (principal, role id) pairs and links. JSON-able."""

    grants: tuple[tuple[int, int], ...] = ()
    links: tuple[Link, ...] = ()


async def take(tenant: Tenant, where: Where, spot: Spot, principals: Iterable[int]) -> None:
    """Take all roles of these principals away at a place with permissions of its own."""
    path = f"{place_path(where, spot.item_id)}/RoleAssignments"
    writes = [Write(f"{path}/GetByPrincipalId({one})", method="DELETE") for one in principals]
    await _write(tenant, where, writes, f"take an access away in library {where.id}")


async def level(tenant: Tenant, where: Where, spot: Spot, holder: Holder, wanted: str) -> None:
    """Give a principal the `wanted` level at a place instead of all it holds there."""
    path = f"{place_path(where, spot.item_id)}/RoleAssignments"
    told, number = f"principalid={holder.principal},roledefid=", level_number(wanted)
    writes = [Write(f"{path}/AddRoleAssignment({told}{number})")]
    writes += [
        Write(f"{path}/RemoveRoleAssignment({told}{role})")
        for role in holder.roles
        if role != number
    ]
    await _write(tenant, where, writes, f"set a level in library {where.id}")


async def close_library(tenant: Tenant, where: Where, wanted: Mapping[int, str]) -> None:
    """Give a library permissions of its own again: principals and levels, nothing copied.

    Files and folders keep theirs: a contained file stays contained.
    """
    place = place_path(where, "")
    writes = [
        Write(f"{place}/BreakRoleInheritance(copyRoleAssignments=false,clearSubscopes=false)")
    ]
    writes += [
        Write(
            f"{place}/RoleAssignments/AddRoleAssignment"
            f"(principalid={principal},roledefid={level_number(name)})"
        )
        for principal, name in wanted.items()
    ]
    await _write(tenant, where, writes, f"close library {where.id} again")


async def expel(tenant: Tenant, where: Where, group: int, members: Iterable[int]) -> None:
    """Take members out of a group of the site."""
    writes = [Write(f"Web/SiteGroups({group})/Users/RemoveById({one})") for one in members]
    await _write(tenant, where, writes, f"take somebody out of group {group}")


async def rejoin(tenant: Tenant, where: Where, group: int, member: int) -> None:
    """Put somebody whom the site knows by this number into one of its groups again."""
    doing = f"put somebody back into group {group}"
    path = f"Web/SiteUsers/GetById({member})?$select=LoginName"
    login = (await rest.read(tenant, where.site_url, path, doing=doing))["LoginName"]
    body = typed("SP.User", LoginName=login)
    await _write(tenant, where, [Write(f"Web/SiteGroups({group})/Users", body)], doing)


async def open_library(tenant: Tenant, where: Where) -> None:
    """Let a library take over the site's access again: the way back from `close_library`."""
    write = Write(f"{place_path(where, '')}/ResetRoleInheritance")
    await _write(tenant, where, [write], f"let library {where.id} inherit again")


async def revoke(tenant: Tenant, where: Where, item_id: str, link_ids: Iterable[str]) -> None:
    """Remove sharing links of an item; one that is gone already is no error (5 units each)."""
    path = await permissions_path(tenant, where, item_id)
    for link_id in link_ids:
        doing = f"remove a sharing link of item {item_id}"
        ask = Ask("DELETE", f"{path}/{segment(link_id)}", doing, units=meter.PERMISSIONS)
        try:
            await tenant.graph.send(ask)
        except Missing:
            continue


async def admit(tenant: Tenant, where: Where, document: Document, address: str) -> str:
    """Let one person edit a file beside those its library lets in (5 units); no mail is sent.

    Returns the permission's id, for `revoke`, or "" for somebody the directory does not know (any
    more). May be repeated.
    """
    body = {
        "recipients": [{"email": address}],
        "roles": ["write"],
        "requireSignIn": True,
        "sendInvitation": False,
        "retainInheritedPermissions": True,
    }
    path = f"/drives/{await drive_id(tenant, where)}/items/{document.drive_item_id}/invite"
    doing = f"let somebody in to item {document.item_id}"
    ask = Ask("POST", path, doing, body, units=meter.PERMISSIONS, repeatable=True)
    told = (await tenant.graph.send(ask)).read(_Invitations).value
    return next((one.id for one in told if one.error is None), "")


def recipe(holders: Iterable[Holder], links: Sequence[Link]) -> dict[str, Any]:
    """Return, as JSON and by numbers alone, what `share_again` gives back (`Given`).

    Who came by a link for named people comes back by name: a new link would be another one.
    """
    named = [link for link in links if link.members]
    roles = [(one.principal, role) for one in holders for role in one.roles]
    roles += [
        (number, level_number("contribute" if link.type == "edit" else "read"))
        for link in named
        for number in link.members
    ]
    open_to_all = [
        {"id": "", "scope": one.scope, "type": one.type} for one in links if not one.members
    ]
    return {"grants": [list(pair) for pair in dict.fromkeys(roles)], "links": open_to_all}


async def share_again(tenant: Tenant, where: Where, item_id: str, back: Given) -> None:
    """Give an item back what was taken from it.

    A link comes back under a new address: an address once removed is never valid again.
    """
    path = f"{item_rest(where, item_id)}/RoleAssignments/AddRoleAssignment"
    writes = [Write(f"{path}(principalid={one},roledefid={role})") for one, role in back.grants]
    await _write(tenant, where, writes, f"give item {item_id} an access back")
    for link in back.links:
        await _link_again(tenant, where, item_id, link)


async def _link_again(tenant: Tenant, where: Where, item_id: str, link: Link) -> None:
    body = {
        "type": link.type,
        "scope": link.scope,
        "retainInheritedPermissions": True,
    }
    path = (await permissions_path(tenant, where, item_id)).removesuffix("/permissions")
    doing = f"share item {item_id} again"
    ask = Ask("POST", f"{path}/createLink", doing, body, units=meter.PERMISSIONS)
    await tenant.graph.send(ask)


async def _write(tenant: Tenant, where: Where, writes: Sequence[Write], doing: str) -> None:
    """Carry writes out; NotReady when the tenant put some off: they are done by the next look."""
    if not await rest.write_together(tenant, where.site_url, writes, doing=doing):
        raise NotReady("some of it was put off", doing=doing)


def place_path(where: Where, item_id: str) -> str:
    return item_rest(where, item_id) if item_id else list_rest(where)
