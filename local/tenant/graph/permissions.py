"""Graph: permissions of files, folders, lists and items; invitations and sharing links.

A permission of a person or group is one role assignment; libraries never say what it is inherited
from (wire.md 6). List and list item permissions are for applications only.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.graph import find, odata, shapes, sites
from local.tenant.graph.item_shapes import Shaper
from local.tenant.routing import Route
from local.tenant.store import access, links, principals

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.access import Securable
    from local.tenant.store.ids import Item

_CONTEXT = odata.context("permissions")
_PART_FAILED = 207


def _id_of(row: sqlite3.Row) -> str:
    return (
        str(row["ref"])
        if row["kind"] == principals.LINK
        else base64.urlsafe_b64encode(row["login"].encode()).decode().rstrip("=")
    )


def _roles(call: Call, held: set[int]) -> list[str]:
    if access.FULL_CONTROL in held:
        return ["owner"]
    writes = any("write" in access.role(call.store, number).verbs for number in held)
    return ["write"] if writes else ["read"]


def _grantee(row: sqlite3.Row) -> dict[str, Any]:
    """Return a sharePointIdentitySet for a principal row."""
    name = {"id": row["ref"], "displayName": row["title"]}
    if row["kind"] == principals.APP:
        return {"application": name}
    if row["kind"] == principals.GROUP:
        return {
            "group": name,
            "siteUser": {
                "id": str(row["id"]),
                "displayName": row["title"],
                "loginName": row["login"],
            },
        }
    seat = {"id": str(row["id"]), "displayName": row["title"], "loginName": row["login"]}
    if row["kind"] in {principals.SITE_GROUP, principals.EVERYONE}:
        return {"siteGroup": seat} if row["kind"] == principals.SITE_GROUP else {"siteUser": seat}
    mail = {"email": row["email"]} if row["email"] else {}
    return {"user": {**name, **mail}, "siteUser": {**seat, **mail}}


def _shown(call: Call, row: sqlite3.Row, held: set[int]) -> dict[str, Any]:
    if row["kind"] == principals.LINK:
        return link_shown(call, links.get(call.store, row["ref"]))
    granted = _grantee(row)
    body = {"id": _id_of(row), "roles": _roles(call, held), "grantedToV2": granted}
    if "user" in granted:
        body["grantedTo"] = {"user": granted["user"]}
    return body


def link_shown(call: Call, link: sqlite3.Row) -> dict[str, Any]:
    people = principals.members(call.store, link["site_id"], link["principal_id"])
    body: dict[str, Any] = {
        "id": link["id"],
        "roles": ["write" if link["kind"] == "edit" else "read"],
        "hasPassword": links.has_password(call.store, link),
        "shareId": "u!" + base64.urlsafe_b64encode(link["url"].encode()).decode().rstrip("="),
        "grantedToIdentitiesV2": [_grantee(person) for person in people],
        "link": {
            "type": link["kind"],
            "scope": link["reach"],
            "webUrl": link["url"],
            "preventsDownload": link["kind"] == "blocksDownload",
        },
    }
    body["link"]["application"] = shapes.identity(call.store, f"app:{call.who.app_id}")[
        "application"
    ]
    return {**body, "expirationDateTime": link["expires"]} if link["expires"] else body


def _grouped(call: Call, at: Securable) -> list[tuple[sqlite3.Row, set[int]]]:
    """Return the principals with a role there and all their roles, Limited Access left out."""
    found: dict[int, tuple[sqlite3.Row, set[int]]] = {}
    for row in access.assignments(call.store, at):
        if access.role(call.store, row["role_id"]).verbs:
            found.setdefault(row["id"], (row, set()))[1].add(row["role_id"])
    return list(found.values())


def _target(call: Call, verb: str) -> tuple[Securable, sqlite3.Row, Item | None]:
    row, found = find.item(call, verb) if "list" in call.args else find.drive_item(call, verb)
    return find.securable(row, found), row, found


def every(call: Call) -> Answer:
    at, _row, _found = _target(call, "write")
    return Answer(
        body={
            "@odata.context": _CONTEXT,
            "value": [_shown(call, *pair) for pair in _grouped(call, at)],
        }
    )


def _one(call: Call, at: Securable) -> tuple[sqlite3.Row, set[int]]:
    for row, held in _grouped(call, at):
        if _id_of(row) == call.args["permission"]:
            return row, held
    raise not_found("The permission could not be found.")


def get(call: Call) -> Answer:
    at, _row, _found = _target(call, "write")
    return Answer(body=_shown(call, *_one(call, at)))


def remove(call: Call) -> Answer:
    """Take a permission away; 400 for an inherited one."""
    at, _row, _found = _target(call, "fullcontrol")
    row, _held = _one(call, at)
    actor = principals.actor_of(call.who)
    if row["kind"] == principals.LINK:
        links.remove(call.store, links.get(call.store, row["ref"]), actor)
    else:
        access.unassign(call.store, at, row["id"], actor)
    return Answer(204)


def update(call: Call) -> Answer:
    at, _row, _found = _target(call, "fullcontrol")
    row, _held = _one(call, at)
    if row["kind"] == principals.LINK:
        raise bad_request("The roles of a sharing link cannot be changed.")
    actor, role = principals.actor_of(call.who), _role(call.json())
    access.unassign(call.store, at, row["id"], actor)
    access.assign(call.store, at, row["id"], role, actor)
    return Answer(body=_shown(call, row, {role}))


def _role(body: dict[str, Any]) -> int:
    roles = body.get("roles") or []
    if not roles or any(role not in access.ROLE_OF_GRAPH for role in roles):
        raise bad_request("roles must hold read, write or owner")
    return access.ROLE_OF_GRAPH[roles[0]]


def invite(call: Call) -> Answer:
    """Give people a role; `retainInheritedPermissions: false` removes all others the first time."""
    at, _row, _found = _target(call, "write")
    body = call.json()
    role = _role(body)
    retain = body.get("retainInheritedPermissions", True) is not False
    own = access.break_inheritance(call.store, at, call.who, copy=retain, clear=False)
    values = [_invited(call, own, recipient, role) for recipient in body.get("recipients") or []]
    failed = any("error" in value for value in values)
    return Answer(_PART_FAILED if failed else 200, {"@odata.context": _CONTEXT, "value": values})


def _unknown(who: Any) -> dict[str, Any]:
    told = {"code": "invalidRequest", "message": f"The recipient {who} could not be resolved."}
    return {"id": "", "roles": [], "error": told}


def _invited(call: Call, at: Securable, recipient: dict[str, Any], role: int) -> dict[str, Any]:
    who = recipient.get("objectId") or recipient.get("email") or recipient.get("alias") or ""
    try:
        number = principals.ensure_login(call.store, at.site_id, str(who))
    except Refusal:
        return _unknown(who)
    access.assign(call.store, at, number, role, principals.actor_of(call.who))
    shown = _shown(call, principals.get(call.store, at.site_id, number), {role})
    if recipient.get("email"):
        shown["invitation"] = {"email": recipient["email"], "signInRequired": True}
    return shown


def grant(call: Call) -> Answer:
    """Let more people in by a sharing link (permission-grant.md)."""
    at, _row, _found = _target(call, "write")
    row, _held = _one(call, at)
    if row["kind"] != principals.LINK:
        raise bad_request("Only sharing links can be granted to more people.")
    return grant_link(call, links.get(call.store, row["ref"]))


def grant_link(call: Call, link: sqlite3.Row) -> Answer:
    """Add the recipients to a link; who cannot be found is told in their place (207)."""
    values = [_granted(call, link, each) for each in call.json().get("recipients") or []]
    failed = any("error" in value for value in values)
    return Answer(_PART_FAILED if failed else 200, {"@odata.context": _CONTEXT, "value": values})


def _granted(call: Call, link: sqlite3.Row, recipient: dict[str, Any]) -> dict[str, Any]:
    who = recipient.get("objectId") or recipient.get("email") or recipient.get("alias") or ""
    try:
        number = principals.ensure_login(call.store, link["site_id"], str(who))
    except Refusal:
        return _unknown(who)
    principals.add_member(call.store, link["site_id"], link["principal_id"], number)
    return link_shown(call, link)


def remove_link(call: Call, link: sqlite3.Row) -> Answer:
    links.remove(call.store, link, principals.actor_of(call.who))
    return Answer(204)


def create_link(call: Call) -> Answer:
    at, row, found = _target(call, "write")
    body = call.json()
    kind, reach = str(body.get("type") or "view"), str(body.get("scope") or "organization")
    if (
        kind not in links.ROLE
        or reach not in {"anonymous", "organization", "users"}
        or found is None
    ):
        raise bad_request("type must be view or edit and scope anonymous, organization or users")
    people = [
        str(entry.get("objectId") or entry.get("email") or "")
        for entry in body.get("recipients") or []
    ]
    site = Shaper(call, row).site
    letter = "f" if found["kind"] == "folder" else "w"
    new = links.NewLink(
        kind,
        reach,
        f"https://{site['host']}/:{letter}:/s{site['path'].removeprefix('/sites')}",
        people,
        str(body.get("expirationDateTime") or ""),
        body.get("retainInheritedPermissions", True) is not False,
        str(body.get("password") or ""),
    )
    before = {entry["id"] for entry in links.of_item(call.store, at.id)}
    link = links.create(call.store, at, new, call.who)
    return Answer(
        200 if link["id"] in before else 201,
        {"@odata.context": f"{_CONTEXT}/$entity", **link_shown(call, link)},
    )


def _app_target(call: Call) -> Securable:
    """Return the list or item whose application permissions are meant; fullcontrol needed."""
    if "item" in call.args:
        return access.of_item(find.item(call, "fullcontrol")[1])
    return access.of_list(find.list_(call, "fullcontrol"))


def _app_shown(call: Call, row: sqlite3.Row, held: set[int]) -> dict[str, Any]:
    return {"id": _id_of(row), "roles": _roles(call, held), "grantedToV2": _grantee(row)}


def app_every(call: Call) -> Answer:
    pairs = [
        pair for pair in _grouped(call, _app_target(call)) if pair[0]["kind"] == principals.APP
    ]
    rows = [_app_shown(call, *pair) for pair in pairs]
    return Answer(body={"@odata.context": _CONTEXT, "value": rows})


def app_add(call: Call) -> Answer:
    """Grant an app a role here, which breaks inheritance (permissions-selected-overview.md)."""
    at, body = _app_target(call), call.json()
    role = access.ROLE_OF_GRAPH[sites.role_of(body)]
    own = access.break_inheritance(call.store, at, call.who, copy=True, clear=False)
    number = principals.ensure_app(call.store, at.site_id, sites.application_of(body))
    access.assign(call.store, own, number, role, principals.actor_of(call.who))
    row = principals.get(call.store, at.site_id, number)
    return Answer(201, {"@odata.context": f"{_CONTEXT}/$entity", **_app_shown(call, row, {role})})


def app_get(call: Call) -> Answer:
    return Answer(body=_app_shown(call, *_one(call, _app_target(call))))


def app_update(call: Call) -> Answer:
    at = _app_target(call)
    row, _held = _one(call, at)
    actor, role = principals.actor_of(call.who), access.ROLE_OF_GRAPH[sites.role_of(call.json())]
    access.unassign(call.store, at, row["id"], actor)
    access.assign(call.store, at, row["id"], role, actor)
    return Answer(body=_app_shown(call, row, {role}))


def app_remove(call: Call) -> Answer:
    at = _app_target(call)
    row, _held = _one(call, at)
    access.unassign(call.store, at, row["id"], principals.actor_of(call.who))
    return Answer(204)


_FILE = "/drives/{drive}/items/{item}"
_LIST = "/sites/{site}/lists/{list}"
ROUTES = (
    Route("GET", f"{_FILE}/permissions", every, 5),
    Route("GET", f"{_FILE}/permissions/{{permission}}", get, 5),
    Route("PATCH", f"{_FILE}/permissions/{{permission}}", update, 5),
    Route("DELETE", f"{_FILE}/permissions/{{permission}}", remove, 5),
    Route("POST", f"{_FILE}/permissions/{{permission}}/grant", grant, 5),
    Route("POST", f"{_FILE}/invite", invite, 5),
    Route("POST", f"{_FILE}/createLink", create_link, 5),
    Route("POST", f"{_LIST}/items/{{item}}/createLink", create_link, 5),
    *(
        route
        for base in (_LIST, f"{_LIST}/items/{{item}}")
        for route in (
            Route("GET", f"{base}/permissions", app_every, 5),
            Route("POST", f"{base}/permissions", app_add, 5),
            Route("GET", f"{base}/permissions/{{permission}}", app_get, 5),
            Route("PATCH", f"{base}/permissions/{{permission}}", app_update, 5),
            Route("DELETE", f"{base}/permissions/{{permission}}", app_remove, 5),
        )
    ),
)
