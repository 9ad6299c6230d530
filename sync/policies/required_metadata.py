"""Every controlled document has its columns filled in.

Number, version and type always; once it is published also the date of adoption, who approved it and
for whom it is. What the document itself shows is filled in; what it does not show, you are asked
for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, SetColumns, Severity, Status, Tell, Value
from sync.policies._truth import column_of, is_own, label_of, number_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync.model import Context, ControlBlock, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"metadata", "naming", "series", "types"})

WORDS = {
    "DocumentNumber": "Document number",
    "VersionLabel": "Version",
    "DocumentType": "Document type",
    "DateAdopted": "Date adopted",
    "ReviewDate": "Review date",
    "ApprovedBy": "Approved by",
    "TargetAudience": "Target audience",
}
"""Column titles, where they are not simply the internal name."""

ELSEWHERE = ("DocumentNumber", "VersionLabel", "ReviewDate")
"""Whose lack their own policies tell of: file name, version label, review date."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield what can be filled in, then what is asked for."""
    if not is_own(document, context):
        return
    empty = [name for name in required(document, context) if not column_of(document, context, name)]
    known = {name: value for name in empty if (value := _shown(document, context, name))}
    if known:
        yield _filled(known)
    asked = [
        name
        for name in empty
        if name not in known and name not in ELSEWHERE and not _in_block(document.block, name)
    ]
    if asked:
        yield _asked(asked)


def required(document: Document, context: Context) -> list[str]:
    """Return the internal names of the columns this document must have, by the schema."""
    rules, kind = context.standard.metadata, type_of(document, context)
    label = label_of(document, context)
    published = rules.published if label and label.published else ()
    return list(dict.fromkeys([*rules.always, *published, *(kind.requires if kind else ())]))


def _shown(document: Document, context: Context, name: str) -> Value:
    """Return what the document shows of itself besides what its control block says."""
    if name == "DocumentNumber":
        return str(number_of(document, context) or "")
    kind = type_of(document, context) if name == "DocumentType" else None
    return kind.name if kind else None


def _in_block(block: ControlBlock | None, name: str) -> bool:
    """Whether the control block says it, or is itself asked for it."""
    if block is None:
        return False
    told = {"ApprovedBy": block.approved_by, "TargetAudience": block.target_audience}
    return name == "DateAdopted" or bool(told.get(name))


def _filled(values: Mapping[str, Value]) -> Finding:
    words = ", ".join(f"{_word(name)} ({value})" for name, value in values.items())
    return Finding(
        says=f"Empty columns: {', '.join(map(_word, values))}.",
        expected=f"The document shows them: {words}.",
        how="Nothing to do: they are filled in from the document.",
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
        remedies=(SetColumns(values),),
    )


def _asked(names: list[str]) -> Finding:
    return Finding(
        says=f"Not filled in: {', '.join(map(_word, names))}.",
        expected="A controlled document has these columns filled in.",
        how="Write them into the control block, or into the columns beside the file.",
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _word(name: str) -> str:
    return WORDS.get(name, name)
