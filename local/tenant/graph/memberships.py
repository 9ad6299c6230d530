"""Graph: who is in which group, asked from either side, and narrowed to people or groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.graph import directory as common
from local.tenant.graph import groups, people
from local.tenant.routing import Route
from local.tenant.store import directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.tenant.call import Call

    type Row = dict[str, Any]
    type Source = Callable[[Call], list[Row]]

_USER, _GROUP = "#microsoft.graph.user", "#microsoft.graph.group"
_MOST = 20  # groupIds of one checkMemberGroups (directoryobject-checkmembergroups.md)


def _person(call: Call, row: Any) -> Row:
    told = people.shown(call.store, row)
    return {"@odata.type": _USER, **told, "accountEnabled": told["-accountEnabled"]}


def _group(call: Call, row: Any) -> Row:
    return {"@odata.type": _GROUP, **groups.shown(call.store, row)}


def _asked(call: Call) -> str:
    """Return the id of the person or group whose memberships are asked for."""
    if "group" in call.args:
        common.allow(call, common.READ_GROUPS)
        return str(common.group_row(call, call.args["group"])["id"])
    own = people.me(call)["id"] if "user" not in call.args else ""
    found = own or common.user_row(call, call.args["user"])["id"]
    if found != call.who.user_id:
        common.allow(call, common.READ_USERS)
    return str(found)


def _member_of(call: Call) -> list[Row]:
    return [_group(call, row) for row in directory.direct_groups(call.store, _asked(call))]


def _transitive_member_of(call: Call) -> list[Row]:
    found = sorted(directory.groups_of(call.store, _asked(call)))
    return [_group(call, common.group_row(call, each)) for each in found]


def _members(call: Call) -> list[Row]:
    group_id = _asked(call)
    inner = [_group(call, row) for row in directory.member_groups(call.store, group_id)]
    return [_person(call, row) for row in directory.members(call.store, group_id)] + inner


def _transitive_members(call: Call) -> list[Row]:
    """Return everyone in a group or in the groups inside it, each once."""
    found: dict[str, Row] = {}
    waiting, seen = [_asked(call)], set[str]()
    while waiting:
        group_id = waiting.pop()
        if group_id in seen:
            continue
        seen.add(group_id)
        for row in directory.members(call.store, group_id):
            found[row["id"]] = _person(call, row)
        for row in directory.member_groups(call.store, group_id):
            found[row["id"]] = _group(call, row)
            waiting.append(row["id"])
    return list(found.values())


def _owners(call: Call) -> list[Row]:
    return [_person(call, row) for row in directory.members(call.store, _asked(call), owners=True)]


def _add(call: Call, *, owner: bool) -> Answer:
    common.allow(call, common.WRITE_MEMBERS)
    row = common.group_row(call, call.args["group"])
    bound = common.object_id(call, str(call.json().get("@odata.id", "")))
    if not directory.add_member(call.store, row["id"], bound, owner=owner):
        message = "One or more added object references already exist for the following modified"
        raise common.refused(f"{message} properties: '{'owners' if owner else 'members'}'.")
    return Answer(204)


def add_member(call: Call) -> Answer:
    return _add(call, owner=False)


def add_owner(call: Call) -> Answer:
    return _add(call, owner=True)


def _remove(call: Call, *, owner: bool) -> Answer:
    common.allow(call, common.WRITE_MEMBERS)
    row = common.group_row(call, call.args["group"])
    member = common.object_id(call, call.args["member"])
    if not directory.remove_member(call.store, row["id"], member, owner=owner):
        raise common.missing(member)
    return Answer(204)


def remove_member(call: Call) -> Answer:
    return _remove(call, owner=False)


def remove_owner(call: Call) -> Answer:
    return _remove(call, owner=True)


def _about(call: Call) -> str:
    """Return whose groups are checked: a person, a group, any directory object, or the caller."""
    if not {"user", "group"} & call.args.keys() and "object" in call.args:
        common.allow(call, common.READ_USERS | common.READ_GROUPS)
        return common.object_id(call, call.args["object"])
    return _asked(call)


def _strings(found: list[str]) -> Answer:
    context = f"{common.META}Collection(Edm.String)"
    return Answer(200, {"@odata.context": context, "value": found})


def check(call: Call) -> Answer:
    """Say which of the groups (`groupIds`) or objects (`ids`) named the asked one is in."""
    body = call.json()
    asked = body.get("groupIds", body.get("ids"))
    if not isinstance(asked, list) or not asked or len(asked) > _MOST:
        raise common.refused(f"Between 1 and {_MOST} ids are needed.")
    held = {each.lower() for each in directory.groups_of(call.store, _about(call))}
    return _strings([each for each in asked if str(each).lower() in held])


def get_groups(call: Call) -> Answer:
    """Return the ids of all groups the asked one is in; of security groups only when told so."""
    only = call.json().get("securityEnabledOnly") is True
    found = sorted(directory.groups_of(call.store, _about(call)))
    rows = [common.group_row(call, each) for each in found]
    return _strings([row["id"] for row in rows if not (only and row["unified"])])


def _collection(path: str, source: Source, *, people: bool = True) -> tuple[Route, ...]:
    """Return the routes of a collection of directory objects: whole, counted, and of one kind.

    Without `people` it holds groups only, and each of them can be asked for by its id.
    """

    def every(call: Call) -> Answer:
        return common.page(call, "directoryObjects", source(call))

    def count(call: Call) -> Answer:
        return common.count(call, source(call))

    def narrowed(kind: str, name: str) -> tuple[Route, Route]:
        def rows(call: Call) -> list[Row]:
            found = (dict(row) for row in source(call) if row["@odata.type"] == kind)
            return [{k: v for k, v in row.items() if k != "@odata.type"} for row in found]

        return (
            Route("GET", f"{path}/{name}", lambda call: common.page(call, f"{name}s", rows(call))),
            Route("GET", f"{path}/{name}/$count", lambda call: common.count(call, rows(call))),
        )

    def one(call: Call) -> Answer:
        for row in source(call):
            if row["id"].lower() == call.args["object"].lower():
                return common.entity(call, "directoryObjects", row)
        raise common.missing(call.args["object"])

    return (
        Route("GET", path, every, 2),
        Route("GET", f"{path}/$count", count, 2),
        *narrowed(_GROUP, "group"),
        *(narrowed(_USER, "user") if people else (Route("GET", f"{path}/{{object}}", one, 1),)),
    )


_CHECKS = (("checkMemberGroups", check), ("checkMemberObjects", check),
           ("getMemberGroups", get_groups), ("getMemberObjects", get_groups))  # fmt: skip
_WHO = ("/me", "/users/{user}", "/groups/{group}", "/directoryObjects/{object}")
ROUTES = (
    *(
        route
        for who in ("/me", "/users/{user}")
        for route in (
            *_collection(f"{who}/memberOf", _member_of, people=False),
            *_collection(f"{who}/transitiveMemberOf", _transitive_member_of, people=False),
        )
    ),
    *_collection("/groups/{group}/memberOf", _member_of, people=False),
    *_collection("/groups/{group}/members", _members),
    *_collection("/groups/{group}/transitiveMembers", _transitive_members),
    *_collection("/groups/{group}/owners", _owners),
    *(Route("POST", f"{who}/{name}", run, 2) for who in _WHO for name, run in _CHECKS),
    Route("POST", "/groups/{group}/members/$ref", add_member, 2),
    Route("POST", "/groups/{group}/owners/$ref", add_owner, 2),
    Route("DELETE", "/groups/{group}/members/{member}/$ref", remove_member, 2),
    Route("DELETE", "/groups/{group}/owners/{member}/$ref", remove_owner, 2),
)
