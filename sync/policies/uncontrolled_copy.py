"""There is one controlled copy of each document; any other is marked as uncontrolled.

A file with the same content as a registered document, or the same text in another format, is a copy
of it: use a link instead. A text that is mostly that of one is asked about. A file
with another document's number but other content claims that number, and is held until someone
decides which of the two is the document. Of an earlier version, and of a number whose document is
superseded or gone, that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Severity, Status, Tell
from sync.policies._truth import Identity, claimed_label, identity_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.labels import Label
    from sync.model import Alike, Context, Document, Holder

NEEDS = frozenset({"name", "content", "columns"})
WITHOUT_CONTENT = True
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"copies", "naming", "series"})
VERSION = "4"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when the file's content or number belongs to a registered document."""
    identity, holder = identity_of(document, context)
    if holder is None:
        yield from _alike(document, context)
        return
    if identity is Identity.OTHER:
        yield _overwritten(holder, context)
    else:
        yield _copy(holder) if identity is Identity.COPY else _claims(document, context, holder)


def _copy(holder: Holder) -> Finding:
    controlled = holder.name or holder.number
    return Finding(
        says=f"This is an uncontrolled copy of {holder.number}.",
        expected=f"The controlled copy is “{controlled}”; others may be out of date.",
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
        expected=f"{number} is changed only in a draft of “{found.holder.name or number}”.",
        how="If it is to be the next version, upload it as a draft over the controlled document. If"
        " it is only a copy, put a link in its place. If it is another document, ask the registry"
        " for a number of its own.",
        remedies=(Tell(Recipient.UPLOADER),),
    )


def _overwritten(holder: Holder, context: Context) -> Finding:
    own, what = context.number, "holds the content"
    if not any(one.document_id == holder.document_id for one in context.copies):
        share = context.alike.share if context.alike else 1
        what = f"is about {share:.0%} the text"
    return Finding(
        says=f"This document is {own}, but its new version {what} of {holder.number}.",
        expected="A new version carries on the same document.",
        how=f"Restore the version before from the version history of {own}, or upload the right"
        " content.",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )


def _claims(document: Document, context: Context, holder: Holder) -> Finding:
    """Return what is said of a file with another document's number: of old ones, that they are."""
    label = claimed_label(document, context)
    if holder.fate:
        return _dead(holder)
    if label and holder.label and label < holder.label:
        return _earlier(holder, label)
    return _held(
        f"This file claims {holder.number}, which is another document with other content.",
        f"{holder.number} is “{holder.name or holder.number}”. Each number is given once.",
        f"If it is the next version, upload it over {holder.number}. If it is another document,"
        " ask the registry for a number of its own.",
    )


def _dead(holder: Holder) -> Finding:
    return _held(
        f"This file bears {holder.number}, and the document of that number is {holder.fate}.",
        "A number stays with its document, also when that is no longer in force.",
        "If this is an old copy, take it away. If it is another document, ask the registry for a"
        f" number of its own. If {holder.number} shall come back, ask the registry first.",
    )


def _earlier(holder: Holder, label: Label) -> Finding:
    return _held(
        f"This file bears {holder.number} {label}; the document now is {holder.label}.",
        f"{holder.number} is “{holder.name or holder.number}”, and its earlier versions stand in"
        " its version history.",
        "If this is an earlier version, take it away. If it is another document, ask the registry"
        " for a number of its own.",
    )


def _held(says: str, expected: str, how: str) -> Finding:
    return Finding(
        says=says,
        expected=expected,
        how=how,
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )
