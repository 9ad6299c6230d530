"""What happens at the seams: staff edit while Verger writes, files come back, rows are removed."""

import io
import json
import logging
import re
from datetime import date

import docx
import pytest

from local.demo.documents import samples
from sync import acting, changes, enforcement, registry
from sync.state import lists, writes
from sync.state.journal_reading import Query, entries, verify
from sync.state.registry import get_registry_row
from sync.tenant import documents, rows
from tests import tenant_kit as kit

DAY = samples(date(2026, 11, 24))
TOR_03 = DAY["tor_03_wrong_name"]
PATIENT = "Patient John Smith, NHS number 943 476 5919, born 01/02/1950"


def page(text):
    made, file = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(file)
    return file.getvalue()


def upload(desk, sample):
    item = desk.upload(sample.name, sample.data, sample.area)
    if sample.publish:
        desk.publish(item)
    return item


def replace_content(desk, item, data, who=kit.HELEN):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/content"
    desk.person(who).put(path, content=data).raise_for_status()


def delete(desk, item):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    desk.person().delete(path).raise_for_status()


def mailbox(desk):
    return desk.tenant.local("GET", "/mailbox")["value"]


async def file_now(desk, row):
    async with desk.service.state.read() as tx:
        place = await lists.get_list(tx, row.list_id)
    return await documents.file_facts(desk.service.tenant, place, row.item_id)


