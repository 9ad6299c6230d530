"""Review dates of a published document: set by staff, shown everywhere, put off with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from sharepoint_schema.standard import load_standard
from sync.model import Item
from sync.policies.rows import reviewed_anew
from sync.state import digests
from tests import tenant_kit as kit
from tests.registers import kit as registers

POLICY = "review_date"
STANDARD = load_standard()


async def published(boards, number: str):
    item = boards.draft(number)
    await boards.desk.settle()
    await boards.adopt(number)
    assert boards.fields(item)["DocumentStatus"] == "Current", boards.fields(item)
    return item


async def set_date(boards, item, day) -> None:
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem/fields"
    told = {"ReviewDate": f"{day.isoformat()}T12:00:00Z"}
    boards.desk.person(kit.HELEN).patch(path, json=told).raise_for_status()
    await boards.desk.settle()


def shown_in(boards, view: str, number: str, title: str = "Controlled documents") -> bool:
    """Whether a view of a list shows the document, as SharePoint itself runs it."""
    plain = {"Accept": "application/json"}
    lists = f"/sites/core/_api/web/lists/getbytitle('{title}')"
    with boards.desk.tenant.http(kit.DIRECTOR, "sharepoint") as client:
        query = client.get(f"{lists}/views/getbytitle('{view}')?$select=ViewQuery", headers=plain)
        query.raise_for_status()
        xml = f"<View><Query>{query.json()['ViewQuery']}</Query></View>"
        body = {"parameters": {"ViewXml": xml}}
        rows = client.post(f"{lists}/RenderListDataAsStream", json=body, headers=plain)
        rows.raise_for_status()
    return any(one["DocumentNumber"] == number for one in rows.json()["Row"])


async def reminded(boards, number: str) -> set[str]:
    """Return who has a line about this document's review waiting for the morning."""
    async with boards.desk.service.state.read() as tx:
        lines = await digests.waiting(tx)
    return {one.recipient for one in lines if number in one.says and "its review" in one.says}


def mailed(boards, number: str) -> list[str]:
    """Return to whom a mail went that tells of this document's late review."""
    sent = boards.desk.tenant.local("GET", "/mailbox")["value"]
    told = [one["message"] for one in sent if "review was due" in one["message"]["body"]["content"]]
    return [
        to["emailAddress"]["address"]
        for one in told
        if number in one["body"]["content"]
        for to in one["toRecipients"]
    ]


def findings(row) -> list[str]:
    return [one["says"] for one in row.verdict["findings"] if one["policy"] == POLICY]


async def test_a_date_that_staff_change_shows_on_document_registry_views_and_in_reminders(boards):
    number, today = "Gov-77", boards.desk.service.today()
    item = await published(boards, number)
    for days, status in ((-1, "Overdue"), (0, "Under review"), (200, "Current")):
        await set_date(boards, item, today + timedelta(days=days))
        assert boards.fields(item)["DocumentStatus"] == status
        entry = await registry_row(boards, number)
        assert (entry["DocumentStatus"], entry["ReviewDate"][:10]) == (
            status,
            (today + timedelta(days=days)).isoformat(),
        )
        for view in ("Current", "Under review", "Overdue"):
            assert shown_in(boards, view, number) == (view == status), (view, status)
        overdue = shown_in(boards, "Under review or overdue", number, "Document registry")
        assert overdue == (status != "Current")
        assert await reminded(boards, number) == ({kit.HELEN} if days == 0 else set())
        if days == -1:  # the document's own mail tells it
            assert mailed(boards, number) == [kit.HELEN]
            assert findings(await boards.record(item))
    assert not findings(await boards.record(item))


async def registry_row(boards, number: str):
    home = await registers.home_of(boards.desk, "registry")
    path = f"/v1.0/sites/{home.site_id}/lists/{home.id}/items?$expand=fields"
    answer = boards.desk.person(kit.HELEN).get(path)
    answer.raise_for_status()
    rows = (one["fields"] for one in answer.json()["value"])
    return next(one for one in rows if one.get("DocumentNumber") == number)


async def test_a_review_is_put_off_only_with_a_reason_on_record(boards):
    number, later = "Gov-78", "2028-02-01"
    item = await published(boards, number)
    await set_date(boards, item, boards.desk.service.today().replace(year=2028, month=2, day=1))
    assert findings(await boards.record(item)) == ["The review was put off to 01/02/2028."]
    entry = {
        "Title": "Put off",
        "ReviewNumber": number,
        "ReviewedOn": boards.desk.service.today().isoformat(),
        "ReviewOutcome": "Put off",
        "ReviewNewDate": later,
    }
    row = await registers.add(boards.desk, "reviews", **entry)
    await boards.desk.settle()
    assert findings(await boards.record(item)) == ["The review was put off to 01/02/2028."]
    reason = "The national guidance it rests on is being rewritten"
    await registers.edit(boards.desk, "reviews", row, ReviewReason=reason)
    await boards.desk.settle()
    assert findings(await boards.record(item)) == []


TODAY = date(2026, 11, 24)


def document(**more) -> Item:
    told = {"DocumentNumber": "Gov-04", "VersionLabel": "V2", "DateAdopted": "2026-11-19",
            "DocumentStatus": "Current"}  # fmt: skip
    return Item(site="", list_id="r", item_id="1", document_id="d", fields=told | more)


def review(**more) -> Item:
    told = {"ReviewNumber": "Gov-04", "ReviewedOn": "2026-09-01", "ReviewOutcome": "To be amended",
            "ReviewEffect": "Sites follow it; the form is too long."}  # fmt: skip
    return Item(site="", list_id="v", item_id="1", document_id="e", fields=told | more)


@pytest.mark.parametrize(
    ("entry", "rows", "missing"),
    [
        (document(), [], True),
        (document(), [review()], False),
        (document(), [review(ReviewedOn="2026-11-23")], False),
        (document(), [review(ReviewedOn="2025-11-18")], True),
        (document(), [review(ReviewEffect="")], True),
        (document(), [review(ReviewOutcome="Put off")], True),
        (document(), [review(ReviewNumber="Gov-05")], True),
        (document(VersionLabel="V1"), [], False),
        (document(VersionLabel="V1.2"), [], False),
        (document(VersionLabel="V3", DocumentStatus="Overdue"), [], True),
        (document(DocumentStatus="Draft"), [], False),
        (document(DateAdopted=""), [], False),
    ],
)
def test_a_document_published_anew_has_a_review_that_says_how_it_worked(entry, rows, missing):
    context = SimpleNamespace(others={"registry": [entry]}, standard=STANDARD, today=TODAY)
    found = list(reviewed_anew.check_all(rows, context))
    assert bool(found) == missing
