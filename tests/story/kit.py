"""What the story's tests share: a stage on a copy of an opened data folder, and pictures of it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from local.demo.stage import Stage, stage
from local.demo.story import ENDINGS
from local.demo.telling import Teller, migrate, open_sites
from local.demo.watch import Watch
from local.demo.world import make_world
from local.processes import bare_environment
from sharepoint_schema.site import load_template
from sync.model import SITE_TIME
from sync.policies.rows import policies
from sync.state import (
    backlog,
    digests,
    journal,
    journal_reading,
    leases,
    lists,
    notices,
    remembered,
)
from sync.state.engine import State
from sync.state.journal_reading import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncConnection

ROOT = Path(__file__).parent.parent.parent
LEASES_LAPSE = 200.0
"""Seconds: longer than any lease in sync, and more than one sweep."""
SETTLES_WITHIN = 60.0
"""Seconds of real time that open work may take on a busy machine."""
ORDER = (*(key for key in ENDINGS if key not in {"growing", "locked"}), "growing", "locked")
"""The files in the order in which the story uploads them."""
STATUS, REASON = "ControlStatus", "ControlReason"
LOOKED_OVER_DAILY = {
    one.key
    for site in ("core_team", "sig")
    for one in load_template(site).lists
    if one.entries is not None and any(policies()[name].check_all for name in one.policies)
}
"""The registers of the story's sites with a rule about what nobody entered."""
COLUMNS = (
    *(STATUS, REASON, "DocumentNumber", "VersionLabel", "DocumentType", "DateAdopted"),
    *("ReviewDate", "ApprovedBy", "TargetAudience", "DocumentStatus", "Sensitivity"),
)


