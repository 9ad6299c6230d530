"""What boards' rules make of members who come and go, and of declarations made too soon. Pure."""

from __future__ import annotations

from datetime import date

import pytest

from sharepoint_schema.registers import Register
from sharepoint_schema.standard import load_standard
from sync.model import Item
from sync.model.rows import RowContext
from sync.policies.rows import quorum
from sync.policies.rows.declarations_current import check_all

TODAY = date(2027, 6, 15)
COUNTED = {"VotingPresent": "1", "Quorate": "Yes"}


def member(since: str, until: str = "", kind: str = "Voting") -> Item:
    told = {"MemberPerson": "12", "MemberKind": kind, "MemberSince": since, "MemberUntil": until}
    return Item(site="s", list_id="m", item_id=since, fields=told)


def declaration(day: str) -> Item:
    told = {"DeclaredBy": "12", "DeclaredOn": day}
    return Item(site="s", list_id="d", item_id=day, fields=told)


def due(members: list[Item], declared: list[str]) -> list[str]:
    context = RowContext(
        today=TODAY,
        standard=load_standard(),
        area="declarations",
        register=Register(source="Gov-04"),
        others={"members": members},
        people={"12": "Ann Lee"},
    )
    found = check_all([declaration(one) for one in declared], context)
    return [one.says.removeprefix("The declaration of interests of Ann Lee ") for one in found]


def test_a_member_of_unknown_day_who_never_declared_is_asked_for_it_once():
    (says,) = due([member("")], [])
    assert says.startswith("Ann Lee has not declared")
    assert due([member("")], ["2027-06-01"]) == []


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (["2026-06-01"], ["was due on 01/06/2027."]),
        (["2026-06-01", "2027-06-15"], []),
        (["2026-06-01", "2027-06-16"], ["was due on 01/06/2027."]),
        (["2028-01-01"], ["was due on 29/01/2020."]),
    ],
)
def test_a_declaration_counts_from_its_day_on_and_not_before(declared, says):
    assert due([member("2020-01-01")], declared) == says


@pytest.mark.parametrize(
    ("members", "declared", "says"),
    [
        # left in March, back since 1 June: what was declared before counts no more
        ([("2020-01-01", "2027-03-01"), ("2027-06-01",)], "2027-02-20", ["is due on 29/06/2027."]),
        ([("2020-01-01", "2027-03-01"), ("2027-05-01",)], "2027-02-20", ["was due on 29/05/2027."]),
        ([("2020-01-01", "2027-03-01"), ("2027-05-01",)], "2027-05-02", []),
        ([("2020-01-01", "2027-03-01"), ("2027-05-01",)], "2027-04-28", []),  # on the way in
        # from non-voting to voting overnight: never away
        ([("2020-01-01", "2027-05-31", "Non-voting"), ("2027-06-01",)], "2027-02-20", []),
        ([("2020-01-01", "2027-06-01", "Non-voting"), ("2027-06-01",)], "2027-02-20", []),
        # a first joining: what was declared for it counts
        ([("2027-06-01",)], "2027-02-20", []),
    ],
)
def test_who_left_and_comes_back_declares_anew_within_28_days(members, declared, says):
    assert due([member(*one) for one in members], [declared]) == says


@pytest.mark.parametrize(
    ("members", "before", "says"),
    [
        ([("2020-01-01",)], {}, "1 of 1 voting members were there; 1 is needed."),
        # nobody is entered yet: nothing is counted
        ([], {}, None),
        # counted once, and then the only voting member was not one after all
        (
            [("2020-01-01", "", "Non-voting")],
            COUNTED,
            "0 of 0 voting members were there; 1 is needed.",
        ),
        ([], COUNTED, "0 of 0 voting members were there; 1 is needed."),
        ([("2027-06-11",)], COUNTED, "0 of 0 voting members were there; 1 is needed."),
    ],
)
def test_what_was_counted_once_is_counted_again_whoever_is_left(members, before, says):
    found = counted({"Attendees": "12", **before}, members)
    assert [one.expected or one.says for one in found] == ([says] if says else [])
    if before:
        assert found[0].remedies[0].values == {"VotingPresent": "0", "Quorate": "No"}


def test_a_meeting_whose_attendance_was_taken_out_has_no_quorum_any_more():
    (found,) = counted(COUNTED, [("2020-01-01",)])
    assert found.remedies[0].values == {"VotingPresent": "0", "Quorate": "No"}


def counted(columns, members):
    row = {"MeetingDate": "2027-06-10", **columns}
    context = RowContext(
        today=TODAY,
        standard=load_standard(),
        area="meetings",
        register=Register(source="Gov-04"),
        body="NEB",
        others={"members": [member(*one) for one in members]},
    )
    return list(quorum.check(Item(site="s", list_id="l", item_id="1", fields=row), context))
