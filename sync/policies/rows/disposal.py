"""Nothing is disposed of before its time, or without approval by somebody other than who asks.

A registrar names the document and why; another registrar enters the minute that approved it. Once
its retention has ended and it is approved, a person deletes the file. Verger sees that it is gone
and writes the certificate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Finding, Notify, SetColumns, Severity, Status, as_date
from sync.policies.retention import term_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item, Value
    from sync.model.rows import RowContext

READS = ("registry",)
SETTERS = ("DisposalNumber", "DisposalApproval")
NUMBER, APPROVAL, STATUS = SETTERS[0], SETTERS[1], "DisposalStatus"
REFUSED, WAITING, MAY_GO, DISPOSED = "Refused", "Waiting for approval", "May be deleted", "Disposed"
REGISTRAR = "Registrar"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield what stands in the way, or what comes next; the certificate when the file is gone."""
    if row.column(STATUS) == DISPOSED or not row.column(NUMBER):
        return
    document = _document(row, context)
    if document is None:
        yield _finding(f"No document has the number {row.column(NUMBER)}.", REFUSED)
    elif why := _too_early(document, context):
        yield _finding(why, REFUSED)
    elif why := _not_approved(row, context):
        yield _finding(why, WAITING)
    elif not document.column("DocumentLink"):  # the registry knows of no file any more
        yield _certificate(row, context)
    else:
        yield _finding("Its time is over and it is approved: the file may be deleted now.", MAY_GO)


def _document(row: Item, context: RowContext) -> Item | None:
    number = row.column(NUMBER)
    documents = context.others.get("registry", ())
    return next((one for one in documents if one.column("DocumentNumber") == number), None)


def _too_early(document: Item, context: RowContext) -> str:
    chosen = document.column("DocumentType")
    kind = next((one.code for one in context.standard.types if one.name == chosen), "")
    term = term_of(context.standard, kind, as_date(document.column("DateAdopted")))
    return "" if term.over(context.today) else f"The document is kept {term}."


def _not_approved(row: Item, context: RowContext) -> str:
    approver, asker = context.setters.get(APPROVAL), context.setters.get(NUMBER)
    if not row.column(APPROVAL) or approver is None:
        return "A registrar who did not ask for it enters the minute that approved it."
    if REGISTRAR not in approver.roles:
        return f"{approver.name} is no registrar, so the approval does not count."
    if asker is not None and asker.id == approver.id:
        return f"{approver.name} asked for it too; somebody else approves."
    return ""


def _certificate(row: Item, context: RowContext) -> Finding:
    who, day = context.setters[APPROVAL].name, show_date(context.today)
    says = f"{row.column(NUMBER)} was found gone on {day}, after approval ({row.column(APPROVAL)})."
    values: dict[str, Value] = {
        STATUS: DISPOSED,
        "DisposedOn": context.today,
        "DisposalCertificate": f"{says} Entered by {who}. Why: {row.column('DisposalReason')}",
    }
    return Finding(
        says=says,
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
        remedies=(SetColumns(values), Notify(("owner",), once="certificate")),
    )


def _finding(says: str, status: str) -> Finding:
    return Finding(
        says=says,
        severity=Severity.NOTE if status == MAY_GO else Severity.FIX,
        status=Status.IN_ORDER if status == MAY_GO else Status.NEEDS_YOU,
        remedies=(SetColumns({STATUS: status}),),
    )
