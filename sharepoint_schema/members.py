"""Who makes up the network: its bodies, its member organisations, the series of its numbers."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sharepoint_schema.record import Code, Line, Record

type Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class Series(Record):
    """A family of document numbers."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}$")]
    name: Line


class Body(Record):
    """A board, forum, group or team; `aliases` are the other ways people write it."""

    code: Code
    name: Line
    aliases: tuple[Line, ...] = ()
    reports_to: Code | None = None
    decides: Line | None = None
    members_from: tuple[Literal["trust", "icb"], ...] = ()
    """Kinds of organisation that each send a voting member."""
    quorum: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the voting members who have to be there."""
    absences: Annotated[int, Field(ge=1, le=12)] = 3
    """Meetings missed in a row after which the chair writes to a member."""
    days: Mapping[Code, Annotated[int, Field(ge=-60, le=60)]] = Field(default_factory=dict)
    """This body's own deadlines, in working days from a meeting, before it where negative:
    {papers: -7, minutes: 15}. One that is not here is the register's (its `days_of`)."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way the body is written: name, aliases, code."""
        return (self.name, *self.aliases, self.code)


class Organisation(Record):
    """A member of the network: a trust or an integrated care board."""

    name: Line
    kind: Literal["trust", "icb"]
    domain: Domain
