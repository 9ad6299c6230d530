"""Review dates of documents: the ladder, each rung once; a new date starts afresh; UK mornings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from local.demo.writing import Control, to_docx
from sharepoint_schema.standard import load_standard
from sharepoint_schema.working_days import next_working_day
from sync.reviews import clock_of
from tests import flow_kit
from tests import tenant_kit as kit
from tests.registers.kit import let_pass, mails_to

SPEAKING = 'modes: {"*": observe, review_date: warn}\n'


@pytest.fixture(name="desk")
async def _desk(tenant, folder):
    async with flow_kit.desk(tenant, folder / "state", SPEAKING) as here:
        yield here


def plan(title: str, number: str, adopted: date, review: date) -> bytes:
    control = Control(title, "V1", number, f"Core Team meeting {adopted:%d/%m/%Y}", "all staff")
    dated = replace(control.adopted(adopted), review_on=f"{review:%d/%m/%Y}")
    return to_docx(title, (f"About {title}.",), dated)


def counted(desk, upn: str, title: str) -> int:
    return sum(one["body"].count(f"{title} V1.docx: its review") for one in mails_to(desk, upn))


def test_the_standards_ladder_goes_from_before_to_long_after():
    ladder = clock_of(load_standard()).ladder
    assert [rung.days for rung in ladder] == [90, 30, 7, 0, -1, -14, -28]
    assert [rung.to for rung in ladder[-3:]] == [(), ("board",), ("board",)]


async def test_author_and_quality_manager_are_reminded_at_each_rung_and_the_board_in_the_end(desk):
    adopted = desk.service.today() - timedelta(days=300)
    due = next_working_day(desk.service.today() + timedelta(days=40))
    title = "Loan Plan"
    item = desk.upload(f"Op-31 {title} V1.docx", plan(title, "Op-31", adopted, due), who=kit.SAM)
    desk.publish(item, who=kit.SAM)
    await desk.settle()
    seen = []
    for left in (31, 30, 20, 7, 0, -1, -14, -20, -28):
        await let_pass(desk, "controlled", next_working_day(due - timedelta(days=left)))
        seen.append((counted(desk, kit.SAM, title), counted(desk, kit.HELEN, title)))
    managers = (1, 2, 2, 3, 4, 5, 6, 6, 7)
    authors = (1, 2, 2, 3, 4, 4, 5, 5, 6)  # on the first late day by the document's own mail
    assert seen == list(zip(authors, managers, strict=True))


async def test_whoever_is_mailed_that_a_review_is_late_reads_it_once_that_morning(desk):
    adopted = desk.service.today() - timedelta(days=300)
    due = next_working_day(desk.service.today() + timedelta(days=5))
    title = "Parking Plan"
    item = desk.upload(f"Op-33 {title} V1.docx", plan(title, "Op-33", adopted, due), who=kit.SAM)
    desk.publish(item, who=kit.SAM)
    await desk.settle()
    await let_pass(desk, "controlled", due)
    before = len(mails_to(desk, kit.SAM))
    await let_pass(desk, "controlled", next_working_day(due + timedelta(days=1)))
    told = [one["body"].count("review was due") for one in mails_to(desk, kit.SAM)[before:]]
    assert sum(told) == 1


async def test_a_new_review_date_starts_the_ladder_afresh(desk):
    adopted = desk.service.today() - timedelta(days=300)
    due = next_working_day(desk.service.today() + timedelta(days=5))
    title = "Booking Plan"
    item = desk.upload(f"Op-32 {title} V1.docx", plan(title, "Op-32", adopted, due), who=kit.SAM)
    desk.publish(item, who=kit.SAM)
    await desk.settle()
    await let_pass(desk, "controlled", due)
    told = counted(desk, kit.SAM, title)
    later = next_working_day(due + timedelta(days=60))
    shadow = await desk.shadow(item)
    fields = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}/listItem/fields"
    changed = desk.person(kit.SAM).patch(fields, json={"ReviewDate": later.isoformat()})
    changed.raise_for_status()
    await desk.settle()
    assert shadow.item_id
    await let_pass(desk, "controlled", next_working_day(due + timedelta(days=1)))
    await let_pass(desk, "controlled", next_working_day(later - timedelta(days=25)))
    assert counted(desk, kit.SAM, title) == told + 2  # at 60 and at 25 days
