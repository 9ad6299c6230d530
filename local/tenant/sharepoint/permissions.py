"""What somebody may do somewhere, as SharePoint's mask of 64 bits, and roles that a site makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import ROLE, SECURABLES, actor, require, securable
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import (
    KINDS,
    Ask,
    Thing,
    Things,
    Value,
    act,
    extra,
    reach,
    verb,
)
from local.tenant.store import access, kept, principals, rights

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "SP.BasePermissions"
COST = 5
# The bits of the low word that stand for each verb (SPBasePermissions; general knowledge)
BITS = {
    "read": 0x1 | 0x20 | 0x10000 | 0x20000,  # view and open items and pages, open the web
    "write": 0x2 | 0x4 | 0x8 | 0x40 | 0x80,  # add, edit, delete items; versions
    "approve": 0x10,
    "manage": 0x800 | 0x100000,  # manage lists and the web's pages
    "fullcontrol": 0x2000000 | 0x40000000,  # manage permissions and the web
}
FULL = {"High": "2147483647", "Low": "4294967295"}


def mask(verbs: Iterable[str]) -> dict[str, str]:
    """Return the mask of a set of verbs, all bits for full control."""
    held = set(verbs)
    if "fullcontrol" in held:
        return dict(FULL)
    low = 0
    for name in held:
        low |= BITS[name]
    return {"High": "432" if held else "0", "Low": str(low)}


def verbs_of(said: dict[str, Any]) -> frozenset[str]:
    """Return the verbs that a mask lets its holder do."""
    low = int(said.get("Low") or 0)
    names = {"read": 0x1, "write": 0x2 | 0x4, "approve": 0x10, "manage": 0x800,
             "fullcontrol": 0x2000000}  # fmt: skip
    held = {name for name, bits in names.items() if low & bits == bits}
    return frozenset(held | ({"read"} if held else set()))


def _own(owner: str) -> None:
    """Let one kind of securable tell masks: the caller's, and that of a person who is named."""

    def effective(ask: Ask, row: Any) -> Value:
        return Value(mask(access.verbs(ask.store, ask.who, securable(Thing(owner, row)))), MASK)

    def of_user(ask: Ask, place: Thing) -> Value:
        at = require(ask, place, "read")
        number = principals.ensure_login(ask.store, ask.site["id"], ask.text("userName"))
        row = principals.get(ask.store, ask.site["id"], number)
        return Value(mask(access.verbs_of_principal(ask.store, row, at)), MASK)

    extra(owner, "EffectiveBasePermissions")(effective)
    act(owner, "GetUserEffectivePermissions", COST)(of_user)
    reach(owner, "GetUserEffectivePermissions", COST)(of_user)


for each in SECURABLES:
    if each in KINDS:
        _own(each)


@act("SP.Web", "DoesUserHavePermissions")
def may(ask: Ask, place: Thing) -> Value:
    """Return whether the caller holds every bit of a mask."""
    said = ask.find("permissionMask") or {"Low": ask.find("Low", 99), "High": ask.find("High", 99)}
    held = mask(access.verbs(ask.store, ask.who, securable(place)))
    lacks = [name for name in held if int(said.get(name) or 0) & ~int(held[name])]
    return Value(not lacks, "Edm.Boolean")


def _sent(ask: Ask) -> dict[str, Any]:
    known = {"Name", "Description", "BasePermissions", "Order", "Id", "RoleTypeKind", "Hidden"}
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in known), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{ROLE}'.")
    return sent


@verb(f"{ROLE}*", "create", COST)
@act(f"{ROLE}*", "Add", COST)
def add_role(ask: Ask, place: Things) -> Thing:
    """Make a permission level of the site's own from a name and a mask; 400 for a taken name."""
    require(ask, place.owner, "fullcontrol")
    sent = _sent(ask)
    name = str(sent.get("Name") or "")
    if not name:
        raise bad_request("The parameter Name is missing")
    if any(role.name.casefold() == name.casefold() for role in rights.every(ask.store, _id(ask))):
        raise _taken(name)
    return Thing(ROLE, rights.add(ask.store, _id(ask), _wanted(sent, name)))


def _id(ask: Ask) -> str:
    return str(ask.site["id"])


def _wanted(sent: dict[str, Any], name: str) -> dict[str, Any]:
    said = sent.get("BasePermissions") or {"High": "0", "Low": "0"}
    return {"name": name, "description": str(sent.get("Description") or ""), "mask": said,
            "verbs": sorted(verbs_of(said))}  # fmt: skip


def _taken(name: str) -> Refusal:
    return Refusal(
        400,
        "nameAlreadyExists",
        f"Cannot create or rename the permission level because the name '{name}' is already used.",
        -2130575293,
        "Microsoft.SharePoint.SPException",
    )


def _custom(ask: Ask, place: Thing) -> kept.Kept:
    """Return the row of a level the site made; SharePoint's own can't be changed here (400)."""
    require(ask, Thing("SP.Web", ask.site), "fullcontrol")
    row = kept.find(ask.store, _id(ask), rights.KIND, str(place.row.id))
    if row is None:
        raise bad_request(f"The permission level {place.row.name} can't be changed.")
    return row


@verb(ROLE, "merge", COST)
@act(ROLE, "Update", COST)
def change_role(ask: Ask, place: Thing) -> None:
    row, sent = _custom(ask, place), _sent(ask)
    told = {"BasePermissions": row.members["mask"], "Description": row.members["description"]}
    name = str(sent.get("Name") or row.members["name"])
    kept.merge(ask.store, row, _wanted(told | sent, name))


@verb(ROLE, "delete", COST)
@act(ROLE, "DeleteObject", COST)
def remove_role(ask: Ask, place: Thing) -> None:
    """Delete a level of the site's own, and every assignment of it."""
    kept.remove(ask.store, _custom(ask, place))
    access.drop_role(ask.store, _id(ask), place.row.id, actor(ask))
