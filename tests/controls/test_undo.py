"""Undo: put back by its entry, checked first, journalled, and not fought by what comes next."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import docx
import pytest

from local.demo.documents import samples
from sync import undo_access, undoing
from sync.callers import Caller, NotEntitled, Role
from sync.errors import Missing
from sync.sig_records import Invalid, OutOfTurn
from sync.state import facts
from sync.state import journal_reading as journal
from sync.state.exceptions import AccessException, put_exception
from sync.state.journal import Entry, append
from sync.undo_steps import Overtaken
from tests import tenant_kit as kit

ADMIN = Caller("oid-admin", "Helen Ward", frozenset({Role.ADMIN}))
OFFICER = Caller("oid-officer", "Ingrid Gray", frozenset({Role.IG_OFFICER}))
READER = Caller("oid-reader", "Sam Reed", frozenset({Role.READER}))
DAY = samples(date(2026, 11, 24))
PATIENT = "Patient John Smith, NHS number 943 476 5919, born 01/02/1950"


async def entries(desk, document_id, kind=None):
    async with desk.service.state.read() as tx:
        return await journal.entries(tx, journal.Query(document_id=document_id, kind=kind))


async def name_of(desk, entry):
    async with desk.service.state.read() as tx:
        return await undoing.name_of(tx, entry)


async def corrected(boards, number):
    """A draft under a wrong name, put right; returns its item, its id and the entry's name."""
    item = boards.draft(number, name=f"{number}_image sharing (final) v1.docx")
    await boards.desk.settle()
    row = await boards.desk.shadow(item)
    assert row.name == f"{number} Image Sharing Strategy V1.docx"
    [entry] = await entries(boards.desk, row.document_id, "verdict")
    return item, row.document_id, await name_of(boards.desk, entry)


def name_now(boards, item):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    return boards.desk.person().get(path).json()["name"]


async def test_what_was_put_right_is_put_back_and_not_put_right_again(boards):
    item, document_id, name = await corrected(boards, "Gov-60")

    told = await undoing.undo_entry(boards.desk.service, ADMIN, name, "The board knows it so")
    assert set(told.done) >= {"rename"}
    assert "file_name" in told.policies
    mails = len(boards.desk.tenant.local("GET", "/mailbox")["value"])
    await boards.desk.settle()

    assert name_now(boards, item) == "Gov-60_image sharing (final) v1.docx"
    row = await boards.desk.shadow(item)
    fields = boards.fields(item)
    assert row.name == "Gov-60_image sharing (final) v1.docx"
    assert fields["ControlStatus"] == "Needs you"
    assert "Undone by Helen Ward" in fields["ControlReason"]
    assert "stands until the content changes" in fields["ControlReason"]
    assert len(boards.desk.tenant.local("GET", "/mailbox")["value"]) == mails
    [undone] = await entries(boards.desk, document_id, "undone")
    assert undone.after["undoes"] == name
    assert undone.actor == "oid-admin"
    async with boards.desk.service.state.read() as tx:
        assert await journal.verify(tx, undone.site_id) is None


async def test_the_event_of_a_later_touch_does_not_fight_the_undo(boards):
    item, _, name = await corrected(boards, "Gov-61")
    await undoing.undo_entry(boards.desk.service, ADMIN, name)
    await boards.desk.settle()
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem/fields"
    boards.desk.person().patch(path, json={"TargetAudience": "everyone"}).raise_for_status()
    await boards.desk.settle()
    assert name_now(boards, item) == "Gov-61_image sharing (final) v1.docx"


async def test_new_content_is_put_right_again(boards):
    item, _, name = await corrected(boards, "Gov-62")
    await undoing.undo_entry(boards.desk.service, ADMIN, name)
    await boards.desk.settle()
    boards.draft("Gov-62", name="Gov-62_image sharing (final) v1.docx", text="Another text.")
    await boards.desk.settle()
    assert name_now(boards, item) == "Gov-62 Image Sharing Strategy V1.docx"


async def test_an_undo_taken_back_lets_the_rules_act_again(boards):
    item, document_id, name = await corrected(boards, "Gov-63")
    await undoing.undo_entry(boards.desk.service, ADMIN, name)
    await boards.desk.settle()
    [undone] = await entries(boards.desk, document_id, "undone")
    undo = await name_of(boards.desk, undone)

    told = await undoing.undo_entry(boards.desk.service, ADMIN, undo)
    assert told.again
    await boards.desk.settle()
    assert name_now(boards, item) == "Gov-63 Image Sharing Strategy V1.docx"
    with pytest.raises(OutOfTurn, match="act already"):
        await undoing.undo_entry(boards.desk.service, ADMIN, undo)
    with pytest.raises(OutOfTurn, match="undone already"):
        await undoing.undo_entry(boards.desk.service, ADMIN, name)


