"""What the registry's tests share: documents with and without a number, rows as staff see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from local.demo.writing import Control, to_docx
from sync.state import lists
from sync.tenant import rows
from tests import tenant_kit as kit

if TYPE_CHECKING:
    import httpx

    from tests.flow_kit import Desk

ADOPTED = date(2026, 11, 2)


def document(title: str, number: str = "", label: str = "V0.1") -> bytes:
    """Return a draft whose control block says this number, or none."""
    control = Control(title, label, number, "", "all staff")
    return to_docx(title, (f"About {title}.",), control)


async def register(desk: Desk) -> lists.ListRow:
    async with desk.service.state.read() as tx:
        return next(row for row in await lists.all_lists(tx) if row.area == "registry")


async def row_of(desk: Desk, number: str) -> dict[str, Any]:
    """Return the one row of a number as the list holds it, with its item id under "id"."""
    found = await rows.find_all(desk.service.tenant, await register(desk), "DocumentNumber", number)
    assert len(found) == 1, f"{number} has {len(found)} rows"
    return {**found[0].fields, "id": found[0].id}


async def rows_path(desk: Desk) -> str:
    home = await register(desk)
    site = desk.person().get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
    return f"/v1.0/sites/{site}/lists/{home.id}/items"


async def add_row(desk: Desk, who: str = kit.SAM, **fields: str) -> str:
    """Add a row as staff and have it kept; returns its item id."""
    answer = desk.person(who).post(await rows_path(desk), json={"fields": fields})
    answer.raise_for_status()
    await desk.settle("registry")
    return str(answer.json()["id"])


async def edit_row(desk: Desk, item_id: str, who: str = kit.SAM, **fields: str | None) -> None:
    path = f"{await rows_path(desk)}/{item_id}/fields"
    answer: httpx.Response = desk.person(who).patch(path, json=fields)
    answer.raise_for_status()
    await desk.settle("registry")


async def fields_of(desk: Desk, item_id: str) -> dict[str, Any]:
    return (await rows.get(desk.service.tenant, await register(desk), item_id)).fields


async def upload(desk: Desk, name: str, data: bytes) -> dict[str, Any]:
    """Upload as staff to the controlled documents and bring everything to rest."""
    item: dict[str, Any] = desk.upload(name, data)
    await desk.settle()
    await desk.settle("registry")
    return item


def mails_to(desk: Desk, who: str) -> list[str]:
    mails = desk.tenant.local("GET", "/mailbox")["value"]
    return [one["message"]["body"]["content"] for one in mails if who in one["to"]]
