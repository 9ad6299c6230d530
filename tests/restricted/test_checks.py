"""Who can open restricted files is put right within one check, and can be told afterwards."""

import pytest

from cli import status
from local.demo.writing import to_docx
from sync.errors import BlockedByRecord, Unavailable
from sync.hints import SECURITY, Hint
from sync.restricted import mending, rounds
from sync.state import checks
from sync.tenant import grant_writes, grants
from tests.tenant_kit import DIRECTOR, GUEST, HELEN, IG_OFFICER, SAM


@pytest.mark.parametrize("scope", ["anonymous", "organization"])
async def test_a_link_on_a_restricted_file_is_gone_after_one_check(staff, scope):
    item = staff.put()
    staff.link(item, scope)
    assert staff.links_of(item) == [scope]

    assert await staff.check()

    assert staff.links_of(item) == []
    assert staff.opens(item, DIRECTOR)


async def test_a_colleague_who_was_let_in_is_refused_after_one_check(staff):
    item = staff.put()
    staff.invite(item, SAM)
    assert staff.opens(item, SAM)

    await staff.check()

    assert not staff.opens(item, SAM)
    assert staff.opens(item, DIRECTOR)


async def test_a_folder_that_was_shared_is_closed_again(staff):
    folder = staff.folder("restricted")
    staff.link(folder, "organization")
    staff.invite(folder, SAM)

    await staff.check()

    assert staff.links_of(folder) == []
    assert not staff.opens(folder, SAM)


async def test_a_guest_and_a_colleague_lose_a_link_made_for_them(staff):
    item = staff.put()
    staff.link(item, "users", SAM, GUEST)
    assert staff.opens(item, GUEST)

    await staff.check()

    assert not staff.opens(item, GUEST)
    assert not staff.opens(item, SAM)


async def test_quarantine_is_left_to_the_ig_officers(staff):
    item = staff.put("quarantine", IG_OFFICER)
    staff.invite(item, SAM, who=IG_OFFICER)

    await staff.check("quarantine")

    assert not staff.opens(item, SAM)
    assert staff.opens(item, IG_OFFICER)


async def test_a_library_that_took_over_the_sites_access_is_closed_again(staff):
    item = staff.put()
    staff.rest(f"lists(guid'{staff.lists['restricted']}')/ResetRoleInheritance")
    assert staff.opens(item, SAM)

    await staff.check()

    assert not staff.opens(item, SAM)
    assert staff.opens(item, DIRECTOR)
    assert staff.levels("restricted") == {
        "WMIN Core Team Owners": ["Full Control"],
        "WMIN Core Team Restricted readers": ["Contribute"],
    }


async def test_a_file_kept_apart_stays_so_when_its_library_is_closed_again(staff):
    item = staff.put()
    unique = staff.unique_item(item)
    staff.rest(f"{unique}/BreakRoleInheritance(copyRoleAssignments=false,clearSubscopes=true)")
    staff.rest(f"lists(guid'{staff.lists['restricted']}')/ResetRoleInheritance")

    await staff.check()

    assert staff.rest(f"{unique}?$select=HasUniqueRoleAssignments", method="GET") == {
        "HasUniqueRoleAssignments": True
    }


async def test_a_group_let_into_the_library_or_raised_there_is_put_back(staff):
    there = f"lists(guid'{staff.lists['restricted']}')/RoleAssignments/AddRoleAssignment"
    full, read = 1073741829, 1073741826
    members, readers = staff.group("Members"), staff.group("Restricted readers")
    staff.rest(f"{there}(principalid={members},roledefid={read})")
    staff.rest(f"{there}(principalid={readers},roledefid={full})")

    await staff.check()

    assert staff.levels("restricted") == {
        "WMIN Core Team Owners": ["Full Control"],
        "WMIN Core Team Restricted readers": ["Contribute"],
    }


@pytest.mark.parametrize(
    ("group", "who"), [("Restricted readers", GUEST), ("IG officers", SAM)], ids=["guest", "closed"]
)
async def test_who_widens_a_group_that_must_not_grow_is_taken_out(staff, group, who):
    staff.join(group, who)

    await staff.check("restricted" if group != "IG officers" else "quarantine")

    assert who not in staff.members(group)


async def test_a_colleague_new_in_a_group_stays_and_is_told_once(staff):
    await staff.check()
    before = len(await staff.mails("More people can open restricted files"))
    staff.join("Restricted readers", HELEN)

    await staff.check()
    await staff.check()

    assert HELEN in staff.members("Restricted readers")
    told = (await staff.mails("More people can open restricted files"))[before:]
    assert sorted(one.recipient for one in told) == [IG_OFFICER, DIRECTOR]
    staff.leave("Restricted readers", HELEN)
    await staff.check()


async def test_owner_and_ig_officers_are_told_without_the_files_name(staff):
    item = staff.put()
    staff.link(item, "anonymous")
    before = len(await staff.mails("Access to restricted files was put right"))

    await staff.check()

    told = (await staff.mails("Access to restricted files was put right"))[before:]
    assert sorted(one.recipient for one in told) == [IG_OFFICER, DIRECTOR]
    for one in told:
        assert item["name"] not in one.body["text"] + one.body["html"]
        assert "for anyone, without signing in" in one.body["text"]


