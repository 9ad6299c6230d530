"""Dates are British; a cell is read as people type it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharepoint_schema.dates import find_dates, parse_date, read_date, show_date


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_survives_being_written_and_read(when):
    assert parse_date(show_date(when)) == when == read_date(show_date(when))


@pytest.mark.parametrize(
    "text", ["", "6/11/2023", "31/02/2024", "2023-11-06", "06/11/23", "13/13/2020"]
)
def test_any_other_spelling_is_refused_and_quoted(text):
    with pytest.raises(ValueError, match="is not a date such as 06/11/2023") as refusal:
        parse_date(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("06/11/2023", date(2023, 11, 6)),
        ("6/11/2023", date(2023, 11, 6)),
        ("31/10/23", date(2023, 10, 31)),
        ("6.11.2023", date(2023, 11, 6)),
        ("06-11-2023", date(2023, 11, 6)),
        ("2023-11-06", date(2023, 11, 6)),
        ("6 November 2023", date(2023, 11, 6)),
        ("1st Sept, 2024", None),
        ("2nd May 2024", date(2024, 5, 2)),
        ("Core Team Face to Face meeting 31/10/23", date(2023, 10, 31)),
        ("to be agreed", None),
        ("06/11/2023 or 07/11/2023", None),
        ("31/02/2024", None),
        ("1.2.3.2024", None),
        ("version 12/34", None),
    ],
)
def test_a_cell_is_read_as_people_type_it(text, when):
    assert read_date(text) == when


def test_dates_come_in_the_order_of_the_text():
    text = "from 6 November 2023, 2023-12-01 and 31/10/23"
    assert list(find_dates(text)) == [date(2023, 11, 6), date(2023, 12, 1), date(2023, 10, 31)]
