"""People, groups and the organisation as Graph shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, access_denied, bad_request
from local.tenant.routing import Route
from local.tenant.store import directory, ids

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from local.tenant.call import Call

META = "https://graph.microsoft.com/v1.0/$metadata#"
READ = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})
READ_USERS = READ | {"User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All"}
READ_GROUPS = READ | {"Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All",
                      "GroupMember.ReadWrite.All", "Group.Create"}  # fmt: skip
WRITE_GROUPS = frozenset({"Directory.ReadWrite.All", "Group.ReadWrite.All", "Group.Create"})
WRITE_MEMBERS = (WRITE_GROUPS | {"GroupMember.ReadWrite.All"}) - {"Group.Create"}
SHOWN = ("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
         "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id")  # fmt: skip
_FILTER = re.compile(r"^(startswith\()?(\w+)(?: eq |, ?)'((?:[^']|'')*)'\)?$", re.IGNORECASE)


def me(call: Call) -> Answer:
    if call.who.user_id is None:
        message = "/me request is only valid with delegated authentication flow."
        raise bad_request(message, "BadRequest")
    return _entity(call, "users", as_user(_user(call, call.who.user_id)))


def users(call: Call) -> Answer:
    _allow(call, READ_USERS)
    return _page(call, "users", [as_user(row) for row in directory.users(call.store)])


def user(call: Call) -> Answer:
    row = _user(call, call.args["user"])
    if row["id"] != call.who.user_id:
        _allow(call, READ_USERS)
    return _entity(call, "users", as_user(row))


def member_of(call: Call) -> Answer:
    row = _user(call, call.args["user"])
    _allow(call, READ_USERS)
    found = [group_row(call, each) for each in sorted(directory.groups_of(call.store, row["id"]))]
    shown = [{"@odata.type": "#microsoft.graph.group"} | as_group(each) for each in found]
    return _page(call, "directoryObjects", shown)


def groups(call: Call) -> Answer:
    _allow(call, READ_GROUPS)
    return _page(call, "groups", [as_group(row) for row in directory.groups(call.store)])


def group(call: Call) -> Answer:
    _allow(call, READ_GROUPS)
    return _entity(call, "groups", as_group(group_row(call, call.args["group"])))


def create_group(call: Call) -> Answer:
    """Make a group; owners and members may be bound on the same call."""
    _allow(call, WRITE_GROUPS)
    body = call.json()
    for name in ("displayName", "mailNickname", "mailEnabled", "securityEnabled"):
        if name not in body:
            raise bad_request(f"A value is required for property '{name}' of resource 'Group'.",
                              "Request_BadRequest")  # fmt: skip
    unified = "Unified" in (body.get("groupTypes") or ())
    domain = call.store.get("domain")
    mail = f"{body['mailNickname']}@{domain}" if unified else None
    made = directory.Group(ids.new_guid(), body["displayName"], body["mailNickname"], mail,
                           body.get("description"), unified)  # fmt: skip
    directory.put_group(call.store, made)
    for name, owner in (("owners@odata.bind", True), ("members@odata.bind", False)):
        for reference in body.get(name) or ():
            directory.add_member(call.store, made.id, _referred(call, reference)["id"], owner=owner)
    shown = as_group(group_row(call, made.id))
    return Answer(201, {"@odata.context": f"{META}groups/$entity", **shown})


def members(call: Call) -> Answer:
    return _people(call, owners=False)


def owners(call: Call) -> Answer:
    return _people(call, owners=True)


def add_member(call: Call) -> Answer:
    return _add(call, owner=False)


def add_owner(call: Call) -> Answer:
    return _add(call, owner=True)


def remove_member(call: Call) -> Answer:
    _allow(call, WRITE_MEMBERS)
    row = group_row(call, call.args["group"])
    if not directory.remove_member(call.store, row["id"], call.args["member"]):
        raise _missing(call.args["member"])
    return Answer(204)


def organization(call: Call) -> Answer:
    store = call.store
    domain = {"name": store.get("domain"), "isDefault": True, "isInitial": True, "type": "Managed",
              "capabilities": "Email, OfficeCommunicationsOnline"}  # fmt: skip
    shown = {"id": directory.tenant_id(store), "displayName": store.get("organization"),
             "verifiedDomains": [domain], "countryLetterCode": "GB"}  # fmt: skip
    return _page(call, "organization", [shown])


def as_user(row: sqlite3.Row) -> dict[str, Any]:
    given, _, surname = str(row["display_name"]).partition(" ")
    return {
        "businessPhones": [],
        "displayName": row["display_name"],
        "givenName": given or None,
        "jobTitle": row["job_title"],
        "mail": row["mail"],
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-GB",
        "surname": surname or None,
        "userPrincipalName": row["upn"],
        "id": row["id"],
        "accountEnabled": bool(row["enabled"]),
        "userType": "Guest" if row["guest"] else "Member",
    }


def as_group(row: sqlite3.Row) -> dict[str, Any]:
    unified = bool(row["unified"])
    return {
        "id": row["id"],
        "createdDateTime": row["created"],
        "description": row["description"],
        "displayName": row["display_name"],
        "groupTypes": ["Unified"] if unified else [],
        "mail": row["mail"],
        "mailEnabled": unified,
        "mailNickname": row["nickname"],
        "securityEnabled": not unified,
        "visibility": "Private" if unified else None,
    }


def group_row(call: Call, group_id: str) -> sqlite3.Row:
    row = directory.group(call.store, group_id)
    if row is None:
        raise _missing(group_id)
    return row


def _people(call: Call, *, owners: bool) -> Answer:
    _allow(call, READ_GROUPS)
    row = group_row(call, call.args["group"])
    found = directory.members(call.store, row["id"], owners=owners)
    shown = [{"@odata.type": "#microsoft.graph.user"} | as_user(each) for each in found]
    return _page(call, "directoryObjects", shown)


def _add(call: Call, *, owner: bool) -> Answer:
    _allow(call, WRITE_MEMBERS)
    row = group_row(call, call.args["group"])
    person = _referred(call, str(call.json().get("@odata.id", "")))
    if not directory.add_member(call.store, row["id"], person["id"], owner=owner):
        message = "One or more added object references already exist for the following modified"
        raise bad_request(f"{message} properties: 'members'.", "Request_BadRequest")
    return Answer(204)


def _referred(call: Call, reference: str) -> sqlite3.Row:
    """Return the user a reference such as …/directoryObjects/{id} names."""
    return _user(call, reference.rstrip("/").rpartition("/")[2])


def _user(call: Call, key: str) -> sqlite3.Row:
    row = directory.user(call.store, key)
    if row is None:
        raise _missing(key)
    return row


def _missing(key: str) -> Refusal:
    message = f"Resource '{key}' does not exist or one of its queried reference-property objects"
    return Refusal(404, "Request_ResourceNotFound", f"{message} are not present.")


def _allow(call: Call, permissions: Iterable[str]) -> None:
    held = call.who.roles if call.who.app_only else call.who.scopes
    if not held.intersection(permissions):
        denied = access_denied("Insufficient privileges to complete the operation.")
        denied.code = "Authorization_RequestDenied"
        raise denied


def _entity(call: Call, kind: str, shown: dict[str, Any]) -> Answer:
    return Answer(200, {"@odata.context": f"{META}{kind}/$entity", **_selected(call, shown)})


def _page(call: Call, kind: str, rows: list[dict[str, Any]]) -> Answer:
    """Apply $filter, $top and $select; a filter this tenant can't read is refused, not ignored."""
    if expression := call.query.get("$filter"):
        rows = [row for row in rows if _matches(row, expression)]
    top = int(call.query.get("$top", "999"))
    skip = int(call.query.get("$skiptoken", "0"))
    body: dict[str, Any] = {"@odata.context": f"{META}{kind}"}
    if len(rows) > skip + top:
        rest = "&".join(f"{k}={v}" for k, v in call.query.items() if k != "$skiptoken")
        body["@odata.nextLink"] = f"{call.base}/v1.0{call.path}?{rest}&$skiptoken={skip + top}"
    body["value"] = [_selected(call, row) for row in rows[skip : skip + top]]
    return Answer(200, body)


