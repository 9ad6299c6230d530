"""What a test of the quarantine does: put a file there, decide beside it, look at what came."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docx

from sync.state import lists
from sync.state.journal_reading import Query, entries
from sync.tenant import documents, rows
from tests import tenant_kit as kit

if TYPE_CHECKING:
    from tests.flow_kit import Desk

PATIENT = "Patient John Smith, NHS number 943 476 5919, born 01/02/1950"


def page(text: str) -> bytes:
    """Return a .docx with one paragraph."""
    made, file = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(file)
    return file.getvalue()


@dataclass
class Ward:
    """The quarantine of a desk's site, and what Iris, the IG officer, does there."""

    desk: Desk

    async def take(self, name: str, text: str = PATIENT, area: str = "working") -> Any:
        """Upload a file as staff and have it quarantined; returns its shadow row."""
        item = self.desk.upload(name, page(text), area)
        await self.desk.settle(area)
        row = await self.desk.shadow(item)
        assert row.list_id == await self.desk.list_id("quarantine"), row.verdict
        return row

    async def place(self, area: str) -> Any:
        async with self.desk.service.state.read() as tx:
            return await lists.get_list(tx, await self.desk.list_id(area))

    async def decide(self, row: Any, decision: str, reason: str, who: str = kit.IG_OFFICER) -> None:
        """Set the columns beside a file as a person, and let Verger follow."""
        where = await self.place("quarantine")
        path = f"/v1.0/sites/{where.site_id}/lists/{where.id}/items/{row.item_id}/fields"
        told = {"QuarantineDecision": decision, "QuarantineReason": reason}
        self.desk.person(who).patch(path, json=told).raise_for_status()
        await self.follow()

    async def follow(self) -> None:
        for area in ("quarantine", "working", "controlled"):
            await self.desk.settle(area)

    async def rewrite(self, row: Any, text: str) -> None:
        """Put other content over a quarantined file, as the officer."""
        file = await self.file(row)
        path = f"/v1.0/drives/{file.drive_id}/items/{file.drive_item_id}/content"
        self.desk.person(kit.IG_OFFICER).put(path, content=page(text)).raise_for_status()

    async def file(self, row: Any) -> Any:
        """Return the file's facts where its document is now."""
        return await documents.file_facts(
            self.desk.service.tenant, await self._list(row.list_id), row.item_id
        )

    async def answer(self, row: Any) -> str:
        where = await self._list(row.list_id)
        told = await rows.get(self.desk.service.tenant, where, row.item_id)
        return str(told.fields.get("QuarantineAnswer", ""))

    async def journal(self, row: Any) -> list[Any]:
        async with self.desk.service.state.read() as tx:
            return await entries(tx, Query(document_id=row.document_id))

    def can_open(self, file: Any, who: str) -> bool:
        path = f"/v1.0/drives/{file.drive_id}/items/{file.drive_item_id}"
        return self.desk.person(who).get(path).status_code == 200

    def letters(self, who: str) -> list[Any]:
        told = self.desk.tenant.local("GET", "/mailbox")["value"]
        return [one for one in told if who in one["to"]]

    async def _list(self, list_id: str) -> Any:
        async with self.desk.service.state.read() as tx:
            return await lists.get_list(tx, list_id)
