"""Everything a flow needs, in one value: settings, state, tenant, rules, clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from sharepoint_schema.expand import expand
from sharepoint_schema.loading import read_record
from sharepoint_schema.order import SigOrder
from sharepoint_schema.record import Record
from sharepoint_schema.roles import Roles, load_roles
from sharepoint_schema.site import load_template
from sharepoint_schema.standard import Mode, Standard, load_standard
from sync.errors import Missing
from sync.model import SITE_TIME
from sync.pacing import Shared, app_of
from sync.places import Place, place_of
from sync.settings import Settings, load_settings
from sync.state import lists, sites
from sync.state.engine import State
from sync.state.entra import password_source
from sync.tenant.client import Tenant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from sharepoint_schema.expand import SiteSpec

__all__ = ["Service", "open_service"]


class Modes(Record):
    """This installation's word on how policies act, over what the schema says; "*" is any other."""

    modes: Mapping[str, Mode]


@dataclass(slots=True)
class Service:
    """Opened once per process and event loop. `now` is aware, in UTC; `today` is the UK's date."""

    settings: Settings
    state: State
    tenant: Tenant
    standard: Standard
    roles: Roles
    overrides: Mapping[str, Mode]
    now: Callable[[], datetime]
    schema_hash: str
    sent_list_read: bool = False
    _places: dict[str, Place] = field(default_factory=dict)
    _specs: dict[tuple[str, str], SiteSpec] = field(default_factory=dict)

    def today(self) -> date:
        return self.now().astimezone(SITE_TIME).date()

    async def place(self, list_id: str) -> Place:
        """Return a followed list's place; Missing when state does not know the list."""
        if list_id not in self._places:
            self._places[list_id] = await self._place(list_id)
        return self._places[list_id]

    async def _place(self, list_id: str) -> Place:
        async with self.state.read() as tx:
            row = await lists.get_list(tx, list_id)
            site = None if row is None else await sites.find_site(tx, row.site_id)
        if row is None or site is None:
            raise Missing(f"list {list_id} is not one that Verger follows")
        return place_of(row, self.spec_of(site), self.standard, self.overrides)

    def spec_of(self, site: sites.Site) -> SiteSpec:
        """Return what a followed site should be; its template is read once in a process."""
        order = json.dumps(site.order)
        key = (site.template, order)
        if key not in self._specs:
            made_from = None if site.order is None else SigOrder.model_validate_json(order)
            self._specs[key] = self.spec(site.template, made_from)
        return self._specs[key]

    def spec(self, template: str, order: SigOrder | None = None) -> SiteSpec:
        """Return what a site of this template, made from this order, should be."""
        return expand(load_template(template), order, self.roles)

    async def close(self) -> None:
        await self.tenant.close()
        await self.state.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def open_service(settings: Settings | None = None) -> Service:
    """Open the service of this process. Raises Misconfigured, SchemaProblems, SchemaBehind."""
    told = settings or load_settings()
    now = clock(told.clock_file)
    password = password_source(told.database_url, told.managed_identity)
    state = State.open(told.database_url, clock=now, password=password)
    await state.check_schema()
    standard = load_standard()
    return Service(
        settings=told,
        state=state,
        tenant=Tenant(told, ledger=Shared(state, app_of(told))),
        standard=standard,
        roles=load_roles(told.roles) if told.roles else Roles(),
        overrides=read_record(told.modes, Modes).modes if told.modes else {},
        now=now,
        schema_hash=hashlib.sha256(standard.model_dump_json().encode()).hexdigest()[:16],
    )


def clock(offset: Path | None) -> Callable[[], datetime]:
    """Return the one clock (aware, UTC). `offset` is a file with seconds to add, for rehearsals."""
    if offset is None:
        return lambda: datetime.now(UTC)

    def moved() -> datetime:
        seconds = float(offset.read_text().strip() or 0) if offset.is_file() else 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)

    return moved
