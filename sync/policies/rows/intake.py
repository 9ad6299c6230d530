"""A matter raised in confidence reaches the agenda without a word of who raised it.

Only the chair and the facilitator can read what was raised. It enters the agenda once one of them
has written the text for it and set Status to For the agenda; nobody puts their own matter there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Enter, Finding, Notify, Severity, Status
from sync.policies.patient_identifier import signs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

STATUS, TEXT = "IntakeStatus", "IntakeText"
NEW, CHOSEN = "New", "For the agenda"
SETTERS = (STATUS, TEXT)
READERS = "intake_readers"
AGENDA = "agenda_items"
HEADING = "Raised in confidence"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield what is to be done with a matter; nothing of it says who raised it, or what it is."""
    if row.column(STATUS) == NEW:
        how = "Write the text for the agenda, then set Status to For the agenda."
        yield _note("A matter was raised in confidence.", Notify((READERS,), once="raised"), how)
    if row.column(STATUS) != CHOSEN:
        return
    if not row.column(TEXT):
        yield _lacking("The text for the agenda is still to be written.", "text")
    elif any(_is_authors(row, context, column) for column in SETTERS):
        yield _lacking("Whoever raises a matter does not put it on the agenda.", "whose")
    elif not list(signs(row.column(TEXT), context.standard.patient)):
        yield _note("This matter has been entered for the agenda.", _entry(row))


def _is_authors(row: Item, context: RowContext, column: str) -> bool:
    """Whether the one who raised a matter, or nobody who is known, filled this column in."""
    setter = context.setters.get(column)
    return setter is None or setter.id in {"", row.created_by.id}


def _entry(row: Item) -> Enter:
    values = {"Title": HEADING, "AgendaMatter": row.column(TEXT)}
    return Enter(AGENDA, f"intake:{row.document_id}", values)


def _note(says: str, remedy: Notify | Enter, how: str = "") -> Finding:
    return Finding(
        says=says, how=how, severity=Severity.NOTE, status=Status.IN_ORDER, remedies=(remedy,)
    )


def _lacking(says: str, once: str) -> Finding:
    return Finding(
        says=says,
        expected="The chair or the facilitator writes the text for the agenda and sets the status.",
        how="Let the chair or the facilitator write Text for the agenda and set Status.",
        remedies=(Notify((READERS,), once=once),),
    )
