"""The version label tells the truth: V0.1, V0.2 … are drafts, V1 is published, V1.1 revises it.

What is published in the library decides first, then the document's control block, then the Version
column, then the name. The column is put right; the control block is yours to correct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, SetColumns, Severity, Status, Tell, parse_label
from sync.policies._truth import claimed_label, is_own, label_of, published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.labels import Label
    from sync.model import Context, Document

NEEDS = frozenset({"content", "columns", "versions"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"naming", "series"})
VERSION = "2"
COLUMN = "VersionLabel"


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the label inside the document, then with the column."""
    if not is_own(document, context):
        return
    label = label_of(document, context)
    yield from _inside(document, context, label)
    if label and not _awaits_publication(document, context, label):
        yield from _beside(document, label)


def _awaits_publication(document: Document, context: Context, label: Label) -> bool:
    """Tell a version that carries its coming label: the column says V2 once it is published.

    Also of a whole version that no board approved, where boards approved the one before.
    """
    state = published(document)
    if not (state and label.published):
        return False
    approved = {one.label for one in context.publications}
    return bool(state.minor or (approved and str(label) not in approved))


def _beside(document: Document, label: Label) -> Iterator[Finding]:
    shown = document.column(COLUMN)
    if shown == str(label):
        return
    yield Finding(
        says=f"The Version column says {shown}." if shown else "The Version column was empty.",
        expected=f"The document is {label}.",
        how="Nothing to do: the column is filled in from the document.",
        waits="Correct the Version column, or the version in the control block if that is wrong.",
        severity=Severity.FIX if shown else Severity.NOTE,
        status=Status.CORRECTED if shown else Status.IN_ORDER,
        remedies=(SetColumns({COLUMN: str(label)}),),
    )


def _inside(document: Document, context: Context, label: Label | None) -> Iterator[Finding]:
    state, claimed = published(document), claimed_label(document, context)
    own = document.block.label if document.block else None
    latest = _latest(document)
    if state and state.label and own and own != state.label:
        yield _wrong(f"says {own}; what is published here is {state.label}", str(state.label))
    elif state and claimed and label is None:
        right = f"V{state.major}.1 or later, V{state.major + 1} when it is to be published"
        what = f"says {claimed}; the library holds it as draft {state.major}.{state.minor}"
        yield _wrong(what, right)
    elif own and latest and own < latest:
        yield _wrong(f"says {own}; its own version history already has {latest}", str(latest))
    else:
        yield from _course(document, context, (state.label if state else None) or claimed)


def _course(document: Document, context: Context, label: Label | None) -> Iterator[Finding]:
    """Compare with what was published under the number, and what earlier looks found."""
    past = context.past
    if label is None or past.published.get(str(label)) == document.content_id:
        return
    published = (one for text in past.published if (one := parse_label(text)))
    top = max(published, default=None)
    if str(label) in past.published:
        yield _wrong(f"says {label}, which was published before with other content", _next(top))
    elif top and label < top:
        yield _wrong(f"says {label}; {top} was published before", _next(top))
    elif past.highest and label < past.highest:
        yield _wrong(f"says {label}; it was {past.highest} before", f"{past.highest} or later")


def _next(top: Label | None) -> str:
    major = top.major if top else 0
    return f"V{major}.1 or later, V{major + 1} when it is to be published"


def _latest(document: Document) -> Label | None:
    rows = document.block.history if document.block else ()
    return max((label for row in rows if (label := parse_label(row.version))), default=None)


def _wrong(what: str, right: str) -> Finding:
    return Finding(
        says=f"The document {what}.",
        expected=f"Its version should be {right}. A version never goes back, nor is it used twice.",
        how="Correct the version in the control block and upload the document again.",
        severity=Severity.STOP,
        remedies=(Tell(Recipient.AUTHOR),),
    )
