"""One mail a person and working day with all that waits for them, instead of one for each thing.

Lines gather through the day; on the next working day's morning each person gets theirs, sorted by
register. What is urgent does not come here: it is mailed at once.
"""

from __future__ import annotations

import html
from datetime import time
from itertools import groupby
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.working_days import is_working_day
from sync.model import SITE_TIME
from sync.state import digests, notices
from sync.telling import SIGNED, page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync.service import Service
    from sync.state.digests import Line

POST_TIME = time(7, 30)
"""When the day's digests are made out (UK time): half an hour after the day's reminders."""


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


def _notice(service: Service, to: str, lines: Sequence[Line], day: date) -> notices.NewNotice:
    opening = service.standard.letters.digest_opening.format(day=show_date(day))
    return notices.NewNotice(
        idempotency_key=f"digest:{to}:{day.isoformat()}",
        recipient=to,
        subject=service.standard.letters.digest,
        body={"text": _as_text(opening, lines), "html": _as_html(opening, lines)},
    )


def _as_text(opening: str, lines: Sequence[Line]) -> str:
    parts = [opening]
    for section, told in groupby(lines, key=lambda one: one.section):
        points = [f"- {one.says}\n  {one.link}" if one.link else f"- {one.says}" for one in told]
        parts.append("\n".join([section, *points]))
    return "\n\n".join([*parts, SIGNED])


def _as_html(opening: str, lines: Sequence[Line]) -> str:
    parts = [f"<p>{html.escape(opening)}</p>"]
    for section, told in groupby(lines, key=lambda one: one.section):
        points = "".join(f"<li>{_linked(one)}</li>" for one in told)
        parts.append(f"<h2>{html.escape(section)}</h2><ul>{points}</ul>")
    return page("".join(parts))


def _linked(line: Line) -> str:
    says = html.escape(line.says)
    return f'<a href="{html.escape(line.link, quote=True)}">{says}</a>' if line.link else says
