"""What roles, grants and token scopes let their holder do, as sets of verbs.

Verbs are read, write, manage (lists and columns), approve, and fullcontrol (permissions).
"""

from __future__ import annotations

from dataclasses import dataclass

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
