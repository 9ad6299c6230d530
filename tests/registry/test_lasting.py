"""What the registry still says of a document once its file is gone: how long it was to be kept."""

from __future__ import annotations

from datetime import date

from sync.registry.columns import LASTING
from sync.registry.rebuilding import rebuild, survey
from sync.state.registry import all_registry_rows, drop_registry_row
from tests.registers.test_reviews import plan
from tests.registry.kit import row_of, upload


async def test_type_and_adoption_outlive_the_file_and_a_lost_state(desk):
    number, adopted = "Op-91", date(2024, 2, 5)
    data = plan("Old Rota Plan", number, adopted, date(2025, 2, 5))
    item = await upload(desk, f"{number} Old Rota Plan V1.docx", data)
    before = await row_of(desk, number)
    path = f"/v1.0/drives/{desk.drives['controlled']}/items/{item['id']}"
    desk.person().delete(path).raise_for_status()
    await desk.settle()
    await desk.settle("registry")

    gone = await row_of(desk, number)
    assert gone["DateAdopted"].startswith("2024-02-05")
    assert [gone[name] for name in LASTING] == [before[name] for name in LASTING]
    assert gone.get("DocumentLink") in (None, "")
    assert gone["Title"] == number

    async with desk.service.state.begin() as tx:
        for row in await all_registry_rows(tx):
            await drop_registry_row(tx, row.document_id)
    for found in await survey(desk.service):
        assert await rebuild(desk.service, found) == []
    assert [(await row_of(desk, number))[name] for name in LASTING] == [gone[n] for n in LASTING]
