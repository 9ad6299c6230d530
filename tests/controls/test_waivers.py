"""Waivers: asked in the list or by the API, by those entitled, shown with their day, and ending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import next_working_day
from sync import waiving
from sync.callers import Caller, NotEntitled, Role
from sync.sig_records import Invalid, OutOfTurn
from sync.state import due, excuses
from sync.state import journal_reading as journal
from tests import flow_kit
from tests import tenant_kit as kit
from tests.ratification.kit import Boardroom

REGISTRAR = Caller("oid-registrar", "Helen Ward", frozenset({Role.REGISTRAR}))
ADMIN = Caller("oid-admin", "Ada Min", frozenset({Role.ADMIN}))
APP = Caller("oid-app", "An app", frozenset({Role.REGISTRAR}), person=False)
WRONG = "_image sharing (final) v1.docx"


def asked(number, days=30, **more):
    told = {"document": number, "policy": "file name", "reason": "The board asked for it"}
    return waiving.Asked(**{**told, "until": more.pop("today") + timedelta(days=days), **more})


async def wrongly_named(boards, number):
    """A draft whose rule about names was waived before Verger looked at it anew."""
    item = boards.draft(number, name=f"{number} Image Sharing Strategy V1.docx")
    await boards.desk.settle()
    return item


def rename(boards, item, name):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    boards.desk.person().patch(path, json={"name": name}).raise_for_status()


def name_now(boards, item):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    return boards.desk.person().get(path).json()["name"]


async def test_a_waived_finding_is_shown_with_its_day_and_nothing_is_done(boards):
    service = boards.desk.service
    item = await wrongly_named(boards, "Gov-70")
    until = service.today() + timedelta(days=30)
    row, _ = await waiving.grant(service, REGISTRAR, asked("Gov-70", today=service.today()))
    rename(boards, item, f"Gov-70{WRONG}")
    mails = len(boards.desk.tenant.local("GET", "/mailbox")["value"])
    await boards.desk.settle()

    assert name_now(boards, item) == f"Gov-70{WRONG}"
    fields = boards.fields(item)
    assert "Waived by Helen Ward" in fields["ControlReason"]
    assert f"stands until {show_date(until)}" in fields["ControlReason"]
    mail = boards.desk.tenant.local("GET", "/mailbox")["value"][mails:]
    assert all("File name:" not in str(one["message"]) for one in mail)
    shadow = await boards.desk.shadow(item)
    async with service.state.read() as tx:
        waits = await due.promises(tx, shadow.list_id, shadow.item_id)
        told = await journal.entries(tx, journal.Query(document_id=row.document_id, kind="waived"))
    assert row.until in waits.values()
    assert [(one.actor, one.policy) for one in told] == [("oid-registrar", "file_name")]


async def test_a_rule_acts_again_when_its_waiver_is_withdrawn(boards):
    service = boards.desk.service
    item = await wrongly_named(boards, "Gov-71")
    row, _ = await waiving.grant(service, REGISTRAR, asked("Gov-71", today=service.today()))
    rename(boards, item, f"Gov-71{WRONG}")
    await boards.desk.settle()
    assert row.id in {one.row.id for one in await waiving.listed(service)}

    with pytest.raises(NotEntitled):
        await waiving.withdraw(service, Caller("x", "X", frozenset({Role.READER})), row.id)
    await waiving.withdraw(service, ADMIN, row.id)
    await boards.desk.settle()
    assert name_now(boards, item) == "Gov-71 Image Sharing Strategy V1.docx"
    with pytest.raises(OutOfTurn, match="ended already"):
        await waiving.withdraw(service, ADMIN, row.id)


async def test_a_later_waiver_for_the_same_rule_takes_the_earlier_ones_place(boards):
    service = boards.desk.service
    await wrongly_named(boards, "Gov-72")
    first, _ = await waiving.grant(service, REGISTRAR, asked("Gov-72", today=service.today()))
    second, _ = await waiving.grant(service, REGISTRAR, asked("Gov-72", 60, today=service.today()))
    async with service.state.read() as tx:
        held = await excuses.excuses_of(tx, first.document_id, service.now())
    assert [one.id for one in held] == [second.id]


@pytest.mark.parametrize("caller", [ADMIN, APP])
async def test_only_a_registrar_or_a_director_in_person_lets_a_rule_rest(boards, caller):
    service = boards.desk.service
    with pytest.raises(NotEntitled):
        await waiving.grant(service, caller, asked("Gov-72", today=service.today()))


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"document": "Gov-999"}, "document", "there is no document"),
        ({"policy": "tidiness"}, "policy", "is no rule"),
        ({"policy": "Patient identifier"}, "policy", "can't be waived"),
        ({"policy": "sensitive_in_open_place"}, "policy", "can't be waived"),
        ({"days": 181}, "until", "180 days at most"),
        ({"days": -1}, "until", "180 days at most"),
        ({"reason": " "}, "reason", "is missing"),
        ({"reason": "x" * 401}, "reason", "longer than"),
        ({"policy": "staff_personal_data"}, "policy", "does not apply"),
    ],
)
async def test_what_cannot_be_waived_is_said_plainly(boards, change, field, says):
    service = boards.desk.service
    await wrongly_named(boards, "Gov-73")
    if change.get("policy") == "staff_personal_data":
        place = await service.place(await boards.desk.list_id("controlled"))
        if "staff_personal_data" in place.area.policies:
            change = {"policy": "restricted_nothing"}
            says = "is no rule"
    with pytest.raises(Invalid) as refusal:
        await waiving.check(service, asked("Gov-73", today=service.today(), **change))
    assert any(name == field and says in told for name, told in refusal.value.faults)


async def row_of(boards, who=kit.SAM, **fields):
    client = boards.desk.person(who)
    answer = client.post(await rows_path(boards), json={"fields": fields})
    answer.raise_for_status()
    await boards.desk.settle("waivers")
    return str(answer.json()["id"])


async def rows_path(boards):
    site = boards.desk.person().get(f"/v1.0/sites/{kit.HOST}:/sites/core").json()["id"]
    return f"/v1.0/sites/{site}/lists/{await boards.desk.list_id('waivers')}/items"


async def decide(boards, row_id, decision, who=kit.HELEN):
    path = f"{await rows_path(boards)}/{row_id}/fields"
    boards.desk.person(who).patch(path, json={"WaiverDecision": decision}).raise_for_status()
    await boards.desk.settle("waivers")
    await boards.desk.settle()


async def shown(boards, row_id):
    path = f"{await rows_path(boards)}/{row_id}?$expand=fields"
    fields = boards.desk.person().get(path).json()["fields"]
    return fields.get("WaiverStatus", ""), fields.get("WaiverOutcome", "")


def wish(boards, number, days=20):
    until = boards.desk.service.today() + timedelta(days=days)
    return {
        "Title": f"Waiver for {number}",
        "WaiverDocument": number,
        "WaiverPolicy": "File name",
        "WaiverUntil": f"{until.isoformat()}T00:00:00Z",
        "WaiverReason": "Printed under this name already",
    }


async def test_anyone_asks_in_the_list_and_a_registrar_approves(boards):
    item = await wrongly_named(boards, "Gov-74")
    row_id = await row_of(boards, **wish(boards, "Gov-74"))
    assert (await shown(boards, row_id))[0] == "Waiting for a decision"
    await decide(boards, row_id, "Approved")
    status, outcome = await shown(boards, row_id)
    assert status == "Approved"
    assert outcome.startswith("File name rests until ")

    rename(boards, item, f"Gov-74{WRONG}")
    await boards.desk.settle()
    assert name_now(boards, item) == f"Gov-74{WRONG}"
    await decide(boards, row_id, "Withdrawn")
    assert (await shown(boards, row_id))[0] == "Withdrawn"
    assert name_now(boards, item) == "Gov-74 Image Sharing Strategy V1.docx"
    mark = boards.desk.mark()
    await boards.desk.settle("waivers")
    assert boards.desk.writes(mark) == {}


async def test_who_may_not_decide_changes_nothing(boards):
    await wrongly_named(boards, "Gov-75")
    row_id = await row_of(boards, **wish(boards, "Gov-75"))
    await decide(boards, row_id, "Approved", kit.SAM)
    status, outcome = await shown(boards, row_id)
    assert status == "Needs you"
    assert outcome.startswith("Only a Registrar, the Network Director or the Clinical Director may")


async def test_what_was_changed_after_the_decision_needs_another_one(boards):
    await wrongly_named(boards, "Gov-76")
    row_id = await row_of(boards, **wish(boards, "Gov-76", days=200))
    await decide(boards, row_id, "Approved")
    assert "180 days at most" in (await shown(boards, row_id))[1]
    path = f"{await rows_path(boards)}/{row_id}/fields"
    until = wish(boards, "Gov-76", days=100)["WaiverUntil"]
    boards.desk.person(kit.SAM).patch(path, json={"WaiverUntil": until}).raise_for_status()
    await boards.desk.settle("waivers")
    assert (await shown(boards, row_id)) == (
        "Needs you",
        "It was changed after it was approved. Please approve it again.",
    )


async def test_the_lists_rules_are_rules_that_can_be_waived(boards):
    service = boards.desk.service
    spec = service.spec("core_team").list("waivers")
    [rules] = [one.choices for one in spec.columns if one.name == "WaiverPolicy"]
    codes = {waiving.code_of(one) for one in rules}
    assert None not in codes
    assert not codes & set(service.standard.contains_first)


async def test_a_waiver_ends_on_its_day_and_the_rule_acts(place):
    """Last in this file: it moves the clock of the tenant that the tests share."""
    tenant, folder = place
    async with flow_kit.desk(tenant, folder) as desk:
        boards = Boardroom(desk)
        item = await wrongly_named(boards, "Gov-77")
        service = desk.service
        await waiving.grant(service, REGISTRAR, asked("Gov-77", 3, today=service.today()))
        rename(boards, item, f"Gov-77{WRONG}")
        await desk.settle()
        assert name_now(boards, item) == f"Gov-77{WRONG}"
        mails = len(desk.tenant.local("GET", "/mailbox")["value"])
        over = next_working_day(service.today() + timedelta(days=4))  # mail rests on other days
        desk.tenant.advance((over - service.today()).days * 86400)
        async with service.state.begin() as tx:
            await due.take_due(tx, service.now())
        await desk.settle()
        assert name_now(boards, item) == "Gov-77 Image Sharing Strategy V1.docx"
        assert "Waived" not in boards.fields(item).get("ControlStatus", "")
        sent = desk.tenant.local("GET", "/mailbox")["value"][mails:]
        assert sum("File name:" in str(one["message"]) for one in sent) == 1
