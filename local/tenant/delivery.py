"""Telling subscribers: reads the log of changes above its own mark and empties the outbox.

Clocks by wire.md 1.4: an answer within 3 s (10 s on a retry), retries for 4 h with growing gaps.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from local.tenant.faults import Drop, Notify
from local.tenant.graph.subscriptions import zulu
from local.tenant.store import changes, subscriptions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.door import Door

FIRST_S, RETRY_S = 3.0, 10.0
GIVE_UP = timedelta(hours=4)
FIRST_GAP, LONGEST_GAP = timedelta(seconds=15), timedelta(minutes=30)
WINDOW = timedelta(minutes=10)
SLOW_SHARE, LOST_SHARE, LEAST = 0.10, 0.15, 10
IDLE_S = 30.0  # at most this long until due times are looked at again
RESOURCE_DATA_SHARE = 0.5
MARK = "delivery_mark"


class Delivery:
    """One task for the whole tenant; a committed write or a moved clock wakes it."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._store = door.store
        self._chance = random.Random(door.config.chance)  # noqa: S311 -- repeatable, not secret
        self._busy = asyncio.Lock()

    async def run(self) -> None:
        """Deliver until cancelled. What is in the outbox survives a kill."""
        while True:
            self._door.wrote.clear()
            await self.deliver()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._idle()):
                    await self._door.wrote.wait()

    async def deliver(self) -> int:
        """Send everything due now; returns how many notifications were accepted."""
        async with self._busy:
            self._collect()
            batches: dict[str, list[sqlite3.Row]] = {}
            for row in subscriptions.due(self._store):
                batches.setdefault(row["url"], []).append(row)
            return sum(await asyncio.gather(*(self._send(*batch) for batch in batches.items())))

    def _idle(self) -> float:
        upcoming = subscriptions.next_due(self._store)
        if upcoming is None:
            return IDLE_S
        return min(IDLE_S, max(0.05, (upcoming - self._store.now()).total_seconds()))

    def _collect(self) -> None:
        """Turn new changes into outbox rows, and move the mark in the same transaction."""
        with self._store.transaction():
            mark = int(self._store.get(MARK, "0"))
            while rows := changes.all_since(self._store, mark):
                heard = {(row["list_id"], row["kind"] == changes.SECURITY) for row in rows}
                for list_id, security in sorted(heard):
                    self._announce(list_id, security=security)
                mark = int(rows[-1]["seq"])
            self._store.put(MARK, str(mark))

    def _announce(self, list_id: str, *, security: bool) -> None:
        now = self._store.now()
        for row in subscriptions.hearing(self._store, list_id, security=security):
            effect = self._door.faults.take("notification", "POST", row["resource"], row["app"])
            copies = 2 if isinstance(effect, Notify) and effect.kind == "double" else 1
            wait = timedelta(seconds=effect.seconds if isinstance(effect, Notify) else 0)
            late = isinstance(effect, Notify) and effect.kind == "reorder"
            if not isinstance(effect, Drop):
                subscriptions.post(self._store, row["id"], now + wait, copies=copies, late=late)

    async def _send(self, url: str, rows: list[sqlite3.Row]) -> int:
        """POST one batch to one address and settle its rows; returns how many were accepted."""
        if self._held(url, rows):
            return 0
        told = [self._notification(row) for row in rows for _ in range(row["copies"])]
        limit = RETRY_S if any(row["attempts"] for row in rows) else FIRST_S
        began = time.monotonic()
        status, _, _ = await self._door.post(
            url, msgspec.json.encode({"value": told}), "application/json; charset=utf-8", limit
        )
        accepted = 200 <= status < 300  # noqa: PLR2004 -- HTTP's success
        with self._store.transaction():
            subscriptions.log(self._store, url, status, len(told), time.monotonic() - began)
            for row in rows:
                self._settle(row, accepted=accepted)
        return len(rows) if accepted else 0

    def _held(self, url: str, rows: list[sqlite3.Row]) -> bool:
        """Hold back what goes to a slow address for ten minutes; drop what goes to a dead one."""
        attempts, slow, lost = subscriptions.recent(self._store, url, self._store.now() - WINDOW)
        if attempts < LEAST or slow <= attempts * SLOW_SHARE:
            return False
        with self._store.transaction():
            for row in rows:
                if lost > attempts * LOST_SHARE:
                    subscriptions.sent(self._store, row["seq"])
                else:
                    subscriptions.hold(self._store, row["seq"], WINDOW)
        return True

    def _settle(self, row: sqlite3.Row, *, accepted: bool) -> None:
        age = self._store.now() - subscriptions.moment(row["born"])
        if accepted or age > GIVE_UP:
            subscriptions.sent(self._store, row["seq"])
            return
        gap = min(LONGEST_GAP, FIRST_GAP * 2 ** row["attempts"])
        subscriptions.retry(self._store, row["seq"], gap)

    def _notification(self, row: sqlite3.Row) -> dict[str, Any]:
        """Write a notification: it never says what changed; resourceData is there at times."""
        notification = {
            "subscriptionId": row["id"],
            "subscriptionExpirationDateTime": zulu(subscriptions.moment(row["expires"])),
            "clientState": row["state"] or None,
            "changeType": "updated",
            "resource": row["resource"].strip("/"),
            "tenantId": self._door.config.id,
        }
        if self._chance.random() < RESOURCE_DATA_SHARE:
            notification["resourceData"] = {"@odata.type": "#Microsoft.Graph.ListItem"}
        return notification
