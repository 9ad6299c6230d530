"""Navigation by `_api`: `web/Navigation` with its nodes, and the menu as one state.

Members and answers as in the doubles of the CLI for Microsoft 365 (navigation-node-*.spec.ts) and
in the office365 client; the captured `$metadata` has no navigation types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    Value,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.sharepoint.web import WEB
from local.tenant.store import lists, navigation, sites

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

BARS, NODE = "SP.Navigation", "SP.NavigationNode"
SERVICE = "Microsoft.SharePoint.Navigation.REST.NavigationServiceRest"
MENU = "SP.MenuState"
CHANGED = {"Title", "Url", "IsVisible", "IsExternal"}
IGNORED = {"AudienceIds", "CurrentLCID"}
DEEPEST = 10
"""Levels of a menu state, unless the caller says otherwise."""


@kind(BARS, key=lambda _row: "", type=lambda _row: BARS)
def show_navigation(_ask: Ask, _row: sqlite3.Row) -> dict[str, Any]:
    return {"UseShared": False}


@kind(NODE, key=lambda row: str(row["id"]))
def show_node(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    owner = lists.by_id(ask.store, row["list_id"]) if row["list_id"] else None
    return {
        "AudienceIds": None,
        "CurrentLCID": ask.site["lcid"],
        "Id": row["id"],
        "IsDocLib": owner is None or bool(owner["is_library"]),
        "IsExternal": bool(row["external"]),
        "IsVisible": bool(row["visible"]),
        "ListTemplateType": owner["base"] if owner is not None else 0,
        "Title": row["title"],
        "Url": row["url"],
    }


@link(WEB, "Navigation")
def bars(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return Thing(BARS, ask.site)


def _nodes(parent: int, owner: Thing) -> Things:
    return Things(NODE, lambda ask: Page(navigation.children(ask.store, ask.site, parent)), owner)


@link(BARS, "TopNavigationBar")
def top(_ask: Ask, place: Thing) -> Things:
    return _nodes(navigation.TOP, Thing(BARS, {"id": navigation.TOP}, place.uri))


@link(BARS, "QuickLaunch")
def quick(_ask: Ask, place: Thing) -> Things:
    return _nodes(navigation.QUICK, Thing(BARS, {"id": navigation.QUICK}, place.uri))


@link(NODE, "Children")
def below(_ask: Ask, place: Thing) -> Things:
    return _nodes(place.row["id"], place)


@reach(BARS, "GetNodeById")
@act(BARS, "GetNodeById")
@reach(f"{NODE}*", "GetById")
def node_by_id(ask: Ask, _place: Thing | Things) -> Thing:
    return Thing(NODE, navigation.get(ask.store, ask.site, ask.number("id")))


@keyed(BARS, "TopNavigationBar")
@keyed(BARS, "QuickLaunch")
@keyed(NODE, "Children")
def node_by_key(ask: Ask, _place: Thing) -> Thing:
    return Thing(NODE, navigation.get(ask.store, ask.site, ask.number("id")))


@reach(f"{NODE}*", "GetByIndex")
@act(f"{NODE}*", "GetByIndex")
def node_by_index(ask: Ask, place: Things) -> Thing:
    rows, at = place.load(ask).rows, ask.number("index")
    if not 0 <= at < len(rows):
        raise bad_request(f"There is no navigation node at place {at}.")
    return Thing(NODE, rows[at])


@verb(f"{NODE}*", "create")
def add(ask: Ask, place: Things) -> Thing:
    """Add a link at the end; `IsExternal` spares the check that the site has such a page."""
    _may_design(ask)
    sent = members(ask.call)
    new = navigation.NewNode(
        title=str(sent.get("Title") or ""),
        url=str(sent.get("Url") or ""),
        external=bool(sent.get("IsExternal")),
        visible=bool(sent.get("IsVisible", True)),
    )
    if not new.title:
        raise bad_request("A navigation node needs a Title.")
    return Thing(NODE, navigation.add(ask.store, ask.site, place.owner.row["id"], new))


@act(f"{NODE}*", "MoveAfter")
def move(ask: Ask, _place: Things) -> None:
    """Put a node behind another of the same level."""
    _may_design(ask)
    node, before = ask.number("nodeId", 0), ask.number("previousNodeId", 1)
    navigation.move_after(ask.store, ask.site, node, before)


@verb(NODE, "merge")
def change(ask: Ask, place: Thing) -> None:
    _may_design(ask)
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in CHANGED | IGNORED), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{NODE}'.")
    navigation.update(ask.store, ask.site, place.row["id"], sent)


@verb(NODE, "delete")
@act(NODE, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    _may_design(ask)
    navigation.remove(ask.store, ask.site, place.row["id"])


def _may_design(ask: Ask) -> None:
    require(ask, Thing(WEB, ask.site), "manage")


@link("", "Navigation")
@link("", SERVICE)
def service(ask: Ask, _place: Thing) -> Thing:
    require(ask, Thing(WEB, ask.site), "read")
    return Thing(SERVICE, ask.site)


@kind(SERVICE, key=lambda _row: "", type=lambda _row: SERVICE)
def show_service(_ask: Ask, _row: sqlite3.Row) -> dict[str, Any]:
    return {}


@reach(SERVICE, "MenuState")
@act(SERVICE, "MenuState")
def menu_state(ask: Ask, _place: Thing) -> Value:
    """Return a menu as a tree: the quick launch, or below the node that `menuNodeKey` names."""
    root = int(ask.find("menuNodeKey", 0) or navigation.QUICK)
    depth = int(ask.find("depth", 2) or DEEPEST)
    known = {navigation.TOP: "SP Top Navigation Bar", navigation.QUICK: "Quick launch"}
    title = known.get(root) or navigation.get(ask.store, ask.site, root)["title"]
    shown = {
        "AudienceIds": None,
        "FriendlyUrlPrefix": "",
        "IsAudienceTargetEnabledForGlobalNav": False,
        "Nodes": _tree(ask, root, depth),
        "SimpleUrl": "",
        "SPSitePrefix": ask.site["path"] or "/",
        "SPWebPrefix": ask.site["path"] or "/",
        "StartingNodeKey": str(root),
        "StartingNodeTitle": title,
        "Version": ask.store.stamp(),
    }
    return Value(shown, MENU)


def _tree(ask: Ask, parent: int, depth: int) -> list[dict[str, Any]]:
    rows = navigation.children(ask.store, ask.site, parent) if depth > 0 else []
    return [_menu_node(ask, row, depth) for row in rows]


def _menu_node(ask: Ask, row: sqlite3.Row, depth: int) -> dict[str, Any]:
    return {
        "AudienceIds": [],
        "CurrentLCID": ask.site["lcid"],
        "CustomProperties": [],
        "FriendlyUrlSegment": "",
        "IsDeleted": False,
        "IsHidden": not row["visible"],
        "IsTitleForExistingLanguage": True,
        "Key": str(row["id"]),
        "Nodes": _tree(ask, row["id"], depth - 1),
        "NodeType": 0,
        "OpenInNewWindow": None,
        "SimpleUrl": row["url"],
        "Title": row["title"],
        "Translations": [],
    }


@act(SERVICE, "SaveMenuState")
def save_menu_state(ask: Ask, _place: Thing) -> Value:
    """Make a menu what it says: nodes without a key are new, those marked deleted go (200)."""
    _may_design(ask)
    said = ask.need("menuState")
    if not isinstance(said, dict):
        raise bad_request("The parameter menuState is no menu")
    _save(ask, int(said.get("StartingNodeKey") or navigation.QUICK), said.get("Nodes") or [])
    return Value(200, "Edm.Int32")


def _save(ask: Ask, parent: int, nodes: list[Mapping[str, Any]]) -> None:
    order = []
    for node in nodes:
        key = int(node.get("Key") or 0)
        if node.get("IsDeleted"):
            navigation.remove(ask.store, ask.site, key)
            continue
        visible, url = not node.get("IsHidden"), str(node.get("SimpleUrl") or "")
        title = str(node.get("Title") or "")
        if key:
            told = {"Title": title, "Url": url, "IsVisible": visible}
            navigation.update(ask.store, ask.site, key, told)
        else:
            new = navigation.NewNode(title, url, external=_outside(ask, url), visible=visible)
            key = navigation.add(ask.store, ask.site, parent, new)["id"]
        order.append(key)
        _save(ask, key, node.get("Nodes") or [])
    navigation.arrange(ask.store, ask.site, order)


def _outside(ask: Ask, url: str) -> bool:
    """Whether an address leads out of the site."""
    home = sites.web_url(ask.site)
    return "://" in url and not url.lower().startswith(home.lower())
