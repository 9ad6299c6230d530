"""The site's own list of people: each site numbers the users, groups and apps it has met.

SharePoint REST names a principal by that number; site groups live in the same numbering.
An *actor* is who did something, written `user:<object id>` or `app:<client id>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.errors import bad_request, not_found
from local.tenant.store import directory

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Principal
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS principals (
  site_id TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL,
  title TEXT NOT NULL, login TEXT NOT NULL, email TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '', PRIMARY KEY (site_id, id)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS principals_by_ref ON principals(site_id, kind, ref);
CREATE TABLE IF NOT EXISTS principal_members (
  site_id TEXT NOT NULL, group_id INTEGER NOT NULL, member_id INTEGER NOT NULL,
  PRIMARY KEY (site_id, group_id, member_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS principal_members_by_member ON principal_members(site_id, member_id);
"""

USER, GROUP, APP, SITE_GROUP, EVERYONE, LINK = (
    "user",
    "group",
    "app",
    "site_group",
    "everyone",
    "link",
)
EVERYONE_LOGIN = "c:0-.f|rolemanager|spo-grid-all-users/"
GUESTS_TOO_LOGIN = "c:0(.s|true"


def actor_of(who: Principal) -> str:
    """`user:<oid>` for a delegated caller, `app:<client id>` for an app-only one."""
    return f"app:{who.app_id}" if who.user_id is None else f"user:{who.user_id}"


def _add(store: Store, site_id: str, kind: str, ref: str, words: tuple[str, str, str]) -> int:
    row = store.one(
        "SELECT COALESCE(MAX(id), 2) + 1 AS id FROM principals WHERE site_id=?", site_id
    )
    new_id = int(row["id"]) if row else 3
    title, login, email = words
    store.run(
        "INSERT INTO principals VALUES (?,?,?,?,?,?,?,'')",
        site_id,
        new_id,
        kind,
        ref,
        title,
        login,
        email,
    )
    return new_id


def _known(store: Store, site_id: str, kind: str, ref: str) -> int | None:
    row = store.one(
        "SELECT id FROM principals WHERE site_id=? AND kind=? AND ref=?", site_id, kind, ref
    )
    return None if row is None else int(row["id"])


def ensure_user(store: Store, site_id: str, user: str) -> int:
    """Give a user (object id or UPN) their number in this site; 404 for a stranger."""
    row = directory.user(store, user)
    if row is None:
        raise not_found(f"The specified user {user} could not be found.")
    known = _known(store, site_id, USER, row["id"])
    if known is not None:
        return known
    words = (row["display_name"], f"i:0#.f|membership|{row['upn']}", row["mail"] or "")
    return _add(store, site_id, USER, row["id"], words)


def ensure_group(store: Store, site_id: str, group_id: str) -> int:
    row = directory.group(store, group_id)
    if row is None:
        raise not_found(f"The specified group {group_id} could not be found.")
    known = _known(store, site_id, GROUP, row["id"])
    if known is not None:
        return known
    return _add(
        store,
        site_id,
        GROUP,
        row["id"],
        (row["display_name"], f"c:0t.c|tenant|{row['id']}", row["mail"] or ""),
    )


def ensure_app(store: Store, site_id: str, app_id: str) -> int:
    known = _known(store, site_id, APP, app_id)
    if known is not None:
        return known
    title = directory.app_name(store, app_id)
    return _add(store, site_id, APP, app_id, (title, f"i:0i.t|ms.sp.ext|{app_id}", ""))


def ensure_everyone(store: Store, site_id: str) -> int:
    """Everyone except external users."""
    known = _known(store, site_id, EVERYONE, "members")
    if known is not None:
        return known
    return _add(
        store,
        site_id,
        EVERYONE,
        "members",
        ("Everyone except external users", EVERYONE_LOGIN + directory.tenant_id(store), ""),
    )


def ensure_guests_too(store: Store, site_id: str) -> int:
    """Everyone, external users as well."""
    known = _known(store, site_id, EVERYONE, "all")
    words = ("Everyone", GUESTS_TOO_LOGIN, "")
    return _add(store, site_id, EVERYONE, "all", words) if known is None else known


def ensure_actor(store: Store, site_id: str, actor: str) -> int:
    kind, _, ref = actor.partition(":")
    return ensure_user(store, site_id, ref) if kind == USER else ensure_app(store, site_id, ref)


def ensure_login(store: Store, site_id: str, login: str) -> int:
    """Give whoever a login names (claim, UPN, mail, object id) a number: REST's EnsureUser."""
    claim, _, tail = login.rpartition("|")
    if claim.endswith("spo-grid-all-users") or tail.startswith("spo-grid-all-users"):
        return ensure_everyone(store, site_id)
    if login == GUESTS_TOO_LOGIN:
        return ensure_guests_too(store, site_id)
    if claim.startswith("c:0"):
        return ensure_group(store, site_id, tail)
    if claim.startswith("i:0i"):
        return ensure_app(store, site_id, tail.partition("@")[0])
    if directory.user(store, tail) is None and directory.group(store, tail) is not None:
        return ensure_group(store, site_id, tail)
    return ensure_user(store, site_id, tail)


