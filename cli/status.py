"""`verger status`: what is followed, what waits, what is parked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from cli.common import Json, SettingsFile, console, with_service

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.service import Service
    from sync.state.lists import ListRow


def command(settings: SettingsFile = None, *, as_json: Json = False) -> None:
    """Show the lists Verger follows, their subscriptions, the work that waits and what is stuck.

    Example: verger status --settings enforcer.env
    """
    told = with_service(settings, _look)
    if as_json:
        console.print_json(json.dumps(told, default=str))
        return
    table = Table(title="Followed lists", title_justify="left")
    for heading in ("Site", "List", "Area", "Subscribed until", "Drained", "Waiting", "Parked"):
        table.add_column(heading)
    for row in told["lists"]:
        table.add_row(*(escape(str(value)) for value in row.values()))
    console.print(table)
    for row in told["parked"]:
        console.print(f"parked: {escape(row['list'])} item {row['item']}: {escape(row['reason'])}")
    for row in told["mail"]:
        console.print(f"not sent to {escape(row['to'])}: {escape(row['reason'])}")


async def _look(service: Service) -> dict[str, list[dict[str, Any]]]:
    from sync.state import backlog, lists, notices  # noqa: PLC0415 - after --help

    async with service.state.read() as tx:
        rows = await lists.all_lists(tx)
        titles = {row.id: f"{row.site_url} {row.title}" for row in rows}
        failed = await notices.all_notices(tx, state=notices.FAILED)
        return {
            "lists": [await _told(tx, row) for row in rows],
            "parked": [
                {"list": titles[one.list_id], "item": one.item_id, "reason": one.reason or ""}
                for one in await backlog.parked(tx)
            ],
            "mail": [{"to": one.recipient, "reason": one.reason or ""} for one in failed],
        }


async def _told(tx: AsyncConnection, row: ListRow) -> dict[str, Any]:
    from sync.state import backlog, subscriptions  # noqa: PLC0415 - after --help

    counts = await backlog.counts(tx, row.id)
    kept = await subscriptions.all_subscriptions(tx, list_id=row.id)
    until = max((one.expires_at for one in kept), default=None)
    return {
        "site": row.site_url,
        "list": row.title,
        "area": row.area,
        "subscribed_until": _moment(until) if row.policed else "not policed",
        "drained": _moment(row.last_drained_at),
        "waiting": counts.open,
        "parked": counts.parked,
    }


def _moment(when: Any) -> str:
    return "never" if when is None else f"{when:%d/%m/%Y %H:%M} UTC"
