"""Graph: people, their manager, their groups, and what changed among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import bad_request
from local.tenant.graph import directory as common
from local.tenant.graph import groups, odata
from local.tenant.routing import Route
from local.tenant.store import directory, ids, profiles

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.store.database import Store

    type Row = dict[str, Any]

# Shown only when $select asks for them (user-get.md, "only a default set of properties").
_COLLECTIONS = ("assignedLicenses", "assignedPlans", "imAddresses", "otherMails",
                "provisionedPlans", "proxyAddresses")  # fmt: skip
_PLAIN = ("ageGroup", "city", "companyName", "consentProvidedForMinor", "country", "creationType",
          "deletedDateTime", "department", "employeeHireDate", "employeeId", "employeeType",
          "externalUserState", "faxNumber", "isResourceAccount", "legalAgeGroupClassification",
          "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesImmutableId",
          "onPremisesLastSyncDateTime", "onPremisesSamAccountName", "onPremisesSyncEnabled",
          "onPremisesUserPrincipalName", "passwordPolicies", "postalCode",
          "preferredDataLocation", "showInAddressList", "state", "streetAddress",
          "usageLocation")  # fmt: skip
_OWN = {"displayName": "display_name", "mail": "mail", "jobTitle": "job_title",
        "userPrincipalName": "upn"}  # fmt: skip
_READ_ONLY = {"id", "createdDateTime", "creationType", "proxyAddresses", "passwordProfile",
              "assignedPlans", "provisionedPlans"}  # fmt: skip
_NAMED = {"givenName", "surname", "businessPhones", "mobilePhone", "officeLocation",
          "preferredLanguage", "mailNickname", "identities", "accountEnabled", "userType",
          *_COLLECTIONS, *_PLAIN} - _READ_ONLY  # fmt: skip


def shown(store: Store, row: sqlite3.Row) -> Row:
    """Return a person; members beyond the default ones have a `-` before their name."""
    more = profiles.of(store, row["id"])
    given, _, surname = str(row["display_name"]).partition(" ")
    identity = {"signInType": "userPrincipalName", "issuer": store.get("domain"),
                "issuerAssignedId": row["upn"]}  # fmt: skip
    return {
        "businessPhones": more.get("businessPhones", []),
        "displayName": row["display_name"],
        "givenName": more.get("givenName", given or None),
        "jobTitle": row["job_title"],
        "mail": row["mail"],
        "mobilePhone": more.get("mobilePhone"),
        "officeLocation": more.get("officeLocation"),
        "preferredLanguage": more.get("preferredLanguage"),
        "surname": more.get("surname", surname or None),
        "userPrincipalName": row["upn"],
        "id": row["id"],
        "-accountEnabled": bool(row["enabled"]),
        "-userType": "Guest" if row["guest"] else "Member",
        "-identities": more.get("identities", [identity]),
        "-mailNickname": more.get("mailNickname", row["upn"].partition("@")[0]),
        "-createdDateTime": more.get("createdDateTime"),
        **{f"-{name}": more.get(name, []) for name in _COLLECTIONS},
        **{f"-{name}": more.get(name) for name in _PLAIN},
    }


def me(call: Call) -> sqlite3.Row:
    """Return the signed-in person's row; an app has none."""
    if call.who.user_id is None:
        message = "/me request is only valid with delegated authentication flow."
        raise bad_request(message, "BadRequest")
    return common.user_row(call, call.who.user_id)


def get_me(call: Call) -> Answer:
    return _one(call, me(call))


def get(call: Call) -> Answer:
    row = common.user_row(call, call.args["user"])
    if row["id"] != call.who.user_id:
        common.allow(call, common.READ_USERS)
    return _one(call, row)


def _one(call: Call, row: sqlite3.Row) -> Answer:
    answer = common.entity(call, "users", shown(call.store, row))
    wider = odata.expands(call.query.get("$expand", ""))
    if "manager" in wider:
        levels = wider["manager"].get("$levels", "1")
        top = 99 if levels == "max" else int(levels)
        answer.body |= _chain(call.store, row, odata.selected(wider["manager"]), top)
    return answer


def _chain(store: Store, row: sqlite3.Row, picked: set[str], levels: int) -> Row:
    """Return {"manager": …} with the manager's own manager inside, so many levels up."""
    boss = directory.user(store, profiles.of(store, row["id"]).get("-manager", ""))
    if boss is None or not levels:
        return {}
    above = common.select(shown(store, boss), picked)
    return {"manager": above | _chain(store, boss, picked, levels - 1)}


def _everybody(call: Call) -> list[Row]:
    common.allow(call, common.READ_USERS)
    return [shown(call.store, row) for row in directory.users(call.store)]


def every(call: Call) -> Answer:
    return common.page(call, "users", _everybody(call))


