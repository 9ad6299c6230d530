"""Observers see a board's agenda on the day of its meeting, and nothing else (domain: observers).

Their group holds nothing on the library. On the day in an agenda's name its one file is opened to
them, and closed the next; SharePoint's own draft visibility keeps what is not published from them.
What is open is written down before it is opened, so that a kill leaves nothing open for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sharepoint_schema.meetings import parse_meeting_paper
from sync.errors import VergerError
from sync.nightly import APPLIED, spec_of
from sync.state import journal, lists, remembered, sites
from sync.tenant import day_access

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync.service import Service
    from sync.state.lists import ListRow

type Change = Literal["opened", "closed", "left"]
AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Day:
    """A library whose agendas these groups may open on the day."""

    row: ListRow
    groups: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"on the day:{self.row.id}"


@dataclass(frozen=True, slots=True)
class Turned:
    """One agenda opened or closed, or left as it was with the reason."""

    list_id: str
    item_id: str
    change: Change
    why: str = ""


async def keep_to_the_day(service: Service) -> list[Turned]:
    """Open today's agendas to the observers and close all others; paused lists are left alone.

    Doing it twice does no harm. What the tenant refuses is told and tried again the next time.
    """
    return [one for day in await _days(service) for one in await _turn(service, day)]


async def _days(service: Service) -> list[Day]:
    async with service.state.read() as tx:
        known = [row for row in await sites.all_sites(tx) if row.state == APPLIED]
        rows = {(one.site_id, one.area): one for one in await lists.all_lists(tx)}
    found = []
    for site in known:
        spec = spec_of(service, site)
        for area in spec.lists:
            row = rows.get((site.site_id or "", area.key))
            if area.on_the_day and row is not None and not row.paused:
                titles = tuple(spec.group(key).title for key in area.on_the_day)
                found.append(Day(row, titles))
    return found


async def _turn(service: Service, day: Day) -> list[Turned]:
    async with service.state.read() as tx:
        opened: dict[str, str] = await remembered.recall(tx, day.key) or {}
    today = service.today().isoformat()
    try:
        names = await day_access.names(service.tenant, day.row)
    except VergerError as error:
        return [Turned(day.row.id, "", "left", str(error))]
    due = {
        item_id
        for item_id, name in names.items()
        if (paper := parse_meeting_paper(name))
        and paper.kind == AGENDA
        and paper.day.isoformat() == today
    }
    told = [await _tried(service, day, one, "closed") for one in sorted(opened.keys() - due)]
    told += [await _tried(service, day, one, "opened") for one in sorted(due)]
    return [one for one in told if one is not None]


async def _tried(service: Service, day: Day, item_id: str, change: Change) -> Turned | None:
    act = _open if change == "opened" else _close
    try:
        return await act(service, day, item_id)
    except VergerError as error:
        return Turned(day.row.id, item_id, "left", str(error))


async def _open(service: Service, day: Day, item_id: str) -> Turned | None:
    found = await day_access.held(service.tenant, day.row, item_id)
    if found is None or (found.own and all(one in found.levels for one in day.groups)):
        return None
    if found.own and not found.only_ours(day.groups):
        return Turned(day.row.id, item_id, "left", "it has permissions of its own")
    await _note(service, day, item_id, service.today().isoformat())
    await day_access.let_read(service.tenant, day.row, item_id, day.groups, found)
    await _record(service, day, item_id, "opened")
    return Turned(day.row.id, item_id, "opened")


async def _close(service: Service, day: Day, item_id: str) -> Turned | None:
    found = await day_access.held(service.tenant, day.row, item_id)
    ours = found is not None and found.own
    if found is not None and ours:
        await day_access.take_back(service.tenant, day.row, item_id, day.groups, found)
        await _record(service, day, item_id, "closed")
    await _note(service, day, item_id, None)
    return Turned(day.row.id, item_id, "closed") if ours else None


async def _note(service: Service, day: Day, item_id: str, date: str | None) -> None:
    """Write down that an item is open since a date, or no longer."""
    async with service.state.begin() as tx:
        opened: dict[str, str] = await remembered.recall(tx, day.key) or {}
        kept = {key: since for key, since in opened.items() if key != item_id}
        await remembered.remember(tx, day.key, kept | ({item_id: date} if date else {}))


async def _record(service: Service, day: Day, item_id: str, change: Change) -> None:
    at = service.now()
    entry = journal.Entry(
        at=at,
        kind=f"agenda {change}",
        actor=service.settings.client_id,
        correlation_id=f"{day.row.id}:{item_id}",
        list_id=day.row.id,
        item_id=item_id,
        schema_hash=service.schema_hash,
        before=dict(_open_to(day, item_id, is_open=change == "closed")),
        after=dict(_open_to(day, item_id, is_open=change == "opened")),
        undo={"kind": "on the day", "list": day.row.id, "item": item_id, "groups": [*day.groups]},
        idempotency_key=f"{day.key}:{item_id}:{change}:{service.today().isoformat()}",
    )
    async with service.state.begin() as tx:
        await journal.append(tx, day.row.site_id, entry)


def _open_to(day: Day, item_id: str, *, is_open: bool) -> Iterator[tuple[str, Any]]:
    groups: Sequence[str] = day.groups if is_open else ()
    yield "item", item_id
    yield "open to", list(groups)
