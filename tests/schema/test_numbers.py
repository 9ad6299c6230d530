"""Numbers are a series and a count of at least two digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.numbers import Number

numbers = st.builds(Number, st.sampled_from(["Gov", "ToR", "Op"]), st.integers(1, 9999))


@given(numbers)
def test_a_number_survives_being_written_and_read(number):
    assert Number.parse(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "Gov", "Gov-4", "Gov-00", "Gov-004", "Gov 04", "Gov-04 ", "-04"]
)
def test_any_other_spelling_is_refused_and_quoted(text):
    with pytest.raises(ValueError, match="is not a document number such as Gov-04") as refusal:
        Number.parse(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize("nn", [0, -1, 10000])
def test_counts_run_from_one_to_what_the_format_holds(nn):
    with pytest.raises(ValueError, match="counts run from 01"):
        Number("Gov", nn)


def test_numbers_of_a_series_are_ordered_by_count():
    assert sorted([Number("Gov", 12), Number("Gov", 9)]) == [Number("Gov", 9), Number("Gov", 12)]
