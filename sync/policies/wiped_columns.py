"""What staff filled in beside a document outlives a new upload of its file.

Word and Excel carry the library's columns inside the file, so a copy that was edited elsewhere can
come back with empty ones. They are filled in again: from the control block where it says them, else
with what stood there before. A column that you empty yourself, without a new file, stays empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, SetColumns, Severity, Status, Value, as_date
from sync.policies._truth import is_own, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"naming", "series", "types"})

DATES = ("DateAdopted", "ReviewDate")
WORDS = {
    "DocumentType": "Document type",
    "DateAdopted": "Date adopted",
    "ReviewDate": "Review date",
    "ApprovedBy": "Approved by",
    "TargetAudience": "Target audience",
    "Sensitivity": "Sensitivity",
}
"""The columns that are kept, as staff call them."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding: the columns that the new content came without."""
    if not is_own(document, context):
        return
    restored = {
        name: value
        for name, before in context.past.emptied.items()
        if name in WORDS
        and not document.column(name)
        and (value := _value(document, context, name, before))
    }
    if restored:
        yield Finding(
            says=f"The new file came without: {', '.join(WORDS[name] for name in restored)}.",
            expected="A new version keeps what is filled in beside the document.",
            how="Nothing to do: the columns say again what they said before.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
            remedies=(SetColumns(restored),),
        )


def _value(document: Document, context: Context, name: str, before: str) -> Value:
    """Return what a column shall say; None where the control block says it (decision 4)."""
    block = document.block
    said = block and {
        "DateAdopted": block.adopted_on,
        "ApprovedBy": block.approved_by,
        "TargetAudience": block.target_audience,
    }.get(name)
    if said:
        return None
    if name == "DocumentType":
        kind = type_of(document, context)
        return kind.name if kind else before
    return as_date(before) if name in DATES else before
