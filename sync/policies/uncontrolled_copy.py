"""There is one controlled copy of each document; any other is marked as uncontrolled.

A file with the same content as a registered document, or the same text in another format, is a copy
of it: use a link instead. A text that is mostly that of one is asked about. A file
with another document's number but other content claims that number, and is held until someone
decides which of the two is the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Severity, Status, Tell
from sync.policies._truth import Identity, identity_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Alike, Context, Document, Holder

NEEDS = frozenset({"name", "content", "columns"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)
VERSION = "2"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when the file's content or number belongs to a registered document."""
    identity, holder = identity_of(document, context)
    if holder is None:
        yield from _alike(document, context)
        return
    if identity is Identity.OTHER:
        yield _overwritten(holder, context.number)
    else:
        yield _copy(holder) if identity is Identity.COPY else _claim(holder)


def _copy(holder: Holder) -> Finding:
    controlled = holder.name or holder.number
    return Finding(
        says=f"This is an uncontrolled copy of {holder.number}.",
        expected=f"The controlled copy is {controlled}; others may be out of date.",
        how="Remove the copy and put a link to the controlled document in its place.",
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _alike(document: Document, context: Context) -> Iterator[Finding]:
    """Yield a finding for a file whose text is, or is derived from, a registered document's.

    A document with a number of its own may well take over the words of another.
    """
    found = context.alike
    if found is None or context.number or number_of(document, context):
        return
    if found.share == 1:
        yield _copy(found.holder)
    elif found.share >= context.standard.copies.likeness:
        yield _derived(found)


def _derived(found: Alike) -> Finding:
    number = found.holder.number
    return Finding(
        says=f"About {found.share:.0%} of this text is that of {number}.",
        expected=f"{number} is changed in a draft of {found.holder.name or 'its own'} only.",
        how="If it is to be the next version, upload it as a draft over the controlled document. If"
        " it is only a copy, put a link in its place; if it is another document, ask the registry"
        " for a number of its own.",
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _overwritten(holder: Holder, own: str) -> Finding:
    return Finding(
        says=f"This document is {own}, but its new version holds the content of {holder.number}.",
        expected=f"A new version of {own} goes on from {own}.",
        how=f"Restore the version before from the version history of {own}, or upload the right"
        " content.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
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
