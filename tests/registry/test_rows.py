"""A document's row follows the document; what staff change of it is put back, but a review date."""

import pytest

from sync.tenant import documents
from tests import tenant_kit as kit
from tests.registry.kit import (
    add_row,
    document,
    edit_row,
    fields_of,
    mails_to,
    register,
    row_of,
    rows_path,
    upload,
)


async def columns(desk, item):
    row = await desk.shadow(item)
    place = await desk.service.place(row.list_id)
    return await documents.fields(desk.service.tenant, place.row, row.item_id)


async def test_a_registrars_review_date_goes_to_the_document_once(desk):
    item = await upload(desk, "Gov-20 Reviewed V0.1.docx", document("Reviewed", "Gov-20"))
    row = await row_of(desk, "Gov-20")
    versions = await versions_of(desk, item)

    await edit_row(desk, row["id"], kit.HELEN, ReviewDate="2027-03-01T00:00:00Z")
    await desk.work_off()
    await desk.settle()
    await desk.settle("registry")

    assert (await columns(desk, item))["ReviewDate"].startswith("2027-03-01")
    assert (await row_of(desk, "Gov-20"))["ReviewDate"].startswith("2027-03-01")
    assert await versions_of(desk, item) == versions
    mark = desk.mark()
    await desk.settle()
    await desk.settle("registry")
    assert desk.writes(mark) == {}


async def versions_of(desk, item):
    row = await desk.shadow(item)
    place = await desk.service.place(row.list_id)
    found = await documents.versions(desk.service.tenant, place.row, row.item_id)
    return [one.label for one in found]


async def test_a_review_date_of_anyone_else_is_put_back_and_told(desk):
    item = await upload(desk, "Gov-21 Guarded V0.1.docx", document("Guarded", "Gov-21"))
    row = await row_of(desk, "Gov-21")
    await edit_row(desk, row["id"], kit.SAM, ReviewDate="2029-01-01T00:00:00Z")
    after = await row_of(desk, "Gov-21")
    assert after.get("ReviewDate") is None
    assert "Only a registrar may set a review date" in after["RegistryNote"]
    assert "ReviewDate" not in await columns(desk, item)
    assert any("You changed Gov-21" in one for one in mails_to(desk, kit.SAM))


@pytest.mark.parametrize(
    ("number", "column", "text"),
    [("Gov-22", "Title", "Another title"), ("Gov-23", "ControlStatus", "In order"),
     ("Gov-24", "DocumentStatus", "Current"), ("Gov-25", "DocumentNumber", "Gov-99")],
)  # fmt: skip
async def test_what_follows_the_document_is_put_back_whoever_changes_it(desk, number, column, text):
    await upload(desk, f"{number} Kept V0.1.docx", document(f"Kept {number}", number))
    before = await row_of(desk, number)
    await edit_row(desk, before["id"], kit.HELEN, **{column: text})
    after = await fields_of(desk, before["id"])
    assert after.get(column) == before.get(column)
    assert "changed back" in after["RegistryNote"]


async def test_a_removed_row_is_made_anew_without_a_change_of_the_document(desk):
    await upload(desk, "Gov-26 Removed V0.1.docx", document("Removed", "Gov-26"))
    row = await row_of(desk, "Gov-26")
    desk.person(kit.HELEN).delete(f"{await rows_path(desk)}/{row['id']}").raise_for_status()
    await desk.settle("registry")
    again = await row_of(desk, "Gov-26")
    assert again["id"] != row["id"]
    assert again["DocumentKey"] == row["DocumentKey"]
    assert "had been removed" in again["RegistryNote"]


async def test_a_removed_reservation_keeps_its_number_and_its_last_day(desk):
    row_id = await add_row(desk, Title="Kept all the same", NumberSeries="Op")
    number = (await fields_of(desk, row_id))["DocumentNumber"]
    desk.person(kit.HELEN).delete(f"{await rows_path(desk)}/{row_id}").raise_for_status()
    await desk.settle("registry")
    again = await row_of(desk, number)
    assert again["NumberStatus"].startswith("Reserved until")
    assert again["Title"] == "Kept all the same"


async def test_a_row_staff_add_for_a_document_becomes_its_row(desk):
    item = await upload(desk, "Gov-27 Merged V0.1.docx", document("Merged", "Gov-27"))
    row = await row_of(desk, "Gov-27")
    await edit_row_away(desk, row["id"])
    added = await add_row(desk, kit.SAM, Title="my own words", DocumentNumber="Gov-27")
    merged = await row_of(desk, "Gov-27")
    assert merged["id"] == added
    assert merged["DocumentKey"] == (await desk.shadow(item)).document_id
    assert merged["Title"] == "Merged"


async def edit_row_away(desk, item_id):
    """Remove a row without the registry hearing of it first."""
    desk.person(kit.HELEN).delete(f"{await rows_path(desk)}/{item_id}").raise_for_status()


async def test_verger_leaves_its_own_rows_alone(desk):
    await upload(desk, "Gov-28 Quiet V0.1.docx", document("Quiet", "Gov-28"))
    mark = desk.mark()
    home = await register(desk)
    for _ in range(2):
        desk.tenant.local("POST", "/expire", {"list": home.id})
        await desk.settle("registry")
    assert desk.writes(mark) == {}
    assert await desk.open_rows() == []
