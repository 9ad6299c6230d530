"""A document stays itself through everything staff do to its file, and takes no other's place."""

import pytest

from local.demo.writing import Control, to_docx
from sync.registry.rebuilding import survey as survey_of
from sync.state import items, numbers
from sync.state.journal_reading import Query, entries
from sync.state.registry import get_registry_row
from tests import tenant_kit as kit

WIPES = {"kind": "quirk", "name": "office_wipes_columns"}


def plan(
    number="Op-07", label="V0.1", text="The programme of the year.", title="Image Sharing Plan"
):
    control = Control(title, label, number, "", "all staff", history=())
    return f"{number} {title} {label}.docx", to_docx(title, (text,), control)


def put(desk, item, data):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/content"
    desk.person().put(path, content=data).raise_for_status()


def act(desk, item, way, body=None, method="POST"):
    path = f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}{way}"
    answer = desk.person().request(method, path, json=body)
    answer.raise_for_status()
    return answer


def set_columns(desk, item, **values):
    act(desk, item, "/listItem/fields", values, "PATCH")


async def columns(desk, item):
    return (
        desk.person()
        .get(
            f"/v1.0/drives/{item['parentReference']['driveId']}/items/{item['id']}/listItem"
            "?$expand=fields"
        )
        .json()["fields"]
    )


async def arrived(desk, text="The programme of the year.", **named):
    name, data = plan(text=text, **named)
    item = desk.upload(name, data)
    await desk.settle()
    return item


def said(row):
    return " ".join(one["says"] for one in row.verdict["findings"])


async def number_of(desk, row):
    async with desk.service.state.read() as tx:
        return [str(one.number) for one in await numbers.numbers_of(tx, row.document_id)]


