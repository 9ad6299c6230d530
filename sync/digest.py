"""One mail a person and working day with all that waits for them, instead of one for each thing.

Lines gather through the day; on the next working day's morning each person gets theirs, sorted by
register. What is urgent does not come here: it is mailed at once.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import is_working_day
from sync import letters
from sync.letters import POST_TIME, Point, Section
from sync.model import SITE_TIME
from sync.state import digests, notices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from sync.service import Service
    from sync.state.digests import Line


async def make_out(service: Service) -> int:
    """Queue today's digest for everybody for whom something waits. Returns how many were queued.

    Nothing happens before POST_TIME or on a day that is not worked; somebody who had theirs today
    gets what came later with the next one.
    """
    now, today = service.now(), service.today()
    if not is_working_day(today) or now.astimezone(SITE_TIME).time() < POST_TIME:
        return 0
    queued = 0
    async with service.state.begin() as tx:
        for recipient, lines in groupby(await digests.waiting(tx), key=lambda one: one.recipient):
            told = list(lines)
            notice = _notice(service, recipient, told, today)
            if await notices.queue_notice(tx, notice, now):
                await digests.mark_told(tx, told, notice.idempotency_key)
                queued += 1
    return queued


def latest(lines: Sequence[Line]) -> list[Line]:
    """Return these lines without those that a later one about the same subject has overtaken.

    Over a weekend a date may reach two rungs of its ladder, and an entry be found wanting twice;
    the reader gets the last word on each, and no sentence twice.
    """
    last = {one.subject: one for one in lines}
    told = {(one.section, one.says, one.link): one for one in last.values()}
    kept = {one.key for one in told.values()}
    return [one for one in lines if one.key in kept]


def _notice(service: Service, to: str, lines: Sequence[Line], day: date) -> notices.NewNotice:
    letter = letters.write(service.standard.letters, "digest", {"day": show_date(day)})
    letter = letters.with_sections(letter, tuple(_sections(latest(lines))))
    return letters.notice(service, letter, f"digest:{to}:{day.isoformat()}", to)


def _sections(lines: Iterable[Line]) -> Iterator[Section]:
    for heading, told in groupby(lines, key=lambda one: one.section):
        yield Section(tuple(Point(one.says, one.link) for one in told), heading)
