"""The flows against a real local tenant, without a host: hints and nudges are passed on by hand.

`desk(tenant, folder)` gives a `Desk`: the enforcer's service on a core site that the provisioner
has applied, and what a test does with it: upload as staff, drain, work off, look.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from local.demo.documents import samples
from sync import changes, enforcement
from sync.errors import NotReady
from sync.hints import Hint
from sync.opening import KeptProgress, Opening, follow
from sync.provisioning import Provisioner
from sync.service import open_service
from sync.settings import Settings
from sync.state import backlog, claims, items, lists, sites
from sync.state.engine import State
from sync.state.sql import metadata
from sync.tenant.site_reader import read_site
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import httpx

    from sharepoint_schema.order import SigOrder
    from sync.service import Service

ROLES = f"""\
people:
  site_owner: [{kit.DIRECTOR}]
  core_team: [{kit.HELEN}, {kit.SAM}]
  readers: []
  registrars: [{kit.HELEN}]
  restricted_readers: [{kit.DIRECTOR}]
  ig_officers: [{kit.IG_OFFICER}]
  neb_secretaries: [{kit.DIRECTOR}]
  neb_chairs: [{kit.DIRECTOR}]
  neb_members: [{kit.HELEN}, {kit.SAM}]
  neb_observers: []
apps: {{enforcer: {kit.ENFORCER}}}
"""
SEED = kit.SEED.replace(
    "  licences: 60000\n",
    "  licences: 60000\n  throttle: false\n  rate_limit_headers: false\n",
)
"""Nobody is kept waiting for a minute here: the pace is other tests' business."""
ENFORCE = 'modes: {"*": enforce}\n'
MODERATED = "Controlled documents"
ELSEWHERE = "database.url"
"""The file of a state's folder that names another database than the one beside it."""


@dataclass
class Desk:
    """One site, one service, and staff."""

    service: Service
    tenant: kit.Tenant
    people: dict[str, httpx.Client] = field(default_factory=dict)
    drives: dict[str, str] = field(default_factory=dict)

    def person(self, upn: str = kit.HELEN) -> httpx.Client:
        if upn not in self.people:
            self.people[upn] = self.tenant.http(upn)
        return self.people[upn]

    async def list_id(self, area: str) -> str:
        async with self.service.state.read() as tx:
            return next(row.id for row in await lists.all_lists(tx) if row.area == area)

    def upload(self, name: str, data: bytes, area: str = "controlled", who: str = kit.HELEN) -> Any:
        """Upload as staff; returns the driveItem."""
        answer = self.person(who).put(
            f"/v1.0/drives/{self.drives[area]}/root:/{name}:/content", content=data
        )
        answer.raise_for_status()
        return answer.json()

    def publish(self, item: Any, who: str = kit.HELEN) -> None:
        path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
        self.person(who).post(f"{path}/checkout").raise_for_status()
        body = {"comment": "as approved", "checkInAs": "published"}
        self.person(who).post(f"{path}/checkin", json=body).raise_for_status()

    async def drain(self, area: str = "controlled") -> int:
        """Drain one list once, as a hint would; returns how many nudges it gave."""
        hint = Hint(await self.list_id(area), self.service.now().isoformat())
        return len(await changes.drain(self.service, hint))

    async def work_off(self, area: str = "controlled") -> list[float]:
        """Nudge until no row of the list can be claimed; returns the waits rows asked for."""
        list_id, waits = await self.list_id(area), []
        while await self._claimable(list_id):
            nudge = enforcement.Nudge(list_id, self.service.now().isoformat())
            waits += [one.delay for one in await enforcement.work_off(self.service, nudge)]
        return waits

    async def settle(self, area: str = "controlled") -> None:
        """Drain and work off until neither brings anything."""
        await self.work_off(area)  # what an earlier drain put down
        for _ in range(10):
            if not await self.drain(area):
                return
            await self.work_off(area)
        raise NotReady(f"{area} does not come to rest: something is corrected again and again")

    async def shadow(self, item: Any) -> items.ItemRow:
        unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
        async with self.service.state.read() as tx:
            found = await items.find_by_unique_id(tx, unique_id)
        return next(row for row in found if row.deleted_at is None or len(found) == 1)

    async def row(self, item: Any, area: str = "controlled") -> Any:
        row = await self.shadow(item)
        async with self.service.state.read() as tx:
            return await claims.get_work(tx, await self.list_id(area), row.item_id)

    async def open_rows(self) -> list[Any]:
        async with self.service.state.read() as tx:
            return await backlog.open_rows(tx)

    def policies(self, row: items.ItemRow) -> list[str]:
        told = (*row.verdict["findings"], *row.verdict["observed"])
        return sorted({one["policy"] for one in told if one["severity"] != "note"})

    def writes(self, mark: int) -> dict[str, int]:
        """Return the enforcer's writes since a mark of the tenant's ledger, by operation."""
        rows = self.tenant.local("GET", f"/ledger?since={mark}")["value"]
        return {
            row["operation"]: row["requests"]
            for row in rows
            if row["app"] == kit.ENFORCER
            and not row["operation"].lower().startswith("get ")
            and "contextinfo" not in row["operation"].lower()
            and not row["operation"].endswith("$batch")  # each of its parts has its own line
        }

    def mark(self) -> int:
        return int(self.tenant.local("GET", "/ledger")["mark"])

    async def _claimable(self, list_id: str) -> bool:
        async with self.service.state.read() as tx:
            return list_id in await backlog.ready_lists(tx, self.service.now())


