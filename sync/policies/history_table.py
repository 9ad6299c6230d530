"""The version history in the document tells how it came to be what it is.

The table has a row for each version that was published, in their order and by date, and the last
row of a published document is the version it is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Tell, as_date, parse_label
from sync.policies._truth import is_own, label_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sharepoint_schema.labels import Label
    from sync.model import Amendment, Context, Document

NEEDS = frozenset({"content", "columns", "versions"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"naming", "series"})
LONGEST_QUOTE = 40
"""Characters of a cell that are quoted back."""


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding that names everything wrong with the table; no block, no table to judge."""
    label = label_of(document, context)
    if document.block is None or label is None or not is_own(document, context):
        return
    faults = list(_faults(document.block.history, label, _published(context, label)))
    if faults:
        yield Finding(
            says=f"In the version history {'; '.join(faults)}.",
            expected="It has a row for each version that was published, dated and in order, up to"
            " this one.",
            how="Complete the version history in the document and upload it again.",
            remedies=(Tell(Recipient.AUTHOR),),
        )


def _published(context: Context, label: Label) -> list[Label]:
    """Return the labels known to have been published before this one."""
    known = (parse_label(text) for text in context.past.published)
    return sorted(one for one in known if one and one < label)


def _faults(rows: Sequence[Amendment], label: Label, published: Sequence[Label]) -> Iterator[str]:
    labels = [parse_label(row.version) for row in rows]
    yield from (
        f"the version {_quoted(row.version)} is not understood"
        for row, one in zip(rows, labels, strict=True)
        if one is None
    )
    yield from (f"{one} is missing" for one in published if one not in labels)
    if label.published and (not labels or labels[-1] != label):
        yield f"the last row is not {label}"
    yield from _order([one for one in labels if one])
    yield from _dates(rows)


def _order(labels: Sequence[Label]) -> Iterator[str]:
    for earlier, later in pairwise(labels):
        if later <= earlier:
            yield f"{later} stands after {earlier}"


def _dates(rows: Sequence[Amendment]) -> Iterator[str]:
    days = [(row, as_date(row.adopted)) for row in rows if row.adopted]
    yield from (f"the date {_quoted(row.adopted)} is not one" for row, day in days if day is None)
    dated = [(row, day) for row, day in days if day is not None]
    for (earlier, before), (later, after) in pairwise(dated):
        if after < before:
            yield f"{later.version} is dated before {earlier.version}"


def _quoted(text: str) -> str:
    return text[:LONGEST_QUOTE] or "of a row"
