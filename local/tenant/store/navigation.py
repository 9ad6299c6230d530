"""A site's navigation: the top bar and the quick launch, each a tree of links in their own order.

The two roots have SharePoint's own numbers, 1002 and 1025; a link's number is given out once in a
site. A list that is on the quick launch has a link there, and loses it when it is taken off (gk).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal
from local.tenant.store import lists, sites

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS navigation (
  site_id TEXT NOT NULL, id INTEGER NOT NULL, parent INTEGER NOT NULL, title TEXT NOT NULL,
  url TEXT NOT NULL, external INTEGER NOT NULL DEFAULT 0, visible INTEGER NOT NULL DEFAULT 1,
  position REAL NOT NULL, list_id TEXT,
  PRIMARY KEY (site_id, id)) WITHOUT ROWID;
"""

TOP, QUICK = 1002, 1025
HOME = 1031
FIRST = 2001
NEXT = "next_node"  # key among a site's settings
_EDITABLE = {"Title": "title", "Url": "url", "IsVisible": "visible", "IsExternal": "external"}


@dataclass(frozen=True, slots=True)
class NewNode:
    """A link to add: `url` server-relative or whole, "" for a heading; `list_id` for a list's."""

    title: str
    url: str
    external: bool = False
    visible: bool = True
    list_id: str | None = None


def children(store: Store, site: sqlite3.Row, parent: int) -> list[sqlite3.Row]:
    """Return the links below a root or a link, in order."""
    if parent == QUICK:
        _follow_lists(store, site)
    return store.all(
        "SELECT * FROM navigation WHERE site_id=? AND parent=? ORDER BY position",
        site["id"],
        parent,
    )


def get(store: Store, site: sqlite3.Row, number: int) -> sqlite3.Row:
    """Return a link by its number; 404 when there is none."""
    row = store.one("SELECT * FROM navigation WHERE site_id=? AND id=?", site["id"], number)
    if row is None:
        raise _missing(number)
    return row


def _missing(number: int) -> Refusal:
    return Refusal(404, "itemNotFound", f"There is no navigation node {number}.", -2130575342,
                   "Microsoft.SharePoint.SPException")  # fmt: skip


def add(store: Store, site: sqlite3.Row, parent: int, new: NewNode) -> sqlite3.Row:
    """Put a link last below a root or a link; returns it."""
    if parent not in (TOP, QUICK):
        get(store, site, parent)
    number = int(sites.settings(sites.by_id(store, site["id"])).get(NEXT, FIRST))
    sites.put_setting(store, site["id"], NEXT, number + 1)
    _insert(store, site, number, parent, new)
    return get(store, site, number)


def _insert(store: Store, site: sqlite3.Row, number: int, parent: int, new: NewNode) -> None:
    last = store.one(
        "SELECT COALESCE(MAX(position), 0) AS at FROM navigation WHERE site_id=? AND parent=?",
        site["id"],
        parent,
    )
    store.run(
        "INSERT INTO navigation VALUES (?,?,?,?,?,?,?,?,?)",
        site["id"],
        number,
        parent,
        new.title,
        new.url,
        new.external,
        new.visible,
        (last["at"] if last else 0) + 1,
        new.list_id,
    )


def update(store: Store, site: sqlite3.Row, number: int, members: Mapping[str, Any]) -> None:
    """Merge Title, Url, IsVisible and IsExternal of a link."""
    get(store, site, number)
    for member, column in _EDITABLE.items():
        if member in members:
            store.run(
                f"UPDATE navigation SET {column}=? WHERE site_id=? AND id=?",
                members[member],
                site["id"],
                number,
            )


def remove(store: Store, site: sqlite3.Row, number: int) -> None:
    """Take a link away with what is below it; a list's link takes the list off the menu."""
    row = get(store, site, number)
    for child in children(store, site, number):
        remove(store, site, child["id"])
    if row["list_id"]:
        lists.update(store, lists.by_id(store, row["list_id"]), {"OnQuickLaunch": False})
    store.run("DELETE FROM navigation WHERE site_id=? AND id=?", site["id"], number)


def move_after(store: Store, site: sqlite3.Row, number: int, previous: int) -> None:
    """Put a link behind another of the same parent; behind 0 is in front of all (gk)."""
    row = get(store, site, number)
    rest = [one["id"] for one in children(store, site, row["parent"]) if one["id"] != number]
    if previous and previous not in rest:
        raise _missing(previous)
    at = rest.index(previous) + 1 if previous else 0
    arrange(store, site, [*rest[:at], number, *rest[at:]])


def arrange(store: Store, site: sqlite3.Row, numbers: list[int]) -> None:
    """Give links of one parent their places in this order."""
    for place, number in enumerate(numbers, start=1):
        store.run(
            "UPDATE navigation SET position=? WHERE site_id=? AND id=?", place, site["id"], number
        )


def _follow_lists(store: Store, site: sqlite3.Row) -> None:
    """Bring the quick launch up to date with the lists that say they are on it."""
    if NEXT not in sites.settings(sites.by_id(store, site["id"])):
        sites.put_setting(store, site["id"], NEXT, FIRST)
        _insert(store, site, HOME, QUICK, NewNode("Home", site["path"] or "/"))
    kept = store.all(
        "SELECT id, list_id FROM navigation WHERE site_id=? AND list_id IS NOT NULL", site["id"]
    )
    known = {row["list_id"]: row["id"] for row in kept}
    shown = [
        row
        for row in store.all("SELECT * FROM lists WHERE site_id=? ORDER BY rowid", site["id"])
        if lists.settings(row)["OnQuickLaunch"]
    ]
    for list_id in known.keys() - {row["id"] for row in shown}:
        store.run("DELETE FROM navigation WHERE site_id=? AND id=?", site["id"], known[list_id])
    for row in shown:
        if row["id"] not in known:
            _show_list(store, site, row)


def _show_list(store: Store, site: sqlite3.Row, row: sqlite3.Row) -> None:
    number = int(sites.settings(sites.by_id(store, site["id"]))[NEXT])
    sites.put_setting(store, site["id"], NEXT, number + 1)
    page = "Forms/AllItems.aspx" if row["is_library"] else "AllItems.aspx"
    new = NewNode(row["title"], f"{row['path']}/{page}", list_id=row["id"])
    _insert(store, site, number, QUICK, new)