def _matches(row: dict[str, Any], expression: str) -> bool:
    hit = _FILTER.match(expression.strip())
    if hit is None or hit[2] not in row:
        raise Refusal(400, "Request_UnsupportedQuery", f"Unsupported filter: {expression}")
    value = str(row[hit[2]] or "").casefold()
    wanted = hit[3].replace("''", "'").casefold()
    return value.startswith(wanted) if hit[1] else value == wanted


def _selected(call: Call, shown: dict[str, Any]) -> dict[str, Any]:
    """Keep what $select names; without it a user shows Graph's default members only."""
    if chosen := call.query.get("$select"):
        names = {name.strip() for name in chosen.split(",")} | {"@odata.type"}
        return {name: value for name, value in shown.items() if name in names}
    if "userPrincipalName" in shown:
        return {name: value for name, value in shown.items() if name in (*SHOWN, "@odata.type")}
    return shown


ROUTES = (
    Route("GET", "/me", me, 1),
    Route("GET", "/users", users, 2),
    Route("GET", "/users/{user}/memberOf", member_of, 2),
    Route("GET", "/users/{user}", user, 1),
    Route("GET", "/groups", groups, 2),
    Route("POST", "/groups", create_group, 2),
    Route("GET", "/groups/{group}", group, 1),
    Route("GET", "/groups/{group}/members", members, 2),
    Route("GET", "/groups/{group}/owners", owners, 2),
    Route("POST", "/groups/{group}/members/$ref", add_member, 2),
    Route("POST", "/groups/{group}/owners/$ref", add_owner, 2),
    Route("DELETE", "/groups/{group}/members/{member}/$ref", remove_member, 2),
    Route("GET", "/organization", organization, 1),
)
