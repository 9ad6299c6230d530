"""Out of quarantine: redacted and judged again, or a false alarm that is kept in mind."""

import re
from dataclasses import replace

import pytest

from sync import quarantine
from sync.callers import Caller, NotEntitled, Role
from sync.sig_records import Invalid, OutOfTurn
from sync.state import items
from sync.state.journal_reading import verify
from sync.tenant import access, documents
from tests import tenant_kit as kit
from tests.quarantine.kit import PATIENT, Ward, page

IRIS = Caller("iris", "Iris Grant", frozenset({Role.IG_OFFICER}))


@pytest.fixture
def ward(desk):
    return Ward(desk)


async def now_at(ward, row):
    async with ward.desk.service.state.read() as tx:
        return await items.item_of(tx, row.document_id)


async def test_a_false_alarm_goes_back_where_it_was_and_stays(ward):
    row = await ward.take("alarm.docx")
    assert not ward.can_open(await ward.file(row), kit.HELEN)

    await ward.decide(row, "False positive", "It is a telephone number in Wales")

    back = await now_at(ward, row)
    assert back.list_id == await ward.desk.list_id("working")
    assert back.control_status == "In order"
    file = await ward.file(back)
    assert file.name == "alarm.docx"
    assert ward.can_open(file, kit.HELEN)
    assert ward.can_open(file, kit.SAM)
    root = f"/v1.0/drives/{file.drive_id}/root/children"
    lying = [one["name"] for one in ward.desk.person().get(root).json()["value"]]
    assert "alarm.docx.url" not in lying, "the link that stood for it goes"
    assert "Judged a false alarm by Iris Grant, IG officer" in file.fields["ControlReason"]
    released = next(one for one in await ward.journal(row) if one.kind == "released")
    assert (released.after["how"], released.after["source"]) == ("false positive", "list")
    assert await verify_chain(ward)


async def verify_chain(ward):
    async with ward.desk.service.state.read() as tx:
        return await verify(tx, (await ward.place("quarantine")).site_id) is None


async def test_the_uploader_is_told_that_the_file_is_back(ward):
    row = await ward.take("told.docx")
    before = len(ward.letters(kit.HELEN))
    await ward.decide(row, "False positive", "no patient")
    (letter,) = ward.letters(kit.HELEN)[before:]
    assert letter["message"]["subject"] == "Your file is back where you put it"


async def test_other_content_is_judged_anew_after_a_false_alarm(ward):
    row = await ward.take("again.docx")
    await ward.decide(row, "False positive", "no patient")
    back = await now_at(ward, row)
    file = await ward.file(back)
    path = f"/v1.0/drives/{file.drive_id}/items/{file.drive_item_id}/content"
    body = page(f"{PATIENT} and once more")
    ward.desk.person(kit.HELEN).put(path, content=body).raise_for_status()
    await ward.follow()
    assert (await now_at(ward, row)).list_id == await ward.desk.list_id("quarantine")


async def test_what_is_said_redacted_stays_until_it_is(ward):
    row = await ward.take("redacted.docx")
    await ward.decide(row, "Redacted", "took it out")
    here = await now_at(ward, row)
    assert here.list_id == row.list_id
    told = await ward.answer(here)
    assert (
        "it is not redacted: The file's content holds an NHS number (in its text, line 1)" in told
    )
    assert not re.search(r"943\D?476", told)

    await ward.rewrite(row, "The patient was seen twice.")
    await ward.follow()

    back = await now_at(ward, row)
    assert back.list_id == await ward.desk.list_id("working")
    assert back.control_status == "In order"


async def test_a_file_goes_back_with_the_versions_it_had(ward):
    row = await ward.take("versions.docx")
    await ward.rewrite(row, "The patient was seen twice.")
    tenant = ward.desk.service.tenant
    had = await documents.versions(tenant, await ward.place("quarantine"), row.item_id)
    await ward.decide(row, "Redacted", "took it out")
    back = await now_at(ward, row)
    kept = await documents.versions(tenant, await ward.place("working"), back.item_id)
    assert len(kept) == len(had) + 1  # the officer's own, by which she decided


async def test_only_an_ig_officer_releases_beside_the_file(ward):
    row = await ward.take("director.docx")
    where = await ward.place("quarantine")
    await let_in(ward, where, kit.SAM)
    await ward.decide(row, "False positive", "let me", who=kit.SAM)
    here = await now_at(ward, row)
    assert here.list_id == row.list_id
    assert "only an IG officer may release a file" in await ward.answer(here)


async def let_in(ward, where, who):
    """Make somebody a member of the quarantine's group who has no role with Verger."""

    def add(context):
        group = context.web.site_groups.get_by_name("WMIN Core Team IG officers")
        group.users.add_user(f"i:0#.f|membership|{who}")
        context.execute_query()

    tenant = ward.desk.service.tenant
    await tenant.sharepoint.call(where.site_url, add, doing="let somebody in")


async def test_a_decision_without_a_reason_is_asked_for_one(ward):
    row = await ward.take("silent.docx")
    await ward.decide(row, "False positive", "")
    assert "Reason for the decision says why" in await ward.answer(row)


async def test_a_taken_name_keeps_the_file_in_quarantine(ward):
    row = await ward.take("taken.docx")
    ward.desk.upload("taken.docx", b"another file of that name", "working")
    await ward.decide(row, "False positive", "no patient")
    here = await now_at(ward, row)
    assert here.list_id == row.list_id
    assert "another file has its name" in await ward.answer(here)


