"""Registers as staff live with them: what each is for, told once from its first entry to its last.

The story of every other register stands in the file named after it; test_systems.py knows them all.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sharepoint_schema.order import SigOrder
from sharepoint_schema.working_days import next_working_day
from sync import standing
from sync.model import SITE_TIME
from sync.state import lists, remembered
from sync.state.journal_reading import Query, entries
from tests import flow_kit
from tests import tenant_kit as kit
from tests.ratification.kit import NEB, NEB_NAME, Boardroom
from tests.registers.kit import add, edit, fields_of, home_of, let_pass, mails_to, number_of
from tests.registers.test_reviews import plan

AGREED = {"who": "Ann Lee", "date": "01/10/2026"}
SITE = "/sites/sig-quality"
ORDER = SigOrder.model_validate(
    {
        "name": "Quality",
        "kind": "qsi",
        "chair": kit.HELEN,
        "facilitator": kit.DIRECTOR,
        "network_director": AGREED,
        "clinical_director": AGREED,
        "operational_board": {"reference": "NOB 2026/10 item 7", "date": "14/10/2026"},
    }
)


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        asyncio.run(flow_kit.open_core(tenant, folder / "state", "sig", ORDER))
        yield tenant


def ahead(desk, days: int):
    return next_working_day(desk.service.today() + timedelta(days=days))


async def shown(desk, area: str, row: str) -> tuple[str, str]:
    fields = await fields_of(desk, area, row)
    return fields["ControlStatus"], fields.get("ControlReason", "")


async def told(desk) -> list[str]:
    """Return what the day's look at whole registers found."""
    return [one.says for one in await standing.look(desk.service)]


async def test_what_an_incident_taught_is_escalated_and_closed_with_its_learning(desk):
    log = "clinical_governance"
    entry = {
        "CgKind": "Incident review",
        "CgMatter": "A report went to the wrong clinic",
        "CgRaised": desk.service.today().isoformat(),
        "CgOwnerLookupId": number_of(desk, kit.SAM),
        "CgDue": ahead(desk, 40).isoformat(),
    }
    row = await add(desk, log, Title="Misdirected report", **entry)
    assert await shown(desk, log, row) == ("In order", "")

    await edit(desk, log, row, CgStatus="Escalated")
    status, reason = await shown(desk, log, row)
    assert status == "Needs you"
    assert "Escalated to, Escalated on" in reason
    forum = {"CgForum": "Network Executive Board", "CgEscalated": str(desk.service.today())}
    await edit(desk, log, row, **forum)
    assert (await shown(desk, log, row))[0] == "In order"

    await let_pass(desk, log, next_working_day(ahead(desk, 40) - timedelta(days=14)))
    assert any("Misdirected report" in one["body"] for one in mails_to(desk, kit.SAM))
    told = "This matter was escalated to the Network Executive Board."
    assert [told in one["body"] for one in mails_to(desk, kit.DIRECTOR)].count(True) == 1
    await edit(desk, log, row, CgStatus="Closed")
    assert "What was learnt, What was done" in (await shown(desk, log, row))[1]
    await edit(desk, log, row, CgLearning="Two checks", CgOutcome="A second check is in place")
    assert await shown(desk, log, row) == ("In order", "")


async def test_a_work_programme_is_never_empty_and_its_leads_are_reminded(desk):
    area = "work_programme"
    assert "There is no open work in the work programme." in await told(desk)
    home = await home_of(desk, area)
    site = home.site_url.removeprefix(f"https://{kit.HOST}")
    due = ahead(desk, 45)
    work = {"Objective": "One protocol for all", "DueDate": due.isoformat()}
    row = await add(desk, area, kit.DIRECTOR, Title="CT protocols", **work)
    assert "Lead" in (await shown(desk, area, row))[1]
    await edit(desk, area, row, kit.DIRECTOR, WorkLeadLookupId=number_of(desk, kit.HELEN, site))
    assert await shown(desk, area, row) == ("In order", "")
    for left, mails in ((30, 1), (20, 1), (7, 2), (0, 3)):
        await let_pass(desk, area, next_working_day(due - timedelta(days=left)))
        bodies = [one["body"] for one in mails_to(desk, kit.HELEN)]
        assert sum("CT protocols" in body for body in bodies) == mails, left
    await edit(desk, area, row, kit.DIRECTOR, WorkStatus="Done")
    assert await shown(desk, area, row) == ("In order", "")


async def test_a_group_that_reports_each_month_is_left_alone_and_one_that_does_not_is_told(desk):
    area = "highlight_reports"
    month = add_months(desk.service.today().replace(day=1), 1)
    await let_pass(desk, area, next_working_day(month + timedelta(days=8)))
    past = month - timedelta(days=1)
    missing = f"The highlight report for {past:%B %Y} has not come."
    assert missing in await told(desk)

    following = add_months(month, 1)
    report = {
        "ReportPeriod": f"{month:%B %Y}",
        "Achieved": "Two audits",
        "ReportDate": desk.service.today().isoformat(),
    }
    row = await add(desk, area, Title="Highlights", **report)
    assert "Next steps" in (await shown(desk, area, row))[1]
    await edit(desk, area, row, NextSteps="A third audit")
    assert await shown(desk, area, row) == ("In order", "")
    await let_pass(desk, area, next_working_day(following + timedelta(days=8)))
    assert not any("highlight report" in says for says in await told(desk))


async def test_it_is_noted_on_which_day_a_sites_lists_were_opened(desk):
    home = await home_of(desk, "highlight_reports")
    async with desk.service.state.read() as tx:
        opened = await remembered.recall(tx, lists.opened_key(home.id))
        applied = [one.at for one in await entries(tx, Query()) if one.kind == "applied"]
    assert opened in {f"{one.astimezone(SITE_TIME):%Y-%m-%d}" for one in applied}


