"""Sites: found by `host,site guid,web guid`, by guid alone, by server-relative path, or as root."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, not_found
from local.tenant.store import access, content_types, ids, lists, principals

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS sites (
  id TEXT PRIMARY KEY, web_id TEXT NOT NULL, host TEXT NOT NULL,
  path TEXT NOT NULL COLLATE NOCASE UNIQUE, title TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  template TEXT NOT NULL, lcid INTEGER NOT NULL DEFAULT 2057, owner TEXT NOT NULL,
  created TEXT NOT NULL, modified TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 2,
  settings TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;
"""

PARENT = "parent"  # among a subweb's settings: the id of the web above it
PROVISIONING, READY = 1, 2  # SPSiteManager's own numbers for SiteStatus


@dataclass(frozen=True, slots=True)
class NewSite:
    """`path` is server-relative ("/sites/core", "" the root); `owner` an actor (`user:<oid>`)."""

    host: str
    path: str
    title: str
    owner: str
    description: str = ""
    template: str = "STS#3"
    lcid: int = 2057
    state: int = READY


def create(store: Store, new: NewSite) -> sqlite3.Row:
    """Make a site with three groups, content types and the library "Documents"; 409 if taken."""
    if store.one("SELECT 1 FROM sites WHERE path=?", new.path):
        raise Refusal(409, "nameAlreadyExists", f"The site {new.path} already exists.")
    site_id, at = ids.new_guid(), store.stamp()
    store.run(
        "INSERT INTO sites VALUES (?,?,?,?,?,?,?,?,?,?,?,?,'{}')",
        site_id,
        ids.new_guid(),
        new.host,
        new.path,
        new.title,
        new.description,
        new.template,
        new.lcid,
        new.owner,
        at,
        at,
        new.state,
    )
    store.run("INSERT INTO scopes VALUES (?,?,'')", site_id, site_id)
    row = by_id(store, site_id)
    _make_groups(store, row)
    content_types.seed(store, site_id)
    lists.create(
        store, row, lists.NewList("Documents", "documentLibrary", url="Shared Documents"), new.owner
    )
    return row


def _make_groups(store: Store, site: sqlite3.Row) -> None:
    roles = (("Owners", access.FULL_CONTROL), ("Members", access.EDIT), ("Visitors", access.READER))
    numbers = []
    for name, role in roles:
        number = principals.add_site_group(store, site["id"], f"{site['title']} {name}")
        store.run(access.ASSIGN, site["id"], site["id"], number, role)
        numbers.append(number)
    put_setting(store, site["id"], "groups", numbers)
    if site["owner"].startswith("user:"):
        owner = principals.ensure_actor(store, site["id"], site["owner"])
        principals.add_member(store, site["id"], numbers[0], owner)


def associated_groups(store: Store, site_id: str) -> tuple[int, int, int]:
    """Return the numbers of the site's owners, members and visitors groups."""
    owners, members, visitors = settings(by_id(store, site_id))["groups"]
    return owners, members, visitors


def settings(site: sqlite3.Row) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(site["settings"])
    return loaded


def put_setting(store: Store, site_id: str, key: str, value: object) -> None:
    merged = {**settings(by_id(store, site_id)), key: value}
    store.run("UPDATE sites SET settings=? WHERE id=?", json.dumps(merged), site_id)


def drop_setting(store: Store, site_id: str, key: str) -> None:
    kept = {name: value for name, value in settings(by_id(store, site_id)).items() if name != key}
    store.run("UPDATE sites SET settings=? WHERE id=?", json.dumps(kept), site_id)


def update(store: Store, site_id: str, title: str, description: str) -> None:
    store.run(
        "UPDATE sites SET title=?, description=?, modified=? WHERE id=?",
        title,
        description,
        store.stamp(),
        site_id,
    )


def set_state(store: Store, site_id: str, state: int) -> None:
    store.run("UPDATE sites SET state=? WHERE id=?", state, site_id)


def by_id(store: Store, site_id: str) -> sqlite3.Row:
    """Return the site of that guid, whatever its state; 404 when there is none."""
    row = store.one("SELECT * FROM sites WHERE id=?", site_id.lower())
    if row is None:
        raise not_found("Requested site could not be found")
    return row


def by_path(store: Store, path: str) -> sqlite3.Row:
    """Return the site at a server-relative path ("" or "/" is the root), whatever its state."""
    row = store.one("SELECT * FROM sites WHERE path=?", path.rstrip("/"))
    if row is None:
        raise not_found("Requested site could not be found")
    return row


def graph_id(site: sqlite3.Row) -> str:
    return f"{site['host']},{site['id']},{site['web_id']}"


def web_url(site: sqlite3.Row) -> str:
    return f"https://{site['host']}{site['path']}"


def everyone(store: Store) -> list[sqlite3.Row]:
    """Every finished site of the tenant, root first."""
    return store.all("SELECT * FROM sites WHERE state=? ORDER BY path", READY)


def below(store: Store, site_id: str) -> list[sqlite3.Row]:
    """Return the webs right below a site or web, in the order of their addresses."""
    return store.all(
        "SELECT * FROM sites WHERE json_extract(settings, '$.parent')=? ORDER BY path", site_id
    )


def remove(store: Store, site: sqlite3.Row) -> None:
    """Delete a web with its lists, people, permissions and columns."""
    for row in store.all("SELECT * FROM lists WHERE site_id=?", site["id"]):
        lists.remove(store, row)
    for table, key, value in (
        ("assignments", "site_id", site["id"]),
        ("scopes", "site_id", site["id"]),
        ("site_grants", "site_id", site["id"]),
        ("principal_members", "site_id", site["id"]),
        ("principals", "site_id", site["id"]),
        ("columns", "owner", site["id"]),
        ("content_types", "owner", site["id"]),
        ("kept", "owner", site["id"]),
        ("kept", "owner", site["web_id"]),
        ("sites", "id", site["id"]),
    ):
        store.run(f"DELETE FROM {table} WHERE {key}=?", value)
