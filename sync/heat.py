"""The risk register as a five by five map: which risks stand where, and how they moved since a day.

Bands, their words and their colours are the standard's. The map is made of remembered rows and of
the facts kept about them; nothing is asked of Microsoft 365. A risk that is closed is left out, and
counted among those that left the map.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Literal

from sharepoint_schema.months import add_months
from sync.model import SITE_TIME
from sync.model.identifiers import masked
from sync.registers import TITLE
from sync.state import facts, lists, register_rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from sharepoint_schema.registers import Answers
    from sharepoint_schema.standard import Band
    from sync.service import Service

RISKS = "risks"
"""The key of the lists that hold risks (Gov-09)."""
SIDE = range(1, 6)
"""Likelihood and impact go from 1 to 5."""
MONTH = 1

type Move = Literal["new", "worse", "better", "same"]
type At = tuple[int, int]
"""A cell: likelihood and impact."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One open risk; `at` is None while it is not scored, `before` where it stood on the day.

    `move` compares the scores; "new" is one that was not open on the day, or not yet known.
    """

    key: str
    title: str
    site: str
    link: str
    at: At | None
    before: At | None

    @property
    def move(self) -> Move:
        if self.before is None or self.at is None:
            return "new"
        now, then = _score(self.at), _score(self.before)
        return "worse" if now > then else "better" if now < then else "same"


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the map with the risks in it; `band` is None where the standard has none."""

    likelihood: int
    impact: int
    band: Band | None
    risks: tuple[Risk, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """How many risks a band holds, and how many it held on the day."""

    band: Band
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The whole map: 25 cells, the most likely row first, each row by impact.

    `unscored` are risks without a likelihood or an impact from 1 to 5; `left` counts those that
    were open on the day `since` and are closed now.
    """

    on: date
    since: date
    cells: tuple[Cell, ...]
    totals: tuple[Total, ...]
    unscored: tuple[Risk, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A risk as remembered: whether it is open now and was open on the day, and both cells."""

    risk: Risk
    is_open: bool
    was_open: bool


def drawn(bands: Sequence[Band], seen: Sequence[Seen], on: date, since: date) -> HeatMap:
    """Return the map of these risks as of a day, compared with an earlier one. Pure."""
    known = [one.risk for one in seen if one.is_open]
    there: dict[At, list[Risk]] = defaultdict(list)
    for risk in known:
        if risk.at is not None:
            there[risk.at].append(risk)
    before = [one.risk.before for one in seen if one.was_open and one.risk.before]
    return HeatMap(
        on=on,
        since=since,
        cells=tuple(
            Cell(row, column, band_of(bands, row * column), tuple(there.get((row, column), ())))
            for row in reversed(SIDE)
            for column in SIDE
        ),
        totals=tuple(_total(one, there, before) for one in bands),
        unscored=tuple(risk for risk in known if risk.at is None),
        left=sum(one.was_open and not one.is_open for one in seen),
    )


def band_of(bands: Iterable[Band], score: int) -> Band | None:
    """Return the band a score lies in, None where the standard has none for it."""
    return next((one for one in bands if one.lowest <= score <= one.highest), None)


def at(columns: Mapping[str, object]) -> At | None:
    """Return the cell that a row's columns name; None for anything but whole numbers 1 to 5."""
    told = [str(columns.get(name) or "") for name in ("Likelihood", "Impact")]
    if not all(one in {str(number) for number in SIDE} for one in told):
        return None
    likelihood, impact = map(int, told)
    return likelihood, impact


async def read(service: Service, since: date | None = None, site: str = "") -> HeatMap:
    """Return the present map, compared with a day (by default the same one a month ago).

    `site` is the key of one site's template ("core"); "" takes the registers of all sites.
    """
    today = service.today()
    day = since or add_months(today, -MONTH)
    moment = datetime.combine(day, time.max, SITE_TIME).astimezone(UTC)
    seen = [one async for one in _seen(service, moment, site)]
    return drawn(service.standard.bands, seen, today, day)


async def _seen(service: Service, moment: datetime, site: str) -> AsyncIterator[Seen]:
    async with service.state.read() as tx:
        homes = await lists.all_lists(tx)
        rows = await register_rows.rows_of(tx, {RISKS})
        then = {row.document_id: await facts.facts_at(tx, row.document_id, moment) for row in rows}
    places = {one.id: await service.place(one.id) for one in homes if one.area == RISKS}
    for row in rows:
        place = places.get(row.list_id)
        if place is None or place.list.entries is None or site not in {"", place.spec.key}:
            continue
        old = then[row.document_id]
        was = old is not None and not _closed(old.facts, place.list.entries.closed)
        risk = Risk(
            key=row.document_id,
            title=masked(row.columns.get(TITLE, "")),
            site=place.spec.title,
            link=place.form_url(row.item_id),
            at=at(row.columns),
            before=at(old.facts) if old is not None and was else None,
        )
        yield Seen(risk, row.open, was)


def _closed(columns: Mapping[str, object], closed: Answers) -> bool:
    return bool(closed) and all(columns.get(name) in values for name, values in closed.items())


def _total(band: Band, there: Mapping[At, Sequence[Risk]], before: Iterable[At]) -> Total:
    def within(cell: At) -> bool:
        return band.lowest <= _score(cell) <= band.highest

    now = sum(len(risks) for cell, risks in there.items() if within(cell))
    return Total(band, now, sum(map(within, before)))


def _score(cell: At) -> int:
    return cell[0] * cell[1]
