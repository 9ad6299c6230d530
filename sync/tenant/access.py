"""Who can open a document, and taking an open audience away from it (decision 8).

What is closed first is closed for good: each write may be repeated, and the look comes after them.

Inheritance can only be read and broken by SharePoint REST (Graph gives no `inheritedFrom` in
libraries, wire.md 6); links are listed and removed by Graph. Every call here costs 5 units.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from sync.errors import Missing, Rejected, Transient
from sync.tenant import meter
from sync.tenant.graph import Ask, segment
from sync.tenant.lists import drive_id
from sync.tenant.pace import Lane, lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from sync.model import Document, Person
    from sync.tenant.client import Tenant
    from sync.tenant.shapes import Where
    from sync.tenant.sharepoint import SiteContext

FULL_CONTROL, CONTRIBUTE, READ = 1073741829, 1073741827, 1073741826
"""SharePoint's built-in role definitions carry these ids on every site (gk)."""
UNKNOWN_USER = (400, 404)
"""What EnsureUser answers for somebody the directory does not know (any more)."""
_WHO = (
    "?$select=HasUniqueRoleAssignments,RoleAssignments"
    "&$expand=RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings"
)
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
    """Return who can open a document, links included (5 units, 10 where it no longer inherits).

    A link makes permissions of the file's own, so where it inherits there is none to ask for (gk).
    """
    from sync.tenant import rest  # noqa: PLC0415 — office365 costs a second

    doing = f"read who can open item {document.item_id}"
    path = _item_path(where, document.item_id) + _WHO
    unique, grants = _told(await rest.read(tenant, where.site_url, path, doing=doing))
    return Audience(unique, grants, await _links(tenant, where, document) if unique else ())


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
    Rejected when it did not take effect. 5 units to find out; 10 to close it and see that it is
    closed, 5 more for each group or person that stays and for each link (assumed).
    """
    doing = f"contain item {document.item_id}"
    before = await audience(tenant, where, document)
    wanted = await _wanted(tenant, where, document, circle)
    if before.unique and not before.links and _matches(before.grants, wanted):
        return None
    had: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(before))
    if note is not None:
        await note(had)
    try:
        after = await _close(tenant, where, document.item_id, wanted, doing)
    except (Missing, Rejected):  # a group was made anew, or the uploader is known here no longer
        for title in circle.groups:
            tenant.group_ids.pop((where.site_url, title), None)
        wanted = await _wanted(tenant, where, replace(document, fields={}), circle)
        after = await _close(tenant, where, document.item_id, wanted, doing)
    for link in before.links:
        await _remove_link(tenant, where, document, link)
    left = await _links(tenant, where, document) if before.links else ()
    if not after.unique or left or _others(after.grants, wanted):
        raise Rejected("it is still open to others", doing=doing, code="notContained")
    return had


async def restore(tenant: Tenant, where: Where, item_id: str, before: Mapping[str, Any]) -> None:
    """Give an item back the audience that `contain` returned; a removed link stays removed."""
    had = msgspec.convert(before, Audience)
    doing = f"give item {item_id} its audience back"

    if had.unique:
        wanted = {grant.principal: next(iter(grant.roles.values())) for grant in had.grants}
        await _close(tenant, where, item_id, wanted, doing)
        return

    def reopen(context: SiteContext) -> None:
        _item(context, where, item_id).reset_role_inheritance()
        context.execute_query()

    await tenant.sharepoint.call(where.site_url, reopen, doing=doing, units=meter.PERMISSIONS)


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


def _item_path(where: Where, item_id: str) -> str:
    return f"Web/Lists(guid'{where.id}')/Items({int(item_id)})"


def _told(answer: Mapping[str, Any]) -> tuple[bool, tuple[Grant, ...]]:
    """Read what one look at an item (`_WHO`) tells: does it stand alone, and who may open it."""
    grants = [
        Grant(
            int(one["Member"]["Id"]),
            str(one["Member"]["LoginName"]),
            str(one["Member"]["Title"]),
            {str(role["Name"]): int(role["Id"]) for role in one["RoleDefinitionBindings"]},
        )
        for one in answer["RoleAssignments"]
    ]
    return bool(answer["HasUniqueRoleAssignments"]), tuple(grants)


async def _wanted(
    tenant: Tenant, where: Where, document: Document, circle: Circle
) -> dict[int, int]:
    """Return principal → role for those who keep access; who left the directory is passed over.

    A group's number is asked for once (2 units); the uploader's comes with the file's columns.
    """
    numbers = await _group_numbers(tenant, where, circle.groups)
    roles = [FULL_CONTROL] + [READ] * (len(numbers) - 1)
    wanted = dict(zip(numbers, roles, strict=True))
    for person in circle.people:
        number = await _number(tenant, where, document, person)
        if number is not None:
            wanted.setdefault(number, CONTRIBUTE)
    return wanted


async def _group_numbers(tenant: Tenant, where: Where, titles: Sequence[str]) -> list[int]:
    """Return the site's numbers of its groups in the order asked for."""
    known = tenant.group_ids
    missing = [title for title in titles if (where.site_url, title) not in known]
    if missing:

        def look(context: SiteContext) -> list[int]:
            found = [context.web.site_groups.get_by_name(title) for title in missing]
            for group in found:
                context.load(group, ["Id"])
            context.execute_query()
            return [int(one.properties["Id"]) for one in found]

        units = len(missing) * meter.REST
        doing = "find the groups that keep access"
        told = await tenant.sharepoint.call(where.site_url, look, doing=doing, units=units)
        known.update(zip(((where.site_url, title) for title in missing), told, strict=True))
    return [known[where.site_url, title] for title in titles]


