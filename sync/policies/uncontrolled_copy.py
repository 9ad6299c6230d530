"""There is one controlled copy of each document; any other is marked as uncontrolled.

A file with the same content as a registered document is a copy of it: use a link instead. A file
with another document's number but other content claims that number, and is held until someone
decides which of the two is the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Severity, Status, Tell
from sync.policies._truth import Identity, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document, Holder

NEEDS = frozenset({"name", "content", "columns"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when the file's content or number belongs to a registered document."""
    identity, holder = identity_of(document, context)
    if holder is None:
        return
    yield _copy(holder) if identity is Identity.COPY else _claim(holder)


def _copy(holder: Holder) -> Finding:
    controlled = holder.name or holder.number
    return Finding(
        says=f"This is an uncontrolled copy of {holder.number}.",
        expected=f"The controlled copy is {controlled}; others may be out of date.",
        how="Remove the copy and put a link to the controlled document in its place.",
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _claim(holder: Holder) -> Finding:
    return Finding(
        says=f"This file claims {holder.number}, which is another document with other content.",
        expected=f"{holder.number} is {holder.name or 'registered already'}; a number is unique.",
        how=f"If it is the next version, upload it over {holder.number}; if it is another document,"
        " ask the registry for a number of its own.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )
