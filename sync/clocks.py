"""Ladders of reminders: which rung a date has come to, and when the next one is reached. Pure.

Days are days of the network's time zone (UK); a rung counts from the morning of its day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sync.model import SITE_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sharepoint_schema.registers import Clock, Rung

MORNING = time(7, 0)
"""When rows are looked at on a day on which something falls due (UK time)."""


OVERDUE = -1


def reached(clock: Clock, due: date, today: date) -> Rung | None:
    """Return the last rung whose day has come, None before the first one."""
    left = (due - today).days
    there = [rung for rung in clock.ladder if rung.days >= left]
    return there[-1] if there else None


def following(clock: Clock, due: date, today: date) -> date | None:
    """Return the day of the next rung after today, None after the last one.

    The day after the date is one too: from then on the entry is overdue.
    """
    left = (due - today).days
    ahead = [days for days in (*(rung.days for rung in clock.ladder), OVERDUE) if days < left]
    return due - timedelta(days=max(ahead)) if ahead else None


def morning(day: date) -> datetime:
    """Return the moment (aware, UTC) at which that day's reminders are made out."""
    return datetime.combine(day, MORNING, SITE_TIME).astimezone(UTC)


def earliest(days: Iterable[date | None]) -> datetime | None:
    """Return the morning of the first of these days, None when there is none."""
    known = [day for day in days if day is not None]
    return morning(min(known)) if known else None
