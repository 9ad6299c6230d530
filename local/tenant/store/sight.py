"""Who sees which state of an item: permission trimming, drafts, and files that are checked out.

Readers see the newest published version; drafts are for those whom DraftVersionVisibility names
(0 any reader, 1 those who can edit, 2 approvers) and for their author. A checked-out file shows
others what was last checked in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.tenant.store import access, lists, principals, versions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Principal
    from local.tenant.store.database import Store
    from local.tenant.store.ids import Item

_DRAFT_VERB = {0: "read", 1: "write", 2: "approve"}


@dataclass(frozen=True, slots=True)
class Sight:
    """One caller's view of one list: the scopes they may read, and those where they see drafts."""

    actor: str
    total: int
    readable: tuple[str, ...]
    drafts: frozenset[str]

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
        if item["scope"] not in self.readable or (
            item["checkout"] not in {"", self.actor} and not item["major"] + item["minor"]
        ):
            return False
        mine = self.actor in {item["modified_by"], item["created_by"]}
        return bool(
            item["level"] == versions.PUBLISHED
            or item["published"]
            or mine
            or item["scope"] in self.drafts
        )


def of(store: Store, who: Principal, list_row: sqlite3.Row) -> Sight:
    """Work out once per call what the caller sees of a list."""
    verb = _DRAFT_VERB[lists.settings(list_row)["DraftVersionVisibility"]]
    verbs = access.verbs_by_scope(store, who, list_row)
    readable = tuple(scope for scope, held in verbs.items() if "read" in held)
    drafts = frozenset(scope for scope, held in verbs.items() if verb in held)
    return Sight(principals.actor_of(who), len(verbs), readable, drafts)
