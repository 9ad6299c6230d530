"""What is superseded does not lie where readers look for what is in force.

A document whose status is Superseded, Archived or Disposed belongs out of the open libraries, and
so does an older version that lies there as a file of its own beside the current one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Tell
from sync.policies._truth import Identity, claimed_label, column_of, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document

NEEDS = frozenset({"name", "content", "columns"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "references", "series"})


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding; closed areas are not where readers look."""
    if not context.area.is_open:
        return
    status = column_of(document, context, "DocumentStatus")
    if status in context.standard.references.dead:
        yield _finding(f"This document is {status.lower()}, and it lies where readers look.")
        return
    identity, holder = identity_of(document, context)
    label = claimed_label(document, context)
    if identity is Identity.CLAIM and holder and holder.label and label and label < holder.label:
        current = f"{holder.number} {holder.label}"
        yield _finding(f"This is {label} of {holder.number}; the document now is {current}.")


def _finding(says: str) -> Finding:
    return Finding(
        says=says,
        expected="Readers find one version of a document: the one in force.",
        how="Take the file out of this library; the versions before stay in the version history.",
        remedies=(Tell(Recipient.OWNER),),
    )
