"""The year itself: each day the timers run as on the host, then people act, and what came is read.

`python -m tests.governance_year.year` writes the run's events anew to year.txt.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

from sync import digest, observers, owners, standing, sweep
from tests.governance_year import acts, events, expected, stage
from tests.governance_year.facts import ENTERED, FIRST, Year
from tests.governance_year.staff import Staff

if TYPE_CHECKING:
    from tests.flow_kit import Desk
    from tests.governance_year.events import Event

GOLDEN = Path(__file__).with_name("year.txt")
TIMERS, OFFICE = time(8), time(10)
"""When the day's timers have all run, and when people act (UK time)."""


async def run(folder: Path, year: Year) -> list[Event]:
    """Live through a year on a fresh tenant; returns everything that came of it, in order."""
    with stage.opened(folder) as tenant:
        await stage.open_all(tenant, folder / "state")
        async with stage.desk(tenant, folder / "state") as desk:
            staff = Staff(desk, await stage.followed(desk.service))
            await _first_day(staff, year)
            todo, looked_at = acts.acts_of(year), expected.looked_at()
            for day in year.days:
                await _timers(staff, day, whole=day in looked_at)
                if day in todo:
                    await _office(staff, day, todo[day])
            return await events.read(desk, staff)


async def _first_day(staff: Staff, year: Year) -> None:
    _move(staff.desk, ENTERED, OFFICE)
    for _ in acts.enter_everything(staff, year):
        await staff.settle()
    await _deliver(staff.desk)


async def _timers(staff: Staff, day: date, *, whole: bool) -> None:
    """Do what functions/timers.py does up to this hour, and pass on what it asks for.

    On the host the registers are looked at as a whole every day; here on the days on which that can
    find something new, and twice a month besides.
    """
    service = staff.desk.service
    _move(staff.desk, day, TIMERS)
    if whole:
        await standing.look(service)
        await owners.look(service)
        await observers.keep_to_the_day(service)
        staff.touched |= {(one, "letters"): None for one in stage.BOARDS}
        staff.touched |= {("core", "retention_schedule"): None} if day == FIRST else {}
    await sweep.sweep(service)
    await staff.settle()
    await digest.make_out(service)
    await _deliver(staff.desk)


async def _office(staff: Staff, day: date, turns: acts.Turns) -> None:
    """Let people act, each turn once what came before has been seen to."""
    _move(staff.desk, day, OFFICE)
    for turn in turns:
        for act in turn:
            act(staff)
        await staff.settle()
    await _deliver(staff.desk)


async def _deliver(desk: Desk) -> None:
    """Sweep until no mail is left that may go out now."""
    await sweep.sweep(desk.service)


def _move(desk: Desk, day: date, at: time) -> None:
    ahead = stage.moment(day, at) - desk.service.now()
    desk.tenant.advance(max(0.0, ahead.total_seconds()))


def main() -> None:
    """Write year.txt anew."""
    with tempfile.TemporaryDirectory(prefix="year-") as folder:
        found = asyncio.run(run(Path(folder), Year()))
    GOLDEN.write_text(events.text(found), encoding="utf-8")


if __name__ == "__main__":
    main()
