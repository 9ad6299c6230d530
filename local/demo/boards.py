"""What the boards decided about a document, as a secretary writes it into the Decisions list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

TITLE = "Decisions"


def meetings(number: str, today: date) -> tuple[dict[str, Any], ...]:
    """Return the two rows of a strategy's way: recommended three weeks ago, approved on day -2."""
    return (
        _row(number, "Recommended", "Network Operational Board", today - timedelta(days=21)),
        _row(number, "Approved", "Network Executive Board", today - timedelta(days=2)),
    )


def _row(number: str, kind: str, body: str, on: date) -> dict[str, Any]:
    return {
        "Title": f"{number} {kind.lower()} by the {body}",
        "DecisionDocument": number,
        "DecisionVersion": "V1",
        "DecisionBody": body,
        "DecisionKind": kind,
        "MeetingDate": f"{on.isoformat()}T00:00:00Z",
        "MinuteReference": f"{body} {on:%d/%m/%Y}, item 4",
        "Quorate": True,
        "PresentCount": 9,
        "Conflicts": "None declared",
    }
