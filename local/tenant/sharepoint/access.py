"""Permissions by `_api`: inheritance, role assignments and role definitions of sites, lists, items.

Every operation here costs 5 resource units (wire.md 4), and needs full control of the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, not_found
from local.tenant.sharepoint.surface import (
    KINDS,
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    extra,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import access, principals, rights, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.access import RoleDefinition, Securable

COST = 5
SECURABLES = ("SP.Web", "SP.List", "SP.ListItem")
ROLE, ASSIGNMENT = "SP.RoleDefinition", "SP.RoleAssignment"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One principal's roles on one securable."""

    at: Securable
    principal: sqlite3.Row
    roles: tuple[int, ...]


def securable(thing: Thing) -> Securable:
    """Return the store's securable behind a web, list or item."""
    if thing.kind == "SP.Web":
        return access.of_site(thing.row)
    return access.of_list(thing.row) if thing.kind == "SP.List" else access.of_item(thing.row)


def require(ask: Ask, thing: Thing, what: str) -> Securable:
    """Check that the caller may do `what` (read, write, manage, approve, fullcontrol) there."""
    at = securable(thing)
    access.require(ask.store, ask.who, at, what)
    return at


def require_web(ask: Ask, what: str = "read") -> None:
    """Check that the caller may do `what` to the site as a whole."""
    require(ask, Thing("SP.Web", ask.site), what)


def actor(ask: Ask) -> str:
    return principals.actor_of(ask.who)


@kind(ASSIGNMENT, key=lambda row: str(row.principal["id"]))
def show_assignment(_ask: Ask, row: Assignment) -> dict[str, Any]:
    return {"PrincipalId": row.principal["id"]}


# What SharePoint's own role definitions allow, as two 32-bit words (general knowledge)
PERMISSIONS = {
    1073741829: (2147483647, 4294967295),
    1073741828: (432, 1012866047),
    1073741830: (432, 1011030767),
    1073741827: (432, 1011028719),
    1073741826: (176, 138612833),
    1073741825: (48, 134287360),
    1073741924: (176, 138612801),
    1073741925: (432, 1011028735),
}


@kind(ROLE, key=lambda row: str(row.id))
def show_role(ask: Ask, row: RoleDefinition) -> dict[str, Any]:
    own = rights.mask_of(ask.store, ask.site["id"], row.id) or {}
    high, low = PERMISSIONS.get(row.id) or (own.get("High", 0), own.get("Low", 0))
    return {
        "BasePermissions": Value({"High": str(high), "Low": str(low)}, "SP.BasePermissions"),
        "Description": row.description,
        "Hidden": row.name == "Limited Access",
        "Id": row.id,
        "Name": row.name,
        "Order": [each.id for each in rights.every(ask.store, ask.site["id"])].index(row.id) + 1,
        "RoleTypeKind": row.kind,
    }


def assignments(ask: Ask, place: Thing) -> list[Assignment]:
    """Return the effective assignments of a place, one per principal."""
    at = require(ask, place, "fullcontrol")
    rows = access.assignments(ask.store, at)
    grouped = groupby(rows, key=lambda row: int(row["id"]))
    return [
        Assignment(at, found[0], tuple(row["role_id"] for row in found))
        for _, each in grouped
        if (found := list(each))
    ]


def all_assignments(_ask: Ask, place: Thing) -> Things:
    return Things(ASSIGNMENT, lambda ask: Page(list(assignments(ask, place))), place)


def one_assignment(ask: Ask, place: Thing) -> Thing:
    """Return one principal's assignment; 404 when it has none of its own or inherited."""
    number = ask.number("principalid")
    for row in assignments(ask, place):
        if row.principal["id"] == number:
            return Thing(ASSIGNMENT, row)
    raise not_found("Can not find the principal with id: " + str(number))


def break_inheritance(ask: Ask, place: Thing) -> None:
    """Give a place permissions of its own; arguments come in the URL or in the body."""
    at = require(ask, place, "fullcontrol")
    copy = bool(ask.find("copyRoleAssignments", 0))
    clear = bool(ask.find("clearSubscopes", 1))
    access.break_inheritance(ask.store, at, ask.who, copy=copy, clear=clear)