async def test_who_undid_something_is_told_beside_the_file_and_not_in_the_chain(boards):
    item, document_id, name = await corrected(boards, "Gov-69")
    await undoing.undo_entry(boards.desk.service, ADMIN, name)
    await boards.desk.settle()
    assert "Helen Ward" in boards.fields(item)["ControlReason"]
    boards.draft("Gov-69", name="Gov-69_image sharing (final) v1.docx", text="Another text.")
    await boards.desk.settle()
    async with boards.desk.service.state.read() as tx:
        seen = [one.facts for one in await facts.history(tx, document_id)]
    told = await entries(boards.desk, document_id)
    assert [one.kind for one in told] == ["verdict", "undone", "verdict", "verdict"]
    kept = json.dumps([seen, [[one.before, one.after, one.undo] for one in told]], default=str)
    assert "Helen Ward" not in kept


async def test_what_somebody_changed_since_is_left_alone(boards):
    item, document_id, name = await corrected(boards, "Gov-64")
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}"
    boards.desk.person(kit.SAM).patch(path, json={"name": "Gov-64 mine.docx"}).raise_for_status()
    mark = boards.desk.mark()
    with pytest.raises(Overtaken, match=r"last by .+ on \d\d/\d\d/\d{4}: its name is now"):
        await undoing.undo_entry(boards.desk.service, ADMIN, name)
    assert boards.desk.writes(mark) == {}
    assert await entries(boards.desk, document_id, "undone") == []


async def test_only_an_administrator_or_a_registrar_undoes_a_correction(boards):
    _, _, name = await corrected(boards, "Gov-65")
    with pytest.raises(NotEntitled, match="only an Admin or a Registrar may undo"):
        await undoing.undo_entry(boards.desk.service, READER, name)


async def test_an_act_is_undone_for_thirty_days(boards, monkeypatch):
    _, document_id, name = await corrected(boards, "Gov-66")
    monkeypatch.setattr(undoing, "DAYS", -1)
    with pytest.raises(OutOfTurn, match="days old"):
        await undoing.undo_entry(boards.desk.service, ADMIN, name)
    with pytest.raises(OutOfTurn, match="did nothing to it"):
        await undoing.undo_document(boards.desk.service, ADMIN, document_id)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("core", Invalid), ("core:x", Invalid), ("core:99999", Missing), ("elsewhere:1", Missing)],
)
async def test_what_is_no_entry_is_said_so(desk, name, kind):
    with pytest.raises(kind):
        await undoing.undo_entry(desk.service, ADMIN, name)


async def test_a_lock_leaves_neither_an_undo_nor_an_excuse(boards):
    item, document_id, name = await corrected(boards, "Gov-67")
    unique_id = item["eTag"].strip('"').partition(",")[0].strip("{}").lower()
    boards.desk.tenant.local("POST", "/lock", {"unique_id": unique_id, "upn": kit.SAM})
    with pytest.raises(Exception, match="423"):
        await undoing.undo_entry(boards.desk.service, ADMIN, name)
    boards.desk.tenant.local("POST", "/unlock", {"unique_id": unique_id})
    assert await entries(boards.desk, document_id, "undone") == []
    told = await undoing.undo_document(boards.desk.service, ADMIN, document_id)
    assert "rename" in told.done


async def test_a_contained_file_goes_back_to_its_place_and_its_readers(desk):
    item = desk.upload("Tender for scanners.docx", DAY["tender"].data, "working")
    await desk.settle("working")
    row = await desk.shadow(item)
    assert row.list_id == await desk.list_id("restricted")
    with pytest.raises(OutOfTurn, match="did nothing to it"):
        await undoing.undo_document(desk.service, OFFICER, "00000000-0000-0000-0000-000000000000")

    with pytest.raises(NotEntitled, match="only an Admin or an IG officer"):
        await undoing.undo_document(desk.service, READER, row.document_id)
    told = await undoing.undo_document(desk.service, OFFICER, row.document_id)
    assert "move" in told.done
    await desk.settle("working")
    await desk.settle("restricted")

    back = await desk.shadow(item)
    assert (back.list_id, back.name) == (await desk.list_id("working"), "Tender for scanners.docx")
    drive = desk.drives["working"]
    seen = desk.person(kit.SAM).get(f"/v1.0/drives/{drive}/root:/Tender for scanners.docx")
    assert seen.status_code == 200
    assert back.control_status == "Needs you"


