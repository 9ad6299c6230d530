"""What the tests of a SIG's life share: the people of Gov-12, a service on a fresh state."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sharepoint_schema.roles import Roles
from sharepoint_schema.standard import load_standard
from sync.callers import Caller, Role
from sync.service import Service
from sync.settings import Settings
from sync.state import State
from sync.tenant.client import Tenant
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RAJ = f"raj.rao@{kit.DOMAIN}"
BEA = f"bea.long@{kit.DOMAIN}"
ADA = f"ada.lind@{kit.DOMAIN}"
BOTH = f"bo.thorne@{kit.DOMAIN}"
PEOPLE = """\
  - {upn: raj.rao@DOMAIN, name: Raj Rao, job_title: Clinical Director}
  - {upn: bea.long@DOMAIN, name: Bea Long, job_title: Board secretary}
  - {upn: ada.lind@DOMAIN, name: Ada Lind, job_title: Administrator}
  - {upn: bo.thorne@DOMAIN, name: Bo Thorne, job_title: Acting for both directors}
""".replace("DOMAIN", kit.DOMAIN)
ASSIGNED = (
    f"{{{kit.HELEN}: [Registrar], {kit.DIRECTOR}: [Network Director], {RAJ}: [ClinicalDirector],"
    f" {BEA}: [Board secretary], {ADA}: [Admin], {BOTH}: [Network Director, Clinical Director],"
    f" enforcer: [Reader], provisioner: [Admin, Network Director, Board secretary]}}"
)
SEED = kit.SEED.replace(
    f"assigned: {{{kit.HELEN}: [Admin], {kit.DIRECTOR}: [Network Director], enforcer: [Reader]}}",
    f"assigned: {ASSIGNED}",
).replace("groups:\n", f"{PEOPLE}groups:\n", 1)
SEED = SEED.replace(
    f"sharepoint_host: {kit.HOST}\n", f"sharepoint_host: {kit.HOST}\n  throttle: false\n"
)
"""Nobody is throttled here: the pace is another test's business."""
ROLES = Roles.model_validate(
    {
        "people": {
            "site_owner": (kit.DIRECTOR,),
            "core_team": (kit.HELEN,),
            "readers": (),
            "registrars": (kit.HELEN,),
            "restricted_readers": (kit.DIRECTOR,),
            "ig_officers": (kit.IG_OFFICER,),
        },
        "apps": {"enforcer": kit.ENFORCER},
    }
)
WISH = {
    "name": "Breast imaging",
    "kind": "pathways",
    "chair": kit.SAM,
    "facilitator": kit.HELEN,
    "need": "priority raised at the Operational Board",
}
MINUTE = ("NOB 2026/11 item 7", date(2026, 11, 24))


def person(name: str, *roles: Role) -> Caller:
    return Caller(oid=f"oid-{name.lower()}", name=name, roles=frozenset(roles))


HELEN = person("Helen", Role.REGISTRAR)
NADIA = person("Nadia", Role.NETWORK_DIRECTOR)
RAJ_RAO = person("Raj", Role.CLINICAL_DIRECTOR)
BEA_LONG = person("Bea", Role.BOARD_SECRETARY)
ADA_LIND = person("Ada", Role.ADMIN)
READER = person("Rita", Role.READER)
NOBODY = person("Norman")


def settings_of(cloud: kit.Tenant | None, database: str, **more: object) -> Settings:
    """Return the provisioner's settings on a tenant that runs, or on none at all."""
    there: dict[str, object] = {}
    if cloud is not None:
        there = {
            "certificate": cloud.certificate("provisioner"),
            "login_address": cloud.address,
            "graph_address": cloud.address,
            "sharepoint_address": cloud.address,
            "ca_file": cloud.ca,
        }
    values = {
        "tenant_id": kit.TENANT_ID,
        "client_id": kit.PROVISIONER,
        "sharepoint_host": kit.HOST,
        "database_url": database,
        "ru_per_minute": 1_000_000,  # no test waits for a minute
        "api_audience": kit.API,
        **there,
        **more,
    }
    return Settings.model_validate(values)


@asynccontextmanager
async def a_service(
    folder: Path,
    cloud: kit.Tenant | None = None,
    now: Callable[[], datetime] = lambda: NOW,
    **more: object,
) -> AsyncIterator[Service]:
    """Open a service on the state in `folder`; the clock stands at NOW unless another is given."""
    database = f"sqlite:///{folder / 'verger.sqlite'}"
    settings = settings_of(cloud, database, **more)
    state = State.open(database, clock=now)
    await state.migrate()
    async with Service(
        settings=settings,
        state=state,
        tenant=Tenant(settings),
        standard=load_standard(),
        roles=ROLES,
        overrides={},
        now=now,
        schema_hash="test",
    ) as service:
        yield service
