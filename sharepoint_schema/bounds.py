"""How far the system itself may go: what it reads, spends, waives, and when it stops itself."""

from typing import Annotated, Literal

from pydantic import Field

from sharepoint_schema.record import Record


class Waivers(Record):
    """For how many days at most a finding may rest by a waiver."""

    most_days: Annotated[int, Field(ge=1, le=730)]


class Breakers(Record):
    """When Verger stops by itself. All counts are of the last `hours`.

    A rule may correct `share` of a library's files, but always `least` and never more than `most`;
    one and the same correction of one file is made `corrections` times, then given up for `hours`.
    """

    hours: Annotated[int, Field(ge=1, le=168)]
    share: Annotated[float, Field(gt=0, le=1)]
    least: Annotated[int, Field(ge=1)]
    most: Annotated[int, Field(ge=1, le=10_000)]
    corrections: Annotated[int, Field(ge=1, le=100)]


class Access(Record):
    """Who can open restricted files, and how often that is checked (decision 8).

    `mode` enforce takes what is too much away, observe only writes it down. The rolling check
    spends at most `units_an_hour` resource units, and begins a library anew every `every_hours`.
    An exception lasts `exception_days` at most.
    """

    mode: Literal["observe", "enforce"]
    units_an_hour: Annotated[int, Field(ge=100)]
    every_hours: Annotated[int, Field(ge=1, le=168)]
    exception_days: Annotated[int, Field(ge=1, le=366)]


class Limits(Record):
    """How much of a file is read before it is given up as "Not checked"."""

    bytes: Annotated[int, Field(ge=1)]
    unzipped_bytes: Annotated[int, Field(ge=1)]
    unzipped_ratio: Annotated[int, Field(ge=1)]
    characters: Annotated[int, Field(ge=1)]
    pages: Annotated[int, Field(ge=1)]
    seconds: Annotated[int, Field(ge=1)]


class RulesChange(Record):
    """What happens to the files that are there when a rule changes (decision 26).

    They are looked at first, within `units_an_hour` resource units. Where at most the share `alone`
    of a library's files would get another verdict, or no more than `few`, Verger goes on by itself;
    otherwise an administrator says go.
    """

    units_an_hour: Annotated[int, Field(ge=10, le=100_000)]
    alone: Annotated[float, Field(ge=0, le=1)]
    few: Annotated[int, Field(ge=0, le=1000)]