async def _number(tenant: Tenant, where: Where, document: Document, person: Person) -> int | None:
    """Return a person's number on the site, None for an app or somebody who left."""
    if not person.mail:  # an app, or someone without a mailbox
        return None
    if person == document.created_by and (told := document.column("AuthorLookupId")).isdecimal():
        return int(told)

    def look(context: SiteContext) -> int:
        user = context.web.ensure_user(person.mail)
        context.execute_query()
        return int(user.properties["Id"])

    try:
        doing = "find somebody who keeps access"
        return await tenant.sharepoint.call(where.site_url, look, doing=doing)
    except (Missing, Rejected) as error:
        if error.status not in UNKNOWN_USER:
            raise
        return None


def _matches(grants: Iterable[Grant], wanted: Mapping[int, int]) -> bool:
    """Whether those wanted, and nobody else but our own app, have access."""
    return {one.principal for one in grants if _opens(one)} == set(wanted)


def _others(grants: Iterable[Grant], wanted: Mapping[int, int]) -> list[int]:
    return [one.principal for one in grants if _opens(one) and one.principal not in wanted]


def _opens(grant: Grant) -> bool:
    return any(name != LIMITED_ACCESS for name in grant.roles) and not _is_app(grant)


def _is_app(grant: Grant) -> bool:
    """SharePoint leaves whoever breaks the inheritance: us. An app's login is i:0i.t|…."""
    return grant.login.lower().startswith("i:0i.t|")


async def _close(
    tenant: Tenant, where: Where, item_id: str, wanted: Mapping[int, int], doing: str
) -> Audience:
    """Break the inheritance without a copy, grant what is wanted, drop all else; look at the end.

    One request: writes go first in a $batch, and what was read with them shows what they did.
    """

    def close(context: SiteContext) -> Audience:
        item = _item(context, where, item_id)
        item.break_role_inheritance(False, True)  # noqa: FBT003 — the client's own signature
        for principal, role in wanted.items():
            item.role_assignments.add_role_assignment(principal, role)
        seen = _looked(context, where, item_id)
        others = _others(seen.grants, wanted)
        if not others:
            return seen
        for principal in others:
            item.role_assignments.get_by_principal_id(principal).delete_object()
        return _looked(context, where, item_id)

    units = (2 + len(wanted)) * meter.PERMISSIONS
    with lane(Lane.URGENT):  # the day's last units are for this
        return await tenant.sharepoint.call(where.site_url, close, doing=doing, units=units)


def _looked(context: SiteContext, where: Where, item_id: str) -> Audience:
    """Send what is queued together with a look at the item; raises the first thing refused."""
    from sync.tenant.sharepoint import Look  # noqa: PLC0415 — with office365

    look = Look(context, _item_path(where, item_id) + _WHO)
    context.add_query(look)
    refused = [error for error in context.execute_together() if error is not None]
    if refused:  # what only came too fast goes first: the retry begins anew, each write repeats
        raise min(refused, key=lambda error: not isinstance(error, Transient))
    return Audience(*_told(look.answer))


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
