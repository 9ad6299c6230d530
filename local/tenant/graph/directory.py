"""What people and groups have in common in Graph: rights, pages of rows, counts and references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, access_denied, bad_request
from local.tenant.graph import odata, odata_rows
from local.tenant.routing import Route
from local.tenant.store import directory, profiles

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from local.tenant.call import Call

    type Row = dict[str, Any]

META = "https://graph.microsoft.com/v1.0/$metadata#"
READ = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})
READ_USERS = READ | {"User.Read.All", "User.ReadBasic.All", "User.ReadWrite.All"}
WRITE_USERS = frozenset({"Directory.ReadWrite.All", "User.ReadWrite.All"})
READ_GROUPS = READ | {"Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All",
                      "GroupMember.ReadWrite.All", "Group.Create"}  # fmt: skip
WRITE_GROUPS = frozenset({"Directory.ReadWrite.All", "Group.ReadWrite.All", "Group.Create"})
WRITE_MEMBERS = (WRITE_GROUPS | {"GroupMember.ReadWrite.All"}) - {"Group.Create"}
LARGEST_PAGE = 999


def allow(call: Call, permissions: Iterable[str]) -> None:
    """Refuse a caller who holds none of these permissions."""
    held = call.who.roles if call.who.app_only else call.who.scopes
    if not held.intersection(permissions):
        denied = access_denied("Insufficient privileges to complete the operation.")
        denied.code = "Authorization_RequestDenied"
        raise denied


def missing(key: str) -> Refusal:
    message = f"Resource '{key}' does not exist or one of its queried reference-property objects"
    return Refusal(404, "Request_ResourceNotFound", f"{message} are not present.")


def refused(message: str) -> Refusal:
    return bad_request(message, "Request_BadRequest")


def user_row(call: Call, key: str) -> sqlite3.Row:
    row = directory.user(call.store, key)
    if row is None:
        raise missing(key)
    return row


def group_row(call: Call, key: str) -> sqlite3.Row:
    row = directory.group(call.store, key)
    if row is None:
        raise missing(key)
    return row


def object_id(call: Call, key: str) -> str:
    """Return the id of the person or group a reference such as …/directoryObjects/{id} names."""
    name = key.rstrip("/").rpartition("/")[2]
    row = directory.user(call.store, name) or directory.group(call.store, name)
    if row is None:
        raise missing(name)
    return str(row["id"])


def entity(call: Call, kind: str, shown: Row) -> Answer:
    chosen = odata.selected(call.query)
    names = f"({','.join(call.query['$select'].split(','))})" if chosen else ""
    return Answer(200, {"@odata.context": f"{META}{kind}{names}/$entity", **select(shown, chosen)})


def select(shown: Row, chosen: set[str]) -> Row:
    """Keep what $select names; a row knows all it can be asked for (400 for anything else).

    Extensions (`ext…_name`) that a row lacks are left out, as Graph does.
    """
    known = {key: value for key, value in shown.items() if not key.startswith("-")}
    if not chosen:
        return known
    every = known | {key[1:]: value for key, value in shown.items() if key.startswith("-")}
    found = {key: value for key, value in every.items() if key in {*chosen, "@odata.type"}}
    for name in sorted(chosen - every.keys()):
        if not name.startswith("ext"):
            raise refused(f"Could not find a property named '{name}' on this type.")
    return found


def require_eventual(call: Call, *, wanted: bool) -> None:
    """Refuse an advanced query that does not say it will do with eventual consistency."""
    if wanted and call.headers.get("consistencylevel", "").lower() != "eventual":
        message = (
            "Request with advanced query parameters needs the header ConsistencyLevel:eventual"
        )
        raise Refusal(400, "Request_UnsupportedQuery", f"{message}.")


def chosen(call: Call, rows: list[Row]) -> list[Row]:
    """Apply $filter, $search and $orderby."""
    query = {key.lower(): value for key, value in call.query.items()}
    expression, words = query.get("$filter", ""), query.get("$search", "")
    counting = query.get("$count", "").lower() == "true"
    advanced = odata_rows.ADVANCED.search(expression) is not None
    ordered = bool(expression) and "$orderby" in query
    require_eventual(call, wanted=advanced or ordered or bool(words) or counting)
    every = [(row, row | {key.removeprefix("-"): value for key, value in row.items()})
             for row in rows]  # fmt: skip
    if expression:
        read = odata_rows.Filter(expression)
        if any(read.names - full.keys() for _row, full in every[:1]):
            raise odata_rows.unsupported(expression)
        every = [pair for pair in every if read.matches(pair[1])]
    if words:
        found = odata_rows.search(words)
        every = [pair for pair in every if found(pair[1])]
    kept = [row for row, _full in every]
    return odata_rows.ordered(kept, query["$orderby"]) if "$orderby" in query else kept


def page(call: Call, kind: str, rows: list[Row]) -> Answer:
    """Answer with one page of what the query leaves of the rows, their number when asked."""
    kept, picked = chosen(call, rows), odata.selected(call.query)
    text = call.query.get("$top", "100")
    if not text.isdecimal() or not 0 < int(text) <= LARGEST_PAGE:
        raise refused(
            f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive."
        )
    size, skip = int(text), int(call.query.get("$skiptoken") or "0")
    names = f"({call.query['$select']})" if picked and kind != "directoryObjects" else ""
    body: Row = {"@odata.context": f"{META}{kind}{names}"}
    if call.query.get("$count", "").lower() == "true":
        body["@odata.count"] = len(kept)
    if len(kept) > skip + size:
        body["@odata.nextLink"] = odata.link(call, __skiptoken=str(skip + size))
    body["value"] = [select(row, picked) for row in kept[skip : skip + size]]
    return Answer(200, body)


def count(call: Call, rows: list[Row]) -> Answer:
    """Answer `…/$count`: a bare number, for advanced queries only."""
    require_eventual(call, wanted=True)
    return odata.plain(str(len(chosen(call, rows))))


def organization(call: Call) -> Answer:
    return page(call, "organization", [_organization(call)])


def one_organization(call: Call) -> Answer:
    shown = _organization(call)
    if call.args["organization"].lower() != shown["id"].lower():
        raise missing(call.args["organization"])
    return entity(call, "organization", shown)


def _organization(call: Call) -> Row:
    store = call.store
    domain = {"name": store.get("domain"), "isDefault": True, "isInitial": True, "type": "Managed",
              "capabilities": "Email, OfficeCommunicationsOnline"}  # fmt: skip
    return {"id": directory.tenant_id(store), "displayName": store.get("organization"),
            "verifiedDomains": [domain], "countryLetterCode": "GB",
            **profiles.of(store, directory.tenant_id(store))}  # fmt: skip


ROUTES = (
    Route("GET", "/organization", organization, 1),
    Route("GET", "/organization/{organization}", one_organization, 1),
)
