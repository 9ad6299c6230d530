"""Settling: modes decide what is done now, what is promised for a date, and what staff read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.model import (
    Contain,
    Document,
    Finding,
    Move,
    Recipient,
    Rename,
    SetColumns,
    Severity,
    Status,
    Tell,
)
from sync.remedies import REASON, STATUS, Rules, same, settle

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RIGHT = "Gov-04 Title V1.docx"


def document(name="wrong.docx", **fields):
    return Document(site="https://x/sites/core", list_id="l", item_id="1", name=name, fields=fields)


def misnamed(policy="file_name"):
    return Finding(
        says="The file is called wrong.docx.",
        expected="Gov-04.",
        how="Nothing to do.",
        status=Status.CORRECTED,
        remedies=(Rename(RIGHT), Tell(Recipient.AUTHOR)),
        policy=policy,
    )


def unapproved():
    return Finding(says="Not approved.", severity=Severity.STOP, policy="approval_route")


def columns_of(settled):
    (found,) = [one.values for one in settled.remedies if isinstance(one, SetColumns)] or [{}]
    return found


def test_observe_writes_nothing_and_tells_nobody():
    settled = settle(document(), [misnamed()], Rules({"file_name": "observe"}, 14), NOW)

    assert settled.told == ()
    assert [finding.policy for finding in settled.observed] == ["file_name"]
    assert settled.tell == ()
    assert not any(isinstance(one, Rename) for one in settled.remedies)


def test_a_place_where_everything_only_observes_gets_no_status():
    settled = settle(document(), [misnamed()], Rules({"file_name": "observe"}, 14), NOW)

    assert settled.status is None
    assert settled.remedies == ()


def test_warn_says_by_when_and_promises_the_act_for_that_day():
    settled = settle(document(), [misnamed()], Rules({"file_name": "warn"}, 14), NOW)

    assert settled.status is Status.NEEDS_YOU
    assert settled.due == {"file_name": NOW + timedelta(days=14)}
    assert "put this right by 08/12/2026" in settled.reason
    assert not any(isinstance(one, Rename) for one in settled.remedies)
    assert settled.tell == (Recipient.AUTHOR,)


def test_a_day_of_grace_that_nobody_works_on_moves_to_the_next_that_is():
    settled = settle(document(), [misnamed()], Rules({"file_name": "warn"}, 31), NOW)

    assert settled.due["file_name"].date() == date(2026, 12, 29)
    assert "by 29/12/2026" in settled.reason


def test_a_later_look_keeps_to_the_day_already_promised():
    promised = {"file_name": NOW + timedelta(days=3)}

    settled = settle(document(), [misnamed()], Rules({"file_name": "warn"}, 14, promised), NOW)

    assert settled.due == promised
    assert "by 27/11/2026" in settled.reason


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=40)])
def test_when_the_day_has_come_a_warning_acts(late):
    promised = {"file_name": NOW - late}

    settled = settle(document(), [misnamed()], Rules({"file_name": "warn"}, 14, promised), NOW)

    assert Rename(RIGHT) in settled.remedies
    assert settled.status is Status.CORRECTED
    assert settled.due == {}


def test_enforce_acts_at_once_in_the_one_order_with_one_write_of_columns():
    findings = [
        Finding(says="a", status=Status.CORRECTED, policy="p", remedies=(
            Move("restricted"), SetColumns({"A": "1"}), Contain(), Tell(Recipient.OWNER))),
        Finding(says="b", status=Status.CORRECTED, policy="q", remedies=(
            SetColumns({"B": "2"}), Rename(RIGHT))),
    ]  # fmt: skip

    settled = settle(document(), findings, Rules({"p": "enforce", "q": "enforce"}, 14), NOW)

    assert [type(one) for one in settled.remedies] == [Contain, Rename, SetColumns, Move]
    assert columns_of(settled) == {"A": "1", "B": "2", STATUS: "Corrected", REASON: "P: a\nQ: b"}
    assert settled.tell == (Recipient.OWNER,)


def test_a_finding_without_a_remedy_needs_somebody_in_every_mode():
    for mode in ("warn", "enforce"):
        settled = settle(document(), [unapproved()], Rules({"approval_route": mode}, 14), NOW)

        assert (settled.status, settled.due) == (Status.NEEDS_YOU, {})
        assert settled.tell == (Recipient.AUTHOR,)


def test_the_heaviest_status_is_shown():
    held = Finding(says="Another's number.", status=Status.HELD, policy="uncontrolled_copy")
    rules = Rules({"file_name": "enforce", "uncontrolled_copy": "enforce"}, 14)

    assert settle(document(), [misnamed(), held], rules, NOW).status is Status.HELD


def test_a_note_is_acted_on_but_is_no_fault_and_mails_nobody():
    note = Finding(
        says="Empty columns.", severity=Severity.NOTE, status=Status.IN_ORDER,
        remedies=(SetColumns({"ApprovedBy": "NEB"}),), policy="control_block",
    )  # fmt: skip

    settled = settle(document(), [note], Rules({"control_block": "enforce"}, 14), NOW)

    assert columns_of(settled) == {"ApprovedBy": "NEB", STATUS: "In order"}
    assert settled.tell == ()


def test_what_the_columns_already_say_is_not_written_again():
    fields = {STATUS: "In order", REASON: ""}

    assert settle(document(**fields), [], Rules({"file_name": "enforce"}, 14), NOW).remedies == ()


def test_a_file_put_right_keeps_saying_so_until_it_changes_again():
    done = Finding(says="It was renamed.", status=Status.CORRECTED, policy="file_name")
    rules = Rules({"file_name": "enforce"}, 14, put_right=(done,))
    stands = settle(document(), [], rules, NOW).reason

    settled = settle(document(**{STATUS: "Corrected", REASON: stands}), [], rules, NOW)

    assert (settled.status, settled.reason) == (Status.CORRECTED, stands)
    assert "It was renamed." in stands
    assert (settled.remedies, settled.tell, settled.put_right) == ((), (), (done,))


def test_what_was_put_right_stands_beside_what_still_needs_somebody():
    done = Finding(says="It was renamed.", status=Status.CORRECTED, policy="file_name")
    asked = Finding(says="It has no review date.", policy="review_date")
    modes = {"file_name": "enforce", "review_date": "enforce"}

    first = settle(
        document(), [replace(done, remedies=(Rename("x"),)), asked], Rules(modes, 14), NOW
    )
    fields = {STATUS: first.shown, REASON: first.reason}
    again = settle(document(**fields), [asked], Rules(modes, 14, put_right=first.put_right), NOW)

    assert first.shown == "Needs you"
    assert (again.shown, again.reason, again.remedies) == (first.shown, first.reason, ())


def test_a_fresh_correction_takes_the_place_of_the_one_before():
    done = Finding(says="It was called a.", status=Status.CORRECTED, policy="file_name")
    fresh = replace(done, says="It was called b.", remedies=(Rename("x"),))

    settled = settle(
        document(), [fresh], Rules({"file_name": "enforce"}, 14, put_right=(done,)), NOW
    )

    assert "It was called b." in settled.reason
    assert "It was called a." not in settled.reason
    assert settled.put_right == (fresh,)


@pytest.mark.parametrize(
    ("stands", "wanted", "equal"),
    [
        ("NEB ", "NEB", True),
        ("", None, True),
        (None, "", True),
        ("a\r\nb", "a\nb", True),
        ("2023-11-06T00:00:00Z", date(2023, 11, 6), True),
        ("2026-06-30T23:00:00Z", date(2026, 7, 1), True),
        ("06/11/2023", date(2023, 11, 7), False),
    ],
)
def test_columns_are_compared_as_people_read_them(stands, wanted, equal):
    assert same(document(C=stands), "C", wanted) is equal


modes = st.dictionaries(
    st.sampled_from(["p", "q"]), st.sampled_from(["observe", "warn", "enforce"])
)
remedies = st.lists(
    st.sampled_from([Contain(), Rename(RIGHT), SetColumns({"A": "1"}), Move("restricted")])
)


@given(modes, remedies, remedies)
def test_settling_what_was_settled_writes_nothing_more(told, first, second):
    findings = [
        Finding(says=policy, status=Status.CORRECTED, policy=policy, remedies=tuple(some))
        for policy, some in (("p", first), ("q", second))
    ]
    rules = Rules({"p": "warn", "q": "warn"} | told, 14)
    before = document()
    settled = settle(before, findings, rules, NOW)

    after = document(**{**before.fields, **columns_of(settled)})

    assert columns_of(settle(after, findings, rules, NOW)) == {}
