"""Staff fill in the equality impact assessment, and its document follows."""

from datetime import date

import pytest

from local.demo.assessments import assessment
from local.demo.writing import Control, to_docx
from sync.state import assessments, work
from tests import tenant_kit as kit

ASSESSMENT = assessment("Gov-21", date(2026, 10, 1))


def said(row):
    return " ".join(one["says"] for one in row.verdict["findings"])


class Assessing:
    """Staff at the list of equality assessments, and what comes of it."""

    def __init__(self, desk, list_id):
        self.desk, self.list_id = desk, list_id
        site = desk.person().get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
        self.rows = f"/v1.0/sites/{site}/lists/{list_id}/items"
        self.row = ""

    async def ask(self, method, path="", body=None):
        answer = self.desk.person().request(method, f"{self.rows}{path}", json=body)
        answer.raise_for_status()
        await self.settle()
        return answer.json() if answer.content else {}

    async def add(self, values):
        self.row = (await self.ask("POST", "", {"fields": values}))["id"]

    async def beside(self):
        fields = (await self.ask("GET", f"/{self.row}?$expand=fields"))["fields"]
        return fields["EiaStatus"], fields.get("EiaReason") or ""

    async def settle(self):
        await self.desk.settle("equality_assessments")
        await self.desk.settle()


@pytest.fixture
async def assessing(desk):
    return Assessing(desk, await desk.list_id("equality_assessments"))


async def test_an_assessment_filled_in_puts_its_procedure_in_order(desk, assessing):
    title = "Booking Procedure"
    control = Control(title, "V1", "Gov-21", "", "all staff", history=())
    text = to_docx(title, ("The programme of the year.",), control)
    item = desk.upload(f"Gov-21 {title} V1.docx", text)
    await desk.settle()
    assert "There is no equality impact assessment" in said(await desk.shadow(item))

    await assessing.add({name: value for name, value in ASSESSMENT.items() if name != "EiaRace"})
    assert await assessing.beside() == ("Needs you", "Still missing: race.")
    assert "The equality impact assessment lacks: race." in said(await desk.shadow(item))

    await assessing.ask("PATCH", f"/{assessing.row}/fields", {"EiaRace": "No"})
    assert await assessing.beside() == ("Complete", "")
    assert "equality" not in said(await desk.shadow(item))

    await assessing.ask("DELETE", f"/{assessing.row}")
    assert "There is no equality impact assessment" in said(await desk.shadow(item))


async def test_an_assessment_looked_at_again_is_written_to_no_more(desk, assessing):
    await assessing.add(ASSESSMENT)
    mark = desk.mark()
    async with desk.service.state.begin() as tx:
        again = work.NewWork(list_id=assessing.list_id, item_id=assessing.row, kind="audit")
        await work.put(tx, [again], desk.service.now())
        assert (await assessments.latest(tx, "Gov-21")).missing == []
    await assessing.settle()
    assert desk.writes(mark) == {}


async def test_an_assessment_without_a_number_is_asked_for_it(assessing):
    await assessing.add({**ASSESSMENT, "EiaNumber": "the booking one"})
    assert await assessing.beside() == (
        "Needs you",
        "Still missing: a document number such as Gov-12.",
    )
