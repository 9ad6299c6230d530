"""The Executive Board oversees every red risk, from the day on which it becomes red.

Its secretariat is told at once when a risk crosses into red, each time it does. That a risk has
left red is recorded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.model import Finding, Notify, Severity, Status
from sync.model.rows import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

VERSION = "2"
SCORE, BAND = "CurrentScore", "RiskBand"
RED = "red"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a note when the risk crossed into red, or out of it, since the last look."""
    red = {band.name for band in context.standard.bands if band.colour == RED}
    closed = is_closed(row, context.register)
    before = replace(row, fields=dict(context.before))
    was = before.column(BAND) in red and not is_closed(before, context.register)
    now = row.column(BAND) in red and not closed
    if now and not was:
        yield _note(
            f"This risk is now {row.column(BAND)}: its score is {row.column(SCORE)}.",
            Notify(("neb_secretaries",), once=f"red:{row.etag}", at_once=True),
        )
    elif was and not now:
        left = "was closed" if closed else f"is {row.column(BAND) or 'not scored'} now"
        yield _note(f"This risk has left red: it {left}.")


def _note(says: str, *remedies: Notify) -> Finding:
    return Finding(says=says, severity=Severity.NOTE, status=Status.IN_ORDER, remedies=remedies)
