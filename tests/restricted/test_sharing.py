"""Sharing out of open libraries: found by the rolling check, judged by the rule, undone or told."""

import pytest

from sync import sharing
from sync.state import checks
from tests.tenant_kit import GUEST, HELEN, SAM


async def looked(staff):
    """One check of the library, and its rows worked off."""
    assert await staff.check("working")
    await staff.desk.work_off("working")


async def test_a_link_for_anyone_is_revoked_and_the_file_says_why(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.link(item, "anonymous", who=HELEN)

    await looked(staff)

    assert staff.links_of(item) == []
    row = await staff.desk.shadow(item)
    assert staff.desk.policies(row) == ["external_sharing"]
    assert row.control_status == "Corrected"


async def test_a_guest_is_shut_out_and_a_colleague_stays(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.invite(item, GUEST, who=HELEN)
    staff.link(item, "users", SAM, who=HELEN)
    assert staff.opens(item, GUEST)

    await looked(staff)

    assert not staff.opens(item, GUEST)
    assert staff.opens(item, SAM)
    assert staff.links_of(item) == ["users"]


async def test_what_was_put_right_is_left_alone_and_forgotten(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.link(item, "organization", who=HELEN)
    await looked(staff)

    mark = staff.desk.mark()
    await looked(staff)
    await looked(staff)

    assert {name for name in staff.desk.writes(mark) if "batch" not in name} == set()
    number = staff.number(item)
    async with staff.desk.service.state.read() as tx:
        assert not await checks.is_shared(tx, staff.lists["working"], number)


async def test_what_is_shared_anew_after_it_was_put_right_is_found_anew(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    for _ in range(2):
        staff.link(item, "organization", who=HELEN)
        await looked(staff)
        assert staff.links_of(item) == []


async def test_the_journal_knows_what_was_shared_and_it_can_be_given_back(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.link(item, "organization", who=HELEN)
    staff.invite(item, GUEST, who=HELEN)
    await looked(staff)

    row = await staff.desk.shadow(item)
    entry = [one for one in await staff.entries("verdict") if one.document_id == row.document_id][
        -1
    ]
    step = next(one for one in entry.undo if one["do"] == "share_again")
    assert GUEST not in str(entry)
    place = await staff.desk.service.place(staff.lists["working"])
    await sharing.share_again(staff.desk.service, place, row.item_id, step)

    assert staff.links_of(item) == ["organization"]
    assert staff.opens(item, GUEST)


async def test_a_warning_stands_until_its_day_and_goes_when_staff_put_it_right(warned):
    item = warned.put("working", HELEN)
    await warned.desk.settle("working")
    link = warned.link(item, "anonymous", who=HELEN)
    await looked(warned)
    assert warned.links_of(item) == ["anonymous"]
    row = await warned.desk.shadow(item)
    assert row.control_status == "Needs you"

    warned.unlink(item, link["id"])
    await looked(warned)

    assert (await warned.desk.shadow(item)).control_status == "In order"


async def test_a_folder_shared_with_all_is_closed_where_the_rule_is_enforced(staff):
    folder = staff.folder("working")
    staff.link(folder, "organization")

    await looked(staff)

    assert staff.links_of(folder) == []


@pytest.mark.parametrize("crowd", ["Everyone", "Everyone except external users", "IG officers"])
async def test_a_crowd_that_is_let_in_is_taken_out_and_can_be_given_back(staff, crowd):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.admit(item, "working", staff.login_of(crowd))
    assert crowd in staff.holders(item, "working")

    await looked(staff)

    assert crowd not in staff.holders(item, "working")
    row = await staff.desk.shadow(item)
    assert row.control_status == "Corrected"
    assert staff.desk.policies(row) == ["external_sharing"]
    found = await staff.entries("verdict")
    entry = next(one for one in reversed(found) if one.document_id == row.document_id)
    step = next(one for one in entry.undo if one["do"] == "share_again")
    place = await staff.desk.service.place(staff.lists["working"])
    await sharing.share_again(staff.desk.service, place, row.item_id, step)
    assert crowd in staff.holders(item, "working")


async def test_everyone_is_taken_out_of_a_folder_too(staff):
    folder = staff.folder("working")
    staff.admit(folder, "working", staff.login_of("Everyone"))
    assert staff.opens(folder, GUEST)

    await looked(staff)

    assert "Everyone" not in staff.holders(folder, "working")
    assert not staff.opens(folder, GUEST)


async def test_a_group_that_the_library_itself_is_open_to_stays_on_its_files(staff):
    library = f"lists(guid'{staff.lists['controlled']}')"
    staff.rest(f"{library}/BreakRoleInheritance(copyRoleAssignments=true,clearSubscopes=false)")
    staff.grant(library, staff.login_of("IG officers"))
    await staff.desk.settle("controlled")
    item = staff.put("controlled", HELEN)
    await staff.desk.settle("controlled")
    staff.invite(item, GUEST, who=HELEN)

    assert await staff.check("controlled")
    await staff.desk.work_off("controlled")

    assert "IG officers" in staff.holders(item, "controlled")
    assert not staff.opens(item, GUEST)
    staff.rest(f"{library}/ResetRoleInheritance")


async def test_a_link_for_a_group_is_taken_away_though_the_group_has_a_mailbox(staff):
    item = staff.put("working", HELEN)
    await staff.desk.settle("working")
    staff.link(item, "users", staff.login_of("Core team"), who=HELEN)

    await looked(staff)

    assert staff.links_of(item) == []
    told = [one["says"] for one in (await staff.desk.shadow(item)).verdict["findings"]]
    assert "The file is shared with a whole group, not with people by name." in told