async def test_an_order_by_the_api_is_carried_out_by_the_same_way(ward):
    row = await ward.take("api.docx")
    wanted = quarantine.order_of(IRIS, "false-positive", "seen, no patient")
    assert await quarantine.order(ward.desk.service, row.document_id, wanted) == row.list_id
    (held,) = [
        one
        for one in await quarantine.held(ward.desk.service)
        if one.document_id == row.document_id
    ]
    assert held.ordered == "false positive"
    await ward.follow()
    assert (await now_at(ward, row)).list_id == await ward.desk.list_id("working")
    assert not [
        one
        for one in await quarantine.held(ward.desk.service)
        if one.document_id == row.document_id
    ]


async def test_an_order_that_may_not_be_is_refused_at_once(ward):
    row = await ward.take("refused.docx")
    wanted = quarantine.order_of(IRIS, "redacted", "done")
    with pytest.raises(OutOfTurn, match="not redacted"):
        await quarantine.order(ward.desk.service, row.document_id, wanted)


@pytest.mark.parametrize(
    ("caller", "how", "reason", "error"),
    [
        (replace(IRIS, roles=frozenset({Role.ADMIN})), "redacted", "why", NotEntitled),
        (replace(IRIS, person=False), "redacted", "why", NotEntitled),
        (IRIS, "deleted", "why", Invalid),
        (IRIS, "redacted", "  ", Invalid),
    ],
)
def test_an_order_needs_an_officer_in_person_a_way_and_a_reason(caller, how, reason, error):
    with pytest.raises(error):
        quarantine.order_of(caller, how, reason)


async def test_a_worker_that_died_after_the_move_is_finished_by_the_next(ward, monkeypatch):
    row = await ward.take("died.docx")
    whole = quarantine.open_again

    async def die(*_given):
        raise MemoryError

    monkeypatch.setattr(quarantine, "open_again", die)
    with pytest.raises(BaseExceptionGroup):
        await ward.decide(row, "False positive", "no patient")
    monkeypatch.setattr(quarantine, "open_again", whole)
    ward.desk.tenant.local("POST", "/clock", {"advance": 600})
    await ward.follow()

    back = await now_at(ward, row)
    assert back.list_id == await ward.desk.list_id("working")
    assert back.control_status == "In order"
    assert ward.can_open(await ward.file(back), kit.SAM)
    assert [one.kind for one in await ward.journal(row)].count("released") == 1


async def test_a_file_an_officer_removes_is_noted_as_gone(ward):
    row = await ward.take("removed.docx")
    file = await ward.file(row)
    path = f"/v1.0/drives/{file.drive_id}/items/{file.drive_item_id}"
    ward.desk.person(kit.IG_OFFICER).delete(path).raise_for_status()
    await ward.follow()
    assert (await ward.journal(row))[-1].kind == "gone"
    assert (await now_at(ward, row)).deleted_at is not None


async def in_folder(ward, folder, name):
    """Have a file quarantined out of a folder; returns its shadow row."""
    item = ward.desk.upload(f"{folder}/{name}", page(PATIENT), "working")
    await ward.desk.settle("working")
    return await ward.desk.shadow(item)


async def test_a_file_goes_back_into_its_folder(ward):
    row = await in_folder(ward, "Scans", "folder.docx")
    await ward.decide(row, "False positive", "no patient")
    back = await now_at(ward, row)
    assert (back.list_id, back.folder) == (await ward.desk.list_id("working"), "Scans")
    assert (await ward.file(back)).folder == "Scans"


async def test_a_folder_that_is_gone_keeps_the_file_where_it_is(ward):
    row = await in_folder(ward, "Old scans", "lost.docx")
    ward.desk.person(kit.HELEN).delete(
        f"/v1.0/drives/{ward.desk.drives['working']}/root:/Old scans"
    ).raise_for_status()
    await ward.decide(row, "False positive", "no patient")
    assert (await now_at(ward, row)).list_id == row.list_id
    assert "the folder it came from is gone" in await ward.answer(row)


async def test_an_audience_of_its_own_is_given_back(ward):
    item = ward.desk.upload("own.docx", page("clean"), "working")
    await ward.desk.settle("working")
    where, row = await ward.place("working"), await ward.desk.shadow(item)

    def close(context):
        one = context.web.lists.get_by_id(where.id).get_item_by_id(int(row.item_id))
        one.break_role_inheritance(copy_role_assignments=False, clear_sub_scopes=True)
        helen = context.web.ensure_user(kit.HELEN)
        context.execute_query()
        one.role_assignments.add_role_assignment(helen.properties["Id"], access.CONTRIBUTE)
        context.execute_query()

    tenant = ward.desk.service.tenant
    await tenant.sharepoint.call(where.site_url, close, doing="give it an audience of its own")
    file = await ward.file(row)
    path = f"/v1.0/drives/{file.drive_id}/items/{file.drive_item_id}/content"
    ward.desk.person(kit.HELEN).put(path, content=page(PATIENT)).raise_for_status()
    await ward.desk.settle("working")

    await ward.decide(await now_at(ward, row), "False positive", "no patient")

    back = await ward.file(await now_at(ward, row))
    assert ward.can_open(back, kit.HELEN)
    assert not ward.can_open(back, kit.SAM)


async def test_a_file_that_somebody_edits_goes_back_when_it_is_free(ward):
    row = await ward.take("edited.docx")
    lock = {"unique_id": row.unique_id, "upn": kit.IG_OFFICER, "seconds": 60}
    wanted = quarantine.order_of(IRIS, "false positive", "no patient")
    await quarantine.order(ward.desk.service, row.document_id, wanted)
    ward.desk.tenant.local("POST", "/lock", lock)
    assert await ward.desk.work_off("quarantine")
    assert (await now_at(ward, row)).list_id == row.list_id
    ward.desk.tenant.local("POST", "/clock", {"advance": 3600})
    await ward.follow()
    assert (await now_at(ward, row)).list_id == await ward.desk.list_id("working")
