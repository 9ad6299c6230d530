"""A file is not kept checked out for days."""

from datetime import timedelta

import pytest

from sync.model import Person, Recipient, Tell
from sync.policies.checked_out import check
from tests.policies.kit import TODAY, context, document

HOLDER = Person("1", "Ann Example", "ann@dgft.nhs.example")


def found(days, holder=HOLDER):
    since = None if days is None else TODAY - timedelta(days=days)
    return list(check(document(checked_out_by=holder), context(checked_out_since=since)))


@pytest.mark.parametrize("days", [None, 0, 1, 2])
def test_a_file_checked_out_for_less_than_the_days_agreed_is_left_alone(days):
    assert found(days) == []


@pytest.mark.parametrize("days", [3, 4, 90])
def test_its_holder_and_the_owner_are_told_and_nothing_is_forced(days):
    (finding,) = found(days)
    assert finding.says == f"The file has been checked out by Ann Example for {days} days."
    assert finding.remedies == (Tell(Recipient.HOLDER), Tell(Recipient.OWNER))


def test_a_file_that_nobody_holds_is_left_alone():
    assert found(10, holder=None) == []
