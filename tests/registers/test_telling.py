"""What waits for a digest follows the register: withdrawn when done, told again when it returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.working_days import next_working_day
from sync import standing, telling
from sync.model import Finding, Notify
from sync.model.identifiers import all_masked
from sync.state import digests
from sync.state.work import NewWork, put
from tests import tenant_kit as kit
from tests.registers.kit import add, delete, edit, home_of, let_pass, mails_to, number_of

LOG = "action_log"


async def waiting(desk, title: str) -> list[str]:
    """Return for whom something about an entry waits."""
    async with desk.service.state.begin() as tx:
        return [one.recipient for one in await digests.waiting(tx) if title in one.says]


def told(desk, who: str, title: str) -> int:
    return sum(one["body"].count(f"{title}:") for one in mails_to(desk, who))


async def action(desk, title: str, in_days: int, who: str = kit.SAM) -> str:
    due = desk.service.today() + timedelta(days=in_days)
    owner = {"ActionOwnerLookupId": number_of(desk, who)}
    return await add(desk, LOG, Title=title, ActionDue=due.isoformat(), **owner)


@pytest.mark.parametrize("done", ["Done", "another day", "deleted"])
async def test_a_line_is_withdrawn_when_what_it_asks_for_was_done_meanwhile(desk, done):
    title = f"Ring the vendor, {done}"
    row = await action(desk, title, 3)
    assert await waiting(desk, title) == [kit.SAM]
    if done == "deleted":
        await delete(desk, LOG, row)
    else:
        later = (desk.service.today() + timedelta(days=90)).isoformat()
        change = {"ActionStatus": "Done"} if done == "Done" else {"ActionDue": later}
        await edit(desk, LOG, row, **change)
    assert await waiting(desk, title) == []
    await let_pass(desk, LOG, next_working_day(desk.service.today() + timedelta(days=1)))
    assert told(desk, kit.SAM, title) == 0


async def test_a_line_goes_to_whoever_owns_the_entry_when_the_digest_goes_out(desk):
    row = await action(desk, "Count the scanners", 3)
    await edit(desk, LOG, row, ActionOwnerLookupId=number_of(desk, kit.HELEN))
    assert await waiting(desk, "Count the scanners") == [kit.HELEN]


async def look_again(desk, row: str) -> None:
    """Have a row looked at that nobody changed, as a redelivered hint would."""
    home = await home_of(desk, LOG)
    async with desk.service.state.begin() as tx:
        again = [NewWork(list_id=home.id, item_id=row, kind="audit")]
        await put(tx, again, desk.service.now())
    await desk.work_off(LOG)


async def test_a_gap_that_comes_back_is_told_again_and_one_that_stays_is_told_once(desk):
    title = "Draw the floor plan"
    row = await action(desk, title, 60)

    async def a_day_later() -> int:
        await look_again(desk, row)
        await let_pass(desk, LOG, next_working_day(desk.service.today() + timedelta(days=1)))
        await look_again(desk, row)
        return told(desk, kit.HELEN, title)

    await edit(desk, LOG, row, ActionOwnerLookupId=None)
    assert [await a_day_later(), await a_day_later()] == [1, 1]
    await edit(desk, LOG, row, ActionOwnerLookupId=number_of(desk, kit.SAM))
    assert await a_day_later() == 1
    await edit(desk, LOG, row, ActionOwnerLookupId=None)
    assert [await a_day_later(), await a_day_later()] == [2, 2]


async def test_what_a_whole_register_lacks_is_withdrawn_once_somebody_enters_it(desk):
    says, area = "There is no open work", "work_programme"
    await standing.look(desk.service)
    assert await waiting(desk, says) == [kit.DIRECTOR]
    await add(desk, area, Title="One booking system")
    desk.tenant.advance(86_400)
    await standing.look(desk.service)
    assert await waiting(desk, says) == []


FOUND = Finding(says="Late.", policy="row_due", remedies=(Notify(("owner",), once="task:0"),))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_what_is_kept_of_a_look_is_never_taken_for_an_nhs_number(moment):
    asked = telling.asked([FOUND], {}, moment)
    assert all_masked(asked) == asked


NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ({"row_due:task:0": "@1"}, "@1"),  # it stands since an earlier look
        ({"row_due:task:7": "@1"}, f"@{round(NOW.timestamp()):x}"),  # it is new, or came back
        (None, ""),  # an earlier release told it under a key without a look
    ],
)
def test_a_thing_is_asked_since_the_look_that_found_it_first(before, kept):
    assert telling.asked([FOUND], before, NOW) == {"row_due:task:0": kept}
