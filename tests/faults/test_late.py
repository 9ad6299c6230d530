"""What comes late, and what may not be touched: judged when it is there, left to a person else."""

import pytest

from sync import parked
from tests.faults import kit


@pytest.fixture
def quirks(tenant):
    """Set switches of the tenant for one test."""
    names = []

    def put(**values):
        names.extend(values)
        tenant.local("POST", "/settings", values)

    yield put
    tenant.local("POST", "/settings", dict.fromkeys(names))


async def test_a_file_whose_content_comes_later_is_judged_by_it(desk):
    file = kit.draft()
    late = {"kind": "quirk", "name": "content_late", "value": 900}
    desk.tenant.fault(late, match={"method": "PUT"})
    item = desk.upload(file.name, file.data, file.area)
    assert item["size"] == 0
    await desk.drain(file.area)
    await desk.work_off(file.area)
    assert [row.state for row in await desk.open_rows()] == ["ready"], "it waits, unjudged"

    await kit.go_on(desk, file.area)

    end = await kit.end_of(desk, file, item)
    assert (end.versions, end.rows, end.mails.total()) == (("0.1",), 1, 1)
    assert (await desk.shadow(item)).number == file.number
    assert await kit.left_over(desk) == []


async def test_a_record_that_may_not_be_changed_is_left_to_a_person(desk, quirks):
    quirks(records_freeze_properties=True)
    file = kit.draft()
    item = desk.upload(file.name, file.data, file.area)
    desk.tenant.local("POST", "/labels", {"name": "Keep", "kind": "record"})
    label = f"/v1.0/drives/{desk.drives[file.area]}/items/{item['id']}/retentionLabel"
    with desk.tenant.http("provisioner") as manager:
        manager.patch(label, json={"name": "Keep"}).raise_for_status()
        await kit.go_on(desk, file.area)

        (row,) = await desk.open_rows()
        assert (row.state, "record" in row.reason) == ("parked", True)
        assert (await desk.shadow(item)).name == file.name, "nothing was forced"

        manager.delete(label).raise_for_status()
    await parked.replay(desk.service)
    await kit.go_on(desk, file.area)

    assert await kit.left_over(desk) == []
    assert (await kit.end_of(desk, file, item)).mails.total() == 1
