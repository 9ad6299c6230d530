"""Who sees which state of an item: permission trimming, drafts, and files that are checked out.

Readers see the newest published version; drafts are for those whom DraftVersionVisibility names
(0 any reader, 1 those who can edit, 2 approvers) and for their author. A checked-out file shows
others what was last checked in. Where a list's ReadSecurity or WriteSecurity is 2, people see or
change only what they made, except those who may override a list's behaviours: Full Control,
Design and Approve. Apps of their own see and change all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.errors import access_denied
from local.tenant.store import access, lists, principals, versions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.call import Principal
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item

_DRAFT_VERB = {0: "read", 1: "write", 2: "approve"}
_OVERRIDES = "approve"  # the levels with this verb are those with Override List Behaviors
ALL, OWN = 1, 2
"""ReadSecurity and WriteSecurity: everything, or what one made; WriteSecurity 4 is nothing."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One caller's view of one list: the scopes they may read, and those where they see drafts.

    `foreign` are the scopes where they see what others made, `free` those where they change it.
    """

    actor: str
    total: int
    readable: tuple[str, ...]
    drafts: frozenset[str]
    foreign: frozenset[str]
    free: frozenset[str]
    write_security: int = ALL

    def where(self) -> tuple[str, list[Any]]:
        """Return the SQL that trims a listing, beginning with " AND", and its values."""
        sql = ""
        values: list[Any] = []
        if len(self.readable) < self.total:
            sql += " AND scope IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(self.readable))
        if len(self.drafts) < self.total:
            sql += (
                " AND (level=1 OR published<>'' OR modified_by=? OR created_by=?"
                " OR scope IN (SELECT value FROM json_each(?)))"
            )
            values += [self.actor, self.actor, json.dumps(sorted(self.drafts))]
        if len(self.foreign) < self.total:
            sql += " AND (created_by=? OR scope IN (SELECT value FROM json_each(?)))"
            values += [self.actor, json.dumps(sorted(self.foreign))]
        sql += " AND (checkout='' OR checkout=? OR major+minor>0)"
        return sql, [*values, self.actor]

    def show(self, store: Store, item: Item) -> Item:
        """Return the state this caller sees of an item that `where` let through."""
        if item["checkout"] not in {"", self.actor}:
            row = versions.get(store, item["unique_id"], versions.label(item))
            item = {**item, **versions.state_of(row)}
        mine = self.actor in {item["modified_by"], item["created_by"]}
        if (
            item["level"] == versions.PUBLISHED
            or mine
            or item["scope"] in self.drafts
            or not item["published"]
        ):
            return item
        row = versions.get(store, item["unique_id"], item["published"])
        return {**item, **versions.state_of(row)}

    def sees(self, item: Item) -> bool:
        """Whether `where` would let this item through."""
        if (
            item["scope"] not in self.readable
            or not (item["scope"] in self.foreign or item["created_by"] == self.actor)
            or (item["checkout"] not in {"", self.actor} and not item["major"] + item["minor"])
        ):
            return False
        mine = self.actor in {item["modified_by"], item["created_by"]}
        return bool(
            item["level"] == versions.PUBLISHED
            or item["published"]
            or mine
            or item["scope"] in self.drafts
        )

    def changes(self, item: Item) -> bool:
        """Whether the list's own settings let the caller change an item they have a right to."""
        mine = item["created_by"] == self.actor
        if not (mine or item["scope"] in self.foreign):
            return False
        return item["scope"] in self.free or (mine and self.write_security == OWN)


def of(store: Store, who: Principal, list_row: sqlite3.Row) -> Sight:
    """Work out once per call what the caller sees of a list."""
    told = lists.settings(list_row)
    verbs = access.verbs_by_scope(store, who, list_row)
    overriding = frozenset(
        scope for scope, held in verbs.items() if who.app_only or _OVERRIDES in held
    )
    return Sight(
        actor=principals.actor_of(who),
        total=len(verbs),
        readable=tuple(scope for scope, held in verbs.items() if "read" in held),
        drafts=_holding(verbs, _DRAFT_VERB[told["DraftVersionVisibility"]]),
        foreign=frozenset(verbs) if told["ReadSecurity"] == ALL else overriding,
        free=frozenset(verbs) if told["WriteSecurity"] == ALL else overriding,
        write_security=told["WriteSecurity"],
    )


def _holding(verbs: Mapping[str, frozenset[str]], verb: str) -> frozenset[str]:
    return frozenset(scope for scope, held in verbs.items() if verb in held)


def require_change(store: Store, who: Principal, list_row: sqlite3.Row, item: Item) -> None:
    """Raise 403 where the list's own settings keep the caller from changing an item."""
    told = lists.settings(list_row)
    if (told["ReadSecurity"], told["WriteSecurity"]) == (ALL, ALL):
        return
    if not of(store, who, list_row).changes(item):
        raise access_denied()
