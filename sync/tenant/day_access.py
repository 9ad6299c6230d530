"""Access to single files for a day: granted beside what the library gives, and taken back.

Costs (assumed, decision 33): 2 units to list names, 5 for each read or write of permissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.errors import Missing, Rejected
from sync.tenant import rest
from sync.tenant import site_answers as answers
from sync.tenant.rest import Write, quoted
from sync.tenant.site_roles import level_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sync.tenant.client import Tenant
    from sync.tenant.shapes import Where

NEWEST = 500
"""Files looked at, newest first: years of a board's agendas."""
_ROLES = "RoleAssignments/Member,RoleAssignments/RoleDefinitionBindings"


@dataclass(frozen=True, slots=True)
class Held:
    """Who may open a file: `own` is whether it has permissions of its own, `levels` by name.

    `library` is what principals hold on the library, `numbers` the site's numbers of its groups.
    """

    own: bool
    levels: Mapping[str, tuple[str, ...]]
    library: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]

    def only_ours(self, groups: Collection[str]) -> bool:
        """Whether the file's own permissions are the library's, but for these groups."""
        beside = {name: held for name, held in self.levels.items() if name not in groups}
        return self.own and beside == {
            name: held for name, held in self.library.items() if name not in groups
        }


async def names(tenant: Tenant, where: Where) -> Mapping[str, str]:
    """Return the names of a library's newest files by item id (2 units)."""
    path = f"{_list(where)}/Items?$select=Id,FileLeafRef&$orderby=Id desc&$top={NEWEST}"
    doing = "list a library's files"
    (told,) = (await rest.exchange(tenant, where.site_url, [], [path], doing=doing)).answers
    if told is None:
        raise Missing("the library is gone", doing=doing)
    return {str(row["Id"]): str(row["FileLeafRef"]) for row in told["value"]}


async def held(tenant: Tenant, where: Where, item_id: str) -> Held | None:
    """Return who may open a file; None when it is gone. One request, 17 units (assumed)."""
    item = _item(where, item_id)
    reads = [
        f"{item}?$select=HasUniqueRoleAssignments",
        f"{item}/RoleAssignments?$expand=Member,RoleDefinitionBindings",
        f"{_list(where)}/RoleAssignments?$expand=Member,RoleDefinitionBindings",
        "Web/SiteGroups?$select=Id,Title",
    ]
    doing = f"read who may open item {item_id}"
    told = (await rest.exchange(tenant, where.site_url, [], reads, doing=doing)).answers
    own, of_item, of_list, groups = told
    if own is None or of_item is None:
        return None
    return Held(
        own=bool(own["HasUniqueRoleAssignments"]),
        levels=_without_apps(answers.held(of_item["value"])),
        library=_without_apps(answers.held(of_list["value"])),
        numbers={str(row["Title"]): int(row["Id"]) for row in groups["value"]},
    )


def _without_apps(levels: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Leave out apps: SharePoint gives whoever breaks the inheritance full control (i:0i.t|…)."""
    return {name: told for name, told in levels.items() if not name.lower().startswith("i:0i.t|")}


async def let_read(
    tenant: Tenant, where: Where, item_id: str, groups: Sequence[str], found: Held
) -> None:
    """Let groups read one file, keeping everybody else's access as it is.

    Raises Rejected when a group is not there or the grant did not take effect.
    """
    doing = f"open item {item_id} for the day"
    if lacking := [one for one in groups if one not in found.numbers]:
        raise Rejected(f"the site has no group {', '.join(lacking)}", doing=doing)
    item, read = _item(where, item_id), level_number("read")
    writes = [Write(f"{item}/BreakRoleInheritance(copyRoleAssignments=true,clearSubscopes=false)")]
    if found.own:
        writes = []
    writes += [
        Write(
            f"{item}/RoleAssignments/AddRoleAssignment"
            f"(principalid={found.numbers[one]},roledefid={read})"
        )
        for one in groups
    ]
    await rest.write_together(tenant, where.site_url, writes, doing=doing)
    now = await held(tenant, where, item_id)
    if now is None or any(one not in now.levels for one in groups):
        raise Rejected("the grant was accepted without effect", doing=doing)


async def take_back(
    tenant: Tenant, where: Where, item_id: str, groups: Sequence[str], found: Held
) -> None:
    """Take the groups' access to one file away; the file inherits again if that is all it had.

    A file that was given permissions of its own for another reason keeps them: giving it the
    library's again could open what was closed. Raises Rejected when it did not take effect.
    """
    item, doing = _item(where, item_id), f"close item {item_id} again"
    if found.only_ours(groups):
        writes = [Write(f"{item}/ResetRoleInheritance")]
    else:
        writes = [
            Write(
                f"{item}/RoleAssignments/RemoveRoleAssignment"
                f"(principalid={found.numbers[one]},roledefid={level_number(level)})"
            )
            for one in groups
            for level in found.levels.get(one, ())
        ]
    await rest.write_together(tenant, where.site_url, writes, doing=doing)
    now = await held(tenant, where, item_id)
    if now is not None and now.own and any(one in now.levels for one in groups):
        raise Rejected("it is still open to them", doing=doing)


def _list(where: Where) -> str:
    return f"Web/Lists(guid{quoted(where.id)})"


def _item(where: Where, item_id: str) -> str:
    return f"{_list(where)}/Items({int(item_id)})"