async def test_a_quarantine_is_for_the_information_governance_officers(desk):
    item = desk.upload("clinic list.docx", page(PATIENT), "working")
    await desk.settle("working")
    row = await desk.shadow(item)
    assert row.list_id == await desk.list_id("quarantine")
    with pytest.raises(NotEntitled, match="only an IG officer may undo a quarantine"):
        await undoing.undo_document(desk.service, ADMIN, row.document_id)
    await undoing.undo_document(desk.service, OFFICER, row.document_id, "Made-up numbers")
    await desk.settle("working")
    assert (await desk.shadow(item)).list_id == await desk.list_id("working")


def page(text):
    made, file = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(file)
    return file.getvalue()


async def test_a_publication_is_undone_and_stays_so(boards):
    item = boards.draft("Gov-68")
    await boards.desk.settle()
    await boards.adopt("Gov-68")
    row = await boards.desk.shadow(item)
    assert boards.fields(item)["_UIVersionString"] == "1.0"
    [published] = await entries(boards.desk, row.document_id, "published")

    told = await undoing.undo_entry(
        boards.desk.service, ADMIN, await name_of(boards.desk, published)
    )
    assert set(told.done) >= {"unpublish", "set_columns"}
    await boards.desk.settle()
    fields = boards.fields(item)
    assert not fields["_UIVersionString"].endswith(".0")
    assert fields["DocumentStatus"] != "Current"
    assert await boards.publications(item) == []

    [undone] = await entries(boards.desk, row.document_id, "undone")
    await undoing.undo_entry(boards.desk.service, ADMIN, await name_of(boards.desk, undone))
    await boards.desk.settle()
    assert [one.label for one in await boards.publications(item)] == ["V1"]
    assert len(await entries(boards.desk, row.document_id, "published")) == 2


GONE = {"inherits": False, "item_id": "7", "links": [], "grants": [], "members": []}
AGREED = AccessException(
    list_id="x",
    item_id="1",
    library_id="l",
    file_id="7",
    person="sam@example.org",
    until=datetime(2027, 1, 1, tzinfo=UTC),
    asked_by="a",
    agreed_by="b",
    at=datetime(2026, 11, 24, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("recipe", "people", "agreed", "says"),
    [
        ({}, ["sam@example.org"], [AGREED], ""),
        ({}, ["sam@example.org"], [], "ask for an access exception first"),
        ({}, ["sam@example.org", "eve@example.org"], [AGREED], "ask for an access exception"),
        ({"item_id": "8"}, ["sam@example.org"], [AGREED], "ask for an access exception first"),
        ({"inherits": True}, [], [AGREED], "a restricted library never inherits"),
        ({"links": [{"scope": "anonymous"}]}, [], [AGREED], "links for everybody"),
    ],
)
def test_access_taken_by_a_check_is_given_back_where_an_exception_lets_it_stand(
    recipe, people, agreed, says
):
    why = undo_access.refusal(GONE | recipe, people, agreed)
    assert why.startswith(says)
    assert bool(why) is bool(says)


async def test_access_is_given_back_once_and_by_those_who_may(desk):
    library = await desk.list_id("restricted")
    site = (await desk.service.place(library)).row.site_id
    people = '["sam@example.org"]'
    entry = Entry(
        at=desk.service.now(),
        kind=undo_access.KIND,
        actor="enforcer",
        correlation_id="access:x",
        list_id=library,
        item_id="7",
        policy="restricted_access",
        undo=GONE,
        personal={"people": people},
    )
    async with desk.service.state.begin() as tx:
        made = await append(tx, site, entry)
        name = await undoing.name_of(tx, made)
        here = {one: getattr(AGREED, one) for one in AccessException.__dataclass_fields__}
        await put_exception(
            tx, AccessException(**{**here, "list_id": library, "library_id": library})
        )
    with pytest.raises(NotEntitled):
        await undoing.undo_entry(desk.service, READER, name)
    told = await undoing.undo_entry(desk.service, OFFICER, name)
    assert (told.done, told.policies) == (("access",), ("restricted_access",))
    with pytest.raises(OutOfTurn, match="undone already"):
        await undoing.undo_entry(desk.service, OFFICER, name)
