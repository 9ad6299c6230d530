"""Which call each element of a schema needs, and which permission of which app (least privilege).

`docs/permissions.md` is made from this table; a test fails on a kind of step without a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.plan import Kind

type App = Literal["provisioner", "enforcer"]


@dataclass(frozen=True, slots=True)
class Need:
    """One call: the API, its operation, the application permission, what it needs on the site."""

    api: Literal["Graph", "SharePoint REST"]
    call: str
    permission: str
    on_site: str = ""


FULL = "Sites.FullControl.All"
SELECTED = "Sites.Selected"
REST: Literal["SharePoint REST"] = "SharePoint REST"

NEEDS: Mapping[Kind, tuple[Need, ...]] = {
    "site": (
        Need(REST, "POST SPSiteManager/Create", "Sites.Create.All"),
        Need(REST, "MERGE Web", FULL, "fullcontrol"),
    ),
    "group": (Need(REST, "POST Web/SiteGroups, …/Users", FULL, "fullcontrol"),),
    "column": (Need(REST, "POST Web/Fields/CreateFieldAsXml, MERGE", FULL, "manage"),),
    "content type": (Need(REST, "POST Web/ContentTypes, …/FieldLinks", FULL, "manage"),),
    "list": (Need(REST, "POST Web/Lists", FULL, "manage"),),
    "binding": (Need(REST, "POST …/AddAvailableContentType, …/Fields", FULL, "manage"),),
    "lookup": (Need(REST, "POST …/Fields/CreateFieldAsXml", FULL, "manage"),),
    "list column": (Need(REST, "MERGE …/Fields", FULL, "manage"),),
    "view": (Need(REST, "POST …/Views/Add, MERGE", FULL, "manage"),),
    "settings": (Need(REST, "MERGE Web/Lists", FULL, "manage"),),
    "approval": (
        Need(REST, "POST …/ValidateUpdateListItem", FULL, "write"),
        Need(REST, "MERGE Web/Lists", FULL, "manage"),
    ),
    "level": (Need(REST, "POST Web/RoleAssignments", FULL, "fullcontrol"),),
    "access": (Need(REST, "POST …/BreakRoleInheritance, …/RoleAssignments", FULL, "fullcontrol"),),
    "app": (Need("Graph", "POST /sites/{id}/permissions", FULL),),
    "file": (Need("Graph", "PUT /drives/{id}/root:/{name}:/content", FULL, "write"),),
    "template": (Need(REST, "MERGE …/ContentTypes", FULL, "manage"),),
    "hub": (Need(REST, "POST Site/RegisterHubSite, Site/JoinHubSite", FULL, "fullcontrol"),),
    "navigation": (Need(REST, "POST Web/Navigation/…, MERGE", FULL, "manage"),),
    "webhook": (Need("Graph", "POST /subscriptions", SELECTED, "manage"),),
}
"""By kind of step. The provisioner takes them all but the webhooks, which are the enforcer's."""

POLICING: Mapping[str, Need] = {
    "read the changes of a list": Need("Graph", "GET …/items/delta", SELECTED, "read"),
    "read a file": Need("Graph", "GET …/driveItem/content", SELECTED, "read"),
    "rename or move a file": Need(REST, "POST SP.MoveCopyUtil", SELECTED, "write"),
    "write Verger's columns": Need(REST, "POST …/ValidateUpdateListItem", SELECTED, "write"),
    "leave a link to a moved file": Need("Graph", "PUT …:/content", SELECTED, "write"),
    "let the uploader of a moved file in": Need("Graph", "POST …/invite", SELECTED, "fullcontrol"),
    "take an audience away": Need(REST, "POST …/RoleAssignments", SELECTED, "fullcontrol"),
    "read who can open a library": Need(
        REST, "GET …/RoleAssignments, …/HasUniqueRoleAssignments", SELECTED, "fullcontrol"
    ),
    "read a file's links": Need("Graph", "GET …/permissions", SELECTED, "fullcontrol"),
    "revoke a link or a guest": Need("Graph", "DELETE …/permissions/{id}", SELECTED, "fullcontrol"),
    "revoke a role": Need(
        REST, "DELETE …/RoleAssignments/GetByPrincipalId", SELECTED, "fullcontrol"
    ),
    "open an agenda for its day": Need(REST, "POST …/RoleAssignments", SELECTED, "fullcontrol"),
    "hear of changes": Need("Graph", "POST /subscriptions", SELECTED, "manage"),
    "see whether an owner has left": Need("Graph", "GET /users?$filter=…", "User.Read.All"),
    "hear of changed permissions": Need(
        "Graph", "POST /subscriptions (a drive, includesecuritywebhooks)", SELECTED, "manage"
    ),
    "send a notice": Need("Graph", "POST /users/{mailbox}/sendMail", "Mail.Send"),
}
"""What the enforcer does on the sites it was granted (`Sites.Selected`, fullcontrol)."""

ROLES: Mapping[App, frozenset[str]] = {
    "provisioner": frozenset(
        need.permission for kind, needs in NEEDS.items() if kind != "webhook" for need in needs
    ),
    "enforcer": frozenset(need.permission for need in POLICING.values()),
}
"""The application permissions each of the two apps must have been granted."""


def page() -> str:
    """Return docs/permissions.md."""
    lines = [
        "# Which permission is for what",
        "",
        _OPENING,
        "",
        *(f"- **{app}**: {', '.join(sorted(roles))}" for app, roles in ROLES.items()),
        "",
        "## What each element of a schema needs",
        "",
        "| element | app | API | call | permission | on the site |",
        "|---|---|---|---|---|---|",
    ]
    for kind, needs in NEEDS.items():
        app: App = "enforcer" if kind == "webhook" else "provisioner"
        lines += [_row(kind, app, need) for need in needs]
    lines += ["", "## What policing needs", "", *_HEAD]
    lines += [_row(what, "enforcer", need) for what, need in POLICING.items()]
    lines += [
        "",
        _ENDING,
    ]
    return "\n".join(lines) + "\n"


_OPENING = (
    "Made from the code by `make schemas`. Two apps, each with a certificate of its own; nothing"
    " acts as a user."
)
_ENDING = (
    "`verger doctor --scratch` tries each of them on a library of its own and names what is"
    " missing. `Mail.Send` is limited to one mailbox by an application access policy."
)
_HEAD = (
    "| what | app | API | call | permission | on the site |",
    "|---|---|---|---|---|---|",
)


def _row(what: str, app: App, need: Need) -> str:
    cells = (what, app, need.api, f"`{need.call}`", need.permission, need.on_site or "-")
    return f"| {' | '.join(cells)} |"
