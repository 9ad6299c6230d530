"""Every published document has a review date, and it has not passed.

The Review date column counts, else the control block. It lies after the date of adoption, and not
later than the document's type allows (12 months; up to 36 for policies and strategies), unless a
review gave it a new date. A review that is put off has its reason on record under Reviews.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sync.model import Finding, Recipient, Tell
from sync.policies._truth import adopted_of, is_own, label_of, review_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "series", "types"})
VERSION = "4"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding; drafts have no review date to keep."""
    label = label_of(document, context)
    if not (label and label.published and is_own(document, context)):
        return
    review, adopted = review_of(document, context), adopted_of(document, context)
    longest = _longest(document, context)
    if review is None:
        yield _finding("The document has no review date.", "A published document has one.")
    elif review < context.today:
        says = f"The review was due on {show_date(review)}."
        yield _finding(says, "A document is reviewed by its review date.")
    elif _put_off(review, context):
        yield Finding(
            says=f"The review was put off to {show_date(review)}.",
            expected="Why a review is put off is on record.",
            how="Add an entry to Reviews with this document's number, the new date and the reason.",
            remedies=(Tell(Recipient.AUTHOR),),
        )
    elif adopted and review <= adopted:
        says = (
            f"The review date {show_date(review)} is not after {show_date(adopted)}, its adoption."
        )
        yield _finding(says, "The review comes after the adoption.")
    elif adopted and longest and _too_late(review, add_months(adopted, longest), context):
        says = f"The review date {show_date(review)} is more than {longest} months after adoption."
        yield _finding(says, f"At most {longest} months lie between adoption and review.")


def _put_off(review: date, context: Context) -> bool:
    """Whether the date is later than the one it was published with, and no review gave it."""
    given = context.publications[-1].review if context.publications else None
    return given is not None and review > given and review not in context.agreed_reviews


def _too_late(review: date, latest: date, context: Context) -> bool:
    """Whether it is beyond what its type allows; a review on record gives a document a new date."""
    return review > latest and review not in context.agreed_reviews


def _longest(document: Document, context: Context) -> int | None:
    kind = type_of(document, context)
    return max((kind.review_months, *kind.allowed_months)) if kind else None


def _finding(says: str, expected: str) -> Finding:
    return Finding(
        says=says,
        expected=expected,
        how="Review the document, then set the new date in the Review date column.",
        remedies=(Tell(Recipient.AUTHOR),),
    )
