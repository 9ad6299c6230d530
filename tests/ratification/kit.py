"""What staff and boards do in the ratification tests, against a local tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from local.demo.writing import Control, to_docx
from sync.state import decisions, items
from tests import flow_kit
from tests import tenant_kit as kit

NOB, NEB = date(2026, 11, 5), date(2026, 11, 19)
NOB_NAME, NEB_NAME = "Network Operational Board", "Network Executive Board"


@dataclass
class Boardroom:
    """What staff do for a document to be adopted, and what comes of it."""

    desk: flow_kit.Desk

    def write(self, number: str, text: str = "It says what it says.", **more: Any) -> bytes:
        title = more.pop("title", "Image Sharing Strategy")
        block = Control(
            title,
            more.pop("version", "V1"),
            number,
            more.pop("approved_by", f"{NEB_NAME} 19/11/2026"),
            "all staff of the network",
            **{
                "adopted_on": "19/11/2026",
                "review_on": "19/11/2027",
                "history": (("V1", "19/11/2026", "Published"),),
            }
            | more,
        )
        return to_docx(title, [text], block)

    def draft(self, number: str, name: str = "", **more: Any) -> Any:
        """Put a draft into the library as its author."""
        data = self.write(number, **more)
        return self.desk.upload(name or f"{number} Image Sharing Strategy V1.docx", data)

    async def row(self, who: str = kit.HELEN, **fields: Any) -> str:
        """Add a row to the Decisions list; returns its id."""
        client = self.desk.person(who)
        answer = client.post(await self.path(), json={"fields": fields})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def pdf(self, name: str) -> str:
        """Return where a PDF of the core site lies, or would lie."""
        site = (await self.path()).split("/lists/", maxsplit=1)[0]
        drives = self.desk.person().get(f"{site}/drives").json()["value"]
        drive = next(one["id"] for one in drives if one["name"] == "Published PDFs")
        return f"/v1.0/drives/{drive}/root:/{name}"

    async def path(self) -> str:
        client = self.desk.person()
        site = client.get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
        return f"/v1.0/sites/{site}/lists/{await self.desk.list_id('decisions')}/items"

    async def shown(self, row_id: str) -> tuple[str, str]:
        """Return what the Decisions row says came of it."""
        path = f"{await self.path()}/{row_id}?$expand=fields"
        fields = self.desk.person().get(path).json()["fields"]
        return fields.get("DecisionStatus", ""), fields.get("DecisionReason", "")

    async def decide(self, number: str, kind: str, body: str, on: date, **more: Any) -> str:
        fields = {
            "Title": f"{kind} {number}",
            "DecisionDocument": number,
            "DecisionVersion": "V1",
            "DecisionBody": body,
            "DecisionKind": kind,
            "MeetingDate": f"{on.isoformat()}T00:00:00Z",
            "MinuteReference": f"{body} {on:%Y/%m} item 4",
            "Quorate": True,
        }
        row_id = await self.row(**fields | more)
        await self.desk.settle("decisions")
        await self.desk.settle()
        return row_id

    async def adopt(self, number: str) -> None:
        """Have the Operational Board recommend and the Executive Board approve."""
        await self.decide(number, "Recommended", NOB_NAME, NOB)
        await self.decide(number, "Approved", NEB_NAME, NEB)

    def fields(self, item: Any, who: str = kit.DIRECTOR) -> dict[str, Any]:
        path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem"
        answer = self.desk.person(who).get(f"{path}?$expand=fields")
        answer.raise_for_status()
        return dict(answer.json()["fields"])

    def versions(self, item: Any) -> list[str]:
        path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/versions"
        return [one["id"] for one in self.desk.person().get(path).json()["value"]]

    async def record(self, item: Any) -> items.ItemRow:
        return await self.desk.shadow(item)

    async def publications(self, item: Any) -> list[decisions.PublicationRow]:
        row = await self.desk.shadow(item)
        async with self.desk.service.state.read() as tx:
            return await decisions.publications_of(tx, row.document_id)

    def approve_by_hand(self, item: Any, who: str = kit.DIRECTOR) -> None:
        """Approve the newest version as somebody with the right to, past all decisions."""
        client = self.desk.tenant.http(who, kit.HOST)
        unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
        path = f"/sites/core/_api/web/GetFileById('{unique_id}')/Approve(comment='by hand')"
        client.post(path, headers={"Host": kit.HOST}).raise_for_status()
