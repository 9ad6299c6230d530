"""The protective marking in a file and the Sensitivity column beside it say the same."""

import pytest

from sync.model import SetColumns, Status
from sync.policies.sensitivity_marking import check
from tests.policies.kit import IN_ORDER, context, document, reading

COMMERCIAL, PERSONAL = "Official-Sensitive: Commercial", "Official-Sensitive: Personal"


def marked(text, column):
    return document(fields=IN_ORDER | {"Sensitivity": column}, read_as=reading(text))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("OFFICIAL-SENSITIVE: COMMERCIAL\nbids", COMMERCIAL),
        ("OFFICIAL SENSITIVE - COMMERCIAL", COMMERCIAL),
        ("Commercial in confidence", COMMERCIAL),
        ("OFFICIAL-SENSITIVE: PERSONAL", PERSONAL),
        ("Page 1 | OFFICIAL", "Official"),
    ],
)
def test_an_empty_column_is_filled_in_from_the_marking_and_then_left_alone(text, column):
    (finding,) = check(marked(text, ""), context())
    assert finding.remedies == (SetColumns({"Sensitivity": column}),)
    assert not finding.counts
    assert list(check(marked(text, column), context())) == []


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("OFFICIAL-SENSITIVE: COMMERCIAL", "Official", "The file is marked Official-Sensitive: C"),
        ("OFFICIAL", COMMERCIAL, "The file is marked Official, the Sensitivity column"),
        ("nothing", COMMERCIAL, "the file carries no marking"),
    ],
)
def test_where_the_two_differ_the_author_is_asked(text, column, says):
    (finding,) = check(marked(text, column), context())
    assert says in finding.says
    assert finding.status is Status.NEEDS_YOU


@pytest.mark.parametrize("column", ["", "Official"])
def test_an_open_file_needs_no_marking(column):
    assert list(check(marked("The marking OFFICIAL-SENSITIVE is rare.", column), context())) == []
