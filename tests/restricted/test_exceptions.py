"""Somebody else may open a restricted file once a second, entitled person agreed, until a day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.state import exceptions
from tests.tenant_kit import DIRECTOR, GUEST, HELEN, IG_OFFICER, SAM


async def test_who_has_an_agreed_exception_keeps_access_to_that_file_only(staff):
    item, other = staff.put(), staff.put()
    row = await staff.ask_for(item, SAM)
    assert await staff.shown(row) == (
        "Waiting",
        "An IG officer or the Network Director has to agree.",
    )
    await staff.answer(row, IG_OFFICER)
    status, note = await staff.shown(row)
    assert status == "In force"
    assert note.startswith(SAM)

    staff.invite(item, SAM)
    staff.link(other, "users", SAM)
    await staff.check()

    assert staff.opens(item, SAM)
    assert not staff.opens(other, SAM)
    (entry,) = await staff.entries_of("access exception agreed", row)
    assert SAM not in str(entry)
    assert await staff.personal(entry) == {"person": SAM}


async def test_an_exception_for_the_whole_library_counts_for_a_link_too(staff):
    item = staff.put()
    row = await staff.ask_for(None, GUEST)
    await staff.answer(row, IG_OFFICER)

    staff.link(item, "users", GUEST)
    await staff.check()

    assert staff.opens(item, GUEST)
    await staff.change(row, ExceptionAnswer="Declined", who=IG_OFFICER)
    await staff.check()
    assert not staff.opens(item, GUEST)
    assert await staff.shown(row) == ("Declined", "")


async def test_when_its_time_is_over_the_access_is_taken_away(staff):
    item = staff.put()
    row = await staff.ask_for(item, SAM)
    await staff.answer(row, IG_OFFICER)
    staff.invite(item, SAM)
    await staff.check()
    assert staff.opens(item, SAM)

    service = staff.desk.service
    async with service.state.begin() as tx:
        known = await exceptions.exception_of(tx, staff.lists["access_exceptions"], row)
        await exceptions.put_exception(tx, replace(known, until=service.now()))
    await staff.check()

    assert not staff.opens(item, SAM)
    (entry,) = await staff.entries_of("access exception ended", row)
    assert SAM not in str(entry)


@pytest.mark.parametrize(
    ("asks", "agrees", "person", "says"),
    [
        (IG_OFFICER, IG_OFFICER, SAM, "Who asks can't agree: a second person has to."),
        (DIRECTOR, IG_OFFICER, IG_OFFICER, "Whom it is for can't agree: a second person has to."),
        (
            IG_OFFICER,
            DIRECTOR,
            SAM,
            "Only an IG officer or the Network Director can agree to it, in person.",
        ),
    ],
    ids=["alone", "for oneself", "not entitled"],
)
async def test_without_a_second_entitled_person_it_does_not_count(
    staff, asks, agrees, person, says
):
    row = await staff.ask_for(staff.put(), person, who=asks)
    await staff.answer(row, agrees)

    assert await staff.shown(row) == ("Needs you", says)
    assert await staff.entries_of("access exception agreed", row) == []


async def test_what_is_changed_after_the_answer_has_to_be_agreed_anew(staff):
    item = staff.put()
    row = await staff.ask_for(item, SAM)
    await staff.answer(row, IG_OFFICER)
    staff.invite(item, SAM)

    await staff.change(row, ExceptionPerson=HELEN)
    status, note = await staff.shown(row)

    assert (status, note[:14]) == ("Waiting", "It was changed")
    await staff.check()
    assert not staff.opens(item, SAM)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"ExceptionPerson": "Sam"}, "Still missing: the mail address of the person."),
        ({"ExceptionReason": ""}, "Still missing: the reason."),
        ({"ExceptionUntil": None}, "Still missing: the last day."),
        ({"ExceptionFile": "999"}, "File: there is no such file in the restricted library."),
    ],
    ids=["person", "reason", "day", "file"],
)
async def test_what_is_missing_is_said_beside_the_row(staff, fields, says):
    row = await staff.ask_for(None, SAM, **fields)
    assert await staff.shown(row) == ("Needs you", says)


async def test_it_lasts_no_longer_than_the_days_agreed(staff):
    day = staff.desk.service.today() + timedelta(days=91)
    row = await staff.ask_for(None, SAM, ExceptionUntil=f"{day}T00:00:00Z")
    assert await staff.shown(row) == ("Needs you", "An exception lasts 90 days at most.")


async def test_a_row_that_is_deleted_ends_its_exception(staff):
    item = staff.put()
    row = await staff.ask_for(item, SAM)
    await staff.answer(row, IG_OFFICER)
    staff.invite(item, SAM)

    await staff.remove(row)
    await staff.check()

    assert not staff.opens(item, SAM)
