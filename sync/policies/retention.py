"""Nothing is disposed of before its retention ends.

Superseded and archived documents are kept for the years that the standard sets for their type,
counted from their adoption. Until a period is set, nothing is disposed of (Public Records Act 1958;
decision 25). A document that goes before its time is told to the quality manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Finding, Recipient, Severity, Status, Tell
from sync.policies._truth import adopted_of, column_of, is_own, label_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sharepoint_schema.standard import Standard
    from sync.model import Context, Document

NEEDS = frozenset({"columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "references", "retention", "series", "types"})

DISPOSED = "Disposed"
LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class Term:
    """How long a document is kept: `until` is the last day, None while no end is known."""

    until: date | None

    def over(self, today: date) -> bool:
        """Whether it may be disposed of."""
        return self.until is not None and self.until < today

    def __str__(self) -> str:
        """Say it after "it is kept "."""
        return f"until {show_date(self.until)}" if self.until else "until a period is set"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield a note where disposal may be thought of, a stop where it came too early."""
    label = label_of(document, context)
    if not (label and is_own(document, context)):
        return
    status = column_of(document, context, "DocumentStatus")
    if status not in context.standard.references.dead:
        return
    kind = type_of(document, context)
    term = term_of(context.standard, kind.code if kind else "", adopted_of(document, context))
    if status == DISPOSED and not term.over(context.today):
        yield _too_early(term)
    elif status != DISPOSED and term.over(context.today):
        yield _may_go(term)


def term_of(standard: Standard, kind: str, adopted: date | None) -> Term:
    """Return how long a document of a type (its code, "" for none) is kept after its adoption."""
    years = standard.retention.years_of(kind)
    if years is None or adopted is None:
        return Term(None)
    day = (3, 1) if (adopted.month, adopted.day) == LEAP_DAY else (adopted.month, adopted.day)
    return Term(adopted.replace(adopted.year + years, *day))


def _too_early(term: Term) -> Finding:
    return Finding(
        says=f"The document is marked as disposed of; it is kept {term}.",
        expected="Nothing is disposed of before its retention ends.",
        how="Set Document status back to Archived.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.OWNER),),
    )


def _may_go(term: Term) -> Finding:
    return Finding(
        says=f"The document was to be kept {term}.",
        expected="A person decides whether it is disposed of, and it is certified.",
        how="Nothing to do until someone decides.",
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
    )
