"""Graph: sites, their permissions for apps, and the lists' and drives' tables of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import access_denied, bad_request, not_found
from local.tenant.graph import find, odata, odata_rows, shapes
from local.tenant.routing import Route
from local.tenant.store import access, directory, homes, ids, principals
from local.tenant.store import sites as sites_store

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call


def get(call: Call) -> Answer:
    row = find.site(call)
    body = shapes.site(row)
    return Answer(
        body={
            "@odata.context": odata.context("sites/$entity"),
            **odata.pick(body, odata.selected(call.query)),
        }
    )


def _readable(call: Call) -> list[sqlite3.Row]:
    return [
        row
        for row in sites_store.everyone(call.store)
        if access.may(call.store, call.who, access.of_site(row), "read")
    ]


def search(call: Call) -> Answer:
    """Sites the caller may read whose title or address holds the search words (`*`: all)."""
    words = (call.query.get("search") or call.query.get("$search") or "*").strip('"').casefold()
    rows = [
        row
        for row in _readable(call)
        if not homes.is_personal(row)
        and (words in {"*", ""} or words in f"{row['title']} {row['path']}".casefold())
    ]
    return _sites(call, rows)


def _sites(call: Call, rows: list[sqlite3.Row]) -> Answer:
    shown = [shapes.site(row) for row in rows]
    if expression := call.query.get("$filter"):
        shown = [each for each in shown if odata_rows.Filter(expression).matches(each)]
    picked = odata.selected(call.query)
    value = [odata.pick(each, picked, {"id", "name", "root"} if picked else None) for each in shown]
    return Answer(body={"@odata.context": odata.context("sites"), "value": value})


def everything(call: Call) -> Answer:
    """Every site of the tenant, people's own among them; for apps (site-getallsites.md)."""
    if not call.who.app_only:
        raise access_denied()
    return _sites(call, _readable(call))


def delta(call: Call) -> Answer:
    """Sites that were made or changed since the token, which is a time."""
    since = call.query.get("token") or call.query.get("$deltatoken") or ""
    rows = [row for row in _readable(call) if since != "latest" and row["modified"] > since]
    answer = _sites(call, rows)
    link = odata.link(call, token=call.store.stamp(), __deltatoken="")
    return Answer(body={**answer.body, "@odata.deltaLink": link})


def subsites(call: Call) -> Answer:
    """Return the webs right below a site that the caller may read (site-list-subsites.md)."""
    above = find.site(call)["id"]
    parent = sites_store.PARENT
    rows = [row for row in _readable(call) if sites_store.settings(row).get(parent) == above]
    return _sites(call, rows)


def update(call: Call) -> Answer:
    row, body = find.site(call, "fullcontrol"), call.json()
    title = str(body.get("displayName") or row["title"])
    sites_store.update(
        call.store, row["id"], title, str(body.get("description", row["description"]))
    )
    return Answer(body=shapes.site(sites_store.by_id(call.store, row["id"])))


def _require_administrator(call: Call) -> sqlite3.Row:
    """Site permissions are for apps with Sites.FullControl.All (site-post-permissions.md)."""
    row = find.site_of(call, call.args["site"])
    if not call.who.app_only or "Sites.FullControl.All" not in call.who.roles:
        raise access_denied()
    return row


def permission(store_row: sqlite3.Row, name: str) -> dict[str, Any]:
    app = {"application": {"id": store_row["app_id"], "displayName": name}}
    return {
        "id": store_row["id"],
        "roles": [store_row["role"]],
        "grantedToV2": app,
        "grantedToIdentities": [app],
        "grantedToIdentitiesV2": [app],
    }


def _shown(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    return permission(row, directory.app_name(call.store, row["app_id"]))


def list_permissions(call: Call) -> Answer:
    site = _require_administrator(call)
    rows = call.store.all("SELECT * FROM site_grants WHERE site_id=? ORDER BY id", site["id"])
    return Answer(
        body={
            "@odata.context": odata.context("sites/permissions"),
            "value": [_shown(call, row) for row in rows],
        }
    )


def application_of(body: dict[str, Any]) -> str:
    """Return the app that a permission body names, in any of the members the docs use."""
    granted: dict[str, Any] = body.get("grantedToV2") or next(
        iter(body.get("grantedToIdentitiesV2") or body.get("grantedToIdentities") or []), {}
    )
    app_id = str((granted.get("application") or {}).get("id") or "")
    if not app_id:
        raise bad_request("Only permissions of an application can be set here.")
    return app_id


def role_of(body: dict[str, Any]) -> str:
    roles = body.get("roles") or []
    if len(roles) != 1 or roles[0] not in access.VERBS_OF_GRANT:
        raise bad_request("Exactly one role is needed: read, write, manage, owner or fullcontrol.")
    return str(roles[0])


def add_permission(call: Call) -> Answer:
    site, body = _require_administrator(call), call.json()
    app_id, role, new_id = application_of(body), role_of(body), ids.new_guid()
    call.store.run("INSERT INTO site_grants VALUES (?,?,?,?)", new_id, site["id"], app_id, role)
    principals.ensure_app(call.store, site["id"], app_id)
    shown = _shown(call, _grant(call, site, new_id))
    return Answer(201, {"@odata.context": odata.context("sites/permissions/$entity"), **shown})


def _grant(call: Call, site: sqlite3.Row, permission_id: str = "") -> sqlite3.Row:
    row = call.store.one(
        "SELECT * FROM site_grants WHERE site_id=? AND id=?",
        site["id"],
        permission_id or call.args["permission"],
    )
    if row is None:
        raise not_found("The permission could not be found.")
    return row


def get_permission(call: Call) -> Answer:
    return Answer(body=_shown(call, _grant(call, _require_administrator(call))))


def update_permission(call: Call) -> Answer:
    row = _grant(call, site := _require_administrator(call))
    call.store.run("UPDATE site_grants SET role=? WHERE id=?", role_of(call.json()), row["id"])
    return Answer(body=_shown(call, _grant(call, site)))


def remove_permission(call: Call) -> Answer:
    row = _grant(call, _require_administrator(call))
    call.store.run("DELETE FROM site_grants WHERE id=?", row["id"])
    return Answer(204)


ROUTES = (
    Route("GET", "/sites", search, 2),
    Route("GET", "/sites/getAllSites", everything, 2),
    Route("GET", "/sites/delta", delta, 2),
    Route("GET", "/sites/{site}", get, 1),
    Route("PATCH", "/sites/{site}", update, 2),
    Route("GET", "/sites/{site}/sites", subsites, 2),
    Route("GET", "/sites/{site}/permissions", list_permissions, 5),
    Route("POST", "/sites/{site}/permissions", add_permission, 5),
    Route("GET", "/sites/{site}/permissions/{permission}", get_permission, 5),
    Route("PATCH", "/sites/{site}/permissions/{permission}", update_permission, 5),
    Route("DELETE", "/sites/{site}/permissions/{permission}", remove_permission, 5),
)