async def test_a_new_version_that_names_another_number_is_held_and_never_counted(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    async with desk.service.state.read() as tx:
        registered = await get_registry_row(tx, before.document_id)

    put(desk, item, plan("Op-09", "V0.4", "Another thing.", "Another Plan")[1])
    await desk.settle()

    after = await desk.shadow(item)
    assert after.control_status == "Held"
    assert "This document is Op-07, but its control block now says Op-09." in said(after)
    assert (after.document_id, after.number) == (before.document_id, "Op-07")
    assert (after.name, after.content_id) == (before.name, before.content_id)
    async with desk.service.state.read() as tx:
        now = await get_registry_row(tx, before.document_id)
        assert await numbers.get_number(tx, numbers.Number("Op", 9)) is None
    kept = ("Title", "DocumentNumber", "VersionLabel")
    assert [now.columns.get(name) for name in kept] == [registered.columns.get(one) for one in kept]

    put(desk, item, plan(label="V0.2", text="The programme, gone on.")[1])
    await desk.settle()

    right = await desk.shadow(item)
    assert right.control_status != "Held"
    assert (right.number, right.label) == ("Op-07", "V0.2")
    assert right.content_id not in {None, before.content_id}


async def test_the_document_whose_content_was_put_over_another_stays_no_copy(desk):
    item, other = await arrived(desk), await arrived(desk, "Other.", number="Op-09")
    data = plan("Op-09", text="Other.")[1]

    put(desk, item, data)
    await desk.settle()
    put(desk, other, data)
    await desk.settle()

    assert (await desk.shadow(item)).control_status == "Held"
    assert "copy" not in said(await desk.shadow(other))


async def test_a_new_version_with_another_documents_content_is_held_without_any_block(desk):
    item = desk.upload("Op-07 Image Sharing Plan V0.1.docx", to_docx("Plan", ("One.",)))
    desk.upload("Op-09 Other Plan V0.1.docx", to_docx("Plan", ("Two.",)))
    await desk.settle()

    put(desk, item, to_docx("Plan", ("Two.",)))
    await desk.settle()

    row = await desk.shadow(item)
    assert row.control_status == "Held"
    assert "its new version holds the content of Op-09" in said(row)


def words(stem):
    return " ".join(f"{stem}{at}" for at in range(400))


async def test_a_text_nearly_anothers_over_a_document_is_held_and_corrects_nothing(desk):
    item = await arrived(desk, words("own"), number="Op-21", title="Image Plan")
    await arrived(desk, words("other"), number="Op-22", title="Phantom Plan")
    before = await desk.shadow(item)

    text = words("other") + " and a few words more."
    put(desk, item, plan("Op-21", "V0.2", text, "Phantom Plan")[1])
    await desk.settle()

    held = await desk.shadow(item)
    assert held.control_status == "Held"
    assert "the text of Op-22" in said(held)
    assert (held.name, held.content_id) == (before.name, before.content_id)
    assert "the column said" not in said(held)
    async with desk.service.state.read() as tx:
        row = await get_registry_row(tx, before.document_id)
    assert row.columns["Title"] == "Image Plan"
    (survey,) = await survey_of(desk.service)
    assert survey.changes() == []

    put(desk, item, plan("Op-21", "V0.2", words("own") + " gone on.", "Image Plan")[1])
    await desk.settle()
    assert (await desk.shadow(item)).control_status != "Held"


@pytest.mark.parametrize(
    ("text", "status"),
    [(words("strange"), "Held"), (words("own") + " and a few words more.", "Needs you")],
    ids=["another text", "the same document"],
)
async def test_a_version_that_lost_its_block_is_held_only_with_another_text(desk, text, status):
    """The other text is no registered document's: nothing but its place says whose it is."""
    number = "Op-31" if status == "Held" else "Op-32"
    item = await arrived(desk, words("own" + number), number=number, title="Image Plan")
    bare = to_docx("Image Plan", (text.replace("own", "own" + number),))
    put(desk, item, bare)
    await desk.settle()
    row = await desk.shadow(item)
    assert row.control_status == status
    assert ("its text is mostly another one" in said(row)) == (status == "Held")

    set_columns(desk, item, TargetAudience="all of them")
    await desk.settle()
    assert (await desk.shadow(item)).control_status == status, "a second look says the same"

    put(desk, item, plan(number, "V0.2", words("strange"), "Image Plan")[1])
    await desk.settle()
    assert (await desk.shadow(item)).control_status != "Held", "its own block carries it on"


async def test_a_rename_and_a_move_inside_the_library_keep_the_document(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    folder = (
        desk.person()
        .post(
            f"/v1.0/drives/{desk.drives['controlled']}/root/children",
            json={"name": "Plans", "folder": {}},
        )
        .json()
    )

    act(desk, item, "", {"name": "Op-07 Image Sharing Plan V0.1 new.docx"}, "PATCH")
    act(desk, item, "", {"parentReference": {"id": folder["id"]}}, "PATCH")
    await desk.settle()

    after = await desk.shadow(item)
    assert (after.document_id, after.number) == (before.document_id, "Op-07")
    assert (after.folder, after.name) == ("Plans", before.name)


async def test_a_move_to_another_library_keeps_the_document(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    ends = [
        f"/sites/core/{one}/{before.name}" for one in ("ControlledDocuments", "WorkingDocuments")
    ]

    desk.tenant.http(kit.HELEN, "sharepoint").post(
        "/sites/core/_api/SP.MoveCopyUtil.MoveFileByPath(overwrite=@a1)?@a1=false",
        json={
            "srcPath": {"DecodedUrl": f"https://{kit.HOST}{ends[0]}"},
            "destPath": {"DecodedUrl": f"https://{kit.HOST}{ends[1]}"},
        },
        headers={"Accept": "application/json"},
    ).raise_for_status()
    await desk.settle("working")
    await desk.settle()

    async with desk.service.state.read() as tx:
        there = await items.item_of(tx, before.document_id)
    assert there.list_id == await desk.list_id("working")
    assert there.deleted_at is None
    assert await number_of(desk, there) == ["Op-07"]


async def test_a_copy_is_a_document_of_its_own_and_gets_no_number(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    place = {"driveId": desk.drives["working"], "id": "root"}

    act(desk, item, "/copy", {"parentReference": place, "name": "My copy.docx"})
    await desk.settle("working")

    async with desk.service.state.read() as tx:
        found = await items.items_of(tx, await desk.list_id("working"))
    (copy,) = [row for row in found if row.name == "My copy.docx"]
    assert copy.document_id != before.document_id
    assert copy.number is None
    assert desk.policies(copy) == ["uncontrolled_copy"]


async def test_a_deleted_file_that_is_restored_is_the_same_document(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    act(desk, item, "", method="DELETE")
    await desk.settle()
    assert (await desk.shadow(item)).deleted_at is not None

    act(desk, item, "/restore", {})
    await desk.settle()

    after = await desk.shadow(item)
    assert (after.document_id, after.deleted_at) == (before.document_id, None)
    assert await number_of(desk, after) == ["Op-07"]


async def test_an_older_version_brought_back_is_told_as_a_label_going_back(desk):
    item = await arrived(desk)
    before = await desk.shadow(item)
    put(desk, item, plan(label="V0.2", text="The programme, gone on.")[1])
    await desk.settle()

    act(desk, item, "/versions/0.1/restoreVersion")
    await desk.settle()

    after = await desk.shadow(item)
    assert (after.document_id, after.content_id) == (before.document_id, before.content_id)
    assert "The document says V0.1; it was V0.2 before." in said(after)


@pytest.mark.parametrize("label", ["V1", "V0.3"])
async def test_a_published_label_is_not_used_again_by_a_file_made_anew(desk, label):
    item = await arrived(desk, label="V1")
    desk.publish(item)
    await desk.settle()
    name = (await desk.shadow(item)).name
    act(desk, item, "", method="DELETE")
    await desk.settle()

    again = desk.upload(name, plan(label=label, text="Written anew.")[1])
    await desk.settle()

    row = await desk.shadow(again)
    assert row.number == "Op-07"
    assert f"The document says {label}" in said(row)
    assert "published before" in said(row)


async def test_columns_that_an_office_upload_wiped_are_put_back_without_a_version(desk):
    item = await arrived(desk)
    set_columns(desk, item, Sensitivity="Official", TargetAudience="all staff")
    await desk.settle()

    desk.tenant.fault(WIPES, match={"method": "PUT"})
    put(desk, item, plan(label="V0.2", text="The programme, gone on.")[1])
    assert "Sensitivity" not in await columns(desk, item)
    versions = act(desk, item, "/versions", method="GET").json()["value"]
    await desk.settle()

    now = await columns(desk, item)
    assert (now["Sensitivity"], now["TargetAudience"]) == ("Official", "all staff")
    after = act(desk, item, "/versions", method="GET").json()["value"]
    assert [one["id"] for one in after] == [one["id"] for one in versions]


async def test_a_column_that_staff_empty_themselves_stays_empty(desk):
    item = await arrived(desk)
    set_columns(desk, item, Sensitivity="Official")
    await desk.settle()

    set_columns(desk, item, Sensitivity=None)
    await desk.settle()

    assert "Sensitivity" not in await columns(desk, item)


async def test_a_published_document_deleted_before_its_time_is_told_to_the_quality_manager(desk):
    item = await arrived(desk, label="V1")
    desk.publish(item)
    await desk.settle()
    row = await desk.shadow(item)
    act(desk, item, "", method="DELETE")
    await desk.settle()

    mail = desk.tenant.local("GET", "/mailbox")["value"]
    told = [one for one in mail if "A controlled document was deleted" in str(one)]
    assert len(told) == 1
    assert kit.HELEN in str(told[0])
    async with desk.service.state.read() as tx:
        kinds = await entries(tx, Query(document_id=row.document_id))
    assert any(one.kind == "gone" and "Op-07 was deleted" in str(one.after) for one in kinds)


async def test_a_deleted_draft_is_nobodys_loss(desk):
    item = await arrived(desk)
    act(desk, item, "", method="DELETE")
    await desk.settle()

    mail = desk.tenant.local("GET", "/mailbox")["value"]
    assert not any("was deleted" in str(one) for one in mail)


async def test_a_reference_counts_once_its_document_is_there_and_dies_with_it(desk):
    citing = await arrived(desk, "See [Op-08].")
    assert "Op-08 (never issued)" in said(await desk.shadow(citing))

    cited = await arrived(desk, number="Op-08", title="Other Plan")
    put(desk, citing, plan(label="V0.2", text="See [Op-08] now.")[1])
    await desk.settle()
    assert "Op-08" not in said(await desk.shadow(citing))

    act(desk, cited, "", method="DELETE")
    await desk.settle()
    put(desk, citing, plan(label="V0.3", text="See [Op-08] still.")[1])
    await desk.settle()
    assert "Op-08 (no longer there)" in said(await desk.shadow(citing))
