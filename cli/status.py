"""`verger status`: what is followed, what waits, what is parked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sync.service import Service


def command(settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Show the lists Verger follows, their subscriptions and the work that waits.

    Example: verger status --settings enforcer.env
    """
    rows = with_service(settings, _look)
    if as_json:
        console.print_json(json.dumps(rows, default=str))
        return
    table = Table(title="Followed lists", title_justify="left")
    for heading in ("Site", "List", "Area", "Subscribed until", "Drained", "Waiting", "Parked"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)


async def _look(service: Service) -> list[dict[str, Any]]:
    from sync.state import backlog, lists, subscriptions  # noqa: PLC0415 - after --help

    told = []
    async with service.state.read() as tx:
        for row in await lists.all_lists(tx):
            counts = await backlog.counts(tx, row.id)
            kept = await subscriptions.all_subscriptions(tx, list_id=row.id)
            until = max((one.expires_at for one in kept), default=None)
            told.append(
                {
                    "site": row.site_url,
                    "list": row.title,
                    "area": row.area,
                    "subscribed_until": _moment(until) if row.policed else "not policed",
                    "drained": _moment(row.last_drained_at),
                    "waiting": counts.open,
                    "parked": counts.parked,
                }
            )
    return told


def _moment(when: Any) -> str:
    return "never" if when is None else f"{when:%d/%m/%Y %H:%M} UTC"