def get(store: Store, site_id: str, principal_id: int) -> sqlite3.Row:
    row = store.one("SELECT * FROM principals WHERE site_id=? AND id=?", site_id, principal_id)
    if row is None:
        raise not_found("User cannot be found.")
    return row


def everyone_met(store: Store, site_id: str) -> list[sqlite3.Row]:
    """Return the site's users and Entra groups (`web/siteusers`), not its own groups and links."""
    return store.all(
        "SELECT * FROM principals WHERE site_id=? AND kind NOT IN (?,?) ORDER BY id",
        site_id,
        SITE_GROUP,
        LINK,
    )


def add_site_group(store: Store, site_id: str, title: str, description: str = "") -> int:
    """Make a site group; 400 when the name is taken."""
    if _known(store, site_id, SITE_GROUP, title.casefold()) is not None:
        raise bad_request("The specified name is already in use.", "nameAlreadyExists")
    new_id = _add(store, site_id, SITE_GROUP, title.casefold(), (title, title, ""))
    store.run(
        "UPDATE principals SET description=? WHERE site_id=? AND id=?", description, site_id, new_id
    )
    return new_id


def add_link_group(store: Store, site_id: str, link_id: str, title: str) -> int:
    """Make the hidden group behind one sharing link; its members are who may use it."""
    return _add(store, site_id, LINK, link_id, (title, title, ""))


def site_groups(store: Store, site_id: str) -> list[sqlite3.Row]:
    return store.all(
        "SELECT * FROM principals WHERE site_id=? AND kind=? ORDER BY id", site_id, SITE_GROUP
    )


def site_group(store: Store, site_id: str, title: str) -> sqlite3.Row:
    row = store.one(
        "SELECT * FROM principals WHERE site_id=? AND kind=? AND ref=?",
        site_id,
        SITE_GROUP,
        title.casefold(),
    )
    if row is None:
        raise not_found("Group cannot be found.")
    return row


def rename_group(store: Store, site_id: str, group_id: int, title: str, description: str) -> None:
    store.run(
        "UPDATE principals SET title=?, login=?, ref=?, description=? WHERE site_id=? AND id=?",
        title,
        title,
        title.casefold(),
        description,
        site_id,
        group_id,
    )


def remove_group(store: Store, site_id: str, group_id: int) -> None:
    """Delete a site group or link group, its members and every assignment it held."""
    for table, column in (
        ("principal_members", "group_id"),
        ("assignments", "principal_id"),
        ("principals", "id"),
    ):
        store.run(f"DELETE FROM {table} WHERE site_id=? AND {column}=?", site_id, group_id)


def add_member(store: Store, site_id: str, group_id: int, member_id: int) -> None:
    store.run(
        "INSERT OR IGNORE INTO principal_members VALUES (?,?,?)", site_id, group_id, member_id
    )


def remove_member(store: Store, site_id: str, group_id: int, member_id: int) -> None:
    store.run(
        "DELETE FROM principal_members WHERE site_id=? AND group_id=? AND member_id=?",
        site_id,
        group_id,
        member_id,
    )


def remove_from_site(store: Store, site_id: str, number: int) -> None:
    """Drop a principal's roles and memberships; its number stays its own, for who made what."""
    for table, column in (("assignments", "principal_id"), ("principal_members", "member_id")):
        store.run(f"DELETE FROM {table} WHERE site_id=? AND {column}=?", site_id, number)


def members(store: Store, site_id: str, group_id: int) -> list[sqlite3.Row]:
    return store.all(
        "SELECT p.* FROM principal_members m"
        " JOIN principals p ON p.site_id=m.site_id AND p.id=m.member_id"
        " WHERE m.site_id=? AND m.group_id=? ORDER BY p.id",
        site_id,
        group_id,
    )


def ids_of_user(store: Store, site_id: str, user_id: str) -> set[int]:
    """Return every number a user acts under: own, Entra groups', everyone's, site groups'."""
    refs = [user_id, *directory.groups_of(store, user_id)]
    marks = ",".join("?" * len(refs))
    own = {
        int(row["id"])
        for row in store.all(
            "SELECT id FROM principals WHERE site_id=? AND kind IN ('user','group')"
            f" AND ref IN ({marks})",
            site_id,
            *refs,
        )
    }
    crowds = ["all"] if directory.is_guest(store, user_id) else ["all", "members"]
    known = (_known(store, site_id, EVERYONE, ref) for ref in crowds)
    own |= {number for number in known if number is not None}
    marks = ",".join("?" * len(own))
    return own | {
        int(row["group_id"])
        for row in store.all(
            f"SELECT group_id FROM principal_members WHERE site_id=? AND member_id IN ({marks})",
            site_id,
            *own,
        )
    }
