"""What a file is, who holds it and whose words it has, told from the feed to the column."""

import json
from datetime import timedelta

from local.demo.writing import Control, to_docx
from sharepoint_schema.working_days import next_working_day
from sync.state import due, facts
from sync.sweep import sweep
from tests import tenant_kit as kit
from tests.reading.kit import docx, packed

DAYS = 86_400.0
TEXT = tuple(
    f"Section {n}: the {word} of every site is shared within {n} working days with the others."
    for n, word in enumerate(("archive", "rota", "register", "protocol", "budget") * 6, 3)
)


def check(desk, item, way):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/{way}"
    desk.person().post(path, json={}).raise_for_status()


def asked(desk):
    """What was mailed to Helen about a check-out."""
    sent = desk.tenant.local("GET", "/mailbox")["value"]
    bodies = [json.dumps(one["message"]) for one in sent if one["to"] == [kit.HELEN]]
    return [body for body in bodies if "checked out by" in body]


async def said(desk, item):
    row = await desk.shadow(item)
    return " ".join(one["says"] for one in row.verdict["findings"])


async def test_a_program_called_a_document_and_one_inside_an_archive_are_told(desk):
    hidden = desk.upload("Minutes.docx", b"MZ" + bytes(400), "working")
    inside = desk.upload(
        "Papers.zip", packed({"a.txt": b"x", "b.exe": b"MZ" + bytes(99)}), "working"
    )
    await desk.settle("working")
    assert "is a program or a script, though it is called .docx" in await said(desk, hidden)
    assert "holds a program" in await said(desk, inside)


async def test_a_patients_number_inside_an_archive_is_found(desk):
    told = packed({"a.docx": docx("NHS number 999 123 4578"), "b.txt": b"more"})
    item = desk.upload("Papers.zip", told, "working")
    await desk.drain("working")
    await desk.work_off("working")
    row = await desk.shadow(item)
    assert desk.policies(row) == ["patient_identifier"]
    assert row.control_status == "Held"


async def test_a_file_that_cannot_be_read_is_told_so_where_it_was_moved_to(desk):
    item = desk.upload("Prices.docx", b"no Word file", "working")
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem/fields"
    marking = {"Sensitivity": "Official-Sensitive: Personal"}
    desk.person().patch(path, json=marking).raise_for_status()
    await desk.settle("working")
    await desk.settle("restricted")
    row = await desk.shadow(item)
    assert (row.control_status, desk.policies(row)) == ("Not checked", ["reading"])
    assert row.list_id == await desk.list_id("restricted")


async def test_whose_text_a_file_has_is_told_though_number_and_look_are_others(desk):
    control = Control("Image Sharing Plan", "V0.1", "Op-07", "", "all staff", history=())
    own = desk.upload("Op-07 Image Sharing Plan V0.1.docx", to_docx("Plan", TEXT, control))
    await desk.settle()
    same = desk.upload("Notes.docx", to_docx("Plan", TEXT, None), "working")
    other = desk.upload("Other.docx", to_docx("Other", [t[::-1] for t in TEXT], None), "working")
    await desk.settle("working")
    assert (await desk.shadow(own)).number == "Op-07"
    assert "of Op-07" in await said(desk, same)
    assert await said(desk, other) == ""


def until_a_working_day(desk, days):
    """Return how many days there are to the first working day after so many."""
    today = desk.service.today()
    return (next_working_day(today + timedelta(days=days)) - today).days


async def test_who_keeps_a_file_checked_out_is_asked_after_days_and_nobody_is_forced(desk):
    item = desk.upload("Rota.docx", docx("The rota of the winter.", control=None), "working")
    await desk.settle("working")
    check(desk, item, "checkout")
    await desk.settle("working")
    row = await desk.shadow(item)
    async with desk.service.state.read() as tx:
        assert list(await due.promises(tx, row.list_id, row.item_id)) == ["checked_out"]
        assert await facts.true_since(tx, row.document_id, facts.CHECKED_OUT)
    assert await said(desk, item) == ""
    days = until_a_working_day(desk, 3)
    desk.tenant.advance(days * DAYS + 60)
    await sweep(desk.service)
    await desk.work_off("working")
    (mail,) = asked(desk)
    assert f"for {days} days" in mail
    assert (await desk.row(item, "working")).state == "ready"  # its column waits, nothing is forced
    desk.tenant.advance(3600)
    await desk.work_off("working")
    assert asked(desk) == [mail]
    check(desk, item, "checkin")
    await desk.settle("working")
    assert await said(desk, item) == ""
    async with desk.service.state.read() as tx:
        assert await due.promises(tx, row.list_id, row.item_id) == {}
        assert await facts.true_since(tx, row.document_id, facts.CHECKED_OUT) is None
