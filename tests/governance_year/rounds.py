"""A reading round: who confirms a document when, and what has to come of it until all have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.governance_year.expected import Entry, Post, british
from tests.governance_year.facts import day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tests.governance_year.staff import Staff

ROUNDS_OF, CONFIRMATIONS = ("core", "acknowledgement_rounds"), ("core", "acknowledgements")
LADDER = (7, 0, -7)
"""Days before the last one at which whoever has not confirmed is reminded."""


@dataclass(frozen=True, slots=True)
class Round:
    """A document to be read by a day, by whom, and when each confirmed."""

    number: str
    entered: date
    due: date
    confirmed: dict[str, date]

    @property
    def title(self) -> str:
        return f"Read {self.number}"


ROUNDS = (
    Round(
        number="Op-12",
        entered=day("02/06"),
        due=day("20/06"),
        confirmed={
            "nadia.drew": day("10/06"),
            "sam.price": day("20/06"),
            "helen.ward": day("01/07"),
        },
    ),
)


def acts() -> Iterator[tuple[date, Callable[[Staff], None]]]:
    """Yield what is done on which day."""
    for one in ROUNDS:
        yield one.entered, partial(_open, one)
        for who, on in one.confirmed.items():
            yield on, partial(_confirm, one, who)


def _open(one: Round, staff: Staff) -> None:
    row = {
        "Title": one.title,
        "RoundNumber": one.number,
        "RoundVersion": "V1",
        "RoundDue": one.due.isoformat(),
        **staff.people("core", "RoundAudience", one.confirmed),
    }
    staff.enter(ROUNDS_OF, [row])


def _confirm(one: Round, who: str, staff: Staff) -> None:
    row = {
        "Title": f"{one.number} {who}",
        "AckNumber": one.number,
        "AckVersion": "V1",
        "AckByLookupId": staff.number("core", who),
    }
    staff.enter(CONFIRMATIONS, [row], who)


class RoundEntry(Entry):
    """A round as its audience confirms; it is looked at each morning until it is done."""

    round: Round

    @classmethod
    def of(cls, one: Round) -> RoundEntry:
        made = cls(
            where="/".join(ROUNDS_OF),
            title=one.title,
            clocks=lambda _on: (),
            since=one.entered,
            acts=frozenset(),
        )
        made.round = one
        made.lacks = lambda as_of: bool(made.open(as_of)) and one.due <= as_of
        return made

    def open(self, as_of: date) -> list[str]:
        """Return who had not confirmed by the end of a day."""
        return [who for who, on in self.round.confirmed.items() if on > as_of]

    def look(self, post: Post, today: date, as_of: date) -> None:
        one, open_ = self.round, self.open(as_of)
        reached = [left for left in LADDER if (one.due - today).days <= left]
        says = (
            f"Reading rounds, WMIN Core Team | {one.title}: {len(open_)} of {len(one.confirmed)}"
            f" have still to confirm by {british(one.due)}."
        )
        if one.due < today:
            says += " They add an entry to Confirmations."
        for who in open_:
            about = (f"{self.where} {self.title}", who)
            post.line(who, about, min(reached, default="asked"), says)
        super().look(post, today, as_of)
