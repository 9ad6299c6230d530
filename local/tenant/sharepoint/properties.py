"""Property bags: AllProperties of a web, Properties of a folder, a file or an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.folders import FILE, FOLDER, Place
from local.tenant.sharepoint.items import ITEM, current
from local.tenant.sharepoint.surface import Ask, Thing, act, kind, link, verb
from local.tenant.store import items, kept

if TYPE_CHECKING:
    from local.tenant.store.ids import Item

BAG = "SP.PropertyValues"
KIND = "property bag"


@dataclass(frozen=True, slots=True)
class Bag:
    """Whose bag it is: the guid it is kept under, what has to be allowed, and what it starts as."""

    id: str
    owner: Thing
    fresh: dict[str, Any]


@kind(BAG, key=lambda bag: f"'{bag.id}'")
def show_bag(ask: Ask, bag: Bag) -> dict[str, Any]:
    return bag.fresh | kept.members_of(ask.store, bag.id, KIND)


@link("SP.Web", "AllProperties")
def of_web(ask: Ask, place: Thing) -> Thing:
    """Return the web's bag; its version is one of SharePoint Online's own entries."""
    require(ask, place, "read")
    fresh = {"vti_x005f_defaultlanguage": "en-us", "vti_x005f_extenderversion": "16.0.0.26120"}
    return Thing(BAG, Bag(place.row["web_id"], place, fresh))


@link(FILE, "Properties")
@link(ITEM, "Properties")
def of_item(_ask: Ask, place: Thing) -> Thing:
    return Thing(BAG, _bag(place.row))


@link(FOLDER, "Properties")
def of_folder(ask: Ask, place: Thing) -> Thing:
    here: Place = place.row
    if here.item is not None:
        return Thing(BAG, _bag(here.item))
    if here.list_row is None:
        return of_web(ask, Thing("SP.Web", here.site))
    fresh = {"vti_x005f_listtitle": here.list_row["title"], "vti_x005f_isbrowsable": "true"}
    return Thing(BAG, Bag(here.list_row["root_id"], Thing("SP.List", here.list_row), fresh))


def _bag(item: Item) -> Bag:
    stamp = {"vti_x005f_timecreated": item["created"],
             "vti_x005f_timelastmodified": item["modified"]}  # fmt: skip
    return Bag(item["unique_id"], Thing(ITEM, item), stamp)


@verb(BAG, "merge")
@act(BAG, "Update")
def change(ask: Ask, place: Thing) -> None:
    """Keep what is sent; null takes an entry out. A web's bag needs full control."""
    bag: Bag = place.row
    if bag.owner.kind == ITEM:
        current(ask, Thing(ITEM, items.by_unique(ask.store, bag.id)), "write")
    else:
        require(ask, bag.owner, "fullcontrol" if bag.owner.kind == "SP.Web" else "manage")
    merged = kept.members_of(ask.store, bag.id, KIND) | members(ask.call)
    left = {name: value for name, value in merged.items() if value is not None}
    kept.put(ask.store, bag.id, KIND, left)
