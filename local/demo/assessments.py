"""The equality impact assessment that staff fill in before a procedure is adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

TITLE = "Equality assessments"
CHARACTERISTICS = (
    "EiaAge",
    "EiaDisability",
    "EiaGender",
    "EiaGenderReassignment",
    "EiaPartnership",
    "EiaMaternity",
    "EiaRace",
    "EiaBelief",
    "EiaOrientation",
)


def assessment(number: str, on: date) -> dict[str, str]:
    """Return the columns of a complete row: nine answers, none of them with an effect."""
    return {
        "Title": f"Assessment of {number}",
        "EiaNumber": number,
        "EiaAssessors": "Quality team, two SIG chairs",
        "EiaKind": "New",
        "EiaDate": f"{on.isoformat()}T00:00:00Z",
        "EiaResponsible": "Senior Quality Improvement Manager",
        "EiaMonitoring": "Looked at in the yearly review",
        "EiaHostPolicy": "Yes",
        **dict.fromkeys(CHARACTERISTICS, "No"),
    }
