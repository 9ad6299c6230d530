"""Trouble on request: a test scripts what goes wrong, and reads afterwards whether it did."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from local.tenant.errors import Refusal, bad_request, not_found

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


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Strict):
    """Which requests (or notifications) a fault is for; what is left out matches anything.

    `path` is a regular expression searched in the path without host and /v1.0, case ignored;
    for notifications it is searched in the subscription's resource. `app` is a client id.
    """

    surface: Literal["graph", "sharepoint", "login", "files", "notification"] | None = None
    method: str | None = None
    path: str | None = None
    app: str | None = None

    @field_validator("path")
    @classmethod
    def _compiles(cls, path: str | None) -> str | None:
        if path is not None:
            re.compile(path)
        return path

    def hits(self, surface: str, method: str, path: str, app: str) -> bool:
        return (
            self.surface in (None, surface)
            and (self.method is None or self.method.upper() == method)
            and (self.app is None or self.app.casefold() == app.casefold())
            and (self.path is None or re.search(self.path, path, re.IGNORECASE) is not None)
        )


class Refuse(_Strict):
    """Answer with this status. `after` lets the operation happen, only its answer is lost."""

    kind: Literal["refuse"] = "refuse"
    status: int = Field(ge=400, le=599)
    code: str = "serviceNotAvailable"
    message: str = "The service is temporarily unavailable."
    inner: str | None = None
    hresult: int = -1
    retry_after: str | None = None
    headers: dict[str, str] = {}
    after: bool = False

    def refusal(self) -> Refusal:
        extra = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return Refusal(
            self.status,
            self.code,
            self.message,
            self.hresult,
            inner=self.inner,
            headers=self.headers | extra,
        )


class Delay(_Strict):
    """Answer, but only after so many seconds of real time."""

    kind: Literal["delay"] = "delay"
    seconds: float = Field(ge=0, le=600)


class Drop(_Strict):
    """Break the connection before (or `after`) the operation; of a notification: lose it."""

    kind: Literal["drop"] = "drop"
    after: bool = False


class Lapse(_Strict):
    """The token is no longer accepted: 401, as if it had expired (decisions.md 22)."""

    kind: Literal["lapse"] = "lapse"


class Notify(_Strict):
    """What happens to a notification: sent twice, late (by the tenant's clock) or out of order."""

    kind: Literal["double", "late", "reorder"]
    seconds: float = Field(default=0, ge=0)


type Effect = Annotated[Refuse | Delay | Drop | Lapse | Notify, Field(discriminator="kind")]


class Fault(_Strict):
    """A scripted fault: after `skip` hits, `count` times (None: always), by `probability`."""

    match: Match = Match()
    effect: Effect
    count: int | None = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


class Faults:
    """The book of faults, kept in the tenant's file so that a killed tenant goes on misbehaving."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = store.all("SELECT * FROM faults ORDER BY id")
        self._live = {int(r["id"]): Fault.model_validate_json(r["spec"]) for r in rows}

    def add(self, spec: dict[str, Any]) -> int:
        """Script a fault; 400 with the reason when the description is wrong."""
        try:
            fault = Fault.model_validate(spec)
        except ValidationError as error:
            raise bad_request(f"Not a fault: {error}") from error
        self._check(fault)
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

    def take(self, surface: str, method: str, path: str, app: str) -> Effect | None:
        """Return what shall go wrong with this request, and count it; oldest fault first."""
        for fault_id, fault in self._live.items():
            if fault.match.hits(surface, method, path, app) and self._strikes(fault_id, fault):
                return fault.effect
        return None

    def _strikes(self, fault_id: int, fault: Fault) -> bool:
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

    @staticmethod
    def _check(fault: Fault) -> None:
        about_notices = fault.match.surface == "notification"
        if isinstance(fault.effect, Notify) and not about_notices:
            raise bad_request('double, late and reorder need match.surface "notification"')
        if about_notices and not isinstance(fault.effect, Notify | Drop):
            raise bad_request("a notification can only be dropped, doubled, late or out of order")
