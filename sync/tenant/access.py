"""Who can open a document, and taking an open audience away from it (decision 8).

Inheritance can only be read and broken by SharePoint REST (Graph gives no `inheritedFrom` in
libraries, wire.md 6); links are listed and removed by Graph. Every call here costs 5 units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sync.errors import Missing, Rejected
from sync.tenant import meter
from sync.tenant.graph import Ask, segment
from sync.tenant.lists import drive_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sync.model import Document, Person
    from sync.tenant.client import Tenant
    from sync.tenant.shapes import Where
    from sync.tenant.sharepoint import SiteContext

FULL_CONTROL, CONTRIBUTE, READ = 1073741829, 1073741827, 1073741826
"""SharePoint's built-in role definitions carry these ids on every site (gk)."""
UNKNOWN_USER = (400, 404)
"""What EnsureUser answers for somebody the directory does not know (any more)."""
LIMITED_ACCESS = "Limited Access"
"""What SharePoint adds by itself on parents; it opens nothing."""


class Grant(msgspec.Struct, frozen=True):
    """A principal of the site (its number there) and the ids and names of the roles it holds."""

    principal: int
    login: str
    title: str
    roles: dict[str, int]


class Link(msgspec.Struct, frozen=True):
    """A sharing link: its permission id, its scope (anonymous, organization, users), its type."""

    id: str
    scope: str
    type: str


class Audience(msgspec.Struct, frozen=True):
    """Who can open an item. `unique`: it no longer inherits from its library. JSON-able."""

    unique: bool
    grants: tuple[Grant, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """Who keeps access: titles of site groups, the owners' first, and people.

    The first group keeps full control, the others read; people may contribute.
    """

    groups: tuple[str, ...]
    people: tuple[Person, ...] = ()


class _LinkBody(msgspec.Struct):
    scope: str = ""
    type: str = ""


class _Permission(msgspec.Struct, rename="camel"):
    id: str
    link: _LinkBody | None = None
    inherited_from: dict[str, Any] | None = None


class _Permissions(msgspec.Struct):
    value: list[_Permission]


class _SitePermission(msgspec.Struct, rename="camel"):
    id: str
    roles: list[str] = []
    granted_to_identities_v2: list[dict[str, Any]] = []


class _SitePermissions(msgspec.Struct):
    value: list[_SitePermission]


async def audience(tenant: Tenant, where: Where, document: Document) -> Audience:
    """Return who can open a document, links included (15 units, 10 of them assumed)."""
    doing = f"read who can open item {document.item_id}"

    def look(context: SiteContext) -> tuple[bool, tuple[Grant, ...]]:
        item = _item(context, where, document.item_id)
        context.load(item, ["HasUniqueRoleAssignments"])
        assigned = item.role_assignments.expand(["Member", "RoleDefinitionBindings"]).get()
        context.execute_query()
        unique = bool(item.properties["HasUniqueRoleAssignments"])
        return unique, tuple(_grant(one) for one in assigned)

    units = 2 * meter.PERMISSIONS
    unique, grants = await tenant.sharepoint.call(where.site_url, look, doing=doing, units=units)
    return Audience(unique, grants, await _links(tenant, where, document))


async def contain(
    tenant: Tenant,
    where: Where,
    document: Document,
    circle: Circle,
    note: Callable[[Mapping[str, Any]], Awaitable[None]] | None = None,
) -> Mapping[str, Any] | None:
    """Leave a document to a circle; all else loses access, links are removed.

    Returns the audience it had as JSON-able data, for `restore`, or None when it was contained
    already; `note` is awaited with it before anything is closed. Does not wait for a lock. Raises
    Rejected when it did not take effect. About 25 units to find it contained; 5 more for each
    break, grant and link (assumed).
    """
    doing = f"contain item {document.item_id}"
    before = await audience(tenant, where, document)
    wanted = await _wanted(tenant, where, circle, doing)
    if before.unique and not before.links and _matches(before.grants, wanted):
        return None
    had: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(before))
    if note is not None:
        await note(had)

    def close(context: SiteContext) -> None:
        _close(context, _item(context, where, document.item_id), wanted)

    units = 2 * meter.PERMISSIONS
    await tenant.sharepoint.call(where.site_url, close, doing=doing, units=units)
    for link in before.links:
        await _remove_link(tenant, where, document, link)
    after = await audience(tenant, where, document)
    if not after.unique or after.links:
        raise Rejected("it is still open to others", doing=doing, code="notContained")
    return had


async def restore(tenant: Tenant, where: Where, item_id: str, before: Mapping[str, Any]) -> None:
    """Give an item back the audience that `contain` returned; a removed link stays removed."""
    had = msgspec.convert(before, Audience)
    doing = f"give item {item_id} its audience back"

    def reopen(context: SiteContext) -> None:
        item = _item(context, where, item_id)
        if not had.unique:
            item.reset_role_inheritance()
            context.execute_query()
            return
        wanted = {grant.principal: next(iter(grant.roles.values())) for grant in had.grants}
        _close(context, item, wanted)

    units = (2 + len(had.grants)) * meter.PERMISSIONS
    await tenant.sharepoint.call(where.site_url, reopen, doing=doing, units=units)


async def list_is_unique(tenant: Tenant, where: Where) -> bool:
    """Whether a library has permissions of its own, as a restricted one must (5 units)."""

    def look(context: SiteContext) -> bool:
        one = context.web.lists.get_by_id(where.id)
        context.load(one, ["HasUniqueRoleAssignments"])
        context.execute_query()
        return bool(one.properties["HasUniqueRoleAssignments"])

    doing = f"read whether list {where.id} inherits"
    return await tenant.sharepoint.call(where.site_url, look, doing=doing, units=meter.PERMISSIONS)


