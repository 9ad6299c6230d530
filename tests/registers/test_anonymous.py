"""A matter raised in confidence: who can read it, and what the agenda and our records say of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from sharepoint_schema.order import SigOrder
from sharepoint_schema.working_days import next_working_day
from tests import flow_kit
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, fields_of, home_of, let_pass, mails_to, rows_in

INTAKE, AGENDA, SITE = "anonymous_intake", "agenda_items", "/sites/sig-breast-imaging"
CHAIR, FACILITATOR, AUTHOR, COLLEAGUE = kit.HELEN, kit.DIRECTOR, kit.SAM, kit.IG_OFFICER
AGREED = {"who": "Ann Lee", "date": "01/10/2026"}
ORDER = SigOrder.model_validate(
    {
        "name": "Breast imaging",
        "kind": "pathways",
        "chair": CHAIR,
        "facilitator": FACILITATOR,
        "network_director": AGREED,
        "clinical_director": AGREED,
        "operational_board": {"reference": "NOB 2026/10 item 7", "date": "14/10/2026"},
    }
)
TOLD = "The rota of the second scanner leaves nobody to double read"
TEXT = "Double reading where a rota has one radiographer"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module", name="tenant")
def _tenant(folder):
    with flow_kit.core(folder) as tenant:
        asyncio.run(flow_kit.open_core(tenant, folder / "state", "sig", ORDER))
        join(tenant, AUTHOR, COLLEAGUE)
        yield tenant


def join(tenant, *people):
    """Have the group's facilitator, who owns the site, add members."""
    group = "web/sitegroups/getbyname('SIG Breast imaging Members')/users"
    with tenant.http(FACILITATOR, "sharepoint") as client:
        told = client.post(f"{SITE}/_api/contextinfo", headers=JSON).json()
        headers = {**JSON, "X-RequestDigest": told["FormDigestValue"]}
        for upn in people:
            body = {"LoginName": f"i:0#.f|membership|{upn}"}
            answer = client.post(f"{SITE}/_api/{group}", headers=headers, json=body)
            answer.raise_for_status()


async def address(desk, area, item_id=""):
    home = await home_of(desk, area)
    return f"/v1.0/sites/{home.site_id}/lists/{home.id}/items/{item_id}".rstrip("/")


async def seen_by(desk, upn):
    """Return the numbers of the matters that somebody finds."""
    answer = desk.person(upn).get(await address(desk, INTAKE))
    answer.raise_for_status()
    return {row["id"] for row in answer.json()["value"]}


async def test_only_who_raised_a_matter_and_chair_and_facilitator_can_read_it(desk):
    matter = await add(desk, INTAKE, AUTHOR, Title="Our rota", IntakeMatter=TOLD)
    for upn in (AUTHOR, CHAIR, FACILITATOR):
        assert matter in await seen_by(desk, upn)
    assert await seen_by(desk, COLLEAGUE) == set()
    refused = desk.person(COLLEAGUE).get(await address(desk, INTAKE, matter))
    assert refused.status_code == 404
    denied = desk.person(COLLEAGUE).patch(
        f"{await address(desk, INTAKE, matter)}/fields", json={"IntakeText": "Mine"}
    )
    assert denied.status_code == 404


async def test_what_waits_for_its_look_says_nothing_of_who_raised_it(desk):
    fields = {"Title": "Our rota", "IntakeMatter": TOLD}
    answer = desk.person(AUTHOR).post(await address(desk, INTAKE), json={"fields": fields})
    answer.raise_for_status()
    assert await desk.drain(INTAKE)
    silent_about_the_author(records(desk), who(desk))
    await desk.settle(INTAKE)


async def test_a_patients_number_in_a_matter_is_told_to_its_readers_and_never_to_its_author(
    desk, tenant
):
    texts = ("Ann Lee, NHS number 943 476 5919, waited", "We counted 9434765919 of them")
    for text in texts:
        matter = await add(desk, INTAKE, AUTHOR, Title="Waits", IntakeMatter=text)
    assert (await fields_of(desk, INTAKE, matter))["ControlStatus"] == "Needs you"
    await let_pass(desk, INTAKE, next_working_day(desk.service.today() + timedelta(days=1)))
    for reader in (CHAIR, FACILITATOR):
        assert any("an NHS number" in one["body"] for one in mails_to(desk, reader))
    mails = tenant.local("GET", "/mailbox")["value"]
    for where in (json.dumps(mails), records(desk)):
        silent_about_the_author(where, (*who(desk), AUTHOR, "9434765919"))


async def test_nobody_puts_their_own_matter_on_the_agenda(desk):
    before = len(await rows_in(desk, AGENDA))
    chosen = {"IntakeText": TEXT, "IntakeStatus": "For the agenda"}
    await add(desk, INTAKE, AUTHOR, Title="My own", IntakeMatter=TOLD, **chosen)
    matter = await add(desk, INTAKE, AUTHOR, Title="My text", IntakeMatter=TOLD, IntakeText=TEXT)
    await edit(desk, INTAKE, matter, CHAIR, IntakeStatus="For the agenda")
    await desk.settle(AGENDA)
    assert len(await rows_in(desk, AGENDA)) == before
    fields = await fields_of(desk, INTAKE, matter)
    assert fields["ControlStatus"] == "Needs you"
    assert "does not put it on the agenda" in fields["ControlReason"]


async def test_the_chairs_text_reaches_the_agenda_and_nothing_says_who_raised_it(desk, tenant):
    matter = await add(desk, INTAKE, AUTHOR, Title="Our rota", IntakeMatter=TOLD)
    await edit(desk, INTAKE, matter, CHAIR, IntakeText=TEXT)
    await edit(desk, INTAKE, matter, CHAIR, IntakeStatus="For the agenda")
    await edit(desk, INTAKE, matter, FACILITATOR, Title="Rota")  # looked at again: entered once
    await desk.settle(AGENDA)
    (entry,) = await rows_in(desk, AGENDA)
    assert entry.columns["AgendaMatter"] == TEXT
    assert entry.columns["Title"] == "Raised in confidence"

    path = await address(desk, AGENDA, entry.item_id)
    row = desk.person(COLLEAGUE).get(f"{path}?$expand=fields").json()
    versions = desk.person(COLLEAGUE).get(f"{path}/versions?$expand=fields").json()
    assert "user" not in row["createdBy"]
    assert row["createdBy"]["application"]["id"] == kit.ENFORCER
    await let_pass(desk, INTAKE, next_working_day(desk.service.today() + timedelta(days=1)))
    assert any("raised in confidence" in one["body"] for one in mails_to(desk, CHAIR))
    mails = tenant.local("GET", "/mailbox")["value"]
    for where in (row, versions, mails):
        silent_about_the_author(json.dumps(where), who(desk))
    silent_about_the_author(records(desk), who(desk))


def who(desk):
    me = desk.person(AUTHOR).get("/v1.0/me").json()
    return (me["id"], me["displayName"], me["mail"], TOLD, "Our rota")


def silent_about_the_author(text, words):
    assert [word for word in words if word.casefold() in text.casefold()] == []


def records(desk):
    """Return all that our database says: journal, facts, rows, notices, digests, everything."""
    file = desk.service.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as database:
        return "\n".join(database.iterdump())