def count(call: Call) -> Answer:
    return common.count(call, _everybody(call))


def create(call: Call) -> Answer:
    """Make an account: a name to sign in with, or identities of another directory."""
    common.allow(call, common.WRITE_USERS)
    body = call.json()
    needed = {"displayName", "passwordProfile"}
    if "identities" not in body:
        needed |= {"accountEnabled", "mailNickname", "userPrincipalName"}
    for name in sorted(needed - body.keys()):
        raise common.refused(f"A value is required for property '{name}' of resource 'User'.")
    new_id, domain = ids.new_guid(), call.store.get("domain")
    upn = str(body.get("userPrincipalName") or f"{new_id}@{domain}")
    if directory.user(call.store, upn):
        raise common.refused("Another object with the same value for property userPrincipalName "
                             "already exists.")  # fmt: skip
    directory.put_user(call.store, directory.User(
        new_id, upn, body["displayName"], body.get("mail"), body.get("jobTitle"),
        bool(body.get("accountEnabled", True)),
    ))  # fmt: skip
    kept = {name: body[name] for name in _NAMED & body.keys()}
    profiles.merge(call.store, new_id, kept | {"createdDateTime": call.store.stamp()})
    made = shown(call.store, common.user_row(call, new_id))
    told = common.select(made, set()) | {name: made.get(name, made.get(f"-{name}"))
                                         for name in _NAMED & body.keys()}  # fmt: skip
    return Answer(201, {"@odata.context": f"{common.META}users/$entity", **told})


def update_me(call: Call) -> Answer:
    return _update(call, me(call))


def update(call: Call) -> Answer:
    return _update(call, common.user_row(call, call.args["user"]))


def _update(call: Call, row: sqlite3.Row) -> Answer:
    own = row["id"] == call.who.user_id and "User.ReadWrite" in call.who.scopes
    if not own:
        common.allow(call, common.WRITE_USERS)
    body = {name: value for name, value in call.json().items() if "@" not in name}
    for name in sorted(body.keys() - _NAMED - _OWN.keys() - {"passwordProfile"}):
        raise common.refused(f"Property '{name}' is read-only or unknown and cannot be set.")
    for name in _OWN.keys() & body.keys():
        call.store.run(f"UPDATE users SET {_OWN[name]}=? WHERE id=?", body[name], row["id"])
    if "accountEnabled" in body:
        enabled = bool(body["accountEnabled"])
        call.store.run("UPDATE users SET enabled=? WHERE id=?", enabled, row["id"])
    profiles.merge(call.store, row["id"], {name: body[name] for name in _NAMED & body.keys()})
    profiles.note(call.store, row["id"], profiles.USER)
    return Answer(204)


def remove(call: Call) -> Answer:
    common.allow(call, common.WRITE_USERS)
    directory.remove_user(call.store, common.user_row(call, call.args["user"])["id"])
    return Answer(204)


def manager(call: Call) -> Answer:
    common.allow(call, common.READ_USERS)
    row = common.user_row(call, call.args["user"])
    boss = directory.user(call.store, profiles.of(call.store, row["id"]).get("-manager", ""))
    if boss is None:
        raise common.missing("manager")
    told = {"@odata.type": "#microsoft.graph.user"} | shown(call.store, boss)
    return common.entity(call, "directoryObjects", told)


def set_manager(call: Call) -> Answer:
    common.allow(call, common.WRITE_USERS)
    row = common.user_row(call, call.args["user"])
    boss = common.object_id(call, str(call.json().get("@odata.id", "")))
    profiles.merge(call.store, row["id"], {"-manager": boss})
    return Answer(204)


def remove_manager(call: Call) -> Answer:
    common.allow(call, common.WRITE_USERS)
    row = common.user_row(call, call.args["user"])
    profiles.merge(call.store, row["id"], {"-manager": None})
    return Answer(204)


def delta(call: Call) -> Answer:
    common.allow(call, common.READ_USERS)

    def render(user_id: str, _since: int) -> Row | None:
        row = directory.user(call.store, user_id)
        return None if row is None else shown(call.store, row)

    return groups.changes(call, profiles.USER, render)


ROUTES = (
    Route("GET", "/me", get_me, 1),
    Route("PATCH", "/me", update_me, 2),
    Route("GET", "/users", every, 2),
    Route("POST", "/users", create, 2),
    Route("GET", "/users/$count", count, 2),
    Route("GET", "/users/delta", delta, 2),
    Route("GET", "/users/{user}", get, 1),
    Route("PATCH", "/users/{user}", update, 2),
    Route("DELETE", "/users/{user}", remove, 2),
    Route("GET", "/users/{user}/manager", manager, 1),
    Route("PUT", "/users/{user}/manager/$ref", set_manager, 2),
    Route("DELETE", "/users/{user}/manager/$ref", remove_manager, 2),
)
