"""Retention labels by `_api`: what is available in a site, and what lies on a list or an item."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal
from local.tenant.sharepoint.access import actor, require
from local.tenant.sharepoint.items import ITEM, current
from local.tenant.sharepoint.lists import LIST
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, link, reach
from local.tenant.store import access, items, kept, lists, retention

if TYPE_CHECKING:
    import sqlite3

PROXY, TAG = "SP.CompliancePolicy.SPPolicyStoreProxy", "SP.CompliancePolicy.ComplianceTag"
KIND = "default label"
NAMES = (PROXY, PROXY.replace(".", "_"))


def _tag(row: sqlite3.Row) -> dict[str, Any]:
    """Return a label with SharePoint's members; a record keeps people from deleting it."""
    record = row["kind"] != retention.RETAIN
    return {
        "AcceptMessagesOnlyFromSendersOrMembers": False,
        "AccessType": None,
        "AllowAccessFromUnmanagedDevice": None,
        "AutoDelete": False,
        "BlockDelete": True,
        "BlockEdit": record,
        "ComplianceFlags": int(record) + 1,
        "ContainsSiteLabel": False,
        "DisplayName": "",
        "EncryptionRMSTemplateId": None,
        "HasRetentionAction": True,
        "IsEventTag": False,
        "MultiStageReviewerEmail": None,
        "NextStageComplianceTag": None,
        "Notes": None,
        "RequireSenderAuthenticationEnabled": False,
        "ReviewerEmail": None,
        "SharingCapabilities": None,
        "SuperLock": row["kind"] == retention.REGULATORY,
        "TagDuration": 2555,
        "TagId": str(uuid.uuid5(uuid.NAMESPACE_OID, row["name"])),
        "TagName": row["name"],
        "TagRetentionBasedOn": "CreationAgeInDays",
        "UnlockedAsDefault": record and not row["starts_locked"],
    }


def available(ask: Ask, _place: Thing) -> Value:
    """Return the labels published in the tenant; every site has them all here."""
    require(ask, Thing("SP.Web", ask.site), "read")
    rows = ask.store.all("SELECT * FROM retention_labels ORDER BY name")
    return Value([_tag(row) for row in rows], TAG)


def of_list(ask: Ask, _place: Thing) -> Value:
    """Return the label new items of a list get, null without one."""
    row = _list(ask)
    require(ask, Thing(LIST, row), "read")
    name = kept.members_of(ask.store, row["id"], KIND).get("name")
    return Value(_tag(_label(ask, name)) if name else None, TAG)


def put_on_list(ask: Ask, _place: Thing) -> None:
    """Give a list a label for its new items, and its present ones when it is told to sync."""
    row, name = _list(ask), str(ask.find("complianceTagValue", 1) or "")
    require(ask, Thing(LIST, row), "manage")
    if name:
        _label(ask, name)
    kept.put(ask.store, row["id"], KIND, {"name": name})
    if ask.find("syncToItems", 99):
        for found in ask.store.all("SELECT * FROM items WHERE list_id=? AND state=0", row["id"]):
            _put(ask, dict(found), name)


def put_on_items(ask: Ask, _place: Thing) -> Value:
    """Put a label on items by their numbers; returns the numbers that failed, none here."""
    row, name = _list(ask), str(ask.find("complianceTagValue", 2) or "")
    for number in ask.need("itemIds", 1):
        found = items.get(ask.store, row, int(number))
        current(ask, Thing(ITEM, found), "write")
        _put(ask, found, name)
    return Value([], "Edm.Int32")


for each in NAMES:
    between = "." if "." in each else "_"
    for operation, run in {
        "GetAvailableTagsForSite": available,
        "GetListComplianceTag": of_list,
    }.items():
        reach("", f"{each}{between}{operation}")(run)
        act("", f"{each}{between}{operation}")(run)
    act("", f"{each}{between}SetListComplianceTag")(put_on_list)
    act("", f"{each}{between}SetComplianceTagOnBulkItems")(put_on_items)


def _list(ask: Ask) -> sqlite3.Row:
    return lists.by_path(ask.store, _path(ask.text("listUrl", 0)))


def _path(url: str) -> str:
    return "/" + url.split("://", 1)[-1].partition("/")[2] if "://" in url else url


def _label(ask: Ask, name: str) -> sqlite3.Row:
    """Return a label; refused in SharePoint's words when the tenant has none of that name."""
    row = ask.store.one("SELECT * FROM retention_labels WHERE name=?", name)
    if row is None:
        raise Refusal(
            400,
            "invalidRequest",
            f"Can not find compliance tag with value: {name}. SiteSubscriptionId:"
            f" {ask.store.get('tenant_id')}",
            -1,
            "Microsoft.SharePoint.Client.InvalidOperationException",
        )
    return row


def _put(ask: Ask, item: dict[str, Any], name: str) -> None:
    if name:
        _label(ask, name)
    at = access.of_site(ask.site)
    admin = access.may(ask.store, ask.who, at, "fullcontrol")
    retention.apply(ask.store, item, name or None, actor(ask), admin=admin)


@act(ITEM, "SetComplianceTag")
@act(ITEM, "SetComplianceTagWithNoHold")
@act(ITEM, "SetComplianceTagWithHold")
@act(ITEM, "SetComplianceTagWithMetaInfo")
@act(ITEM, "SetComplianceTagWithRecord")
def put_on_item(ask: Ask, place: Thing) -> None:
    """Put a label on an item, or take it off with an empty name."""
    _row, item = current(ask, place, "write")
    _put(ask, item, str(ask.find("complianceTag", 0) or ""))


@link("", PROXY)
def proxy(_ask: Ask, _place: Thing) -> Thing:
    return Thing(PROXY, None)


@reach(PROXY, "GetAvailableTagsForSite")
@act(PROXY, "GetAvailableTagsForSite")
def available_by_proxy(ask: Ask, place: Thing) -> Value:
    return available(ask, place)
