"""Graph: groups, who is in them, and what changed among them."""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal
from local.tenant.graph import directory as common
from local.tenant.graph import odata
from local.tenant.routing import Route
from local.tenant.store import directory, ids, profiles

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from local.tenant.call import Call
    from local.tenant.store.database import Store

    type Row = dict[str, Any]

_PLAIN = ("classification", "deletedDateTime", "expirationDateTime", "isAssignableToRole",
          "membershipRule", "membershipRuleProcessingState", "onPremisesDomainName",
          "onPremisesLastSyncDateTime", "onPremisesNetBiosName", "onPremisesSamAccountName",
          "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation",
          "preferredLanguage", "theme")  # fmt: skip
_COLLECTIONS = ("creationOptions", "resourceBehaviorOptions", "resourceProvisioningOptions",
                "onPremisesProvisioningErrors")  # fmt: skip
_SELECT_ONLY = {"-allowExternalSenders": False, "-autoSubscribeNewMembers": False,
                "-isSubscribedByMail": False, "-unseenCount": 0, "-hideFromAddressLists": False,
                "-hideFromOutlookClients": False}  # fmt: skip
_OWN = {"displayName": "display_name", "description": "description", "mailNickname": "nickname"}
_NAMED = {"visibility", "classification", "preferredLanguage", "preferredDataLocation", "theme",
          "membershipRule", "membershipRuleProcessingState",
          *(name.removeprefix("-") for name in _SELECT_ONLY)}  # fmt: skip
MOST_BOUND = 20  # members bound in one request (group-post-members.md)
_KINDS = {"groupTypes", "mailEnabled", "securityEnabled"}


def shown(store: Store, row: sqlite3.Row) -> Row:
    """Return a group; members that only $select brings have a `-` before their name."""
    unified, more = bool(row["unified"]), profiles.of(store, row["id"])
    dynamic = ["DynamicMembership"] if more.get("membershipRule") else []
    return {
        "id": row["id"],
        "createdDateTime": row["created"],
        "description": row["description"],
        "displayName": row["display_name"],
        "groupTypes": (["Unified"] if unified else []) + dynamic,
        "mail": row["mail"],
        "mailEnabled": unified,
        "mailNickname": row["nickname"],
        "proxyAddresses": [f"SMTP:{row['mail']}"] if row["mail"] else [],
        "renewedDateTime": row["created"],
        "securityEnabled": not unified,
        "securityIdentifier": security_identifier(row["id"]),
        "visibility": more.get("visibility", "Private" if unified else None),
        **{name: more.get(name) for name in _PLAIN},
        **{name: more.get(name, []) for name in _COLLECTIONS},
        **{name: more.get(name[1:], value) for name, value in _SELECT_ONLY.items()},
    }


def security_identifier(guid: str) -> str:
    """Return a directory object's SID: S-1-12-1 and the guid's four 32-bit words."""
    words = struct.unpack("<4I", uuid.UUID(guid).bytes_le)
    return "-".join(("S-1-12-1", *map(str, words)))


def _all(call: Call) -> list[Row]:
    common.allow(call, common.READ_GROUPS)
    return [shown(call.store, row) for row in directory.groups(call.store)]


def every(call: Call) -> Answer:
    return common.page(call, "groups", _all(call))


def count(call: Call) -> Answer:
    return common.count(call, _all(call))


def get(call: Call) -> Answer:
    common.allow(call, common.READ_GROUPS)
    row = common.group_row(call, call.args["group"])
    answer = common.entity(call, "groups", shown(call.store, row))
    answer.body["id"] = row["id"]  # a group's id comes whatever $select says (group-get.md)
    return answer


def create(call: Call) -> Answer:
    """Make a group; owners and members may be bound on the same call."""
    common.allow(call, common.WRITE_GROUPS)
    body = call.json()
    for name in ("displayName", "mailNickname", "mailEnabled", "securityEnabled"):
        if name not in body:
            raise common.refused(f"A value is required for property '{name}' of resource 'Group'.")
    unified = "Unified" in (body.get("groupTypes") or ())
    mail = f"{body['mailNickname']}@{call.store.get('domain')}" if unified else None
    made = directory.Group(ids.new_guid(), body["displayName"], body["mailNickname"], mail,
                           body.get("description"), unified)  # fmt: skip
    directory.put_group(call.store, made)
    profiles.merge(call.store, made.id, {name: body[name] for name in _NAMED & body.keys()})
    _bind(call, made.id, body)
    told = common.select(shown(call.store, common.group_row(call, made.id)), set())
    return Answer(201, {"@odata.context": f"{common.META}groups/$entity", **told})


def _bind(call: Call, group_id: str, body: Row) -> None:
    for name, owner in (("owners@odata.bind", True), ("members@odata.bind", False)):
        for reference in body.get(name) or ():
            bound = common.object_id(call, reference)
            directory.add_member(call.store, group_id, bound, owner=owner)