def verger(*words: str, settings: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m cli …` as a person would; its output is as wide as a page."""
    said = [*words, "--settings", str(settings)] if settings else [*words]
    return subprocess.run(
        [sys.executable, "-m", "cli", *said],
        cwd=ROOT,
        env=bare_environment() | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def open_folder(data: Path, console: Console, database: str = "") -> Path:
    """Make a data folder whose two sites are open and where nothing has been uploaded."""
    world = make_world(data, database)
    asyncio.run(migrate(world.database_url))
    with stage(data, database) as here:
        open_sites(Teller(console, here))
    return data


@contextmanager
def playing(opened: Path, data: Path, database: str = "") -> Iterator[tuple[Stage, Watch]]:
    """Play on a copy of a folder that somebody opened, or told a story in."""
    shutil.copytree(opened, data)
    with stage(data, database) as here, Watch(here) as watch:
        yield here, watch


def advance(here: Stage, seconds: float) -> None:
    """Move the one clock of tenant, host and product."""
    here.control("POST", "/clock", {"advance": seconds})


def ask[T](here: Stage, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Put a question to the product's state, in a transaction that cannot write."""

    async def run() -> T:
        state = State.open(here.world.database_url)
        try:
            async with state.read() as tx:
                return await question(tx)
        finally:
            await state.close()

    return asyncio.run(run())


def versions_of(here: Stage, unique_ids: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return each file's version list by key: label, when, by whom, with which comment.

    Read from the tenant's file, because Graph does not show the comments.
    """
    file = here.world.data / "tenant" / "tenant.db"
    query = (
        "SELECT major, minor, modified, modified_by, comment FROM versions"
        " WHERE unique_id=? ORDER BY major, minor"
    )
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        return {key: store.execute(query, (one,)).fetchall() for key, one in unique_ids.items()}


@dataclass(frozen=True)
class Picture:
    """How everything stands at the end; two of them compare. Ids and moments are left out."""

    files: dict[str, dict[str, Any]]
    registry: dict[str, dict[str, Any]]
    mail: Counter[tuple[str, str, str]]
    """How many different mails, by recipient, subject and text. A digest is not among them: which
    morning it falls on is the clock's doing, and `lines` are what it says.
    """
    lines: Counter[tuple[str, str]]
    """What stands in somebody's digest, sent or waiting: by recipient and words."""

    def differences(self, wanted: Picture) -> list[str]:
        """Return each fact that is not as in the wanted picture, in words."""
        found = {**_flat("", self.files), **_flat("registry ", self.registry)}
        right = {**_flat("", wanted.files), **_flat("registry ", wanted.registry)}
        facts = [name for name in sorted({*found, *right}) if found.get(name) != right.get(name)]
        told = [f"{one} is {found.get(one)!r}, should be {right.get(one)!r}" for one in facts]
        return [*told, *(f"missing mail {one}" for one in wanted.mail - self.mail),
                *(f"unwanted mail {one}" for one in self.mail - wanted.mail),
                *(f"missing line {one}" for one in wanted.lines - self.lines),
                *(f"unwanted line {one}" for one in self.lines - wanted.lines)]  # fmt: skip


def picture(here: Stage, watch: Watch, unique_ids: Mapping[str, str]) -> Picture:
    """Look at every file of the story, at the registry and at the mail."""
    rows = watch.registry_rows()
    assert len({row["DocumentNumber"] for row in rows}) == len(rows), "one row for each number"
    return Picture(
        files={key: _file(here, watch, one) for key, one in unique_ids.items()},
        registry={row["DocumentNumber"]: _columns(row) | {"Title": row["Title"]} for row in rows},
        mail=Counter(told for key, told in mails(here).items() if not key.startswith("digest:")),
        lines=Counter(ask(here, _lines)),
    )


def looked_over(here: Stage) -> bool:
    """Whether every register that is looked at whole once a day was looked at today (UK time)."""
    now = datetime.fromisoformat(here.control("GET", "/clock")["now"])
    today = now.astimezone(SITE_TIME).date().isoformat()

    async def look(tx: AsyncConnection) -> bool:
        followed = [row for row in await lists.all_lists(tx) if row.area in LOOKED_OVER_DAILY]
        kept = [await remembered.recall(tx, f"standing:{row.id}") for row in followed]
        return bool(kept) and all(one and one["day"] == today for one in kept)

    return ask(here, look)


async def _lines(tx: AsyncConnection) -> list[tuple[str, str]]:
    found = await tx.execute(select(digests.digest_lines))
    return [(row.recipient, row.says) for row in found]


def _flat(kind: str, table: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{kind}{key}: {name}": one for key, row in table.items() for name, one in row.items()}


def mails(here: Stage) -> dict[str, tuple[str, str, str]]:
    """Return the mailbox by idempotency key: to whom, with which subject and text.

    Links lead to the tenant of one stage; its address is left out.
    """
    return {
        key: (
            mail["to"][0],
            mail["message"]["subject"],
            mail["message"]["body"]["content"].replace(here.address, ""),
        )
        for key, mail in _keyed(here)
    }


def doubles(here: Stage) -> int:
    """Count the mails that were sent more than once, each repeat as one."""
    return sum(times - 1 for times in Counter(key for key, _ in _keyed(here)).values())


def _keyed(here: Stage) -> Iterator[tuple[str, dict[str, Any]]]:
    for mail in here.control("GET", "/mailbox")["value"]:
        headers = {one["name"]: one["value"] for one in mail["message"]["internetMessageHeaders"]}
        yield headers["x-verger-key"], mail


def _file(here: Stage, watch: Watch, unique_id: str) -> dict[str, Any]:
    verdict = watch.verdict(unique_id)
    told = ask(here, lambda tx: journal_reading.entries(tx, Query(document_id=verdict.document_id)))
    return {
        "status": verdict.status,
        "policies": verdict.policies,
        "says": verdict.says,
        "name": verdict.name,
        "area": verdict.area,
        "done": verdict.done,
        "undone by": {step["do"] for entry in told for step in entry.undo or ()},
        "journalled": {entry.kind for entry in told},
        "columns": _columns(watch.columns(verdict.list_id, verdict.item_id)),
        "versions": watch.versions(verdict),
    }


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS if row.get(name) not in (None, "")}


def left_over(here: Stage) -> list[str]:
    """Return what an undisturbed end would not leave behind, in words."""
    now = datetime.fromisoformat(here.control("GET", "/clock")["now"])

    async def look(tx: AsyncConnection) -> list[str]:
        held = [row.name for row in await tx.execute(select(leases.leases)) if row.until > now]
        notes = [row.key for row in await tx.execute(select(remembered.remembered))]
        return [
            *(
                f"row {row.item_id} {row.state}: {row.reason}"
                for row in await backlog.open_rows(tx)
            ),
            *(f"lease {name}" for name in held),
            *(f"note {key}" for key in notes if key.startswith("intent:")),
            *(f"undrained {list_id}" for list_id in await lists.undrained(tx)),
            *(f"mail {one.reason}" for one in await notices.all_notices(tx) if one.state != "sent"),
        ]

    return ask(here, look)


async def broken_chains(tx: AsyncConnection) -> dict[str, int]:
    """Return, by site, the first journal entry that does not hold; empty when all chains do."""
    heads = [row.site_id for row in await tx.execute(select(journal.journal_heads))]
    proved = {site: await journal_reading.verify(tx, site) for site in heads}
    assert len(proved) == 3, "both sites, and the request for the second, have a journal each"
    return {site: seq for site, seq in proved.items() if seq is not None}


def in_flight(here: Stage) -> tuple[int, int]:
    """Return how much the function app holds now (rows of work, lists being drained), and how often
    the worker of the most unlucky open row has died.
    """
    now = datetime.fromisoformat(here.control("GET", "/clock")["now"])
    text = now.replace(tzinfo=None).isoformat(" ")
    query = (
        "SELECT (SELECT COUNT(*) FROM work WHERE state='leased' AND lease_until>?1)"
        " + (SELECT COUNT(*) FROM leases WHERE until>?1),"
        " (SELECT MAX(deaths) FROM work)"
    )
    file = f"file:{here.world.data / 'verger.sqlite'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as state:
        held, deaths = state.execute(query, (text,)).fetchone()
    return int(held), int(deaths or 0)
