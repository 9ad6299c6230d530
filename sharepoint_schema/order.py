"""The order for a Special Interest Group's site: what must be agreed before anything is built.

Gov-12: a need is identified, the Network Director and the Clinical Director agree, the Operational
Board approves and minutes it. An order without one of these steps is refused, naming the step.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from sharepoint_schema.dates import parse_date
from sharepoint_schema.loading import read_record
from sharepoint_schema.record import Address, Line, Record
from sharepoint_schema.rules import Choices, Fault
from sharepoint_schema.standard import load_standard


def _british(value: Any) -> Any:
    """Accept 14/10/2026 as well as YAML's own 2026-10-14."""
    if not isinstance(value, str):
        return value
    return parse_date(value) if "/" in value else date.fromisoformat(value)


type Day = Annotated[date, BeforeValidator(_british, json_schema_input_type=str)]


class Agreement(Record):
    """Who agreed, and when."""

    who: Line
    date: Day


class Minute(Record):
    """The Operational Board's minute that approves the group."""

    reference: Line
    date: Day


class SigWish(Record):
    """What is asked for: one group's site, before anybody has agreed to it."""

    name: Annotated[
        str, Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ,&()'-]*$")
    ]
    kind: Line
    sub_kind: Line | None = None
    chair: Address
    facilitator: Address
    need: Line | None = None

    @property
    def slug(self) -> str:
        """The name as it stands in an address: "breast-imaging"."""
        return "-".join(re.findall(r"[a-z0-9]+", self.name.lower()))


class SigOrder(SigWish):
    """A signed-off order for one group's site."""

    network_director: Agreement
    clinical_director: Agreement
    operational_board: Minute

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for agreed in (self.network_director, self.clinical_director):
            if agreed.date > self.operational_board.date:
                raise ValueError(
                    f"{agreed.who} agreed after the Operational Board's minute; both directors"
                    " agree first (Gov-12)"
                )
        return self


@dataclass(frozen=True, slots=True)
class Step:
    """A step of Gov-12 that an order must record."""

    key: str
    says: str
    way_out: str

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield the step when the order does not record it."""
        if not isinstance(data, Mapping) or not data.get(self.key):
            yield Fault((self.key,), self.says, self.way_out)


@dataclass(frozen=True, slots=True)
class SubKind:
    """The sub-kind, where one is given, is one of the kind's own."""

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield a sub-kind that the kind of group does not have."""
        told = data if isinstance(data, Mapping) else {}
        found = [one for one in load_standard().sig_kinds if one.code == told.get("kind")]
        known = [each.code for one in found for each in one.sub_kinds]
        if told.get("sub_kind") is not None and found and told["sub_kind"] not in known:
            says = f"{told['sub_kind']!r} is no sub-kind of {found[0].name}"
            way_out = f"use one of {', '.join(known)}" if known else "leave it out"
            yield Fault(("sub_kind",), says, way_out)


STEPS = (
    Step(
        "network_director",
        "the Network Director's agreement is missing",
        "record who agreed and the date under network_director",
    ),
    Step(
        "clinical_director",
        "the Clinical Director's agreement is missing",
        "record who agreed and the date under clinical_director",
    ),
    Step(
        "operational_board",
        "the Operational Board's minute is missing",
        "record the minute's reference and date under operational_board",
    ),
)
"""The steps of Gov-12 without which nothing is provisioned."""


def load_order(path: Path) -> SigOrder:
    """Return the order a YAML file holds; SchemaProblems names every missing step."""
    return read_record(path, SigOrder, (*STEPS, *_rules()))


def load_wish(path: Path) -> SigWish:
    """Return what a YAML file asks for. SchemaProblems names every fault, each with its line.

    A file may also say what was agreed: then it says all of it, or the missing step is named. What
    it says decides nothing; what counts is on record, given by the people themselves (Gov-12).
    """
    told = read_record(path, _OrderFile, (WholeOrNone(), *_rules()))
    return SigWish.model_validate(told.model_dump(include=set(SigWish.model_fields)))


class _OrderFile(SigWish):
    """An order file, signed off or not."""

    network_director: Agreement | None = None
    clinical_director: Agreement | None = None
    operational_board: Minute | None = None


@dataclass(frozen=True, slots=True)
class WholeOrNone:
    """A file that tells of one step of Gov-12 tells of all of them."""

    def check(self, data: Any) -> Iterator[Fault]:
        """Yield the steps left out of a file that tells of others."""
        if isinstance(data, Mapping) and any(step.key in data for step in STEPS):
            for step in STEPS:
                yield from step.check(data)


def _rules() -> tuple[Choices, SubKind]:
    kinds = tuple(kind.code for kind in load_standard().sig_kinds)
    return Choices("kind", kinds, "is not a kind of Special Interest Group"), SubKind()
