"""What the registers' tests share: rows as staff make them, days as they pass, mails by person."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from sync import digest, sweep
from sync.model import SITE_TIME
from sync.state import lists, register_rows
from sync.tenant import rows
from tests import tenant_kit as kit

CREATED = 201

if TYPE_CHECKING:
    from datetime import date

    from tests.flow_kit import Desk


async def home_of(desk: Desk, area: str) -> lists.ListRow:
    async with desk.service.state.read() as tx:
        return next(row for row in await lists.all_lists(tx) if row.area == area)


async def _path(desk: Desk, area: str) -> str:
    home = await home_of(desk, area)
    return f"/v1.0/sites/{home.site_id}/lists/{home.id}/items"


async def add(desk: Desk, area: str, who: str = kit.HELEN, **fields: Any) -> str:
    """Add a row as staff and have it kept; returns its item id."""
    answer = desk.person(who).post(await _path(desk, area), json={"fields": fields})
    assert answer.status_code == CREATED, answer.text
    await desk.settle(area)
    return str(answer.json()["id"])


async def edit(desk: Desk, area: str, item_id: str, who: str = kit.HELEN, **fields: Any) -> None:
    path = f"{await _path(desk, area)}/{item_id}/fields"
    desk.person(who).patch(path, json=fields).raise_for_status()
    await desk.settle(area)


async def delete(desk: Desk, area: str, item_id: str, who: str = kit.HELEN) -> None:
    desk.person(who).delete(f"{await _path(desk, area)}/{item_id}").raise_for_status()
    await desk.settle(area)


async def fields_of(desk: Desk, area: str, item_id: str) -> dict[str, Any]:
    home = await home_of(desk, area)
    return (await rows.get(desk.service.tenant, home, item_id)).fields


async def remembered(desk: Desk, area: str, item_id: str) -> register_rows.RegisterRow | None:
    home = await home_of(desk, area)
    async with desk.service.state.read() as tx:
        return await register_rows.get_row(tx, home.id, item_id)


def number_of(desk: Desk, upn: str, site: str = "/sites/core") -> str:
    """Return a site's number for a person."""
    plain = {"Accept": "application/json"}
    with desk.tenant.http(upn, "sharepoint") as client:
        answer = client.get(f"{site}/_api/web/currentuser", headers=plain)
    answer.raise_for_status()
    return str(answer.json()["Id"])


async def let_pass(desk: Desk, area: str, until: date, at: time = time(8, 0)) -> None:
    """Move the clock to a morning (UK time) and do what the timers do then."""
    moment = datetime.combine(until, at, SITE_TIME).astimezone(UTC)
    desk.tenant.advance((moment - desk.service.now()).total_seconds())
    await sweep.sweep(desk.service)
    await desk.work_off(area)
    await digest.make_out(desk.service)
    await sweep.sweep(desk.service)


def mails_to(desk: Desk, who: str) -> list[dict[str, str]]:
    """Return the mails somebody got: subject and body."""
    mails = desk.tenant.local("GET", "/mailbox")["value"]
    mine = [one["message"] for one in mails if who in one["to"]]
    return [{"subject": one["subject"], "body": one["body"]["content"]} for one in mine]


async def rows_in(desk: Desk, area: str) -> list[register_rows.RegisterRow]:
    async with desk.service.state.read() as tx:
        return await register_rows.rows_of(tx, {area})
