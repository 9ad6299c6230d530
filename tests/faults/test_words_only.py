"""A write answered as done that was not (sp-dev-docs#10429): seen at once, or by an audit."""

from dataclasses import replace

import pytest

from sync import audit
from sync.state import lists
from tests.faults import kit, table

HOLLOW = {"kind": "hollow"}
SEEN_AT_ONCE = ("rename", "containment", "circle", "move")
"""What is read back, or comes back in the feed as it was."""
SEEN_BY_AN_AUDIT = ("column write", "tags")
"""What nothing tells of: the file is as it was, and no more is heard of it."""


async def hollow(desk, operation):
    told = table.OPERATIONS[operation]
    file = told.file()
    item = desk.upload(file.name, file.data, file.area)
    desk.tenant.fault(HOLLOW, match=told.match)
    await kit.go_on(desk, file.area)
    (account,) = desk.tenant.local("GET", "/faults")["value"]
    assert account["used"] == 1
    return file, item


async def policed(desk, area, *, so):
    """Let an audit meet one list; the kit's are not policed, having no webhook."""
    async with desk.service.state.begin() as tx:
        row = await lists.get_list(tx, await desk.list_id(area))
        await lists.register_list(tx, replace(row, policed=so))


async def undisturbed(desk, make):
    file = make()
    item = desk.upload(file.name, file.data, file.area)
    await kit.go_on(desk, file.area)
    return await kit.end_of(desk, file, item)


@pytest.mark.thorough
@pytest.mark.parametrize("operation", SEEN_AT_ONCE)
async def test_what_was_done_in_words_only_is_done(desk, operation):
    right = await undisturbed(desk, table.OPERATIONS[operation].file)

    file, item = await hollow(desk, operation)

    assert await kit.end_of(desk, file, item) == right
    assert await kit.left_over(desk) == []


@pytest.mark.thorough
@pytest.mark.parametrize("operation", SEEN_BY_AN_AUDIT)
async def test_columns_that_were_written_in_words_only_are_found_by_an_audit(desk, operation):
    right = await undisturbed(desk, table.OPERATIONS[operation].file)
    file, item = await hollow(desk, operation)
    await policed(desk, file.area, so=True)
    await audit.begin(desk.service, anew=True)
    await policed(desk, file.area, so=False)

    await kit.go_on(desk, file.area)

    end = await kit.end_of(desk, file, item)
    assert (end.columns, end.versions) == (right.columns, right.versions)
    assert right.mails <= end.mails, "by now its owner may have been reminded"
    assert await kit.left_over(desk) == []
