"""A document that was published anew has an entry about the review that led to it.

It says whether the version before worked in practice. It counts when it is dated within a review
cycle before the adoption, or since; a review that was only put off is none.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sharepoint_schema.labels import Label
from sharepoint_schema.months import add_months
from sync.model import Finding, Notify, as_date, parse_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sync.model import Item
    from sync.model.rows import RowContext

READS = ("registry",)
PUT_OFF = "Put off"
FIRST = Label(1, 0)
IN_FORCE = frozenset({"Current", "Under review", "Overdue"})


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a finding for each document in force, after its first version, without its review."""
    for document in context.others["registry"]:
        number, label = document.column("DocumentNumber"), document.column("VersionLabel")
        adopted = as_date(document.column("DateAdopted"))
        if not _anew(document) or adopted is None:
            continue
        since = add_months(adopted, -context.standard.review.default_months)
        if any(_tells(row, number, since, context.today) for row in rows):
            continue
        yield Finding(
            says=f"{number} has come to {label}, and no review of the version before is on record.",
            expected="Each review says whether the document works in practice.",
            how="Add an entry to Reviews with the document's number and what the review found.",
            remedies=(Notify(("registrars",), once=f"{number}:{label}"),),
        )


def _anew(document: Item) -> bool:
    label = parse_label(document.column("VersionLabel"))
    in_force = document.column("DocumentStatus") in IN_FORCE
    return in_force and label is not None and label.published and label > FIRST


def _tells(row: Item, number: str, since: date, today: date) -> bool:
    """Whether an entry is about a review of this document that took place, and what it found."""
    on = row.date_column("ReviewedOn")
    whole = row.column("ReviewOutcome") not in {"", PUT_OFF} and bool(row.column("ReviewEffect"))
    return (
        row.column("ReviewNumber") == number and whole and on is not None and since <= on <= today
    )
