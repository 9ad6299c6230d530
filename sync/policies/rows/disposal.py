"""Nothing is disposed of before its time, or without approval by somebody other than who asks.

A registrar names the document and why; another registrar enters the minute that approved it. Once
its retention has ended and it is approved, a person deletes the file. Verger sees that it is gone
and writes the certificate. For a file that went earlier there is none: a registrar other than who
asked says what happened.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import SITE_TIME, Finding, Notify, SetColumns, Severity, Status, as_date
from sync.model.identifiers import WITHHELD
from sync.policies.retention import term_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sync.model import Item, Value
    from sync.model.rows import RowContext

VERSION = "3"
READS = ("registry",)
SETTERS = ("DisposalNumber", "DisposalApproval", "DisposalAnswer")
NUMBER, APPROVAL, ANSWER = SETTERS
STATUS = "DisposalStatus"
REFUSED, WAITING, MAY_GO, DISPOSED = "Refused", "Waiting for approval", "May be deleted", "Disposed"
TOO_SOON, ANSWERED = "Deleted before approval", "Deleted before approval, answered"
FINAL = frozenset({DISPOSED, ANSWERED})
"""Statuses that end an entry. Anybody who edits the list can type one: it counts where the last
look left it, so that no certificate comes without a deletion that Verger saw."""
ON, CERTIFICATE = WRITTEN = ("DisposedOn", "DisposalCertificate")
REGISTRAR = "Registrar"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield what stands in the way, or what comes next; the certificate when the file is gone."""
    if not row.column(NUMBER):
        return
    if row.column(STATUS) in FINAL and context.before.get(STATUS) == row.column(STATUS):
        yield from _as_certified(row, context)
        return
    document = _document(row, context)
    if document is None:
        yield _finding(f"No document has the number {row.column(NUMBER)}.", REFUSED)
    elif not document.column("DocumentLink"):  # the registry knows of no file any more
        yield _gone(row, document, context)
    elif why := _too_early(document, context.today, context):
        yield _finding(why, REFUSED)
    elif why := _not_approved(row, context):
        yield _finding(why, WAITING)
    else:
        yield _finding("Its time is over and it is approved: the file may be deleted now.", MAY_GO)


def _as_certified(row: Item, context: RowContext) -> Iterator[Finding]:
    """Put back what somebody changed of a certificate; only Verger writes one.

    What we keep without a patient's number in it is not what stood there: it is left alone.
    """
    was = {name: context.before.get(name, "") for name in WRITTEN}
    changed = {
        name: value
        for name, value in was.items()
        if row.column(name) != value and WITHHELD not in value
    }
    if not changed:
        return
    back: dict[str, Value] = {**changed}
    if ON in changed:
        back[ON] = as_date(changed[ON])
    yield Finding(
        says="The certificate was changed by hand.",
        expected="A certificate says what was found when the file was gone.",
        how="Nothing to do: it was put right.",
        status=Status.CORRECTED,
        remedies=(SetColumns(back),),
    )


def _gone(row: Item, document: Item, context: RowContext) -> Finding:
    """Return the certificate, or why there is none: the file went before it was allowed to."""
    told = document.column("GoneSince")
    since = datetime.fromisoformat(told) if told else None
    day = since.astimezone(SITE_TIME).date() if since else context.today
    approved = context.setters[APPROVAL].at if APPROVAL in context.setters else None
    late = since is not None and approved is not None and approved >= since
    why = _too_early(document, day, context) or _not_approved(row, context)
    if late or why:
        return _unapproved(row, context, day, why or "The approval was entered only afterwards.")
    return _certificate(row, context, day)


def _unapproved(row: Item, context: RowContext, day: date, why: str) -> Finding:
    """Return a stop until a registrar who did not ask for the disposal has said what happened."""
    says = (
        f"{row.column(NUMBER)} was deleted before it was approved: found gone on {show_date(day)}."
    )
    if row.column(ANSWER) and not _not_another(ANSWER, "answers", context):
        return replace(_finding(says, ANSWERED), severity=Severity.NOTE, status=Status.IN_ORDER)
    finding = _finding(f"{says} {why}", TOO_SOON)
    return replace(
        finding,
        expected="A file goes once its time is over and its disposal is approved; it has no"
        " certificate otherwise.",
        how="Restore it from the recycle bin if it is still needed. Else a registrar who did not"
        " ask for its disposal says under Answer what happened.",
        severity=Severity.STOP,
        remedies=(*finding.remedies, Notify(("owner", "registrars"), once="unapproved")),
    )


def _document(row: Item, context: RowContext) -> Item | None:
    number = row.column(NUMBER)
    documents = context.others.get("registry", ())
    return next((one for one in documents if one.column("DocumentNumber") == number), None)


def _too_early(document: Item, day: date, context: RowContext) -> str:
    chosen = document.column("DocumentType")
    kind = next((one.code for one in context.standard.types if one.name == chosen), "")
    term = term_of(context.standard, kind, as_date(document.column("DateAdopted")))
    return "" if term.over(day) else f"The document is kept {term}."


def _not_approved(row: Item, context: RowContext) -> str:
    if not row.column(APPROVAL):
        return "A registrar who did not ask for it enters the minute that approved it."
    return _not_another(APPROVAL, "approves", context)


def _not_another(column: str, does: str, context: RowContext) -> str:
    """Return why what a column says does not count: no registrar filled it in, or who asked did."""
    who, asker = context.setters.get(column), context.setters.get(NUMBER)
    if who is None:
        return "Who filled it in is not known, so it does not count."
    if REGISTRAR not in who.roles:
        return f"{who.name} is no registrar, so it does not count."
    if asker is not None and asker.id == who.id:
        return f"{who.name} asked for it too; somebody else {does}."
    return ""


def _certificate(row: Item, context: RowContext, day: date) -> Finding:
    told = {
        "number": row.column(NUMBER),
        "day": show_date(day),
        "approval": row.column(APPROVAL),
        "who": context.setters[APPROVAL].name,
        "reason": row.column("DisposalReason"),
    }
    values: dict[str, Value] = {
        STATUS: DISPOSED,
        ON: day,
        CERTIFICATE: context.standard.letters.passage("certificate", told),
    }
    return Finding(
        says=f"{told['number']} was found gone on {told['day']}, after its approval.",
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
