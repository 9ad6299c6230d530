"""Staff get a number by uploading without one, or by a row of the registry; none is given twice."""

import pytest

from sync.state import numbers
from sync.sweep import sweep
from tests import tenant_kit as kit
from tests.registry.kit import (
    add_row,
    document,
    edit_row,
    fields_of,
    mails_to,
    row_of,
    rows_path,
    upload,
)


async def test_a_document_without_a_number_gets_the_next_and_its_author_is_told(desk):
    item = await upload(desk, "Scanning at night.docx", document("Scanning at Night"))
    row = await desk.shadow(item)
    assert row.number is not None
    assert row.name == f"{row.number} Scanning at Night V0.1.docx"
    assert row.number.startswith("Gov-")
    assert "document_number" in desk.policies(row)
    assert any(
        f"Write {row.number} into the control block" in one for one in mails_to(desk, kit.HELEN)
    )
    assert (await row_of(desk, row.number))["NumberStatus"] == "Issued"


@pytest.mark.parametrize(
    ("title", "series"),
    [
        ("Physics Group Terms of Reference", "ToR"),
        ("Register of Phantoms", "Op"),
        ("Procedure for Phantoms", "Gov"),
    ],
)
async def test_the_type_of_a_document_decides_its_series(desk, title, series):
    item = await upload(desk, f"{title}.docx", document(title))
    assert ((await desk.shadow(item)).number or "").startswith(f"{series}-")


async def test_a_number_we_cannot_read_is_asked_about_and_none_is_given(desk):
    item = await upload(desk, "Odd.docx", document("Odd Number", "Gov 4a"))
    row = await desk.shadow(item)
    assert row.number is None
    told = {(one["policy"], one["says"]) for one in row.verdict["findings"]}
    assert not any(policy == "document_number" for policy, _ in told)
    asked = "In the control block Document Number is not understood (Gov 4a)."
    assert ("control_block", asked) in told


async def test_a_row_with_a_title_reserves_a_number_and_the_upload_binds_it(desk):
    row_id = await add_row(desk, Title="Phantoms in use", DocumentType="Register")
    kept = await fields_of(desk, row_id)
    number = kept["DocumentNumber"]
    assert number.startswith("Op-")
    assert kept["NumberStatus"].startswith("Reserved until ")
    assert any(f"The number {number} is kept" in one for one in mails_to(desk, kit.SAM))

    item = await upload(
        desk, f"{number} Phantoms in Use V0.1.docx", document("Phantoms in Use", number)
    )

    row = await row_of(desk, number)
    assert (row["id"], row["NumberStatus"]) == (row_id, "Issued")
    assert row["DocumentKey"] == (await desk.shadow(item)).document_id


async def test_the_series_chosen_in_the_row_goes_before_the_types(desk):
    row_id = await add_row(desk, Title="A log", DocumentType="Register", NumberSeries="Gov")
    assert (await fields_of(desk, row_id))["DocumentNumber"].startswith("Gov-")


async def test_a_far_number_waits_until_a_registrar_lets_it_in(desk):
    item = await upload(desk, "Gov-940 Mistyped V0.1.docx", document("Mistyped", "Gov-940"))
    held = await desk.shadow(item)
    assert (held.control_status, held.number) == ("Held", None)
    async with desk.service.state.read() as tx:
        assert (await numbers.series_highest(tx))["Gov"] < 940

    refused = await add_row(desk, kit.SAM, Title="Mistyped", DocumentNumber="Gov-940")
    assert (
        "Only a registrar may choose a number" in (await fields_of(desk, refused))["RegistryNote"]
    )
    desk.person(kit.SAM).delete(f"{await rows_path(desk)}/{refused}").raise_for_status()
    await desk.settle("registry")

    await add_row(desk, kit.HELEN, Title="Not mistyped after all", DocumentNumber="Gov-940")
    await desk.work_off()
    await desk.settle()
    assert (await desk.shadow(item)).number == "Gov-940"


async def test_a_reservation_lapses_stays_listed_and_is_not_given_again(desk):
    row_id = await add_row(desk, Title="Never written", NumberSeries="ToR")
    number = (await fields_of(desk, row_id))["DocumentNumber"]
    promised = desk.service.standard.numbering.reserved_days * 86400 + 60
    desk.tenant.advance(promised)
    await sweep(desk.service)
    await desk.work_off("registry")
    assert (await fields_of(desk, row_id))["NumberStatus"] == "Lapsed"

    item = await upload(desk, f"{number} Late V0.1.docx", document("Late", number))
    assert ((await desk.shadow(item)).control_status, (await desk.shadow(item)).number) == (
        "Held",
        None,
    )
    other = await add_row(desk, Title="Another", NumberSeries="ToR")
    assert (await fields_of(desk, other))["DocumentNumber"] != number

    await edit_row(desk, row_id, kit.HELEN, NumberStatus="Reserved")
    await desk.work_off()
    assert (await desk.shadow(item)).number == number


async def test_only_a_registrar_withdraws_a_number(desk):
    row_id = await add_row(desk, Title="Given up", NumberSeries="ToR")
    number = (await fields_of(desk, row_id))["DocumentNumber"]
    await edit_row(desk, row_id, kit.SAM, NumberStatus="Void")
    assert (await fields_of(desk, row_id))["NumberStatus"].startswith("Reserved until")
    await edit_row(desk, row_id, kit.HELEN, NumberStatus="Void")
    assert (await fields_of(desk, row_id))["NumberStatus"] == "Void"
    item = await upload(desk, f"{number} Given Up V0.1.docx", document("Given Up", number))
    assert (await desk.shadow(item)).control_status == "Held"


async def test_a_row_without_a_title_is_asked_for_one_then_gets_its_number(desk):
    row_id = await add_row(desk, NumberSeries="Gov")
    assert "Give the row a title" in (await fields_of(desk, row_id))["RegistryNote"]
    await edit_row(desk, row_id, Title="Now it has one")
    assert (await fields_of(desk, row_id))["DocumentNumber"].startswith("Gov-")
