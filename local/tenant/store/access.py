"""Who may do what: sites, lists, folders and items have their own permissions or their parent's.

A *scope* is the guid of the nearest securable with permissions of its own; every list and item row
holds its scope, so that a listing is filtered by one indexed column. Verbs are read, write, manage
(lists and columns), approve, and fullcontrol (permissions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.tenant.errors import Refusal, access_denied, not_found
from local.tenant.store import changes, principals
from local.tenant.store.rights import (
    APP_ROLES,
    APPROVER,
    BREAK_LIMIT,
    CONTRIBUTE,
    EDIT,
    FULL_CONTROL,
    NOTHING,
    READER,
    ROLE_OF_GRAPH,
    ROLES,
    SCOPES,
    SELECTED,
    VERBS_OF_GRANT,
    RoleDefinition,
    role,
)

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Principal
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Record

__all__ = [
    "APPROVER",
    "CONTRIBUTE",
    "EDIT",
    "FULL_CONTROL",
    "READER",
    "ROLES",
    "ROLE_OF_GRAPH",
    "TABLES",
    "VERBS_OF_GRANT",
    "RoleDefinition",
    "Securable",
    "assign",
    "assignments",
    "break_inheritance",
    "drop_role",
    "forget",
    "may",
    "of_item",
    "of_list",
    "of_site",
    "require",
    "reset_inheritance",
    "role",
    "unassign",
    "verbs",
    "verbs_by_scope",
    "verbs_of_principal",
]

TABLES = """
CREATE TABLE IF NOT EXISTS scopes (
  scope TEXT PRIMARY KEY, site_id TEXT NOT NULL, list_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scopes_by_list ON scopes(site_id, list_id);
CREATE TABLE IF NOT EXISTS assignments (
  scope TEXT NOT NULL, principal_id INTEGER NOT NULL, role_id INTEGER NOT NULL,
  site_id TEXT NOT NULL,
  PRIMARY KEY (scope, principal_id, role_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS assignments_by_principal ON assignments(site_id, principal_id);
CREATE TABLE IF NOT EXISTS site_grants (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL, app_id TEXT NOT NULL,
  role TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS site_grants_by_site ON site_grants(site_id, app_id);
"""

ASSIGN = (
    "INSERT OR IGNORE INTO assignments (site_id, scope, principal_id, role_id) VALUES (?,?,?,?)"
)


@dataclass(frozen=True, slots=True)
class Securable:
    """A site, list, folder or item: `id` its own guid, `scope` the guid whose permissions count."""

    kind: str
    site_id: str
    list_id: str
    id: str
    scope: str

    @property
    def unique(self) -> bool:
        return self.id == self.scope


def of_site(site: sqlite3.Row) -> Securable:
    return Securable("site", site["id"], "", site["id"], site["id"])


def of_list(row: sqlite3.Row) -> Securable:
    return Securable("list", row["site_id"], row["id"], row["id"], row["scope"])


def of_item(row: Record) -> Securable:
    return Securable("item", row["site_id"], row["list_id"], row["unique_id"], row["scope"])


def _granted(store: Store, who: Principal, site_id: str) -> frozenset[str]:
    rows = store.all(
        "SELECT role FROM site_grants WHERE site_id=? AND app_id=?", site_id, who.app_id
    )
    return NOTHING.union(*(VERBS_OF_GRANT[row["role"]] for row in rows))


def _assigned(store: Store, scope: str, numbers: set[int]) -> frozenset[str]:
    marks = ",".join("?" * len(numbers))
    rows = store.all(
        f"SELECT role_id FROM assignments WHERE scope=? AND principal_id IN ({marks})",
        scope,
        *numbers,
    )
    return NOTHING.union(*(role(store, row["role_id"]).verbs for row in rows))


def _app_verbs(store: Store, who: Principal, site_id: str, scope: str) -> frozenset[str]:
    """Return what the app may do by its roles, the site's grant and a grant on this very scope."""
    verbs = NOTHING.union(*(APP_ROLES.get(role, NOTHING) for role in who.roles))
    if "Sites.Selected" in who.roles:
        verbs |= _granted(store, who, site_id)
    if who.roles.intersection(SELECTED):
        row = store.one(
            "SELECT id FROM principals WHERE site_id=? AND kind='app' AND ref=?",
            site_id,
            who.app_id,
        )
        verbs |= _assigned(store, scope, {row["id"]}) if row else NOTHING
    return verbs


def _allowed(store: Store, who: Principal, site_id: str) -> frozenset[str]:
    """Return what a delegated token's scopes let the app do at most, whoever the person is."""
    allowed = NOTHING.union(*(SCOPES.get(name, NOTHING) for name in who.scopes))
    return allowed | _granted(store, who, site_id) if "Sites.Selected" in who.scopes else allowed


def _administers(store: Store, who: Principal, site_id: str) -> bool:
    """Return whether the person is the site collection's administrator, who passes every check."""
    row = store.one("SELECT owner FROM sites WHERE id=?", site_id)
    return row is not None and row["owner"] == f"user:{who.user_id}"


def _user_verbs(store: Store, who: Principal, site_id: str, scope: str) -> frozenset[str]:
    """Return what the person may do, cut down to what the token's scopes let the app do."""
    allowed = _allowed(store, who, site_id)
    if not allowed or who.user_id is None or _administers(store, who, site_id):
        return allowed if who.user_id else NOTHING
    return allowed & _assigned(store, scope, principals.ids_of_user(store, site_id, who.user_id))


def verbs(store: Store, who: Principal, at: Securable) -> frozenset[str]:
    """Everything `who` may do there."""
    ask = _app_verbs if who.app_only else _user_verbs
    return ask(store, who, at.site_id, at.scope)


def verbs_of_principal(store: Store, row: sqlite3.Row, at: Securable) -> frozenset[str]:
    """Everything a principal of the site may do there, whatever app it comes by."""
    if row["kind"] != "user":
        return _assigned(store, at.scope, {row["id"]})
    owner = store.one("SELECT owner FROM sites WHERE id=?", at.site_id)
    if owner is not None and owner["owner"] == f"user:{row['ref']}":
        return ROLES[FULL_CONTROL].verbs
    return _assigned(store, at.scope, principals.ids_of_user(store, at.site_id, row["ref"]))


def drop_role(store: Store, site_id: str, role_id: int, actor: str) -> None:
    """Take a permission level that is deleted away from everyone in the site."""
    store.run("DELETE FROM assignments WHERE site_id=? AND role_id=?", site_id, role_id)
    changes.record_security(store, site_id, "", site_id, actor)


def may(store: Store, who: Principal, at: Securable, verb: str) -> bool:
    return verb in verbs(store, who, at)


def require(store: Store, who: Principal, at: Securable, verb: str) -> None:
    """Raise 404 for a list or item the caller may not see, 403 for anything else refused."""
    held = verbs(store, who, at)
    if verb in held:
        return
    if "read" not in held and at.kind != "site" and not who.app_only:
        raise not_found("The resource could not be found.")
    raise access_denied()


def verbs_by_scope(store: Store, who: Principal, row: sqlite3.Row) -> dict[str, frozenset[str]]:
    """Return what the caller may do in every scope inside a list, in a fixed number of queries."""
    own = store.all(
        "SELECT scope FROM scopes WHERE site_id=? AND list_id=?", row["site_id"], row["id"]
    )
    every = {row["scope"], *(entry["scope"] for entry in own)}
    if who.app_only or len(every) == 1:
        ask = _app_verbs if who.app_only else _user_verbs
        return {scope: ask(store, who, row["site_id"], scope) for scope in every}
    allowed = _allowed(store, who, row["site_id"])
    if _administers(store, who, row["site_id"]):
        return dict.fromkeys(every, allowed)
    held: dict[str, frozenset[str]] = dict.fromkeys(every, NOTHING)
    numbers = principals.ids_of_user(store, row["site_id"], who.user_id or "")
    marks = ",".join("?" * len(numbers))
    for entry in store.all(
        "SELECT a.scope, a.role_id FROM scopes s JOIN assignments a ON a.scope=s.scope"
        f" WHERE s.site_id=? AND s.list_id IN (?,'') AND a.principal_id IN ({marks})",
        row["site_id"],
        row["id"],
        *numbers,
    ):
        if entry["scope"] in held:
            held[entry["scope"]] |= role(store, entry["role_id"]).verbs & allowed
    return held


def assignments(store: Store, at: Securable) -> list[sqlite3.Row]:
    """Effective role assignments: principal columns plus `role_id`, ordered by principal number."""
    return store.all(
        "SELECT p.*, a.role_id FROM assignments a JOIN principals p"
        " ON p.site_id=a.site_id AND p.id=a.principal_id WHERE a.scope=? ORDER BY p.id, a.role_id",
        at.scope,
    )


def _require_unique(at: Securable) -> None:
    if not at.unique:
        raise Refusal(
            400,
            "invalidRequest",
            "You cannot change permissions of an object that inherits them.",
            -2146233079,
            "System.InvalidOperationException",
        )


def assign(store: Store, at: Securable, principal_id: int, role_id: int, actor: str) -> None:
    """Give a role on a securable with its own permissions; 400 where it inherits, 404 no role."""
    _require_unique(at)
    role(store, role_id)
    principals.get(store, at.site_id, principal_id)
    store.run(
        ASSIGN,
        at.site_id,
        at.scope,
        principal_id,
        role_id,
    )
    changes.record_security(store, at.site_id, at.list_id, at.id, actor)


def unassign(
    store: Store, at: Securable, principal_id: int, actor: str, role_id: int | None = None
) -> None:
    """Take away one role, or all roles when `role_id` is None (400 where it inherits)."""
    _require_unique(at)
    store.run(
        "DELETE FROM assignments WHERE scope=? AND principal_id=? AND (? IS NULL OR role_id=?)",
        at.scope,
        principal_id,
        role_id,
        role_id,
    )
    changes.record_security(store, at.site_id, at.list_id, at.id, actor)


def _subtree(at: Securable) -> tuple[str, tuple[str, ...]]:
    """Return the WHERE clause that finds the items under a list or under (and with) an item."""
    if at.kind == "list":
        return "list_id=?", (at.list_id,)
    return (
        "unique_id IN (WITH RECURSIVE down(id) AS (SELECT ? UNION ALL SELECT i.unique_id"
        " FROM items i JOIN down ON i.parent_id=down.id) SELECT id FROM down)"
    ), (at.id,)


def _point(store: Store, at: Securable, old: str | None, new: str) -> None:
    """Make everything below that used scope `old` (None: any scope) use `new`."""
    where, values = _subtree(at)
    store.run(
        f"UPDATE items SET scope=? WHERE {where} AND (? IS NULL OR scope=?)", new, *values, old, old
    )
    if at.kind == "list":
        store.run("UPDATE lists SET scope=? WHERE id=?", new, at.id)


def _clear_below(store: Store, at: Securable) -> None:
    """Drop the permissions that children below had of their own."""
    where, values = _subtree(at)
    inner = f"SELECT unique_id FROM items WHERE {where} AND unique_id<>?"
    for table in ("assignments", "scopes"):
        store.run(f"DELETE FROM {table} WHERE scope IN ({inner})", *values, at.id)
    _point(store, at, None, at.id)


def break_inheritance(
    store: Store, at: Securable, who: Principal, *, copy: bool, clear: bool
) -> Securable:
    """Give a list or item permissions of its own; returns it with its new scope.

    With `copy` it starts with its parent's assignments, otherwise with the calling user alone (an
    app-only caller leaves nobody). `clear` also resets children with permissions of their own.
    """
    if at.unique:
        return at
    if at.kind == "list" and _items_in(store, at.list_id) > BREAK_LIMIT:
        raise Refusal(
            429,
            "activityLimitReached",
            "The container holds too many items to change its permission inheritance.",
        )
    actor = principals.actor_of(who)
    store.run("INSERT INTO scopes VALUES (?,?,?)", at.id, at.site_id, at.list_id)
    if copy:
        store.run(
            "INSERT INTO assignments (site_id, scope, principal_id, role_id)"
            " SELECT site_id, ?, principal_id, role_id FROM assignments"
            " WHERE scope=?",
            at.id,
            at.scope,
        )
    elif not who.app_only:
        number = principals.ensure_actor(store, at.site_id, actor)
        store.run(
            ASSIGN,
            at.site_id,
            at.id,
            number,
            FULL_CONTROL,
        )
    _point(store, at, at.scope, at.id)
    own = Securable(at.kind, at.site_id, at.list_id, at.id, at.id)
    if clear:
        _clear_below(store, own)
    changes.record_security(store, at.site_id, at.list_id, at.id, actor)
    return own


def reset_inheritance(store: Store, at: Securable, actor: str) -> None:
    """Give a list or item its parent's permissions again; does nothing where it has them."""
    if at.kind == "site" or not at.unique:
        return
    parent = _parent_scope(store, at)
    for table in ("assignments", "scopes"):
        store.run(f"DELETE FROM {table} WHERE scope=?", at.id)
    _point(store, at, at.id, parent)
    changes.record_security(store, at.site_id, at.list_id, at.id, actor)


def _parent_scope(store: Store, at: Securable) -> str:
    if at.kind == "list":
        return at.site_id
    row = store.one(
        "SELECT COALESCE(p.scope, l.scope) AS scope FROM items i JOIN lists l ON l.id=i.list_id"
        " LEFT JOIN items p ON p.unique_id=i.parent_id WHERE i.unique_id=?",
        at.id,
    )
    return at.site_id if row is None else str(row["scope"])


def _items_in(store: Store, list_id: str) -> int:
    row = store.one("SELECT item_count FROM lists WHERE id=?", list_id)
    return int(row["item_count"]) if row else 0


def forget(store: Store, unique_id: str) -> None:
    """Drop what a purged item had of its own."""
    for table in ("assignments", "scopes"):
        store.run(f"DELETE FROM {table} WHERE scope=?", unique_id)
