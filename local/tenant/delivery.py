"""Telling subscribers: reads the log of changes above its own mark and empties the outbox.

Clocks by wire.md 1.4: an answer within 3 s (10 s on a retry), retries for 4 h with growing gaps.
SharePoint's own list webhooks: 5 s, five retries five minutes apart (wire.md 2).
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from local.tenant import effects
from local.tenant.effects import Delay, Drop, Notify, Vanish
from local.tenant.graph.subscriptions import zulu
from local.tenant.store import changes, files, late, quirks, subscriptions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.door import Door
    from local.tenant.effects import Effect

FIRST_S, RETRY_S, SHAREPOINT_S = 3.0, 10.0, 5.0
GIVE_UP = timedelta(hours=4)
FIRST_GAP, LONGEST_GAP = timedelta(seconds=15), timedelta(minutes=30)
SHAREPOINT_GAPS = (timedelta(minutes=5),) * 5
HOURLY_GAPS = tuple(timedelta(hours=h) for h in (1, 2, 5, 13, 28, 57))  # sp-dev-docs#9089
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
            self.settle()
            batches: dict[str, list[sqlite3.Row]] = {}
            for row in subscriptions.due(self._store):
                batches.setdefault(row["url"], []).append(row)
            return sum(await asyncio.gather(*(self._send(*batch) for batch in batches.items())))

    def settle(self) -> None:
        """Let late content land, and turn all changes so far into outbox rows."""
        with self._store.transaction():
            files.land(self._store)
            self._collect()

    def _idle(self) -> float:
        upcoming = [subscriptions.next_due(self._store), late.next_due(self._store)]
        waits = [(when - self._store.now()).total_seconds() for when in upcoming if when]
        return min([IDLE_S, *(max(0.05, wait) for wait in waits)])

    def _collect(self) -> None:
        """Turn new changes into outbox rows, and move the mark in the same transaction."""
        mark = int(self._store.get(MARK, "0"))
        while rows := changes.all_since(self._store, mark):
            heard = {(row["list_id"], row["kind"] == changes.SECURITY) for row in rows}
            for list_id, security in sorted(heard):
                self._announce(list_id, security=security)
            mark = int(rows[-1]["seq"])
        self._store.put(MARK, str(mark))

    def _announce(self, list_id: str, *, security: bool) -> None:
        gather = timedelta(seconds=float(quirks.get(self._store, quirks.DELIVERY_BATCH) or 0))
        for row in subscriptions.hearing(self._store, list_id, security=security):
            effect = self._door.faults.take("notification", "POST", row["resource"], row["app"])
            if isinstance(effect, Vanish):
                subscriptions.remove(self._store, row["id"])
            if isinstance(effect, Vanish | Drop):
                continue
            told = effect if isinstance(effect, Notify) else None
            late_by = timedelta(seconds=told.seconds) if told else timedelta()
            subscriptions.post(
                self._store,
                row["id"],
                self._store.now() + gather + late_by,
                copies=2 if told and told.kind == "double" else 1,
                late=bool(told and told.kind == "reorder"),
            )

    async def _send(self, url: str, rows: list[sqlite3.Row]) -> int:
        """POST one batch to one address and settle its rows; returns how many were accepted."""
        if self._held(url, rows):
            return 0
        with self._store.transaction():
            effect = self._door.faults.take("delivery", "POST", url, "")
        told = [self._notification(row) for row in rows for _ in range(row["copies"])]
        status, seconds = await self._tell(url, told, _limit(rows), effect)
        accepted = 200 <= status < 300  # noqa: PLR2004 -- HTTP's success
        with self._store.transaction():
            subscriptions.log(self._store, url, status, len(told), seconds)
            for row in rows:
                self._settle(row, accepted=accepted)
        return len(rows) if accepted else 0

    async def _tell(
        self, url: str, told: list[dict[str, Any]], limit: float, effect: Effect | None
    ) -> tuple[int, float]:
        """Return the receiver's status (0: no answer) and the seconds it took, or is said to."""
        if (scripted := effects.unheard(effect, limit)) is not None:
            return scripted[0], limit if isinstance(effect, Delay) else 0.0
        began = time.monotonic()
        body = msgspec.json.encode({"value": told})
        status, _, _ = await self._door.post(url, body, "application/json; charset=utf-8", limit)
        pretended = effect.seconds if isinstance(effect, Delay) else 0.0
        return status, time.monotonic() - began + pretended

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
        gap = None if accepted else self._gap(row)
        if gap is None:
            subscriptions.sent(self._store, row["seq"])
        else:
            subscriptions.retry(self._store, row["seq"], gap)

    def _gap(self, row: sqlite3.Row) -> timedelta | None:
        """Return how long to wait before the next attempt; None when it is given up."""
        attempts = int(row["attempts"])
        fixed: tuple[timedelta, ...] = SHAREPOINT_GAPS if subscriptions.own(row) else ()
        if quirks.get(self._store, quirks.DELIVERY_BACKOFF) == "hours":
            fixed = HOURLY_GAPS
        if fixed:
            return fixed[attempts] if attempts < len(fixed) else None
        if self._store.now() - subscriptions.moment(row["born"]) > GIVE_UP:
            return None
        return min(LONGEST_GAP, FIRST_GAP * 2.0**attempts)

    def _notification(self, row: sqlite3.Row) -> dict[str, Any]:
        """Write a notification: it never says what changed; resourceData is there at times."""
        if (web := subscriptions.own(row)) is not None:
            return {
                "subscriptionId": row["id"],
                "clientState": row["state"] or None,
                "expirationDateTime": zulu(subscriptions.moment(row["expires"])),
                "resource": row["list_id"],
                "tenantId": self._door.config.id,
                **web,
            }
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


def _limit(rows: list[sqlite3.Row]) -> float:
    """Return how many seconds the receiver of these notifications has."""
    if any(subscriptions.own(row) for row in rows):
        return SHAREPOINT_S
    return RETRY_S if any(row["attempts"] for row in rows) else FIRST_S