async def grant_site(
    tenant: Tenant, site_id: str, client_id: str, name: str, role: str = "fullcontrol"
) -> bool:
    """Give an app a role on one site (Sites.Selected); false when it has it (5 or 10 units).

    Only the provisioner may; `fullcontrol` is what removing an audience needs (decision 19).
    """
    path = f"/sites/{site_id}/permissions"
    doing = f"let app {name} work on site {site_id}"
    found = await tenant.graph.get(path, _SitePermissions, doing=doing, units=meter.PERMISSIONS)
    if any(_is_grant(one, client_id, role) for one in found.value):
        return False
    app = {"application": {"id": client_id, "displayName": name}}
    body = {"roles": [role], "grantedToIdentities": [app]}
    ask = Ask("POST", path, doing, body, units=meter.PERMISSIONS, repeatable=True)
    await tenant.graph.send(ask)
    return True


def _is_grant(one: _SitePermission, client_id: str, role: str) -> bool:
    apps = (who.get("application", {}).get("id") for who in one.granted_to_identities_v2)
    return role in one.roles and client_id in apps


def _item(context: SiteContext, where: Where, item_id: str) -> Any:
    return context.web.lists.get_by_id(where.id).get_item_by_id(int(item_id))


def _grant(assignment: Any) -> Grant:
    member = assignment.member.properties
    roles = {
        str(role.properties["Name"]): int(role.properties["Id"])
        for role in assignment.role_definition_bindings
    }
    return Grant(int(member["Id"]), str(member["LoginName"]), str(member["Title"]), roles)


async def _wanted(tenant: Tenant, where: Where, circle: Circle, doing: str) -> dict[int, int]:
    """Return principal → role for those who keep access; who left the directory is passed over."""

    def look(context: SiteContext) -> dict[int, int]:
        found = [context.web.site_groups.get_by_name(title) for title in circle.groups]
        for group in found:
            context.load(group, ["Id"])
        context.execute_query()
        roles = [FULL_CONTROL] + [READ] * (len(found) - 1)
        wanted = {int(one.properties["Id"]): role for one, role in zip(found, roles, strict=False)}
        for person in circle.people:
            number = _number(context, person)
            if number is not None:
                wanted.setdefault(number, CONTRIBUTE)
        return wanted

    units = len(circle.groups) * meter.PERMISSIONS
    return await tenant.sharepoint.call(where.site_url, look, doing=doing, units=units)


def _number(context: SiteContext, person: Person) -> int | None:
    from office365.runtime.client_request_exception import (  # noqa: PLC0415 — with office365
        ClientRequestException,
    )

    if not person.mail:  # an app, or someone without a mailbox
        return None
    user = context.web.ensure_user(person.mail)
    try:
        context.execute_query()
    except ClientRequestException as error:
        if error.response is None or error.response.status_code not in UNKNOWN_USER:
            raise
        return None
    return int(user.properties["Id"])


def _matches(grants: Iterable[Grant], wanted: Mapping[int, int]) -> bool:
    """Whether those wanted, and nobody else but our own app, have access."""
    return {one.principal for one in grants if _opens(one)} == set(wanted)


def _opens(grant: Grant) -> bool:
    return any(name != LIMITED_ACCESS for name in grant.roles) and not _is_app(grant)


def _is_app(grant: Grant) -> bool:
    """SharePoint leaves whoever breaks the inheritance: us. An app's login is i:0i.t|…."""
    return grant.login.lower().startswith("i:0i.t|")


def _close(context: SiteContext, item: Any, wanted: Mapping[int, int]) -> None:
    """Break the inheritance without a copy, grant what is wanted, drop all else."""
    item.break_role_inheritance(False, True)  # noqa: FBT003 — the client's own signature
    for principal, role in wanted.items():
        item.role_assignments.add_role_assignment(principal, role)
    assigned = item.role_assignments.expand(["Member", "RoleDefinitionBindings"]).get()
    context.execute_query()
    for grant in (_grant(one) for one in assigned):
        if grant.principal not in wanted and _opens(grant):
            item.role_assignments.get_by_principal_id(grant.principal).delete_object()
    context.execute_query()


async def _links(tenant: Tenant, where: Where, document: Document) -> tuple[Link, ...]:
    path = await _permissions_path(tenant, where, document)
    doing = f"read the sharing links of item {document.item_id}"
    body = await tenant.graph.get(path, _Permissions, doing=doing, units=meter.PERMISSIONS)
    links = [one for one in body.value if one.link and one.inherited_from is None]
    return tuple(Link(one.id, one.link.scope, one.link.type) for one in links if one.link)


async def _permissions_path(tenant: Tenant, where: Where, document: Document) -> str:
    drive = await drive_id(tenant, where)
    return f"/drives/{drive}/items/{document.drive_item_id}/permissions"


async def _remove_link(tenant: Tenant, where: Where, document: Document, link: Link) -> None:
    path = f"{await _permissions_path(tenant, where, document)}/{segment(link.id)}"
    doing = f"remove a sharing link of item {document.item_id}"
    try:
        await tenant.graph.send(Ask("DELETE", path, doing, units=meter.PERMISSIONS))
    except Missing:  # it went with the role assignment that carried it
        return
