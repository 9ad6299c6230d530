"""What the commands share: the settings option, the console, one service for one command."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sync.settings import SETTINGS_FILE, load_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sync.opening import Opening
    from sync.provisioning import Provisioner
    from sync.service import Service
    from sync.sig_orders import Recorded
    from sync.state.nudges import Nudges

console = Console()
if not console.is_terminal and "COLUMNS" not in os.environ:
    console = Console(width=120)  # a log is wider than the 80 columns of an unknown terminal

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar=SETTINGS_FILE,
        help="File of VERGER_… settings; the environment's own go before it.",
        show_default=False,
    ),
]
UNNAMED = "a file that is not named here"
"""Stands for a file of a place that keeps its names to itself."""
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which site a command is about: a template, and for a group's site its order file."""

    template: str
    order: Path | None = None


def with_service[T](settings: Path | None, work: Callable[[Service], Awaitable[T]]) -> T:
    """Open the service, run `work` with it, close it. Raises what either raises."""
    from sync.service import open_service  # noqa: PLC0415 - a second of imports; --help is quick

    if settings is not None:
        os.environ[SETTINGS_FILE] = str(settings)

    async def run() -> T:
        async with await open_service(load_settings()) as service:
            return await work(service)

    return asyncio.run(run())


async def order_of(service: Service, file: Path, *, demand: bool) -> Recorded:
    """Return the order of the group that an order file names, from the record.

    With `demand` nothing else will do. Without it the file's own words serve for a look at the
    plan, where the record is not whole: SchemaProblems names each step the file leaves out.
    """
    from sharepoint_schema.order import load_order, load_wish  # noqa: PLC0415 - see above
    from sync import sig_orders  # noqa: PLC0415 - see above

    wish = load_wish(file)
    if demand:
        return sig_orders.Recorded(await sig_orders.demanded(service, wish))
    return await sig_orders.recorded(service, wish) or sig_orders.Recorded(load_order(file))


async def opened(service: Service, site: Wanted, *, demand: bool) -> Opening:
    """Return what the site should be, as its order on record says."""
    from sync import dormancy  # noqa: PLC0415 - see above
    from sync.opening import Opening  # noqa: PLC0415 - see above
    from sync.sig_records import DORMANT  # noqa: PLC0415 - see above

    if site.order is None:
        return Opening(service, site.template, service.spec(site.template))
    found = await order_of(service, site.order, demand=demand)
    spec = service.spec(site.template, found.order)
    if found.asleep:
        return Opening(service, site.template, dormancy.asleep(spec), found.order, DORMANT)
    return Opening(service, site.template, spec, found.order)


async def with_nudges[T](service: Service, work: Callable[[Nudges], Awaitable[T]]) -> T:
    """Open the queues of the settings (or the environment), run `work`, close them."""
    from sync.state.nudges import CONNECTION, Nudges  # noqa: PLC0415 - see above

    told = {CONNECTION: service.settings.storage} if service.settings.storage else {}
    nudges = Nudges.from_environment({**os.environ, **told})
    try:
        return await work(nudges)
    finally:
        await nudges.close()


def with_provisioner[T](
    settings: Path | None,
    site: Wanted,
    work: Callable[[Provisioner, Opening], Awaitable[T]],
    *,
    demand: bool = False,
) -> T:
    """Read the template and the order, then run `work` with a provisioner for that site.

    `demand` is for what writes: see `order_of`. Raises SchemaProblems before anything is connected.
    """
    from sharepoint_schema.site import load_template  # noqa: PLC0415 - see above
    from sync.opening import FollowedLists  # noqa: PLC0415 - see above
    from sync.provisioning import Provisioner  # noqa: PLC0415 - see above

    load_template(site.template)

    async def run(service: Service) -> T:
        opening = await opened(service, site, demand=demand)

        async def go(nudges: Nudges) -> T:
            return await work(Provisioner(service.tenant, FollowedLists(opening, nudges)), opening)

        return await with_nudges(service, go)

    return with_service(settings, run)
