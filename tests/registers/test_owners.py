"""An owner who has left: reminders go to the role, and in time the entry gets another owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from local.demo.writing import Control, to_docx
from sharepoint_schema.working_days import next_working_day
from sync import accounts, owners
from sync.errors import Refused
from sync.state import notices, remembered
from sync.state.journal_reading import Query, entries
from tests import flow_kit
from tests import tenant_kit as kit
from tests.registers.kit import (
    CREATED,
    add,
    edit,
    fields_of,
    home_of,
    let_pass,
    mails_to,
    number_of,
)

LEAVER = "lea.ver@dgft.nhs.example"
OWNER = kit.DIRECTOR
RISKS = "risks"


def admin(desk):
    """Return a client that may keep accounts, as those who run the directory may."""
    token = desk.tenant.token(OWNER, "graph", ["User.ReadWrite.All"])
    return desk.tenant.httpx(token)


def employ(desk, upn: str) -> str:
    """Give somebody an account; returns their number on the site."""
    body = {
        "accountEnabled": True,
        "displayName": upn.partition("@")[0],
        "mailNickname": upn.partition("@")[0],
        "userPrincipalName": upn,
        "mail": upn,
        "passwordProfile": {"password": "not-used-here-1A"},
    }
    answer = admin(desk).post("/v1.0/users", json=body)
    assert answer.status_code == CREATED, answer.text
    with desk.tenant.http(OWNER, "sharepoint") as client:
        login = {"logonName": f"i:0#.f|membership|{upn}"}
        plain = {"Accept": "application/json"}
        told = client.post("/sites/core/_api/web/ensureuser", json=login, headers=plain)
    told.raise_for_status()
    return str(told.json()["Id"])


def disable(desk, upn: str) -> None:
    told = {"accountEnabled": False}
    admin(desk).patch(f"/v1.0/users/{upn}", json=told).raise_for_status()


def risk(desk, owner: str, **more: object) -> dict[str, object]:
    return {
        "Title": "Scanner breaks down",
        "RiskDescription": "The only scanner is old",
        "RiskCategory": "Operational",
        "RiskScope": "The network's business",
        "RiskOwnerLookupId": owner,
        "RiskEffect": "Lists are cancelled",
        "Controls": "A service contract",
        "DateRaised": desk.service.today().isoformat(),
        "Likelihood": 1,
        "Impact": 2,
        **more,
    }


def about(mails: list[dict[str, str]], title: str) -> int:
    return sum(title in one["body"] for one in mails)


async def test_reminders_of_somebody_who_left_go_to_the_owner_and_the_quality_manager(desk):
    number = employ(desk, LEAVER)
    due = next_working_day(desk.service.today() + timedelta(days=20))
    row = await add(
        desk, RISKS, **risk(desk, number, Title="Left alone", RiskReviewDate=due.isoformat())
    )
    assert (await fields_of(desk, RISKS, row))["ControlStatus"] == "In order"
    disable(desk, LEAVER)
    await let_pass(desk, RISKS, next_working_day(due - timedelta(days=14)))
    assert about(mails_to(desk, LEAVER), "Left alone") == 0
    assert about(mails_to(desk, OWNER), "Left alone") == 1
    assert about(mails_to(desk, kit.HELEN), "Left alone") == 1


async def test_the_entry_is_found_within_a_day_and_gets_the_sites_owner_with_a_record(desk):
    upn = "max.gone@dgft.nhs.example"
    number = employ(desk, upn)
    row = await add(desk, RISKS, **risk(desk, number, Title="Nobody's risk"))
    disable(desk, upn)
    await let_pass(desk, RISKS, next_working_day(desk.service.today() + timedelta(days=1)))
    await owners.look(desk.service)
    assert await owners.look(desk.service) == 0  # once a day
    await desk.settle(RISKS)
    seen = await fields_of(desk, RISKS, row)
    assert seen["RiskOwnerLookupId"] == number_of(desk, OWNER)
    home = await home_of(desk, RISKS)
    async with desk.service.state.read() as tx:
        told = await entries(tx, Query(list_id=home.id, item_id=row, kind="register"))
    [change] = [one for one in told if "RiskOwner" in (one.after or {}).get("columns", {})]
    assert change.after["columns"]["RiskOwner"] == number_of(desk, OWNER)
    assert any(one["policy"] == "owner_left" for one in change.after["findings"])


@pytest.mark.parametrize(
    ("column", "modes"),
    [
        ("RiskOwner", flow_kit.ENFORCE),
        ("MitigationOwner", flow_kit.ENFORCE),
        ("RiskOwner", 'modes: {"*": warn}\n'),
    ],
)
async def test_once_somebody_else_answers_for_it_the_entry_asks_nobody_any_more(
    tenant, folder, column, modes
):
    """Whether Verger named the site's owner or staff chose somebody, with no day in between."""
    async with flow_kit.desk(tenant, folder / "state", modes) as desk:
        upn = f"{column.lower()}.{len(modes)}@dgft.nhs.example"
        given = {f"{column}LookupId": employ(desk, upn), "Title": f"Left by {upn}"}
        row = await add(desk, RISKS, **{**risk(desk, number_of(desk, kit.SAM)), **given})
        disable(desk, upn)
        await let_pass(desk, RISKS, next_working_day(desk.service.today() + timedelta(days=1)))
        await owners.look(desk.service)
        await desk.settle(RISKS)
        seen = await fields_of(desk, RISKS, row)
        if modes == flow_kit.ENFORCE:
            assert seen[f"{column}LookupId"] == number_of(desk, OWNER)
            assert seen["ControlStatus"] == "Corrected"
        else:
            assert seen["ControlStatus"] == "Needs you"
        await edit(desk, RISKS, row, **{f"{column}LookupId": number_of(desk, kit.HELEN)})
        assert (await fields_of(desk, RISKS, row))["ControlStatus"] == "In order"


