"""Excuses: why a finding is shown and yet not acted on, by whose word, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sync.model.text import SITE_TIME
from sync.model.verdicts import Status

if TYPE_CHECKING:
    from datetime import date, datetime


class ExcuseKind(StrEnum):
    """Why a finding is left alone; of two for one finding the later one listed here is told."""

    WAIVED = "waived"  # somebody entitled lets it rest until a day
    UNDONE = "undone"  # an act of Verger was undone; stands until the content changes
    BROKEN = "broken"  # a breaker stopped the policy here
    FALSE_POSITIVE = "false positive"  # a person looked: what was found is none


STATUSES = {
    ExcuseKind.WAIVED: Status.WAIVED,
    ExcuseKind.UNDONE: Status.NEEDS_YOU,
    ExcuseKind.BROKEN: Status.HELD,
    ExcuseKind.FALSE_POSITIVE: Status.IN_ORDER,
}


@dataclass(frozen=True, slots=True)
class Excuse:
    """One policy's excuse for one document.

    `by` is who gave it, as staff read it; `until` the moment it ends (aware, UTC), None while the
    content stays; `reason` is a sentence for staff. `on` is the UK day it was given.
    """

    kind: ExcuseKind
    by: str
    reason: str = ""
    until: datetime | None = None
    on: date | None = None

    @property
    def status(self) -> Status:
        """The Control status that a finding so excused has."""
        return STATUSES[self.kind]

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, in UK eyes; None when no day ends it."""
        if self.until is None:
            return None
        return (self.until - timedelta(microseconds=1)).astimezone(SITE_TIME).date()

    @property
    def says(self) -> str:
        """What staff read of it, beside what was found."""
        reason = self.reason.strip().rstrip(".")
        if self.kind is ExcuseKind.BROKEN:
            return f"{reason}."
        why = f" ({reason})" if reason else ""
        return f"{self._who_did}{why}{self._how_long}."

    @property
    def _who_did(self) -> str:
        when = f" on {show_date(self.on)}" if self.on else ""
        match self.kind:
            case ExcuseKind.WAIVED:
                return f"Waived by {self.by}{when}"
            case ExcuseKind.FALSE_POSITIVE:
                return f"Judged a false alarm by {self.by}{when}"
        return f"Undone by {self.by}{when}"

    @property
    def _how_long(self) -> str:
        if (day := self.last_day) is not None:
            return f"; stands until {show_date(day)}"
        return "; stands until the content changes"
