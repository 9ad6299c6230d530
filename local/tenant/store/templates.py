"""Document templates of content types: what a new document of a kind begins as.

A template is the name of a file in the content type's own folder (`_cts/Policy` on the site,
`Forms/Policy` in a library), or the address of a file elsewhere. A list's copy of a content type
takes the template along when it is made, and is on its own from then on (gk).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.store import sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS type_templates (
  owner TEXT NOT NULL, type_id TEXT NOT NULL COLLATE NOCASE, template TEXT NOT NULL,
  PRIMARY KEY (owner, type_id)) WITHOUT ROWID;
"""


def of(store: Store, owner: str, type_id: str) -> str:
    """Return the template of a site's or list's content type, "" when it has none."""
    row = store.one(
        "SELECT template FROM type_templates WHERE owner=? AND type_id=?", owner, type_id
    )
    return str(row["template"]) if row else ""


def put(store: Store, owner: str, type_id: str, template: str) -> None:
    """Give a content type its template; "" takes it away."""
    store.run("DELETE FROM type_templates WHERE owner=? AND type_id=?", owner, type_id)
    if template:
        store.run("INSERT INTO type_templates VALUES (?,?,?)", owner, type_id, template)


def inherit(store: Store, source: sqlite3.Row, copied: sqlite3.Row) -> None:
    """Give a list's new copy of a content type the template of the site's."""
    put(store, copied["owner"], copied["id"], of(store, source["owner"], source["id"]))


def url_of(store: Store, row: sqlite3.Row) -> str:
    """Return the server-relative (or whole) address of a content type's template, "" for none."""
    template = of(store, row["owner"], row["id"])
    if not template or template.startswith(("/", "https://", "http://")):
        return template
    owner = store.one("SELECT path FROM lists WHERE id=?", row["owner"])
    if owner is not None:
        return f"{owner['path']}/Forms/{row['name']}/{template}"
    return f"{sites.by_id(store, row['owner'])['path']}/_cts/{row['name']}/{template}"
