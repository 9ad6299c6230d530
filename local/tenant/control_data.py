"""`/_local/` for what lies in the tenant: seeds, thousands of files, labels, misbehaviour."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from local.tenant import seed
from local.tenant.call import Answer, Principal
from local.tenant.deferred import Deferred
from local.tenant.errors import bad_request, not_found
from local.tenant.store import bulk, directory, items, lists, quirks, retention

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.deferred import Hands
    from local.tenant.door import Door
    from local.tenant.routing import Handler

_KEPT = ("meta", "ledger", "agents", "changes")  # the books go on; numbers are never given twice
_FORGOTTEN = ("quirk:%", "filled:%", "site_creation_%", "copy_polls")  # of `meta`


class Files(BaseModel):
    """What to fill a library (its list's guid) with, and who uploads it (a UPN); see bulk.Many."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str
    upn: str
    count: int = Field(gt=0)
    name: str = "File {n:06}.txt"
    dir: str = ""
    columns: dict[str, Any] = {}
    bytes: int = Field(default=32, ge=0, le=4 * 1024 * 1024)


class Data:
    """Handlers that `Control` puts on its table."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._store = door.store

    def table(self) -> dict[str, Handler]:
        return {
            "GET /settings": self._settings,
            "POST /settings": self._set,
            "POST /files": self._fill,
            "POST /labels": self._define_label,
            "POST /label": self._label,
            "POST /seed": self._seed,
            "POST /reset": self._reset,
        }

    def _settings(self, _call: Call) -> Answer:
        return Answer(200, quirks.every(self._store))

    def _set(self, call: Call) -> Answer:
        """Set switches of store/quirks.py: {name: value}, null turns one off."""
        for name, value in call.json().items():
            quirks.put(self._store, name, value)
        return self._settings(call)

    def _fill(self, call: Call) -> Answer:
        """Fill a library, some thousand files at a time; other requests are served in between."""
        try:
            asked = Files.model_validate(call.json())
        except ValidationError as error:
            raise bad_request(f"Not an order for files: {error}") from error
        row, who = lists.by_id(self._store, asked.list), self._person(asked.upn)
        if not row["is_library"]:
            raise bad_request("Only a library is filled with files")
        many = bulk.Many(asked.count, asked.name, asked.dir, asked.columns, asked.bytes)

        async def finish(_hands: Hands) -> Answer:
            added = 0
            while chunk := bulk.fill_some(self._store, row, many, who):
                added += chunk
                await asyncio.sleep(0)  # let others have the loop
            return Answer(201, {"added": added})

        return Deferred(finish=finish)

    def _define_label(self, call: Call) -> Answer:
        """Publish a retention label: {"name", "kind": retain|record|regulatory, "locked"?}."""
        body = call.json()
        retention.define(self._store, str(body.get("name", "")), str(body.get("kind", "")),
                         starts_locked=bool(body.get("locked", True)))  # fmt: skip
        return Answer(204)

    def _label(self, call: Call) -> Answer:
        """Label a file as a records manager does: {"unique_id", "name" (null takes it off)}."""
        body = call.json()
        item = items.by_unique(self._store, str(body.get("unique_id", "")))
        retention.apply(self._store, item, body.get("name"), "app:records", admin=True)
        return Answer(204)

    def _seed(self, call: Call) -> Answer:
        """Sow a YAML or JSON page beside what is there; its paths start in the data folder.

        What it says of the tenant itself counts from the next start.
        """
        try:
            page = seed.parse(call.body.decode("utf-8"), "The seed sent")
            seed.sow(self._store, page, self._store.path.parent)
        except (seed.SeedError, UnicodeDecodeError) as error:
            raise bad_request(str(error)) from error
        return Answer(204)

    def _reset(self, _call: Call) -> Answer:
        """Empty the tenant and sow its first seed again; clock, ledger and tokens go on."""
        text, folder = self._store.get("seed"), self._store.get("seed_folder")
        if not text:
            raise bad_request("This tenant was never seeded: there is nothing to go back to")
        self._door.faults.remove()
        self._empty()
        seed.sow(self._store, seed.parse(text, "The first seed"), Path(folder))
        return Answer(204)

    def _empty(self) -> None:
        self._store.run("PRAGMA defer_foreign_keys=ON")
        for row in self._store.all(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        ):
            if row["name"] not in _KEPT:
                self._store.run(f"DELETE FROM {row['name']}")
        for pattern in _FORGOTTEN:
            self._store.run("DELETE FROM meta WHERE key LIKE ?", pattern)

    def _person(self, upn: str) -> Principal:
        row: sqlite3.Row | None = directory.user(self._store, upn)
        if row is None:
            raise not_found(f"The tenant has no user {upn!r}")
        return Principal("staff", "graph", "user", row["id"])
