"""Requests for information: 20 working days, the clock's pause, exemptions, a late answer."""

from __future__ import annotations

from datetime import date, timedelta

from sharepoint_schema.months import add_months
from sharepoint_schema.working_days import next_working_day, working_days_between
from tests import tenant_kit as kit
from tests.registers.kit import add, edit, fields_of, let_pass, mails_to, number_of

FOI = "information_requests"
ONE_DAY = timedelta(days=1)


def asked(desk, received: date, **more):
    return {
        "Title": "Scanner contracts",
        "FoiAsked": "All contracts since 2020",
        "FoiReceived": received.isoformat(),
        "FoiOwnerLookupId": number_of(desk, kit.SAM),
        **more,
    }


async def test_an_answer_is_due_after_twenty_working_days_over_christmas(desk):
    row = await add(desk, FOI, **asked(desk, date(2026, 12, 7)))
    seen = await fields_of(desk, FOI, row)
    # 25 and 28 December (Boxing Day's substitute) and 1 January are no working days
    assert seen["FoiDue"].startswith("2027-01-07")
    assert seen["ControlStatus"] == "In order"


async def test_the_clock_stands_still_while_clarification_is_awaited(desk):
    row = await add(desk, FOI, **asked(desk, date(2027, 2, 1)))
    assert (await fields_of(desk, FOI, row))["FoiDue"].startswith("2027-03-01")
    await edit(desk, FOI, row, FoiStatus="Waiting for clarification")
    assert "Clarification asked on" in (await fields_of(desk, FOI, row))["ControlReason"]
    await edit(desk, FOI, row, ClarificationAsked="2027-02-03")
    await edit(desk, FOI, row, ClarificationReceived="2027-02-10", FoiStatus="Open")
    seen = await fields_of(desk, FOI, row)
    assert seen["FoiDue"].startswith("2027-03-08")
    assert seen["ControlStatus"] in {"In order", "Corrected"}


async def test_a_question_that_is_never_answered_comes_back_and_the_request_may_lapse(desk):
    today = desk.service.today()
    row = await add(desk, FOI, **asked(desk, today, Title="Which scanners?"))
    waiting = {"FoiStatus": "Waiting for clarification", "ClarificationAsked": today.isoformat()}
    await edit(desk, FOI, row, **waiting)
    lapses = add_months(today, 2)
    seen = await fields_of(desk, FOI, row)
    assert seen["ClarificationLapses"].startswith(lapses.isoformat())
    assert seen["ControlStatus"] == "In order"
    counts = []
    for day in (lapses - timedelta(days=20), lapses - timedelta(days=14), lapses + ONE_DAY):
        await let_pass(desk, FOI, next_working_day(day))
        told = [one["body"] for one in mails_to(desk, kit.SAM)]
        counts.append(sum("your question about this request" in one for one in told))
    assert counts == [0, 1, 2]
    seen = await fields_of(desk, FOI, row)
    assert seen["ControlStatus"] == "Needs you"
    assert "set Status to Lapsed" in seen["ControlReason"]
    await edit(desk, FOI, row, FoiStatus="Lapsed")
    assert (await fields_of(desk, FOI, row))["ControlStatus"] == "In order"


async def test_a_second_question_stops_the_clock_again_and_is_asked_for(desk):
    row = await add(desk, FOI, **asked(desk, date(2027, 5, 4), Title="Agency staff"))
    first = {"ClarificationAsked": "2027-05-05", "ClarificationReceived": "2027-05-06"}
    await edit(desk, FOI, row, FoiStatus="Waiting for clarification", **first)
    assert "Clarification asked again on" in (await fields_of(desk, FOI, row))["ControlReason"]
    before = (await fields_of(desk, FOI, row))["FoiDue"][:10]
    second = {"ClarificationAsked2": "2027-05-10", "ClarificationReceived2": "2027-05-14"}
    await edit(desk, FOI, row, FoiStatus="Open", **second)
    due = date.fromisoformat((await fields_of(desk, FOI, row))["FoiDue"][:10])
    assert working_days_between(date.fromisoformat(before), due) == 4


async def test_what_is_held_back_names_the_exemption_even_when_the_request_is_closed(desk):
    row = await add(desk, FOI, **asked(desk, date(2026, 11, 2)))
    closing = {"FoiStatus": "Answered", "FoiAnswered": "2026-11-20", "FoiOutcome": "Refused"}
    await edit(desk, FOI, row, **closing)
    seen = await fields_of(desk, FOI, row)
    assert seen["ControlStatus"] == "Needs you"
    assert "Exemptions considered, Why they apply" in seen["ControlReason"]
    await edit(desk, FOI, row, Exemptions="Section 43", ExemptionReason="Prices of a live tender")
    assert (await fields_of(desk, FOI, row))["ControlStatus"] == "In order"


async def test_a_late_answer_is_kept_as_late_and_one_before_its_request_is_asked_about(desk):
    row = await add(desk, FOI, **asked(desk, date(2026, 9, 1)))
    closing = {"FoiStatus": "Answered", "FoiOutcome": "Answered in full"}
    await edit(desk, FOI, row, FoiAnswered="2026-08-31", **closing)
    assert "before the request came" in (await fields_of(desk, FOI, row))["ControlReason"]
    await edit(desk, FOI, row, FoiAnswered="2026-10-01")
    shadow = await verdict(desk, row)
    assert [one["says"] for one in shadow["findings"]] == ["The answer was 2 working days late."]


async def verdict(desk, row):
    from sync.state import items  # noqa: PLC0415 - of this one look
    from tests.registers.kit import home_of  # noqa: PLC0415

    home = await home_of(desk, FOI)
    async with desk.service.state.read() as tx:
        return (await items.get_item(tx, home.id, row)).verdict