def settings_of(tenant: kit.Tenant, app: str, folder: Path, **more: Any) -> Settings:
    """Return an app's settings against this tenant, with its state in `folder`."""
    (folder / "roles.yaml").write_text(ROLES)
    told = {
        "tenant_id": kit.TENANT_ID,
        "client_id": {"enforcer": kit.ENFORCER, "provisioner": kit.PROVISIONER}[app],
        "certificate": tenant.certificate(app),
        "sharepoint_host": kit.HOST,
        "login_address": tenant.address,
        "graph_address": tenant.address,
        "sharepoint_address": tenant.address,
        "ca_file": tenant.ca,
        "mailbox": kit.NOTICES,
        "ru_per_minute": 1_000_000,  # no test waits for a minute
        "database_url": database_of(folder),
        "roles": folder / "roles.yaml",
        "clock_file": tenant.data / "clock",
    }
    return Settings(**{**told, **more})


def database_of(folder: Path) -> str:
    """Return where the folder's state is: in its own SQLite file, or where `move_to` took it."""
    moved = folder / ELSEWHERE
    return moved.read_text() if moved.exists() else f"sqlite:///{folder / 'verger.sqlite'}"


async def move_to(folder: Path, url: str) -> None:
    """Take the folder's state to an empty database; whoever opens it there from now on works there.

    Every row is carried over as it is.
    """
    old, new = State.open(database_of(folder)), State.open(url)
    await new.migrate()
    async with old.read() as here, new.begin() as there:
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in (await here.execute(select(table))).mappings()]
            await there.execute(delete(table))
            if rows:
                await there.execute(insert(table), rows)
    await old.close()
    await new.close()
    (folder / ELSEWHERE).write_text(url)


async def open_core(
    tenant: kit.Tenant, folder: Path, template: str = "core_team", order: SigOrder | None = None
) -> None:
    """Apply a site and follow its lists; they are not subscribed to (no webhook here)."""
    settings = settings_of(tenant, "provisioner", folder)
    state = State.open(settings.database_url)
    await state.migrate()
    await state.close()
    async with await open_service(settings) as service:
        opening = Opening(service, template, service.spec(template, order), order)
        provisioner = Provisioner(service.tenant)
        plan = await provisioner.plan(opening.spec)
        await provisioner.apply(opening.spec, plan.seal, KeptProgress(opening))
        site = await read_site(service.tenant, opening.spec)
        async with service.state.begin() as tx:
            await sites.put_site(tx, opening.site("applied", site.id))
            await follow(tx, opening, site)
            for row in await lists.all_lists(tx):
                unwatched = {name: getattr(row, name) for name in row.__slots__} | {
                    "policed": False
                }
                await lists.register_list(tx, lists.ListRow(**unwatched))


@contextmanager
def core(folder: Path) -> Iterator[kit.Tenant]:
    """Run a tenant with the core site, applied and followed; its state lies in `folder`/state.

    The site is opened once in a process; each caller gets a copy of its own.
    """
    shutil.copytree(opened(), folder, dirs_exist_ok=True)
    with kit.running(folder / "tenant", SEED) as tenant:
        yield tenant


@contextmanager
def story(folder: Path, names: Collection[str]) -> Iterator[kit.Tenant]:
    """The same, whose libraries have seen these files of the demo's story."""
    with core(folder) as tenant:
        asyncio.run(_told(tenant, folder / "state", names))
        yield tenant


async def _told(tenant: kit.Tenant, folder: Path, names: Collection[str]) -> None:
    known = samples(date(2026, 11, 24))
    async with desk(tenant, folder) as here:
        for sample in (known[name] for name in names):
            item = here.upload(sample.name, sample.data, sample.area)
            if sample.publish:
                here.publish(item)
        for area in ("controlled", "working"):
            await here.settle(area)


@cache
def opened() -> Path:
    """Return a folder with such a tenant and its state, to be copied and left as it is."""
    folder = Path(tempfile.mkdtemp(prefix="verger-core-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "state").mkdir()
    with kit.running(folder / "tenant", SEED) as tenant:
        asyncio.run(open_core(tenant, folder / "state"))
    return folder


@asynccontextmanager
async def desk(tenant: kit.Tenant, folder: Path, modes: str = ENFORCE):
    """Open the enforcer's service on the folder's state; `modes` is the text of a modes file."""
    (folder / "modes.yaml").write_text(modes)
    settings = settings_of(tenant, "enforcer", folder, modes=folder / "modes.yaml")
    async with await open_service(settings) as service:
        here = Desk(service, tenant)
        site = here.person().get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
        titles = {"controlled": MODERATED, "working": "Working documents"}
        drives = here.person().get(f"/v1.0/sites/{site}/drives").json()["value"]
        for area, title in titles.items():
            here.drives[area] = next(one["id"] for one in drives if one["name"] == title)
        yield here
