"""The words around a finding: which rule it is, what to do, by when, and what Verger does then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model import Status

if TYPE_CHECKING:
    from datetime import date

    from sync.model import Finding

TITLES = {
    "dead_reference": "References",
    "foi_answer": "Answer",
    "reading": "Readable file",
    "required_metadata": "Required columns",
    "risk_red": "Red risk",
    "risk_scope": "Whose risk",
    "row_complete": "Complete entry",
    "row_computed": "Worked out",
    "row_due": "Due",
    "owner_left": "Owner has left",
    "reviewed_anew": "Review on record",
    "sensitive_in_open_place": "Sensitive document",
    "superseded_in_place": "Superseded document",
    "wiped_columns": "Emptied columns",
}
"""Rules whose name would not tell staff what they are about."""

WAIVABLE = (
    "Exception: if this should stay as it is, choose “Ask for a waiver” beside the file."
    " A registrar or a director decides."
)
"""What is said below findings that may rest; the column's formatting shows a button for it."""

AUTOMATIC = (Status.CORRECTED, Status.HELD)
"""What a finding's status says when Verger's remedies put things right or take the file aside."""


def title_of(policy: str) -> str:
    """Return what staff call a rule: its name in plain words ("File name")."""
    return TITLES.get(policy) or policy.replace("_", " ").capitalize()


def paragraph(finding: Finding, due: date | None = None) -> str:
    """Return rule, what was found, what is expected, how to put it right, and by when.

    `due` is the day (in the UK) on which Verger does what it can itself; None: nothing waits.
    """
    title = title_of(finding.policy)
    found = f"{title}: {finding.says}" if title else finding.says
    how = (due and finding.waits) or finding.how
    return " ".join(part for part in (found, finding.expected, how, _by(finding, due)) if part)


def _by(finding: Finding, due: date | None) -> str:
    if due is None:
        return ""
    if finding.status in AUTOMATIC:
        return f"Please put this right by {show_date(due)}; after that Verger will."
    return f"Please do this by {show_date(due)}."
