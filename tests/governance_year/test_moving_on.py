"""What the year found, by itself: a review that took place moves its date on; whole scores only."""

from __future__ import annotations

from datetime import date

import pytest

from sharepoint_schema.registers import Computed, Register
from sharepoint_schema.standard import load_standard
from sync.model import Item
from sync.model.rows import RowContext
from sync.policies.rows import row_computed

SCORED = Computed(column="Next", rule="months", of=("Reviewed",), months=3, at_most=True)


@pytest.mark.parametrize(
    ("before", "reviewed", "said", "put"),
    [
        ({}, "2026-07-01", "", date(2026, 10, 1)),
        ({}, "2026-07-01", "2026-08-01", None),  # an earlier day that staff chose
        ({}, "2026-07-01", "2026-11-01", date(2026, 10, 1)),
        (("2026-04-01", "2026-07-01"), "2026-07-01", "2026-07-01", date(2026, 10, 1)),
        (("2026-04-01", "2026-07-01"), "2026-06-20", "2026-07-01", date(2026, 9, 20)),
        (("2026-04-01", "2026-07-01"), "2026-07-01", "2026-08-01", None),  # both by staff
        (("2026-07-01", "2026-08-01"), "2026-07-01", "2026-08-01", None),
    ],
)
def test_a_review_date_moves_on_when_the_review_has_taken_place(before, reviewed, said, put):
    known = dict(zip(("Reviewed", "Next"), before, strict=bool(before)))
    register = Register(source="Gov-04", computed=(SCORED,))
    row = Item(site="s", list_id="l", item_id="1", fields={"Reviewed": reviewed, "Next": said})
    around = RowContext(
        today=date(2026, 7, 1),
        standard=load_standard(),
        area="risks",
        register=register,
        before=known,
    )
    values = [
        remedy.values for found in row_computed.check(row, around) for remedy in found.remedies
    ]
    assert values == ([] if put is None else [{"Next": put}])


@pytest.mark.parametrize(("factors", "put"), [(("4", "5"), "20"), (("4.5", "5"), None)])
def test_only_whole_numbers_are_multiplied(factors, put):
    product = Computed(column="Score", rule="product", of=("Likelihood", "Impact"))
    fields = dict(zip(("Likelihood", "Impact"), factors, strict=True))
    row = Item(site="s", list_id="l", item_id="1", fields=fields)
    around = RowContext(
        today=date(2026, 7, 1),
        standard=load_standard(),
        area="risks",
        register=Register(source="Gov-09", computed=(product,)),
    )
    values = [one.values for told in row_computed.check(row, around) for one in told.remedies]
    assert values == ([] if put is None else [{"Score": put}])