def update(call: Call) -> Answer:
    """Change a group, or add up to twenty members at once (`members@odata.bind`)."""
    body = call.json()
    binding = set(body) <= {"members@odata.bind", "@odata.type"}
    common.allow(call, common.WRITE_MEMBERS if binding else common.WRITE_GROUPS)
    row = common.group_row(call, call.args["group"])
    if len(body.get("members@odata.bind") or ()) > MOST_BOUND:
        raise common.refused("Up to 20 members can be added in a single request.")
    plain = {name: value for name, value in body.items() if "@" not in name}
    for name in sorted(plain.keys() - _NAMED - _OWN.keys() - _KINDS):
        raise common.refused(f"Property '{name}' is read-only or unknown and cannot be set.")
    for name in _OWN.keys() & plain.keys():
        call.store.run(f"UPDATE groups SET {_OWN[name]}=? WHERE id=?", plain[name], row["id"])
    profiles.merge(call.store, row["id"], {name: plain[name] for name in _NAMED & plain.keys()})
    profiles.note(call.store, row["id"], profiles.GROUP)
    _bind(call, row["id"], body)
    return Answer(204)


def remove(call: Call) -> Answer:
    common.allow(call, common.WRITE_GROUPS)
    directory.remove_group(call.store, common.group_row(call, call.args["group"])["id"])
    return Answer(204)


def delta(call: Call) -> Answer:
    common.allow(call, common.READ_GROUPS)

    def render(group_id: str, since: int) -> Row | None:
        row = directory.group(call.store, group_id)
        if row is None:
            return None
        joined = profiles.members_since(call.store, group_id, since)
        members = [_membership(entry) for entry in joined if since or not entry["gone"]]
        told = shown(call.store, row)
        return {**told, "members@delta": members} if members else told

    return changes(call, profiles.GROUP, render)


def _membership(entry: sqlite3.Row) -> Row:
    kind = entry["kind"] or profiles.USER
    told = {"@odata.type": f"#microsoft.graph.{kind}", "id": entry["member_id"]}
    return {**told, "@removed": {"reason": "deleted"}} if entry["gone"] else told


def changes(call: Call, kind: str, render: Callable[[str, int], Row | None]) -> Answer:
    """Answer a directory delta: everything without a token, then what changed since.

    A token packs where the page starts, where the round began, and the properties chosen at first.
    """
    at, born, picked = _token(call, kind)
    text = call.query.get("$top", "100")
    size = int(text) if text.isdecimal() and text != "0" else 100
    found = profiles.since(call.store, kind, at, size + 1)
    rows = []
    for entry in found[:size]:
        told = render(entry["id"], born)
        if told is not None:
            rows.append(_picked(told, picked))
        elif born or at:
            rows.append({"id": entry["id"], "@removed": {"reason": "deleted"}})
    more = len(found) > size
    reached = found[:size][-1]["seq"] if found else at
    mark = f"{kind}.{reached}.{born if more else reached}.{picked}"
    option, name = ("__skiptoken", "nextLink") if more else ("__deltatoken", "deltaLink")
    dropped = {"__select": "", "__skiptoken": "", "__deltatoken": "", "__filter": ""}
    link = odata.link(call, **(dropped | {option: mark}))
    names = f"({picked})" if picked else ""
    context = f"{common.META}{kind}s{names}"
    return Answer(200, {"@odata.context": context, f"@odata.{name}": link, "value": rows})


def _picked(told: Row, picked: str) -> Row:
    """Keep the chosen properties and the id; a group's members come when chosen, or by default."""
    names = {name for name in picked.split(",") if name}
    if not names:
        return common.select(told, set())
    kept = common.select(told, {*names, "id"} - {"members"})
    members = {key: value for key, value in told.items() if key == "members@delta"}
    return kept | (members if "members" in names else {})


def _token(call: Call, kind: str) -> tuple[int, int, str]:
    text = call.query.get("$skiptoken") or call.query.get("$deltatoken") or ""
    if not text:
        return 0, 0, call.query.get("$select", "").replace(" ", "")
    if text.lower() == "latest":
        newest = profiles.last(call.store)
        return newest, newest, ""
    parts = text.split(".", 3)
    if len(parts) != 4 or parts[0] != kind or not (parts[1] + parts[2]).isdecimal():  # noqa: PLR2004 -- kind, place, birth, names
        raise Refusal(400, "Request_BadRequest", "Badly formed token.")
    return int(parts[1]), int(parts[2]), parts[3]


ROUTES = (
    Route("GET", "/groups", every, 2),
    Route("POST", "/groups", create, 2),
    Route("GET", "/groups/$count", count, 2),
    Route("GET", "/groups/delta", delta, 2),
    Route("GET", "/groups/{group}", get, 1),
    Route("PATCH", "/groups/{group}", update, 2),
    Route("DELETE", "/groups/{group}", remove, 2),
)
