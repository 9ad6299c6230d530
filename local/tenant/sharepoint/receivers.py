"""Remote event receivers of a web, a site or a list, and the features that are switched on.

Receivers are kept and shown; nothing calls them here, because webhooks have taken their place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.custom_actions import owner_id, owner_of
from local.tenant.sharepoint.surface import (
    Ask,
    Page,
    Thing,
    Things,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import kept

if TYPE_CHECKING:
    from local.tenant.store.kept import Kept

RECEIVER, FEATURE = "SP.EventReceiverDefinition", "SP.Feature"
KIND, FEATURES = "receiver", "feature"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FRESH: dict[str, Any] = {
    "EventType": 0,
    "ReceiverAssembly": "",
    "ReceiverClass": "",
    "ReceiverName": "",
    "ReceiverUrl": "",
    "SequenceNumber": 10000,
    "Synchronization": 2,
}


@kind(RECEIVER, key=lambda row: f"guid'{row.id}'")
def show_receiver(_ask: Ask, row: Kept) -> dict[str, Any]:
    return {**FRESH, **row.members, "ReceiverId": row.id}


@link("SP.Web", "EventReceivers")
@link("SP.Site", "EventReceivers")
@link("SP.List", "EventReceivers")
def all_receivers(ask: Ask, place: Thing) -> Things:
    require(ask, owner_of(ask, place), "read")
    return Things(
        RECEIVER, lambda ask: Page(list(kept.every(ask.store, owner_id(place), KIND))), place
    )


@keyed("SP.Web", "EventReceivers")
@keyed("SP.Site", "EventReceivers")
@keyed("SP.List", "EventReceivers")
@reach(f"{RECEIVER}*", "GetById")
def one_receiver(ask: Ask, place: Thing | Things) -> Thing | None:
    """Return one by its guid, nothing (`odata.null`) where there is none."""
    owner = place.owner if isinstance(place, Things) else place
    require(ask, owner_of(ask, owner), "read")
    found = kept.find(ask.store, owner_id(owner), KIND, ask.text("receiverId").strip("{}"))
    return None if found is None else Thing(RECEIVER, found)


def _sent(ask: Ask) -> dict[str, Any]:
    sent = members(ask.call)
    said = sent.get("eventReceiverCreationInformation", sent)
    if unknown := next((name for name in said if name not in FRESH | {"ReceiverId": ""}), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{RECEIVER}'.")
    return {name: value for name, value in said.items() if name != "ReceiverId"}


@verb(f"{RECEIVER}*", "create")
@act(f"{RECEIVER}*", "Add")
def add(ask: Ask, place: Things) -> Thing:
    """Keep a receiver; 400 without the address that would be called."""
    require(ask, owner_of(ask, place.owner), "manage")
    said = _sent(ask)
    if not said.get("ReceiverUrl"):
        raise bad_request("The parameter ReceiverUrl is missing")
    return Thing(RECEIVER, kept.add(ask.store, owner_id(place.owner), KIND, said))


def _managed(ask: Ask, row: Kept) -> Kept:
    found = ask.store.one("SELECT * FROM lists WHERE id=?", row.owner)
    require(ask, Thing("SP.List", found) if found else Thing("SP.Web", ask.site), "manage")
    return row


@verb(RECEIVER, "merge")
@act(RECEIVER, "Update")
def change(ask: Ask, place: Thing) -> None:
    kept.merge(ask.store, _managed(ask, place.row), _sent(ask))


@verb(RECEIVER, "delete")
@act(RECEIVER, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    kept.remove(ask.store, _managed(ask, place.row))


@kind(FEATURE, key=lambda row: f"guid'{row.id}'")
def show_feature(_ask: Ask, row: Kept) -> dict[str, Any]:
    return {"DefinitionId": row.id, "DisplayName": row.members.get("DisplayName")}


@link("SP.Web", "Features")
@link("SP.Site", "Features")
def all_features(ask: Ask, place: Thing) -> Things:
    require(ask, owner_of(ask, place), "read")
    return Things(
        FEATURE, lambda ask: Page(list(kept.every(ask.store, owner_id(place), FEATURES))), place
    )


@keyed("SP.Web", "Features")
@keyed("SP.Site", "Features")
@reach(f"{FEATURE}*", "GetById")
def one_feature(ask: Ask, place: Thing | Things) -> Thing | None:
    owner = place.owner if isinstance(place, Things) else place
    found = kept.find(ask.store, owner_id(owner), FEATURES, ask.text("featureId").strip("{}"))
    return None if found is None else Thing(FEATURE, found)


def _guid(ask: Ask) -> str:
    guid = ask.text("featureId").strip("{}").lower()
    if not GUID.fullmatch(guid):
        raise bad_request(f"{guid!r} is not the id of a feature")
    return guid


@act(f"{FEATURE}*", "Add")
def switch_on(ask: Ask, place: Things) -> Thing:
    """Switch a feature on; `force` lets one that is on already be switched on again."""
    require(ask, owner_of(ask, place.owner), "fullcontrol")
    owner, guid = owner_id(place.owner), _guid(ask)
    if kept.find(ask.store, owner, FEATURES, guid) and not ask.find("force", 1):
        raise bad_request(f"Feature with Id '{guid}' is already activated at this scope.")
    return Thing(FEATURE, kept.put(ask.store, owner, FEATURES, {}, guid))


@act(f"{FEATURE}*", "Remove")
def switch_off(ask: Ask, place: Things) -> None:
    """Switch a feature off; 400 for one that is not on, unless `force` is said."""
    require(ask, owner_of(ask, place.owner), "fullcontrol")
    guid = _guid(ask)
    found = kept.find(ask.store, owner_id(place.owner), FEATURES, guid)
    if found is not None:
        kept.remove(ask.store, found)
    elif not ask.find("force", 1):
        raise bad_request(f"Feature with Id '{guid}' is not activated at this scope.")