async def test_what_was_learnt_comes_before_the_quality_forum_whole(desk):
    area = "quality_forum"
    row = await add(desk, area, Title="Image quality audit", ForumMatter="Repeats fell by a third")
    assert await shown(desk, area, row) == ("In order", "")
    await edit(desk, area, row, QualityClause="IN-702", ForumOutcome="Shared with all groups")
    assert await shown(desk, area, row) == ("In order", "")
    await edit(desk, area, row, ForumMatter=" ")
    assert "What was learnt" in (await shown(desk, area, row))[1]


async def test_a_document_is_disposed_of_by_two_registrars_and_leaves_a_certificate(desk):
    area, title = "disposals", "Old Loan Plan"
    desk.service = two_registrars(desk.service)
    adopted = desk.service.today() - timedelta(days=500)
    data = plan(title, "Op-61", adopted, adopted + timedelta(days=365))
    item = desk.upload(f"Op-61 {title} V1.docx", data, who=kit.SAM)
    desk.publish(item, who=kit.SAM)
    await desk.settle()
    asked = {"DisposalNumber": "Op-61", "DisposalReason": "Out of use"}
    row = await add(desk, area, kit.HELEN, Title=title, **asked)
    assert (await fields_of(desk, area, row))["DisposalStatus"] == "Waiting for approval"

    await edit(desk, area, row, kit.HELEN, DisposalApproval="NCT 2026/11 item 3")
    assert "asked for it too" in (await shown(desk, area, row))[1]
    await edit(desk, area, row, kit.DIRECTOR, DisposalApproval="NCT 2026/11 item 4")
    assert (await fields_of(desk, area, row))["DisposalStatus"] == "May be deleted"

    path = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}"
    desk.person(kit.HELEN).delete(path).raise_for_status()
    await desk.settle()
    await let_pass(desk, area, ahead(desk, 1))
    fields = await fields_of(desk, area, row)
    assert fields["DisposalStatus"] == "Disposed"
    assert "NCT 2026/11 item 4" in fields["DisposalCertificate"]
    assert "Entered by Nadia Drew. Why: Out of use" in fields["DisposalCertificate"]


async def test_a_file_deleted_first_and_approved_afterwards_has_no_certificate(desk):
    area, title = "disposals", "Old Van Plan"
    desk.service = two_registrars(desk.service)
    adopted = desk.service.today() - timedelta(days=500)
    data = plan(title, "Op-63", adopted, adopted + timedelta(days=365))
    item = desk.upload(f"Op-63 {title} V1.docx", data, who=kit.SAM)
    desk.publish(item, who=kit.SAM)
    await desk.settle()
    asked = {"DisposalNumber": "Op-63", "DisposalReason": "Out of use"}
    row = await add(desk, area, kit.HELEN, Title=title, **asked)

    path = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}"
    desk.person(kit.HELEN).delete(path).raise_for_status()
    await desk.settle()
    desk.tenant.advance(3600)
    await edit(desk, area, row, kit.DIRECTOR, DisposalApproval="NCT 2026/11 item 4")
    fields = await fields_of(desk, area, row)
    assert fields["DisposalStatus"] == "Deleted before approval"
    assert "entered only afterwards" in fields["ControlReason"]
    assert not fields.get("DisposalCertificate")
    await let_pass(desk, area, ahead(desk, 1))
    for who in (kit.DIRECTOR, kit.HELEN):
        told = [one for one in mails_to(desk, who) if "Op-63 was deleted before" in one["body"]]
        assert len(told) == 1

    await edit(desk, area, row, kit.DIRECTOR, DisposalAnswer="A copy of Op-61, deleted in error")
    fields = await fields_of(desk, area, row)
    assert fields["DisposalStatus"] == "Deleted before approval, answered"
    assert fields["ControlStatus"] == "In order"


def two_registrars(service):
    """Return the service of a network that keeps documents for a year and has two registrars."""
    retention = service.standard.retention.model_copy(update={"default_years": 1})
    people = {**service.roles.people, "registrars": (kit.HELEN, kit.DIRECTOR)}
    return replace(
        service,
        standard=service.standard.model_copy(update={"retention": retention}),
        roles=service.roles.model_copy(update={"people": people}),
        _places={},
        _specs={},
    )


async def test_terms_of_reference_are_asked_for_a_year_after_their_last_review(desk):
    boards, number = Boardroom(desk), "ToR-03"
    title = "Operational Board Terms of Reference"
    item = boards.draft(number, f"{number} {title} V1.docx", title=title)
    await desk.settle()
    await boards.decide(number, "Approved", NEB_NAME, NEB)
    assert boards.fields(item)["DocumentStatus"] == "Current", boards.fields(item)

    due = add_months(NEB, 12)
    asked = f"{number} was to be reviewed by {show_date(due)}."
    await let_pass(desk, "reviews", next_working_day(due - timedelta(days=10)))
    assert asked not in await told(desk)
    await let_pass(desk, "reviews", next_working_day(due + timedelta(days=1)))
    assert asked in await told(desk)
    took_place = {
        "ReviewNumber": number,
        "ReviewedOn": desk.service.today().isoformat(),
        "ReviewOutcome": "No change",
    }
    row = await add(desk, "reviews", Title="Yearly review", **took_place)
    assert "Does it work in practice" in (await shown(desk, "reviews", row))[1]
    await edit(desk, "reviews", row, ReviewEffect="Yes: every meeting had its quorum")
    assert await shown(desk, "reviews", row) == ("In order", "")
    await let_pass(desk, "reviews", ahead(desk, 1))
    assert asked not in await told(desk)
