"""A policy or procedure has an equality impact assessment, made anew at each review.

The assessment is a row of the list Equality assessments under the document's number: who assessed,
when, who is responsible, how it is monitored, and an answer for each of the nine protected
characteristics. It is not older than the last adoption. Without it nothing is published (Gov-04).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Finding, Recipient, Severity, Status, Tell, as_date, parse_label
from sync.policies._truth import (
    claimed_label,
    column_of,
    is_own,
    label_of,
    number_of,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sharepoint_schema.numbers import Number
    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "series", "types"})

ON_THE_WAY = ("Awaiting recommendation", "Awaiting approval")
"""The life cycle's steps before publication, at which a lack already stops."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when the assessment is missing, incomplete or old; a stop before Current.

    An early draft only has it noted.
    """
    kind, number = type_of(document, context), number_of(document, context)
    if not (kind and kind.needs_eia and number and is_own(document, context)):
        return
    fault = lack(document, context)
    if fault:
        yield _finding(fault, kind.name.lower(), number, early=_early(document, context))


def lack(document: Document, context: Context) -> str:
    """Return what is wrong with the assessment, as a sentence; "" when nothing is."""
    impact, since = context.impact, _last_adoption(document, context)
    if impact is None:
        return "There is no equality impact assessment of this document."
    if impact.missing:
        return f"The equality impact assessment lacks: {', '.join(impact.missing)}."
    if impact.on and since and impact.on < since:
        return (
            f"The equality impact assessment of {show_date(impact.on)} is older than the adoption"
            f" of {show_date(since)}."
        )
    return ""


def _early(document: Document, context: Context) -> bool:
    """Whether the document is still a draft that nobody has been asked to decide on."""
    label, claimed = label_of(document, context), claimed_label(document, context)
    bound = any(one is not None and one.published for one in (label, claimed))
    status = column_of(document, context, "DocumentStatus")
    return not (bound or context.decisions or status in ON_THE_WAY)


def _last_adoption(document: Document, context: Context) -> date | None:
    """Return when the version before this one was adopted: by our records, and by its own table.

    An author may leave a day out of the table; what a board decided stands (decision 4).
    """
    label = label_of(document, context) or claimed_label(document, context)
    rows = document.block.history if document.block else ()
    told = [
        *((parse_label(row.version), as_date(row.adopted)) for row in rows),
        *((parse_label(one.label), one.adopted) for one in context.publications),
    ]
    days = [day for one, day in told if day and one and one.published and label and one < label]
    return max(days, default=None)


def _finding(fault: str, kind: str, number: Number, *, early: bool) -> Finding:
    return Finding(
        says=fault,
        expected=f"A {kind} has a complete assessment, made since it was last adopted.",
        how=f"Fill in a row for {number} in the list Equality assessments on this site.",
        severity=Severity.NOTE if early else Severity.STOP,
        status=Status.IN_ORDER if early else Status.NEEDS_YOU,
        remedies=() if early else (Tell(Recipient.AUTHOR),),
    )
