"""The action log (Op-03): what is missing is said, owners are reminded, each reminder once."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from sharepoint_schema.working_days import next_working_day
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, fields_of, let_pass, mails_to, number_of, remembered

LOG = "action_log"


async def test_an_action_without_an_owner_says_so_until_it_has_one(desk):
    row = await add(desk, LOG, Title="Book the scanner")
    seen = await fields_of(desk, LOG, row)
    assert seen["ControlStatus"] == "Needs you"
    assert "Still to be filled in: Owner, Due." in seen["ControlReason"]
    due = (desk.service.today() + timedelta(days=60)).isoformat()
    await edit(desk, LOG, row, ActionOwnerLookupId=number_of(desk, kit.SAM), ActionDue=due)
    seen = await fields_of(desk, LOG, row)
    assert (seen["ControlStatus"], seen.get("ControlReason", "")) == ("In order", "")


def a_due_day(today):
    """Return a working day some weeks ahead, and the days of looks around it, each another one."""
    for ahead in count(30):
        due = next_working_day(today + timedelta(days=ahead))
        steps = [next_working_day(due + timedelta(days=n)) for n in (-20, -7, -3, 0, 3, 7, 12)]
        if len(set(steps)) == len(steps):
            return due, steps
    raise AssertionError("there is always such a day")


async def test_the_owner_is_reminded_at_each_rung_once_and_the_sites_owner_in_the_end(desk):
    due, steps = a_due_day(desk.service.today())
    await add(
        desk,
        LOG,
        Title="Send the minutes",
        ActionOwnerLookupId=number_of(desk, kit.SAM),
        ActionDue=due.isoformat(),
    )
    told = len(mails_to(desk, kit.SAM))
    counts = []
    for day in steps:
        await let_pass(desk, LOG, day)
        mails = mails_to(desk, kit.SAM)[told:]
        counts.append(sum("Send the minutes" in one["body"] for one in mails))
    assert counts == [0, 1, 1, 2, 2, 3, 3]
    to_owner = [one for one in mails_to(desk, kit.DIRECTOR) if "Send the minutes" in one["body"]]
    assert len(to_owner) == 1
    assert all("Send the minutes" not in one["subject"] for one in mails_to(desk, kit.SAM))


async def test_a_closed_action_asks_for_nothing_and_wakes_nobody(desk):
    row = await add(desk, LOG, Title="Dropped idea", ActionStatus="Dropped")
    assert (await fields_of(desk, LOG, row))["ControlStatus"] == "In order"
    kept = await remembered(desk, LOG, row)
    assert kept is not None
    assert not kept.open