async def test_the_journal_names_nobody_and_knows_the_way_back(staff):
    item = staff.put()
    staff.invite(item, SAM)
    await staff.check()

    entry = (await staff.entries("access corrected"))[-1]
    assert SAM not in str(entry)
    assert item["name"] not in str(entry)
    assert await staff.personal(entry) == {"people": f'["{SAM}"]'}
    place = await staff.desk.service.place(staff.lists["restricted"])
    await mending.give_back(staff.desk.service, place, entry.undo)
    assert staff.opens(item, SAM)
    await staff.check()
    assert not staff.opens(item, SAM)


async def test_a_check_that_finds_nothing_writes_nothing(staff):
    await staff.check()
    mark, before = staff.desk.mark(), len(await staff.entries("access corrected"))

    assert await staff.check()

    assert {name for name in staff.desk.writes(mark) if "batch" not in name} == set()
    assert len(await staff.entries("access corrected")) == before
    assert (await staff.state_of()).found == 0


async def test_a_tender_that_was_contained_and_moved_needs_nothing_more(staff):
    await staff.check()
    before = len(await staff.entries("access corrected"))
    words = ["The tender evaluation and the pricing schedule are below.", "Unit price: 4.20"]
    item = staff.desk.upload("Scores.docx", to_docx("Scores", words), "working")
    await staff.desk.settle("working")
    moved = await staff.desk.shadow(item)
    assert moved.list_id == staff.lists["restricted"]

    await staff.check()

    assert len(await staff.entries("access corrected")) == before


async def test_observing_writes_it_down_once_and_touches_nothing(watched):
    item = watched.put()
    watched.link(item, "organization")
    before = len(await watched.entries("access seen"))
    mails = len(await watched.mails("Access to restricted files was put right"))

    await watched.check()
    await watched.check()

    assert watched.links_of(item) == ["organization"]
    assert len(await watched.entries("access seen")) == before + 1
    assert len(await watched.mails("Access to restricted files was put right")) == mails
    assert (await watched.state_of()).found >= 1


async def test_a_worker_that_dies_after_taking_it_away_still_leaves_a_journal_entry(
    staff, monkeypatch
):
    await staff.check()
    item = staff.put()
    staff.invite(item, SAM)
    before = len(await staff.entries("access corrected"))

    async def dies(*_):
        raise Unavailable("the machine stopped")

    with monkeypatch.context() as patch:
        patch.setattr(mending, "_record", dies)
        with pytest.raises(Unavailable):
            await staff.check()
    assert not staff.opens(item, SAM)
    await staff.check()

    entries = await staff.entries("access corrected")
    assert len(entries) == before + 1
    assert entries[-1].undo["grants"]


async def test_one_file_that_can_not_be_closed_never_ends_the_round(staff, monkeypatch, caplog):
    await staff.check()
    first, second = staff.put(), staff.put()
    staff.invite(first, SAM)
    staff.link(second, "anonymous")
    before = len(await staff.entries("access corrected"))

    async def refuses(*_):
        raise BlockedByRecord("a label forbids it")

    with monkeypatch.context() as patch:
        patch.setattr(grant_writes, "take", refuses)
        assert await staff.check()

    assert staff.links_of(second) == []
    assert "a label forbids it" in caplog.text
    assert "is still open to more than agreed" in caplog.text
    assert len(await staff.entries("access corrected")) == before + 1


async def test_the_budget_stops_a_round_and_it_goes_on_when_there_is_more(staff, monkeypatch):
    items = [staff.put("quarantine", IG_OFFICER) for _ in range(2)]
    staff.invite(items[1], SAM, who=IG_OFFICER)
    monkeypatch.setattr(grants, "PAGE", 1)
    spent = await rounds._spent(staff.desk.service)  # noqa: SLF001 - what a check asks itself
    staff.allow(spent + 1)

    assert not await staff.check("quarantine")
    stopped = await staff.state_of("quarantine")
    assert stopped.under_way
    assert stopped.cursor
    assert await rounds.go_round(staff.desk.service) == []

    staff.allow(1_000_000)
    assert await staff.check("quarantine")
    assert (await staff.state_of("quarantine")).began_at == stopped.began_at
    assert not staff.opens(items[1], SAM)


async def test_the_rounds_take_what_was_asked_for_first_and_leave_what_was_just_checked(staff):
    service = staff.desk.service
    await rounds.go_round(service)
    assert await rounds.go_round(service) == []
    async with service.state.begin() as tx:
        await checks.ask(tx, staff.lists["working"], service.now())

    assert await rounds.go_round(service) == [staff.lists["working"]]


async def test_a_hint_about_permissions_has_the_library_checked_and_an_older_one_does_not(staff):
    item = staff.put()
    staff.link(item, "anonymous")
    service = staff.desk.service
    old = Hint(staff.lists["restricted"], "2020-01-01T00:00:00+00:00", kind=SECURITY)
    fresh = Hint(staff.lists["restricted"], service.now().isoformat(), kind=SECURITY)

    assert await rounds.asked(service, fresh)
    assert staff.links_of(item) == []

    began = (await staff.state_of()).began_at
    await rounds.asked(service, old)
    assert (await staff.state_of()).began_at == began
    assert await rounds.asked(service, Hint("6b3b3f0e-58a0-4a8c-8c39-0f3c52a3c111", old.at))


async def test_status_says_when_a_restricted_library_was_last_checked_whole(staff):
    await staff.check()
    told = await status.look(staff.desk.service)
    row = next(one for one in told["lists"] if one["list"] == "Restricted")
    assert "UTC" in row["access_checked"]
