"""A file is not kept checked out for days: meanwhile nobody else sees its changes or makes any.

Whoever has it checked out is asked to check it in. Nobody is forced: a check-out is never undone by
the system, since what was written in it would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Recipient, Tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Context, Document

NEEDS = frozenset({"columns"})
PERMISSIONS = ("Sites.Selected: read",)
PARAMETERS = frozenset({"checked_out"})


def check(document: Document, context: Context) -> Iterator[Finding]:
    """Yield one finding when the file has been checked out for longer than agreed."""
    allowed = context.standard.checked_out.days
    since = context.checked_out_since
    if document.checked_out_by is None or since is None:
        return
    days = (context.today - since).days
    if days < allowed:
        return
    holder = document.checked_out_by.name or "somebody"
    yield Finding(
        says=f"The file has been checked out by {holder} for {days} days.",
        expected=f"A file is checked in again within {allowed} day{'s'[: allowed > 1]}.",
        how="Check it in, so that the others see what was changed; if nothing was, discard the"
        " check-out.",
        remedies=(Tell(Recipient.HOLDER), Tell(Recipient.OWNER)),
    )
