"""How the rows of a native list are kept true: what a register asks for, computes and reminds of.

It stands in a list's `entries:`; adding a register to the network is such a file, and a rule of
its own only for what these words cannot say.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sharepoint_schema.record import Code, Line, Record

type Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,31}$")]
"""A column's internal name."""

type Answers = Mapping[Name, tuple[Line, ...]]
"""Columns, and the values of each that count; `["*"]` is any value, `[""]`-like emptiness is not
said here: what is empty counts for nothing. Yes and no are "True" and "False"."""

type Recipients = tuple[Line, ...]
"""Whom to tell: a person column of the list, a part of the roles file ("neb_secretaries"), or
"owner" for the site's owner."""


class Need(Record):
    """A column that is filled in, always or `when` other columns say so."""

    column: Name
    when: Answers = Field(default_factory=dict)
    even_closed: bool = False
    """Asked for when the row is over, too: what became of it."""
    because: Line | None = None
    """What the rule asks, in words for staff; by default that the column is filled in."""


class Rung(Record):
    """One reminder: so many days before the date; 0 on the day, negative after it."""

    days: Annotated[int, Field(ge=-730, le=730)]
    to: Recipients = ()
    """Those told besides the clock's own `to`: where it goes once the owner has not acted."""


class Clock(Record):
    """A date that something has to be done by, and who is reminded of it when, each rung once."""

    key: Code
    column: Name
    what: Line
    """What is due, in words that go before "is due on": "the review of this risk"."""
    to: Recipients
    ladder: Annotated[tuple[Rung, ...], Field(min_length=1)]
    unless: Answers = Field(default_factory=dict)
    """Nobody is reminded while the row says so: the date waits, or was kept."""
    how: Line | None = None

    @model_validator(mode="after")
    def _downwards(self) -> Self:
        days = [one.days for one in self.ladder]
        if days != sorted(set(days), reverse=True):
            raise ValueError("the rungs of a ladder go down: 90, 30, 7, 0, -14")
        return self


class Computed(Record):
    """A column that follows from others; what staff type into it is put right.

    `product` multiplies `of`; `same` is what another column says; `working_days` counts so many
    English working days on from a date (before it, for negative `days`), leaving out those between
    the two dates of each pair in `paused`; `months` counts months on, by the value of a column
    (`by`) from the first date, or by a fixed number from the latest one.
    """

    column: Name
    rule: Literal["product", "same", "working_days", "months"]
    of: Annotated[tuple[Name, ...], Field(min_length=1)]
    days: Annotated[int, Field(ge=-730, le=730)] | None = None
    days_of: Code | None = None
    """By which name a body may have days of its own in the standard (`bodies: days`)."""
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    by: Mapping[Line, Annotated[int, Field(ge=1, le=120)]] = Field(default_factory=dict)
    paused: tuple[tuple[Name, Name], ...] = ()
    only_empty: bool = False
    """Fill it in where it is empty, and leave what staff set."""
    at_most: bool = False
    """Leave an earlier date that staff set, too; a later one is put right."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.rule == "working_days" and self.days is None:
            raise ValueError("working_days needs days")
        if self.rule == "months" and self.months is None and not self.by:
            raise ValueError("months needs months, or by: months for each value of a column")
        if self.rule == "product" and len(self.of) < 2:  # noqa: PLR2004 - a product of two
            raise ValueError("a product needs two columns or more")
        return self


class Rhythm(Record):
    """At least one new entry in each period of so many months, by a day after its end."""

    column: Name
    """The date by which an entry counts for its period."""
    months: Annotated[int, Field(ge=1, le=12)] = 1
    days_after: Annotated[int, Field(ge=0, le=60)] = 7
    remind: tuple[Annotated[int, Field(ge=0)], ...] = ()
    """Days before that day on which whoever it is expected from is reminded, each once."""
    what: Line
    """What is expected, in words that go before "for June 2026": "The highlight report"."""
    to: Recipients

    @model_validator(mode="after")
    def _reminders(self) -> Self:
        if list(self.remind) != sorted(set(self.remind), reverse=True):
            raise ValueError("the days of remind go down: 6, 2")
        if self.remind and self.remind[0] >= self.days_after:
            raise ValueError("nobody is reminded of a period before it is over")
        return self


class News(Record):
    """What an entry comes to say, and whom it concerns then; each is told once.

    `body_in` is a column that names a body of the network: for "{body}" its code then stands in
    `to`, its name in `says` (nobody is told while it names none). `again` is a column whose new
    value is told anew.
    """

    key: Code
    when: Annotated[Answers, Field(min_length=1)]
    body_in: Name | None = None
    again: Name | None = None
    to: Recipients
    says: Line
    how: Line | None = None


class Follow(Record):
    """Rows that rest on another register of the same site, and are judged anew when it changes.

    A row of `area` counts from the day in its column `since` (an empty one: from ever); what is
    judged anew are the rows whose own column `day` says that day or a later one.
    """

    area: Code
    since: Name
    day: Name


class Register(Record):
    """One register: `closed` says which rows are over, of which nothing is asked any more."""

    source: Line
    """Where the network asks for it: a clause or section of the strategy."""
    body: Code | None = None
    """The code of the body it belongs to, where that is the same on every site."""
    owner: Name | None = None
    see_to: tuple[Name, ...] = ()
    """Other person columns whose people have something to do: a mitigation's owner."""
    closed: Answers = Field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    computed: tuple[Computed, ...] = ()
    clocks: tuple[Clock, ...] = ()
    rhythm: Rhythm | None = None
    never_empty: Line | None = None
    """What the register as a whole has to hold, in words: it is a finding while no row is open."""
    document: Name | None = None
    """The column that names a document by its number: its files are judged anew with the row."""
    decided_on: Name | None = None
    """The column with a meeting's day: what its body decided then is judged anew with the row."""
    news: tuple[News, ...] = ()
    follows: tuple[Follow, ...] = ()
    """What its rows are counted by: a meeting's quorum by who was a member on its day."""
    daily: bool = False
    """Look at each open row every morning: what it waits for happens elsewhere."""
    kept: tuple[Name, ...] = ()
    """Columns whose course is kept in the facts, such as a risk's scores."""

    @property
    def answering(self) -> tuple[Name, ...]:
        """The columns whose people have to be there: whoever has left is replaced."""
        return (*((self.owner,) if self.owner else ()), *self.see_to)