async def test_an_account_is_asked_about_once_a_day_and_strangers_never(desk):
    upn = "ann.other@dgft.nhs.example"
    employ(desk, upn)
    assert not await accounts.has_left(desk.service, upn)
    disable(desk, upn)
    assert not await accounts.has_left(desk.service, upn)  # known for today
    desk.tenant.advance(86_400)
    assert await accounts.has_left(desk.service, upn.upper())
    assert await accounts.has_left(desk.service, "no.body@dgft.nhs.example")
    mark = desk.mark()
    assert not await accounts.has_left(desk.service, kit.GUEST)
    assert not await accounts.has_left(desk.service, "")
    assert not desk.tenant.local("GET", f"/ledger?since={mark}")["value"]


async def test_without_the_permission_everybody_counts_as_there(desk, monkeypatch, caplog):
    async def refused(*_told: object) -> bool:
        raise Refused("no")

    monkeypatch.setattr(accounts.accounts, "can_sign_in", refused)
    assert not await accounts.has_left(desk.service, "who.knows@dgft.nhs.example")
    assert "User.Read.All is missing" in caplog.text


@pytest.mark.parametrize("told", [(), (kit.SAM,), (kit.SAM, kit.SAM)])
async def test_those_who_are_there_are_told_as_they_are(desk, told):
    place = await desk.service.place((await home_of(desk, RISKS)).id)
    assert await accounts.present(desk.service, place, told) == tuple(dict.fromkeys(told))
    async with desk.service.state.begin() as tx:
        gone = {"day": desk.service.today().isoformat(), "left": True}
        await remembered.remember(tx, f"account:{LEAVER}", gone)
    assert set(await accounts.present(desk.service, place, [LEAVER])) == {OWNER, kit.HELEN}


SPEAKING = 'modes: {"*": observe, review_date: warn}\n'


def plan(title: str, number: str, adopted: date, review: date) -> bytes:
    control = Control(title, "V1", number, f"Core Team meeting {adopted:%d/%m/%Y}", "all staff")
    dated = replace(control.adopted(adopted), review_on=f"{review:%d/%m/%Y}")
    return to_docx(title, (f"About {title}.",), dated)


async def test_a_document_whose_author_left_comes_to_the_owner_and_the_quality_manager(
    tenant, folder
):
    async with flow_kit.desk(tenant, folder / "state", SPEAKING) as desk:
        today = desk.service.today()
        due = next_working_day(today + timedelta(days=100))
        data = plan("Cover Plan", "Op-41", today - timedelta(days=300), due)
        item = desk.upload("Op-41 Cover Plan V1.docx", data, who=kit.SAM)
        desk.publish(item, who=kit.SAM)
        await desk.settle()
        disable(desk, kit.SAM)
        await let_pass(desk, "controlled", next_working_day(due - timedelta(days=30)))
        late = "Op-41 Cover Plan V1.docx: its review"
        told = {who: about(mails_to(desk, who), late) for who in (kit.SAM, OWNER, kit.HELEN)}
        await let_pass(desk, "controlled", next_working_day(due + timedelta(days=1)))
        mailed = {who: about(mails_to(desk, who), "The review was due") for who in (kit.SAM, OWNER)}
        async with desk.service.state.read() as tx:
            passed_on = await notices.all_notices(tx, state=notices.PASSED_ON)
    assert told == {kit.SAM: 0, OWNER: 1, kit.HELEN: 1}
    assert mailed == {kit.SAM: 0, OWNER: 1}
    assert [one.recipient for one in passed_on] == [kit.SAM]
