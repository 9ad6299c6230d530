"""What roles, grants and token scopes let their holder do, as sets of verbs.

Verbs are read, write, manage (lists and columns), approve, and fullcontrol (permissions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import not_found
from local.tenant.store import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.tenant.store.database import Store

KIND = "role"  # among what a site keeps
FIRST_OWN = 1073741930  # numbers of levels that sites make, above all of SharePoint's own
READ = frozenset({"read"})
WRITE = READ | {"write"}
MANAGE = WRITE | {"manage", "approve"}
FULL = MANAGE | {"fullcontrol"}
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A permission level. Ids are SharePoint's own and the same in every site."""

    id: int
    name: str
    kind: int
    verbs: frozenset[str]
    description: str


ROLES = {
    role.id: role
    for role in (
        RoleDefinition(1073741829, "Full Control", 5, FULL, "Has full control."),
        RoleDefinition(
            1073741828, "Design", 4, MANAGE, "Can view, add, update, delete, approve and customise."
        ),
        RoleDefinition(
            1073741830,
            "Edit",
            6,
            WRITE | {"manage"},
            "Can add, edit and delete lists, items and documents.",
        ),
        RoleDefinition(
            1073741827,
            "Contribute",
            3,
            WRITE,
            "Can view, add, update and delete items and documents.",
        ),
        RoleDefinition(1073741826, "Read", 2, READ, "Can view items and download documents."),
        RoleDefinition(
            1073741825, "Limited Access", 1, NOTHING, "Can view what permissions are given for."
        ),
        RoleDefinition(
            1073741924, "View Only", 0, READ, "Can view pages, list items, and documents."
        ),
        RoleDefinition(
            1073741925,
            "Approve",
            0,
            WRITE | {"approve"},
            "Can edit and approve items and documents.",
        ),
    )
}
FULL_CONTROL, EDIT, CONTRIBUTE, READER, APPROVER = (
    1073741829,
    1073741830,
    1073741827,
    1073741826,
    1073741925,
)
ROLE_OF_GRAPH = {
    "read": READER,
    "write": CONTRIBUTE,
    "owner": FULL_CONTROL,
    "manage": 1073741828,
    "fullcontrol": FULL_CONTROL,
}
VERBS_OF_GRANT = {
    "read": READ,
    "write": WRITE,
    "manage": MANAGE,
    "fullcontrol": FULL,
    "owner": FULL,
}
BREAK_LIMIT = (
    100_000  # items in a container above which inheritance can no longer be changed (limits.json)
)

APP_ROLES = {
    "Sites.Read.All": READ,
    "Files.Read.All": READ,
    "Sites.ReadWrite.All": WRITE,
    "Files.ReadWrite.All": WRITE,
    "Sites.Manage.All": MANAGE,
    "Sites.FullControl.All": FULL,
}
SCOPES = {
    "Sites.Read.All": READ,
    "Files.Read": READ,
    "Files.Read.All": READ,
    "AllSites.Read": READ,
    "Sites.ReadWrite.All": WRITE | {"approve"},
    "Files.ReadWrite": WRITE,
    "Files.ReadWrite.All": WRITE,
    "AllSites.Write": WRITE | {"approve"},
    "Sites.Manage.All": MANAGE,
    "AllSites.Manage": MANAGE,
    "Sites.FullControl.All": FULL,
    "AllSites.FullControl": FULL,
}
SELECTED = (
    "Sites.Selected",
    "Lists.SelectedOperations.Selected",
    "ListItems.SelectedOperations.Selected",
    "Files.SelectedOperations.Selected",
)


def role(store: Store, role_id: int) -> RoleDefinition:
    """Return a permission level by its number, SharePoint's own or a site's; 404 otherwise."""
    if role_id in ROLES:
        return ROLES[role_id]
    for row in kept.of_kind(store, KIND):
        if row.id == str(role_id):
            return _own(row)
    raise not_found("The role definition does not exist.")


def _own(row: kept.Kept) -> RoleDefinition:
    said = row.members
    return RoleDefinition(
        int(row.id), said["name"], 0, frozenset(said["verbs"]), said["description"]
    )


def every(store: Store, site_id: str) -> list[RoleDefinition]:
    """Return SharePoint's own levels and those the site made."""
    return [*ROLES.values(), *(_own(row) for row in kept.every(store, site_id, KIND))]


def mask_of(store: Store, site_id: str, role_id: int) -> dict[str, Any] | None:
    """Return the mask a site gave to a level of its own, None for SharePoint's."""
    row = kept.find(store, site_id, KIND, str(role_id))
    return None if row is None else dict(row.members["mask"])


def add(store: Store, site_id: str, members: Mapping[str, Any]) -> RoleDefinition:
    """Keep a level of a site's own under the next number of the tenant."""
    taken = [int(row.id) for row in kept.of_kind(store, KIND)]
    number = max(taken, default=FIRST_OWN - 1) + 1
    return _own(kept.put(store, site_id, KIND, members, str(number)))