def reset_inheritance(ask: Ask, place: Thing) -> None:
    access.reset_inheritance(ask.store, require(ask, place, "fullcontrol"), actor(ask))


def unique_ancestor(ask: Ask, place: Thing) -> Thing:
    """Return the nearest place with permissions of its own: the list or the web."""
    at = require(ask, place, "read")
    if at.unique:
        return Thing(place.kind, place.row)
    if at.scope == at.site_id:
        return Thing("SP.Web", sites.by_id(ask.store, at.site_id))
    row = ask.store.one("SELECT * FROM lists WHERE id=?", at.scope)
    if row is not None:
        return Thing("SP.List", row)
    return Thing("SP.ListItem", ask.store.one("SELECT * FROM items WHERE unique_id=?", at.scope))


def make_securable(owner: str) -> None:
    """Put what every securable can do on the surface of one kind."""
    link(owner, "RoleAssignments", COST)(all_assignments)
    keyed(owner, "RoleAssignments")(one_assignment)
    link(owner, "FirstUniqueAncestorSecurableObject")(unique_ancestor)
    act(owner, "BreakRoleInheritance", COST)(break_inheritance)
    act(owner, "ResetRoleInheritance", COST)(reset_inheritance)


def declare_unique(owner: str) -> None:
    """Let $select ask a kind for HasUniqueRoleAssignments; called where the kind is declared."""
    if owner in KINDS:
        extra(owner, "HasUniqueRoleAssignments")(
            lambda _ask, row: securable(Thing(owner, row)).unique
        )


for each in SECURABLES:
    make_securable(each)


@reach(f"{ASSIGNMENT}*", "GetByPrincipalId", COST)
def by_principal(ask: Ask, place: Things) -> Thing:
    return one_assignment(ask, place.owner)


@act(f"{ASSIGNMENT}*", "AddRoleAssignment", COST)
def add_assignment(ask: Ask, place: Things) -> None:
    """Give a role; 400 where the place inherits, 404 for an unknown principal or role."""
    at = require(ask, place.owner, "fullcontrol")
    number, role = ask.number("principalId", 0), ask.number("roleDefId", 1)
    access.assign(ask.store, at, number, role, actor(ask))


@act(f"{ASSIGNMENT}*", "RemoveRoleAssignment", COST)
def remove_role(ask: Ask, place: Things) -> None:
    at = require(ask, place.owner, "fullcontrol")
    number, role = ask.number("principalId", 0), ask.number("roleDefId", 1)
    access.unassign(ask.store, at, number, actor(ask), role)


@verb(ASSIGNMENT, "delete", COST)
@act(ASSIGNMENT, "DeleteObject", COST)
def remove_assignment(ask: Ask, place: Thing) -> None:
    row: Assignment = place.row
    access.unassign(ask.store, row.at, row.principal["id"], actor(ask))


@link(ASSIGNMENT, "RoleDefinitionBindings", COST)
def bindings(_ask: Ask, place: Thing) -> Things:
    numbers = place.row.roles
    return Things(
        ROLE, lambda ask: Page([access.role(ask.store, number) for number in numbers]), place
    )


@link("SP.Web", "RoleDefinitions")
def role_definitions(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(ROLE, lambda ask: Page(list(rights.every(ask.store, ask.site["id"]))), place)


@keyed("SP.Web", "RoleDefinitions")
@reach(f"{ROLE}*", "GetById")
def role_by_id(ask: Ask, _place: Thing | Things) -> Thing:
    return _role(ask, ask.number("id"), "id")


@reach(f"{ROLE}*", "GetByName")
def role_by_name(ask: Ask, _place: Things) -> Thing:
    return _role(ask, ask.text("name"), "name")


@reach(f"{ROLE}*", "GetByType")
def role_by_type(ask: Ask, _place: Things) -> Thing:
    return _role(ask, ask.number("roleType"), "kind")


def _role(ask: Ask, wanted: int | str, by: str) -> Thing:
    for role in rights.every(ask.store, ask.site["id"]):
        if getattr(role, by) == wanted:
            return Thing(ROLE, role)
    raise Refusal(
        404,
        "itemNotFound",
        "Can not find the permission level.",
        -2146232832,
        "Microsoft.SharePoint.SPException",
    )
