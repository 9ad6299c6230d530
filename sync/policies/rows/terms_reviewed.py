"""Terms of reference are reviewed every year.

It counts from the day they were adopted, or from the last entry about a review that took place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync.model import Finding, Notify
from sync.policies.rows._documents import adopted_on, in_force, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sync.model import Item
    from sync.model.rows import RowContext

READS = ("registry",)
KIND = "terms_of_reference"
MONTHS = 12
NUMBER, ON, OUTCOME, PUT_OFF = "ReviewNumber", "ReviewedOn", "ReviewOutcome", "Put off"


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a finding for each terms of reference in force that nobody reviewed for a year."""
    for document in in_force(context, [context.standard.type(KIND)]):
        last = _last(document, rows, context.today)
        if last is None or add_months(last, MONTHS) >= context.today:
            continue
        due = add_months(last, MONTHS)
        yield Finding(
            says=f"{number_of(document)} was to be reviewed by {show_date(due)}.",
            expected="Terms of reference are reviewed every year.",
            how="Review them, and add an entry to Reviews.",
            remedies=(Notify(("registrars",), once=f"{number_of(document)}:{due.isoformat()}"),),
        )


def _last(document: Item, reviews: Sequence[Item], today: date) -> date | None:
    """Return when it was last reviewed; a review dated ahead has not taken place."""
    number = number_of(document)
    took_place = [
        day
        for row in reviews
        if row.column(NUMBER) == number
        and row.column(OUTCOME) not in {"", PUT_OFF}
        and (day := row.date_column(ON))
        and day <= today
    ]
    adopted = adopted_on(document)
    return max([*took_place, *([adopted] if adopted else [])], default=None)
