"""A decision that says it had a quorum was made at a meeting whose attendance makes one.

The register of meetings counts; the decision's row only says so. The secretary corrects whichever
of the two is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sharepoint_schema.months import add_months
from sync.model import Finding, Notify
from sync.policies.rows._decided import DAY, QUORATE, doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.model import Item
    from sync.model.rows import RowContext

READS = ("decisions",)
BODY, REFERENCE = "DecisionBody", "MinuteReference"
MONTHS = 12
"""How far back decisions are held against the register of meetings."""


def check_all(rows: Sequence[Item], context: RowContext) -> Iterator[Finding]:
    """Yield a finding for each quorate decision of this body that the meetings do not bear out."""
    since = add_months(context.today, -MONTHS)
    for decision in context.others.get("decisions", ()):
        day = decision.date_column(DAY)
        ours = decision.column(BODY) == context.body and decision.column(QUORATE) == "Yes"
        if not ours or day is None or day < since:
            continue
        against = doubt(rows, day)
        if against:
            yield Finding(
                says=f"{decision.column('DecisionDocument')} was {decision.column('DecisionKind')}"
                f" with a quorum ({decision.column(REFERENCE)}), but {against}.",
                expected="Without a quorum a meeting decides nothing.",
                how="Enter the meeting and who was there, or record the decision anew.",
                remedies=(Notify(("{body}_secretaries",), once=f"{decision.document_id}:quorum"),),
            )
