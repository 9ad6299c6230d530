"""Each controlled document has a number of its own, and the registry gives it out.

Upload a document without a number and it gets the next one of its series; you are told which, to
write it into the control block. Words such as "tbc" in its place count as none. You may also add a
row to the document registry first: the number is then kept for you. A number is never given twice.
One far above all the others is most likely mistyped: it waits until a registrar adds it to the
registry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, SetColumns, Severity, Status, Tell
from sync.policies._truth import Identity, has_odd_number, identity_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document, Unclaimed

NEEDS = frozenset({"name", "content", "columns"})
PERMISSIONS = ("Sites.Selected: write",)
PARAMETERS = frozenset({"naming", "series"})
VERSION = "3"
LONGEST = 40
"""Characters told of what stands in the block in a number's place."""
ADD_A_ROW = "ask a registrar to add it to the document registry"
WHY = {
    "lapsed": "was reserved and has lapsed",
    "void": "was withdrawn and is never given out again",
}


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield at most one finding: no number, one still missing in the block, one it may not have."""
    if not context.area.controlled or identity_of(document, context)[0] is not Identity.OWN:
        return
    if context.unclaimed is not None:
        yield _waits(context.unclaimed)
    elif not context.number:
        # An odd number in the block is another rule's matter: until it is corrected, none is given.
        if number_of(document, context) is None and not has_odd_number(document):
            yield _none()
    elif document.block is None:
        yield from _column(document, context.number)
    elif document.block.number is None and not has_odd_number(document):
        yield _given(document, context.number)


def _none() -> Finding:
    return Finding(
        says="The document has no number.",
        expected="The registry gives each controlled document a number, such as Gov-04.",
        how="Nothing to do yet: once this rule is in force here, the document gets its number.",
    )


def _column(document: Document, number: str) -> Iterator[Finding]:
    """Fill in the column of a document without a control block, which is another rule's matter."""
    if document.column("DocumentNumber") != number:
        yield Finding(
            says=f"The registry gave the document the number {number}.",
            expected="The column says the document's number.",
            how="Nothing to do: it is filled in.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
            remedies=(SetColumns({"DocumentNumber": number}),),
        )


def _given(document: Document, number: str) -> Finding:
    missing = document.column("DocumentNumber") != number
    told = Tell(Recipient.AUTHOR)
    said = document.block.document_number.strip() if document.block else ""
    instead = " in its place" if said else ""
    shows = f"says “{said[:LONGEST]}” where the number goes" if said else "shows no number"
    return Finding(
        says=f"This document is {number} in the registry; its control block {shows}.",
        expected="The control block shows the document's number.",
        how=f"Write {number} into the control block{instead} and upload the document again.",
        remedies=(SetColumns({"DocumentNumber": number}), told) if missing else (told,),
    )


def _waits(claim: Unclaimed) -> Finding:
    number = claim.number
    if claim.why == "far":
        top = f"the highest so far is {claim.highest}" if claim.highest else "there is none so far"
        says = f"The document says that it is {number}, a number far above the others: {top}."
    else:
        says = f"The document says that it is {number}; that number {WHY[claim.why]}."
    again = "" if claim.why == "void" else f" If {number} is right, {ADD_A_ROW}."
    return Finding(
        says=says,
        expected="Numbers are given out one after the other by the registry.",
        how=f"Correct the number, or take it out to get the next one.{again}",
        severity=Severity.STOP,
        status=Status.HELD,
        remedies=(Tell(Recipient.AUTHOR),),
    )
