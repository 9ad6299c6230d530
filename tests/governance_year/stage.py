"""Where the year takes place: eight bodies with their people, on a tenant opened on a fixed day.

The core team, four boards and three groups have a site each. Everything is opened, and everything
that is there on the first day entered, in one go; `staff.py` tells how.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sharepoint_schema.order import SigOrder
from sync.model import SITE_TIME
from sync.opening import KeptProgress, Opening, follow
from sync.provisioning import Provisioner
from sync.service import open_service
from sync.state import lists, sites
from sync.state.engine import State
from sync.tenant.site_reader import read_site
from tests import flow_kit
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sync.service import Service
    from sync.settings import Settings

FIRST = date(2031, 4, 1)
"""A Tuesday. The year has a 29 February, and Easter at both of its ends."""
OPENED = date(2031, 3, 25)
BOARDS = ("neb", "nob", "db", "cdf")
GROUPS = ("breast", "ct", "data")
DOMAIN = kit.DOMAIN

SECRETARIES = {"neb": "bea.long", "nob": "nora.bell", "db": "dev.shah", "cdf": "cleo.marsh"}
CHAIRS = {"neb": "ned.fox", "nob": "olga.hill", "db": "dina.cole", "cdf": "carl.webb"}
MEMBERS = tuple(f"member{number:02}" for number in range(1, 22))
"""One for each organisation that sends members: fifteen trusts, then six care boards."""
LEAVER = "lea.dorn"
CAST = {
    LEAVER: "Lea Dorn",
    **{one: one.replace(".", " ").title() for one in (*SECRETARIES.values(), *CHAIRS.values())},
    **{one: f"Member {one[-2:]}" for one in MEMBERS},
}


def mail(name: str) -> str:
    return f"{name}@{DOMAIN}"


SEED = kit.SEED.replace(
    "groups:\n",
    "".join(f'  - {{upn: {mail(one)}, name: "{name}"}}\n' for one, name in CAST.items())
    + "groups:\n",
    1,
).replace(f"sharepoint_host: {kit.HOST}\n", f"sharepoint_host: {kit.HOST}\n  throttle: false\n")


def _roles() -> str:
    """Return the roles file: the core team's people as elsewhere, and those of the four boards."""
    kept = [one for one in flow_kit.ROLES.splitlines() if not one.startswith(("  neb_", "apps:"))]
    for board in BOARDS:
        voting = [mail(one) for one in MEMBERS]
        kept += [
            f"  {board}_secretaries: [{mail(SECRETARIES[board])}]",
            f"  {board}_chairs: [{mail(CHAIRS[board])}]",
            f"  {board}_members: [{', '.join([mail(SECRETARIES[board]), *voting])}]",
            f"  {board}_observers: [{kit.IG_OFFICER}]",
        ]
    return "\n".join([*kept, f"apps: {{enforcer: {kit.ENFORCER}}}", ""])


def order_of(group: str) -> SigOrder:
    """Return the signed-off order by which a group's site was opened."""
    kinds = {
        "breast": {"name": "Breast imaging", "kind": "pathways", "sub_kind": "breast"},
        "ct": {"name": "CT", "kind": "modalities", "sub_kind": "ct"},
        "data": {"name": "Data", "kind": "data"},
    }
    agreed = "2031-03-10"
    return SigOrder.model_validate(
        {
            **kinds[group],
            "chair": kit.SAM,
            "facilitator": kit.HELEN,
            "need": "priority raised at the Operational Board",
            "network_director": {"who": "Nadia Drew", "date": agreed},
            "clinical_director": {"who": "Raj Rao", "date": agreed},
            "operational_board": {"reference": "NOB 2031/03 item 2", "date": "2031-03-20"},
        }
    )


def moment(day: date, at: time) -> datetime:
    """Return a moment of a day as the clocks in England show it (aware, UTC)."""
    return datetime.combine(day, at, SITE_TIME).astimezone(UTC)


@contextmanager
def opened(folder: Path) -> Iterator[kit.Tenant]:
    """Run a tenant whose clock stands at nine on the day of the opening; it has no site yet."""
    with kit.running(folder / "tenant", SEED) as tenant:
        (folder / "state").mkdir()
        now = datetime.fromisoformat(tenant.local("GET", "/clock")["now"])
        tenant.advance((moment(OPENED, time(9)) - now).total_seconds())
        yield tenant


async def open_all(tenant: kit.Tenant, folder: Path) -> None:
    """Open the eight sites and follow their lists."""
    settings = _settings(tenant, "provisioner", folder)
    state = State.open(settings.database_url)
    await state.migrate()
    await state.close()
    async with await open_service(settings) as service:
        await _open(service, "core_team", None)
        for board in BOARDS:
            await _open(service, board, None)
        for group in GROUPS:
            await _open(service, "sig", order_of(group))


async def _open(service: Service, template: str, order: SigOrder | None) -> None:
    opening = Opening(service, template, service.spec(template, order), order)
    provisioner = Provisioner(service.tenant)
    plan = await provisioner.plan(opening.spec)
    await provisioner.apply(opening.spec, plan.seal, KeptProgress(opening))
    site = await read_site(service.tenant, opening.spec)
    async with service.state.begin() as tx:
        await sites.put_site(tx, opening.site("applied", site.id))
        await follow(tx, opening, site)
        for row in await lists.all_lists(tx, site_id=site.id):  # no webhook reaches a test
            told = {name: getattr(row, name) for name in row.__slots__}
            await lists.register_list(tx, lists.ListRow(**told | {"policed": False}))


@asynccontextmanager
async def desk(tenant: kit.Tenant, folder: Path) -> AsyncIterator[flow_kit.Desk]:
    """Open the enforcer's service on the folder's state, with every rule acting."""
    (folder / "modes.yaml").write_text(flow_kit.ENFORCE)
    settings = _settings(tenant, "enforcer", folder, modes=folder / "modes.yaml")
    async with await open_service(settings) as service:
        yield flow_kit.Desk(service, tenant)


def _settings(tenant: kit.Tenant, app: str, folder: Path, **more: object) -> Settings:
    roles = folder / "year_roles.yaml"
    roles.write_text(_roles())
    return flow_kit.settings_of(tenant, app, folder, roles=roles, ru_per_minute=10_000_000, **more)


async def followed(service: Service) -> dict[tuple[str, str], lists.ListRow]:
    """Return each followed list by its site's last part and its key: ("neb", "meetings")."""
    async with service.state.read() as tx:
        known = await lists.all_lists(tx)
    return {(one.site_url.rsplit("/", 1)[-1], one.area): one for one in known}