async def journal_of(desk, document_id):
    async with desk.service.state.read() as tx:
        return await entries(tx, Query(document_id=document_id))


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen once, just before or after a call to the tenant."""

    def arrange(name, act, *, after=True):
        whole = getattr(documents, name)

        async def call(*given, **named):
            monkeypatch.setattr(documents, name, whole)
            if not after:
                act()
            answer = await whole(*given, **named)
            if after:
                act()
            return answer

        monkeypatch.setattr(documents, name, call)

    return arrange


@pytest.mark.parametrize("after", [True, False], ids=["after the write", "before the write"])
async def test_an_edit_beside_our_write_is_judged_in_its_turn(desk, meanwhile, after):
    item = desk.upload("notes.docx", page("hello"), "working")
    save = lambda: replace_content(desk, item, page(PATIENT), kit.SAM)  # noqa: E731 - one act
    meanwhile("set_columns", save, after=after)

    await desk.settle("working")

    row = await desk.shadow(item)
    assert (row.control_status, desk.policies(row)) == ("Held", ["patient_identifier"])
    assert row.list_id == await desk.list_id("quarantine")


async def test_who_saved_last_stays_the_author_of_what_we_write_beside(desk, meanwhile):
    item = desk.upload("notes.docx", page("hello"), "working")
    save = lambda: replace_content(desk, item, page("hello again"), kit.SAM)  # noqa: E731 - one act
    meanwhile("content", save, after=False)

    await desk.settle("working")

    file = await file_now(desk, await desk.shadow(item))
    assert file.modified_by.mail == kit.SAM


@pytest.mark.parametrize(("old", "looks"), [(False, 0), (True, 1)], ids=["just now", "earlier"])
async def test_a_download_of_just_now_is_proof_enough_of_what_the_file_is(
    desk, monkeypatch, old, looks
):
    if old:
        monkeypatch.setattr(acting, "JUST_NOW", -1.0)
    asked, whole = [], documents.file_facts

    async def counted(*given):
        asked.append(given)
        return await whole(*given)

    monkeypatch.setattr(documents, "file_facts", counted)
    item = desk.upload("notes.docx", page("hello"), "working")

    await desk.settle("working")

    assert (await desk.shadow(item)).control_status == "In order"
    assert len(asked) == looks


async def test_an_edit_between_containment_and_move_is_judged_before_the_move(desk, meanwhile):
    sample = DAY["tender"]
    item = desk.upload(sample.name, sample.data, "working")
    worse = docx.Document(io.BytesIO(sample.data))
    worse.add_paragraph(PATIENT)
    file = io.BytesIO()
    worse.save(file)
    meanwhile("set_columns", lambda: replace_content(desk, item, file.getvalue()))

    await desk.settle("working")
    desk.tenant.advance(600)
    await desk.settle("working")

    row = await desk.shadow(item)
    assert row.list_id == await desk.list_id("quarantine")
    assert "patient_identifier" in desk.policies(row)


async def test_a_document_uploaded_again_after_its_deletion_gets_its_number_back(desk):
    first = upload(desk, DAY["correctly_named"])
    await desk.settle()
    delete(desk, first)
    await desk.settle()

    again = upload(desk, DAY["correctly_named"])
    await desk.settle()

    row = await desk.shadow(again)
    assert (row.control_status, row.number, desk.policies(row)) == ("In order", "Op-01", [])


async def test_an_enumeration_cut_short_still_finds_what_is_gone(desk, monkeypatch):
    kept = [desk.upload(f"notes {n}.docx", page(f"{n}"), "working") for n in range(3)]
    await desk.settle("working")
    delete(desk, kept[0])
    desk.tenant.local("POST", "/expire", {"list": await desk.list_id("working")})
    feed, put, calls = documents.changes, changes._put, []  # noqa: SLF001 - the stop that dies

    async def dying(*given):
        calls.append(given)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return await put(*given)

    monkeypatch.setattr(documents, "changes", lambda t, w, c=None: feed(t, w, c, 1))
    monkeypatch.setattr(changes, "_put", dying)
    with pytest.raises(RuntimeError):
        await desk.drain("working")
    await desk.settle("working")

    assert (await desk.shadow(kept[0])).deleted_at is not None
    assert (await desk.shadow(kept[1])).deleted_at is None


async def test_a_restored_file_is_alive_again(desk):
    item = desk.upload("notes.docx", page("hello"), "working")
    await desk.settle("working")
    row = await desk.shadow(item)
    async with desk.service.state.begin() as tx:
        await writes.mark_deleted(tx, row.list_id, row.item_id, desk.service.now())
    desk.tenant.local("POST", "/expire", {"list": row.list_id})

    await desk.settle("working")

    assert (await desk.shadow(item)).deleted_at is None


async def registry_row(desk, row):
    async with desk.service.state.read() as tx:
        kept = await get_registry_row(tx, row.document_id)
        home = await lists.get_list(tx, kept.list_id)
    return home, kept


async def test_a_registry_row_that_staff_removed_is_made_anew(desk):
    item = upload(desk, DAY["correctly_named"])
    await desk.settle()
    home, kept = await registry_row(desk, await desk.shadow(item))
    await rows.remove(desk.service.tenant, home, kept.list_item_id)
    replace_content(desk, item, DAY["correctly_named"].data)
    path = f"/v1.0/drives/{desk.drives['controlled']}/list/items/1/fields"
    desk.person().patch(path, json={"TargetAudience": "somebody else"}).raise_for_status()

    await desk.settle()

    assert await rows.find(desk.service.tenant, home, "DocumentNumber", "Op-01") is not None
    assert await desk.open_rows() == []


async def test_the_registry_says_so_when_a_document_is_deleted(desk):
    item = upload(desk, DAY["correctly_named"])
    await desk.settle()
    home, kept = await registry_row(desk, await desk.shadow(item))
    delete(desk, item)
    await desk.settle()

    fields = await documents.fields(desk.service.tenant, home, kept.list_item_id)
    assert (fields["ControlStatus"], fields["Title"]) == ("Needs you", "Op-01")
    assert "no longer in the library" in fields["ControlReason"]
    assert home.area == registry.AREA


async def test_a_verdict_that_comes_back_is_told_again(desk):
    item = desk.upload("notes.docx", page("quantity 9434765919 units"), "working")
    for data in (None, page("fine"), page("quantity 9434765919 units"), page("fine")):
        if data is not None:
            replace_content(desk, item, data)
        await desk.settle("working")

    assert len(mailbox(desk)) == 2


async def test_a_corrected_file_says_so_until_its_content_changes(desk):
    item = upload(desk, TOR_03)
    await desk.settle()
    assert (await desk.shadow(item)).control_status == "Corrected"
    edited = docx.Document(io.BytesIO(TOR_03.data))
    edited.add_paragraph("One more sentence.")
    file = io.BytesIO()
    edited.save(file)
    replace_content(desk, item, file.getvalue())

    await desk.settle()

    assert (await desk.shadow(item)).control_status != "Corrected"


async def test_a_slow_worker_that_lost_its_row_records_nothing(desk, monkeypatch):
    item = upload(desk, TOR_03)
    await desk.drain()
    follow, slept = registry.follow, []

    async def slow(*given):
        if not slept:
            slept.append(True)
            desk.tenant.advance(enforcement.LEASE_SECONDS + 1)
            nudge = enforcement.Nudge(await desk.list_id("controlled"), "2026-11-24T09:00:00+00:00")
            await enforcement.work_off(desk.service, nudge)
        return await follow(*given)

    monkeypatch.setattr(registry, "follow", slow)
    await desk.work_off()

    told = await journal_of(desk, (await desk.shadow(item)).document_id)
    assert len([one for one in told if one.kind == "verdict"]) == 1
    assert len(mailbox(desk)) == 1


async def test_nothing_that_is_kept_or_sent_names_a_file_taken_aside(desk, caplog):
    caplog.set_level(logging.INFO)
    name = "Smith John 943 476 5919 referral final.docx"
    item = desk.upload(name, DAY["with_nhs_number"].data)
    unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
    desk.tenant.local("POST", "/lock", {"unique_id": unique_id, "upn": kit.HELEN})
    await desk.drain()
    await desk.work_off()
    reasons = [row.reason for row in await desk.open_rows()]
    desk.tenant.local("POST", "/unlock", {"unique_id": unique_id})
    desk.tenant.advance(3600)
    await desk.settle()

    row = await desk.shadow(item)
    told = await journal_of(desk, row.document_id)
    kept = json.dumps([[one.before, one.after, one.undo] for one in told])
    mail = json.dumps([one["message"] for one in mailbox(desk)])
    logged = " ".join(one.getMessage() for one in caplog.records if one.name[:6] == "verger")
    assert "423" in logged
    for text in (kept, mail, json.dumps(row.verdict), " ".join(reasons), logged):
        assert not re.search(r"943\D?476", text)
        assert "Smith" not in text
    assert [one.kind for one in told] == ["contained", "verdict"]
    async with desk.service.state.read() as tx:
        site = (await lists.get_list(tx, row.list_id)).site_id
        assert await verify(tx, site) is None


async def test_each_role_reads_its_own_letter_about_a_patients_file(desk):
    desk.upload("Referral.docx", DAY["with_nhs_number"].data, "working")
    await desk.settle("working")

    letters = {one["to"][0]: one["message"] for one in mailbox(desk)}
    officer, author = letters[kit.IG_OFFICER], letters[kit.HELEN]
    assert officer["subject"] == "A file is waiting for you in quarantine"
    assert "/Quarantine/" in officer["body"]["content"]
    assert "Only the information governance officers can open it now" in author["body"]["content"]
    assert "/Quarantine/" not in author["body"]["content"]


async def test_the_name_of_a_closed_file_is_not_told_to_who_claims_its_number(desk):
    desk.upload("Gov-77 Secret plan V0.1.docx", DAY["with_nhs_number"].data)
    await desk.settle()
    other = desk.upload("Gov-77 Other V0.1.docx", page("Something else."))
    await desk.settle()

    row = await desk.shadow(other)
    assert "Secret plan" not in json.dumps(row.verdict)
    assert "Secret plan" not in json.dumps([one["message"] for one in mailbox(desk)[-1:]])
