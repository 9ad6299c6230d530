"""Every controlled document carries a control block, and the columns beside it say the same.

The block is the small table near the document's end: name, version, dates, number, who approved it
and for whom it is. The columns are filled in and corrected from it; the block itself is yours. Only
the review date goes the other way: the column counts, and the block should follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.naming import tidy_title
from sync.model import Finding, Recipient, SetColumns, Severity, Status, Tell, Value, as_date
from sync.policies._truth import (
    is_another_text,
    is_own,
    label_of,
    names_another,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync.model import Context, ControlBlock, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"naming", "series", "types"})
VERSION = "5"
TEXT_LIMIT = 255
"""Characters of a single-line text column in SharePoint."""

WORDS = {
    "Title": "Title",
    "DocumentNumber": "Document number",
    "DateAdopted": "Date adopted",
    "ReviewDate": "Review date",
    "ApprovedBy": "Approved by",
    "TargetAudience": "Target audience",
    "DocumentType": "Document type",
}


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield what the block lacks, then where number, columns and block disagree."""
    block = document.block
    if block is None:
        lost = is_another_text(document, context)
        yield _another_text(context.number) if lost else _no_block()
        return
    yield from _gaps(document, context, block)
    if names_another(document, context):
        yield _other_number(context.number, str(block.number))
    elif is_own(document, context):
        yield from _columns(document, context, block)


def _no_block() -> Finding:
    return Finding(
        says="The document has no control block.",
        expected="It ends with a table of name, version, dates, number, approval and audience.",
        how="Add the control block (the template has one) and upload the document again.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _another_text(ours: str) -> Finding:
    return Finding(
        says=f"This document is {ours}, but its new version has no control block, and its text is"
        " mostly another one.",
        expected="A new version carries on the same document, and its control block names it.",
        how=f"Restore the version before from the version history of {ours}, or add the control"
        f" block with {ours} if this is its next version.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _other_number(ours: str, theirs: str) -> Finding:
    return Finding(
        says=f"This document is {ours}, but its control block now says {theirs}.",
        expected=f"The number of a document never changes: {ours}.",
        how=f"Put {ours} back into the control block, or upload {theirs} as a file of its own.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _gaps(document: Document, context: Context, block: ControlBlock) -> Iterator[Finding]:
    """Ask for the rows that must be there; a draft has no date of adoption yet."""
    label = label_of(document, context)
    faults = [
        _fault("Name", block.name, bool(block.name)),
        _fault("Version Number", block.version, block.label is not None),
        _fault("Document Number", block.document_number, _numbered(context, block)),
    ]
    if block.date_adopted or (label and label.published):
        faults.append(_fault("Date Adopted", block.date_adopted, block.adopted_on is not None))
    if block.review_date:
        faults.append(_fault("Review Date", block.review_date, block.review_on is not None))
    told = [fault for fault in faults if fault]
    if told:
        yield Finding(
            says=f"In the control block {', '.join(told)}.",
            expected="Every row is filled in: V1, dates as 06/11/2023, a number such as Gov-04.",
            how="Correct the control block and upload the document again.",
            remedies=(Tell(Recipient.AUTHOR),),
        )


def _numbered(context: Context, block: ControlBlock) -> bool:
    """Whether the block's number is well; none, or "tbc", that the registry knows is told by it."""
    none = not any(letter.isdigit() for letter in block.document_number)
    silent = none and "document_number" in context.area.policies
    return bool(_number(context, block)) or bool(silent and context.number)


def _fault(row: str, text: str, right: bool) -> str:  # noqa: FBT001 - a verdict, told in place
    if right:
        return ""
    return f"{row} is not understood ({text[:40]})" if text else f"{row} is empty"


def _columns(document: Document, context: Context, block: ControlBlock) -> Iterator[Finding]:
    wanted = _wanted(document, context, block)
    empty = {name: value for name, value in wanted.items() if not document.column(name)}
    wrong = {
        name: value
        for name, value in wanted.items()
        if name not in empty and not _same(document, name, value)
    }
    if wrong.pop("ReviewDate", None) and not _reviewed(document, context):
        yield _review_differs(document, block)
    if empty:
        yield _filled(empty)
    if wrong:
        yield _corrected(document, wrong)


def _reviewed(document: Document, context: Context) -> bool:
    """Whether a review on record gave the column its date: the text stays as it was approved."""
    return document.date_column("ReviewDate") in context.agreed_reviews


def _wanted(document: Document, context: Context, block: ControlBlock) -> dict[str, Value]:
    """Tell what the columns should hold; what the block does not say is left as it is."""
    kind = type_of(document, context)
    said: dict[str, Value] = {
        "Title": block.name[:TEXT_LIMIT].strip() if tidy_title(block.name) else "",
        "DocumentNumber": _number(context, block),
        "DateAdopted": block.adopted_on,
        "ReviewDate": as_date(context.past.emptied.get("ReviewDate")) or block.review_on,
        "ApprovedBy": block.approved_by[:TEXT_LIMIT].strip(),
        "TargetAudience": block.target_audience[:TEXT_LIMIT].strip(),
        "DocumentType": kind.name if kind else None,
    }
    return {name: value for name, value in said.items() if value}


def _number(context: Context, block: ControlBlock) -> str:
    """Return the block's number, "" when it is none or of a series that nobody declared."""
    number = block.number
    return str(number) if number and number.series in context.standard.series_codes else ""


def _same(document: Document, name: str, value: Value) -> bool:
    if isinstance(value, str):
        return " ".join(document.column(name).split()) == " ".join(value.split())
    return document.date_column(name) == value


def _filled(values: Mapping[str, Value]) -> Finding:
    """Fill in empty columns: a service, no fault of anyone's, hence a note."""
    return Finding(
        says=f"Empty columns: {_names(values)}.",
        expected="The columns say what the control block says.",
        how="Nothing to do: they are filled in from the control block.",
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
        remedies=(SetColumns(values),),
    )


def _corrected(document: Document, values: Mapping[str, Value]) -> Finding:
    told = "; ".join(
        f"{WORDS[name]}: the column said “{_shown(document.column(name))}”, the control block"
        f" “{_shown(value)}”"
        for name, value in values.items()
    )
    return Finding(
        says=f"{told}.",
        expected="The columns say what the control block says.",
        how="Nothing to do: the columns are corrected. If the block is wrong, correct the block.",
        waits="Correct the columns, or the control block if that is what is wrong.",
        status=Status.CORRECTED,
        remedies=(SetColumns(values), Tell(Recipient.AUTHOR)),
    )


def _review_differs(document: Document, block: ControlBlock) -> Finding:
    column = _shown(document.date_column("ReviewDate") or document.column("ReviewDate"))
    return Finding(
        says=f"The Review date column says {column}, the control block {block.review_date}.",
        expected="The column counts; the control block should say the same.",
        how="Write the column's date into the control block, or correct the column.",
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _names(values: Mapping[str, Value]) -> str:
    return ", ".join(WORDS[name] for name in values)


def _shown(value: Value) -> str:
    when = as_date(value)
    return show_date(when) if when else str(value)
