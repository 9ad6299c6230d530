"""One call of a file's way goes wrong: the file ends as any other, and everything happened once."""

import pytest

from tests.faults import kit, table

BREATH = 3_600.0
"""Seconds between two cells: a rule that corrects 50 files in a day would only watch (breakers)."""


@pytest.fixture(scope="module", name="undisturbed")
def _undisturbed():
    """How files of each kind end to which nothing happened; filled by the first that asks."""
    return {}


async def ended(desk, file):
    """Upload a file, see it through, and return how it ended."""
    item = desk.upload(file.name, file.data, file.area)
    await kit.go_on(desk, file.area)
    return await kit.end_of(desk, file, item)


async def survives(desk, undisturbed, operation, fault):
    told = table.OPERATIONS[operation]
    if told.file not in undisturbed:
        undisturbed[told.file] = await ended(desk, told.file())
        assert await kit.left_over(desk) == []
    desk.tenant.advance(BREATH)
    trouble = table.trouble(fault)
    fault_id = desk.tenant.fault(trouble.effect, match=told.match, count=trouble.count)

    end = await ended(desk, told.file())

    (account,) = desk.tenant.local("GET", "/faults")["value"]
    assert account["id"] == fault_id
    assert 0 < account["used"] <= trouble.count, "the fault struck"
    assert end == undisturbed[told.file]
    assert await kit.left_over(desk) == []
    mark = desk.mark()
    for area in ("controlled", "working", "restricted"):
        await kit.go_on(desk, area)
    assert desk.writes(mark) == {}, "nothing is left to put right"


@pytest.mark.parametrize(("operation", "fault"), table.QUICK)
async def test_a_fault_on_the_way_changes_nothing_in_the_end(desk, undisturbed, operation, fault):
    await survives(desk, undisturbed, operation, fault)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("operation", "fault"), [one for one in table.cells() if one not in table.QUICK]
)
async def test_every_fault_on_every_call_changes_nothing_in_the_end(
    desk, undisturbed, operation, fault
):
    await survives(desk, undisturbed, operation, fault)
