"""What a rule may know of a register's row besides the row itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sharepoint_schema.registers import Clock, Register
    from sharepoint_schema.standard import Standard
    from sync.model.items import Item


@dataclass(frozen=True, slots=True)
class Setter:
    """Who gave a column its present value, by version history: object id, name, roles held.

    `at` is when they did (aware, UTC), None where it is not known.
    """

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowContext:
    """`today` is the date in the network's time zone; `area` the list's key.

    `body` is the code of the body it belongs to, "" for none; `people` the names of those in person
    columns by the site's number for them. `titles` are the columns' titles by internal name.
    `setters` tell who filled in the columns that the rule asks about (`SETTERS`).
    `left` are the numbers of owners whose account is disabled or gone, `stand_in` is then the
    number of the site's owner.
    `opened` is the day on which the register was first followed, None where nobody noted it.
    `before` are the columns at the last look as text, empty for a row never seen. `others` are the
    rows of the lists that the rule reads (`READS`), by the list's key, without this row.
    """

    today: date
    standard: Standard
    area: str
    register: Register
    body: str = ""
    people: Mapping[str, str] = field(default_factory=dict, hash=False)
    setters: Mapping[str, Setter] = field(default_factory=dict, hash=False)
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    before: Mapping[str, str] = field(default_factory=dict, hash=False)
    left: frozenset[str] = frozenset()
    stand_in: str = ""
    opened: date | None = None
    others: Mapping[str, Sequence[Item]] = field(default_factory=dict, hash=False)

    def name(self, number: str) -> str:
        """Return somebody as staff know them."""
        return self.people.get(number) or f"the person with the number {number}"

    def title(self, column: str) -> str:
        """Return a column as staff see it."""
        return self.titles.get(column, column)


def says(row: Item, answers: Mapping[str, Collection[str]]) -> bool:
    """Whether every column says one of its values ("*": anything); True for no columns."""
    return all(
        (told := row.column(name)) in values or ("*" in values and bool(told))
        for name, values in answers.items()
    )


def is_closed(row: Item, register: Register) -> bool:
    """Whether the row is over, so that nothing is asked of it any more."""
    return bool(register.closed) and says(row, register.closed)


def waits(row: Item, clock: Clock) -> bool:
    """Whether nobody is to be reminded of a clock's date now."""
    return bool(clock.unless) and says(row, clock.unless)


def number_in(row: Item, column: str) -> float | None:
    """Return a column's number, None when it is empty or none."""
    try:
        return float(row.column(column))
    except ValueError:
        return None
