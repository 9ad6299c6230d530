"""One work row being attended to, with all that its stops need: passed along whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.places import Place
    from sync.service import Service
    from sync.state.work import Work
    from sync.tenant.meter import Bill


@dataclass(frozen=True, slots=True)
class Case:
    """Where the row is and what it has cost so far; `opened` the lists it opened work in."""

    service: Service
    place: Place
    row: Work
    bill: Bill
    opened: set[str] = field(default_factory=set, compare=False)

    @property
    def units(self) -> float:
        """Resource units spent on this row, its share of the feed's page included."""
        return self.bill.units + float((self.row.change or {}).get("units", 0.0))
