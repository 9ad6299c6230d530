"""What a row of the equality assessments leaves open, in words for staff."""

import pytest

from local.demo.assessments import assessment
from sync.keepers.equality_assessments import ASKED, CHARACTERISTICS, missing
from tests.policies.kit import TODAY

WHOLE = assessment("Gov-12", TODAY)


def test_the_demonstrations_row_is_complete():
    assert missing(WHOLE) == []


def test_the_nine_protected_characteristics_are_asked_for():
    assert len(CHARACTERISTICS) == 9


@pytest.mark.parametrize(("column", "word"), [*ASKED.items(), *CHARACTERISTICS.items()])
def test_each_lack_is_named(column, word):
    assert missing({**WHOLE, column: " "}) == [word]


def test_a_row_needs_its_day():
    assert missing({**WHOLE, "EiaDate": None}) == ["the day of the assessment"]


@pytest.mark.parametrize("column", CHARACTERISTICS)
def test_a_yes_is_explained(column):
    yes = {**WHOLE, column: "Yes"}
    assert missing(yes) == [f"effect and action for {CHARACTERISTICS[column]}"]
    assert missing({**yes, f"{column}Effect": "Large print, by June"}) == []
