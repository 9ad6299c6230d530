"""A request for information is answered by the day it is due.

The Freedom of Information Act allows 20 working days (section 10). An answer that went out later
is kept on record as late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import working_days_between
from sync.model import Finding, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.model import Item
    from sync.model.rows import RowContext

DUE, ANSWERED, RECEIVED = "FoiDue", "FoiAnswered", "FoiReceived"


def check(row: Item, context: RowContext) -> Iterator[Finding]:  # noqa: ARG001 - one shape
    """Yield a finding for an answer dated before its request, a note for one that was late."""
    due, answered, received = (row.date_column(name) for name in (DUE, ANSWERED, RECEIVED))
    if answered and received and answered < received:
        yield Finding(
            says=f"The answer is dated {show_date(answered)}, before the request came.",
            how="Correct Received or Answered on.",
        )
    elif answered and due and answered > due:
        late = working_days_between(due, answered)
        yield Finding(
            says=f"The answer was {late} working {'day' if late == 1 else 'days'} late.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
        )
