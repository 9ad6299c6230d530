"""The story's eyes: what Verger's state and the tenant say of a file, without touching either."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import httpx
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from sync.state import backlog, claims, facts, items, lists, notices, registry, sent
from sync.state.engine import State
from sync.state.journal_reading import Query, entries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from sqlalchemy.ext.asyncio import AsyncConnection

    from local.demo.stage import Stage
    from sync.state.items import ItemRow
    from sync.state.journal import Recorded
    from sync.state.work import Work

LOOK_EVERY = 0.1
"""Seconds between two looks at a condition that another process makes true."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file: `at` is when it was recorded (UTC), `units` what it cost (RU)."""

    at: datetime
    status: str
    policies: tuple[str, ...]
    says: tuple[str, ...]
    name: str
    area: str
    list_id: str
    item_id: str
    document_id: str
    units: float
    done: frozenset[str]


class Watch:
    """Looks at one stage. Use as a context manager: it keeps a connection and an event loop."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._loop = asyncio.Runner()
        self._state = State.open(stage.world.database_url)
        context = ssl.create_default_context(cafile=str(stage.ca))
        asked = {"app": "provisioner", "audience": "graph"}
        token = stage.control("POST", "/token", asked)["access_token"]
        self._http = httpx.Client(
            base_url=stage.address,
            verify=context,
            trust_env=False,
            headers={"Authorization": f"Bearer {token}"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()
        self._loop.run(self._state.close())
        self._loop.close()

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Look until the condition holds, at most so long. Returns whether it did."""
        retrying = Retrying(
            retry=retry_if_result(lambda held: not held),
            wait=wait_fixed(LOOK_EVERY),
            stop=stop_after_delay(seconds),
        )
        try:
            return bool(retrying(condition))
        except RetryError:
            return False

    def is_waiting(self, unique_id: str, reason: str) -> bool:
        """Whether the file's row waits for a later look, for a reason that holds these words."""
        row = self._open_row(unique_id)
        return row is not None and reason in (row.reason or "")

    def settled(self, unique_id: str) -> bool:
        """Whether the file's present state has been judged and nothing about it is open."""
        row = self._row(unique_id)
        if row is None or row.control_status is None or row.deleted_at is not None:
            return False

        async def is_open(tx: AsyncConnection) -> bool:
            return await claims.get_work(tx, row.list_id, row.item_id) is not None

        return not self._read(is_open) and self._etag(row) in {row.etag, row.own_etag}

    def idle(self) -> bool:
        """Whether no row is open, no hint undrained and no mail unsent."""

        async def look(tx: AsyncConnection) -> bool:
            counts = await backlog.counts(tx)
            waiting = counts.open + len(await lists.undrained(tx)) + await notices.waiting(tx)
            return waiting == 0

        return self._read(look)

    def noted(self) -> bool:
        """Whether every mail that was sent stands in the sent list."""

        async def look(tx: AsyncConnection) -> bool:
            return not await sent.unnoted(tx, datetime.min.replace(tzinfo=UTC), 1)

        return self._read(look)

    def verdict(self, unique_id: str) -> Verdict:
        """Return the recorded verdict; `at` is when the file's last state was judged."""
        row = self._row(unique_id)
        if row is None:
            raise LookupError(f"Verger has never seen the file {unique_id}")

        async def look(tx: AsyncConnection) -> tuple[str, list[datetime], list[Recorded]]:
            place = await lists.get_list(tx, row.list_id)
            seen = [one.valid_from for one in await facts.history(tx, row.document_id)]
            query = Query(document_id=row.document_id, kind="verdict")
            return place.area if place else "", seen, await entries(tx, query)

        area, seen, told_before = self._read(look)
        told = [*row.verdict["findings"], *row.verdict["observed"]]
        counted = [one for one in told if one["severity"] != "note"]
        return Verdict(
            at=max(seen),
            status=row.control_status or "",
            policies=tuple(sorted({one["policy"] for one in counted})),
            says=tuple(one["says"] for one in counted),
            name=row.name,
            area=area,
            list_id=row.list_id,
            item_id=row.item_id,
            document_id=row.document_id,
            units=row.features["units"],
            done=frozenset(step for one in told_before for step in one.after["done"]),
        )

    def why_not(self, unique_id: str) -> str:
        """Say where a file is on its way, for a person who wonders."""
        row = self._open_row(unique_id)
        if row is not None:
            return f"its row is {row.state}: {row.reason or 'nobody has taken it'}"
        never = self._row(unique_id) is None
        return "no hint has brought it" if never else "it was judged in an earlier state"

    def versions(self, verdict: Verdict) -> list[str]:
        """Return the version labels of the item where it is now."""
        path = f"{self._path(verdict.list_id)}/items/{verdict.item_id}/versions"
        return [str(one["id"]) for one in self._get(path)["value"]]

    def columns(self, list_id: str, item_id: str) -> dict[str, Any]:
        """Return an item's columns as the tenant has them."""
        found = self._get(f"{self._path(list_id)}/items/{item_id}?$expand=fields")
        fields: dict[str, Any] = found["fields"]
        return fields

    def registry_rows(self) -> list[dict[str, Any]]:
        """Return the registry's list as SharePoint shows it, by number."""

        async def home(tx: AsyncConnection) -> str | None:
            rows = await registry.all_registry_rows(tx)
            return rows[0].list_id if rows else None

        list_id = self._read(home)
        if list_id is None:
            return []
        path = f"{self._path(list_id)}/items?$expand=fields&$top=200"
        rows = [one["fields"] for one in self._get(path)["value"]]
        return sorted(rows, key=lambda row: str(row.get("DocumentNumber", "")))

    def _path(self, list_id: str) -> str:
        async def find(tx: AsyncConnection) -> str:
            row = await lists.get_list(tx, list_id)
            if row is None:
                raise LookupError(f"Verger does not follow list {list_id}")
            return row.site_id

        return f"/v1.0/sites/{self._read(find)}/lists/{list_id}"

    def _etag(self, row: ItemRow) -> str:
        tag = str(self._get(f"{self._path(row.list_id)}/items/{row.item_id}")["eTag"])
        return tag.strip('"').replace("{", "").replace("}", "").lower()

    def _row(self, unique_id: str) -> ItemRow | None:
        async def look(tx: AsyncConnection) -> ItemRow | None:
            found = await items.find_by_unique_id(tx, unique_id)
            alive = [row for row in found if row.deleted_at is None]
            return next(iter(alive or found), None)

        return self._read(look)

    def _open_row(self, unique_id: str) -> Work | None:
        """Return the file's open work row, also before Verger has a shadow of the file."""

        async def look(tx: AsyncConnection) -> Work | None:
            for row in await backlog.open_rows(tx):
                tag = str((row.change or {}).get("item", {}).get("eTag", ""))
                if unique_id in tag.lower():
                    return row
            return None

        return self._read(look)

    def _get(self, path: str) -> Any:
        answer = self._http.get(path)
        answer.raise_for_status()
        return answer.json()

    def _read[T](self, look: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self._state.read() as tx:
                return await look(tx)

        return self._loop.run(run())
