"""The protective marking in a file and the Sensitivity column beside it say the same.

A marking stands on a short line of its own, often in the header. An empty column is filled in from
it. Where the two differ you are asked: only you know which of them is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, SetColumns, Severity, Status, Tell
from sync.policies._truth import column_of
from sync.policies.sensitive_in_open_place import COLUMN, flat, marking_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.standard import Marking
    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"sensitivity"})


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding: the column that is empty, or differs from the marking."""
    inside = marking_of(document, context)
    said = column_of(document, context, COLUMN)
    if not said:
        if inside:
            yield _filled(inside.column)
        return
    beside = _beside(said, context)
    if inside is None and beside and not beside.open_too:
        yield _asked(f"The Sensitivity column says {said}; the file carries no marking.", said)
    elif inside and inside != beside:
        says = f"The file is marked {inside.column}, the Sensitivity column says {said}."
        yield _asked(says, said)


def _beside(said: str, context: Context) -> Marking | None:
    kinds = context.standard.sensitivity.columns
    return next((kind for kind in kinds if flat(kind.column) == flat(said)), None)


def _filled(value: str) -> Finding:
    return Finding(
        says="The Sensitivity column was empty.",
        expected=f"The file is marked {value}.",
        how="Nothing to do: the column is filled in from the marking.",
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
        remedies=(SetColumns({COLUMN: value}),),
    )


def _asked(says: str, column: str) -> Finding:
    return Finding(
        says=says,
        expected="The marking in the file and the Sensitivity column say the same.",
        how=f"If {column} is right, mark the file so; if not, correct the Sensitivity column.",
        remedies=(Tell(Recipient.AUTHOR),),
    )
