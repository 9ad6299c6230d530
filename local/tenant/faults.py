"""Trouble on request: a test scripts what goes wrong, and reads afterwards whether it did."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError, field_validator

from local.tenant.effects import FITTING, REQUEST, Effect, Strict
from local.tenant.errors import bad_request, not_found

if TYPE_CHECKING:
    from local.tenant.store.database import Store

TABLES = """
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    spec TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0
);
"""

type Where = Literal[
    "graph", "sharepoint", "login", "files", "notification", "handshake", "delivery"
]


class Match(Strict):
    """Which requests (or notifications) a fault is for; what is left out matches anything.

    `path` is a regular expression searched in the path without host and /v1.0, case ignored; for
    notifications it is searched in the subscription's resource, for handshakes and deliveries in
    the receiver's address. `query` is searched in the query string. `app` is a client id, `method`
    what X-HTTP-Method makes of it.
    """

    surface: Where | None = None
    method: str | None = None
    path: str | None = None
    query: str | None = None
    app: str | None = None

    @field_validator("path", "query")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return pattern

    def hits(self, surface: str, method: str, path: str, app: str, query: str = "") -> bool:
        if self.surface is None and surface in FITTING:
            return False  # what the tenant sends is meant by name only
        return (
            self.surface in (None, surface)
            and (self.method is None or self.method.upper() == method.upper())
            and (self.app is None or self.app.casefold() == app.casefold())
            and _found(self.path, path)
            and _found(self.query, query)
        )


def _found(pattern: str | None, text: str) -> bool:
    return pattern is None or re.search(pattern, text, re.IGNORECASE) is not None


class Window(Strict):
    """When a fault can strike, in seconds of the tenant's clock from when it was scripted."""

    starts_in: float = Field(default=0, ge=0)
    lasts: float | None = Field(default=None, gt=0)


class Fault(Strict):
    """A scripted fault: in its `window`, after `skip` hits, `count` times (None: always).

    Each of those by `probability`, drawn from `seed`. `born` is when it was scripted, filled in.
    """

    match: Match = Match()
    effect: Effect
    count: int | None = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    window: Window | None = None
    born: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether the fault's window is open."""
        if self.window is None or self.born is None:
            return True
        age = now - self.born
        begins = timedelta(seconds=self.window.starts_in)
        if self.window.lasts is None:
            return age >= begins
        return begins <= age < begins + timedelta(seconds=self.window.lasts)


class Faults:
    """The book of faults, kept in the tenant's file so that a killed tenant goes on misbehaving."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = store.all("SELECT * FROM faults ORDER BY id")
        self._live = {int(r["id"]): Fault.model_validate_json(r["spec"]) for r in rows}

    def add(self, spec: dict[str, Any]) -> int:
        """Script a fault; 400 with the reason when the description is wrong."""
        try:
            fault = Fault.model_validate(spec | {"born": self._store.now()})
        except ValidationError as error:
            raise bad_request(f"Not a fault: {error}") from error
        fitting = FITTING.get(fault.match.surface or "", REQUEST)
        if not isinstance(fault.effect, fitting):
            what = f"{fault.effect.kind!r} does not happen to a {fault.match.surface or 'request'}"
            raise bad_request(f"{what}: name the surface it is for (local/tenant/effects.py)")
        cursor = self._store.run("INSERT INTO faults (spec) VALUES (?)", fault.model_dump_json())
        new = int(cursor.lastrowid or 0)
        self._live[new] = fault
        return new

    def remove(self, fault_id: int | None = None) -> None:
        """Take one fault out, or all of them."""
        if fault_id is not None and fault_id not in self._live:
            raise not_found(f"There is no fault {fault_id}")
        gone = [fault_id] if fault_id is not None else list(self._live)
        for each in gone:
            self._store.run("DELETE FROM faults WHERE id=?", each)
            del self._live[each]

    def account(self) -> list[dict[str, Any]]:
        """Return every fault with how often it was met, used, and may still be used."""
        listed = []
        for row in self._store.all("SELECT * FROM faults ORDER BY id"):
            fault = self._live[int(row["id"])]
            left = None if fault.count is None else fault.count - int(row["used"])
            listed.append(
                {"id": row["id"], "seen": row["seen"], "used": row["used"], "remaining": left}
                | fault.model_dump(mode="json")
            )
        return listed

    def take(
        self, surface: str, method: str, path: str, app: str, *, query: str = ""
    ) -> Effect | None:
        """Return what shall go wrong with this request, and count it; oldest fault first."""
        for fault_id, fault in self._live.items():
            if fault.match.hits(surface, method, path, app, query) and self._strikes(
                fault_id, fault
            ):
                return fault.effect
        return None

    def _strikes(self, fault_id: int, fault: Fault) -> bool:
        if not fault.open(self._store.now()):
            return False
        row = self._store.one("SELECT seen, used FROM faults WHERE id=?", fault_id)
        if row is None:
            raise RuntimeError(f"fault {fault_id} is in memory but not in the file")
        seen, used = int(row["seen"]), int(row["used"])
        # A draw depends on the seed and the hit's number only, so a run can be repeated.
        drawn = random.Random(f"{fault.seed}:{seen}").random() < fault.probability  # noqa: S311 -- no secret
        strikes = seen >= fault.skip and drawn and (fault.count is None or used < fault.count)
        self._store.run(
            "UPDATE faults SET seen=seen+1, used=used+? WHERE id=?", int(strikes), fault_id
        )
        return strikes
