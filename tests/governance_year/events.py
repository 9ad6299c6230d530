"""What came of the year, read from where it shows: the mailboxes, and the journal for the rest."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sync.model import SITE_TIME
from sync.state import register_rows
from sync.state.journal_reading import Query, entries
from tests.governance_year.facts import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sync.state.journal import Recorded
    from tests.flow_kit import Desk
    from tests.governance_year.staff import Staff

KINDS_OF_EVENTS = ("digest", "mail", "status", "document", "entry", "agenda")
DIGEST = "What waits for you in the network's registers"
KINDS = ("register", "verdict", "agenda opened", "agenda closed")
MADE_BY_VERGER = ("letters", "retention_schedule")
"""Registers in which nobody but Verger makes entries in this year."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One thing that came of the year: on which day, what kind, to or about whom, in which words.

    `kind` is one of KINDS_OF_EVENTS: "digest" (a line of somebody's morning mail), "mail" (one that
    could not wait), "status" (the control status of an entry or a file), "document" (a document's
    status), "entry" (made by Verger) and "agenda" (opened, closed).
    """

    day: date
    kind: str
    who: str
    says: str


async def read(desk: Desk, staff: Staff) -> list[Event]:
    """Return all events of a tenant and its state, in order."""
    async with desk.service.state.read() as tx:
        told = await entries(tx, Query())
        made = await register_rows.rows_of(tx, MADE_BY_VERGER)
    mails = desk.tenant.local("GET", "/mailbox")["value"]
    places = {row.id: "/".join(place) for place, row in staff.lists.items()}
    titles = {(row.list_id, row.item_id): row.columns.get("Title", "") for row in made}
    titles |= {
        (staff.lists[site, area].id, item): title for (site, area, title), item in staff.ids.items()
    }
    mine = [one for one in told if one.list_id and one.item_id and one.kind in KINDS]
    found = [
        *_mailed(mails),
        *_Journal(places, titles).read(mine),
        *_lives(mine, staff.document_statuses()),
    ]
    return sorted(one for one in found if one.kind != "document" or one.day >= FIRST)


def _mailed(mails: Iterable[dict[str, Any]]) -> Iterator[Event]:
    for one in mails:
        on = datetime.fromisoformat(one["at"]).astimezone(SITE_TIME).date()
        subject, body = one["message"]["subject"], one["message"]["body"]["content"]
        for address in one["to"]:
            who = address.partition("@")[0]
            if subject == DIGEST:
                yield from (Event(on, "digest", who, says) for says in _lines(body))
            else:
                yield Event(on, "mail", who, f"{subject} | {_plain(body)}")


def _lines(body: str) -> Iterator[str]:
    """Yield a digest's lines, each after the register and the site it is about."""
    parts = re.findall(r"<h2>(.*?)</h2><ul>(.*?)</ul>", body)
    for heading, points in parts:
        for point in re.findall(r"<li>(.*?)</li>", points):
            yield f"{html.unescape(heading)} | {_without_marks(point)}"


def _plain(body: str) -> str:
    """Return what a mail says between heading and signature, without where its link leads."""
    inside = body.partition("</h1>")[2].rpartition("<p>")[0]
    inside = re.sub(r"<p><a .*?</a></p>", "", inside)
    return " ".join(_without_marks(re.sub(r"</(p|li|h2)>", " ", inside)).split())


def _without_marks(text: str) -> str:
    return html.unescape(re.sub(r"<.*?>", "", text))


class _Journal:
    """Reads entries in the order of time: each status is told against the one before."""

    def __init__(self, places: dict[str, str], titles: dict[tuple[str, str], str]) -> None:
        self._places, self._titles = places, titles
        self._was: dict[tuple[str, str], str] = {}

    def read(self, told: Iterable[Recorded]) -> Iterator[Event]:
        for entry in told:
            yield from self._read(entry, _day(entry), self._places[entry.list_id or ""])

    def _read(self, entry: Recorded, day: date, where: str) -> Iterator[Event]:
        key = (entry.list_id or "", entry.item_id or "")
        if entry.kind.startswith("agenda "):
            yield Event(day, "agenda", where, entry.kind.partition(" ")[2])
        name = self._titles.get(key) or str((entry.after or {}).get("name", ""))
        self._titles[key] = name
        if "status" not in (entry.after or {}):
            return
        if where.endswith(MADE_BY_VERGER) and key not in self._was:
            yield Event(day, "entry", where, name)
        was, now = self._was.get(key, "In order"), str((entry.after or {})["status"])
        self._was[key] = now
        if was != now:
            yield Event(day, "status", f"{where} {name}", f"{was} -> {now}")


def _lives(told: Iterable[Recorded], at_last: dict[str, str]) -> Iterator[Event]:
    """Yield how each document's status went: the journal says what it was before each change."""
    went: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for entry in told:
        was = ((entry.before or {}).get("columns") or {}).get("DocumentStatus")
        if was is not None and entry.kind == "verdict":
            went[str((entry.after or {})["name"])].append((_day(entry), was))
    for name, steps in went.items():
        after = [*(was for _, was in steps[1:]), at_last[name]]
        for (day, was), now in zip(steps, after, strict=True):
            yield Event(day, "document", name, f"{was or 'new'} -> {now}")


def _day(entry: Recorded) -> date:
    return entry.at.astimezone(SITE_TIME).date()


def text(events: Iterable[Event]) -> str:
    """Return the events as people read them: a heading for each day, a line for each event."""
    parts = [HEAD]
    for day, told in groupby(events, key=lambda one: one.day):
        parts.append(f"\n{day:%A %d/%m/%Y}")
        parts += [f"  {one.kind:<8} {one.who}: {one.says}" for one in told]
    return "\n".join([*parts, ""])


HEAD = """\
A whole governance year, as it showed: who was told what, and what changed its status, day by day.
Written by tests/governance_year; `python -m tests.governance_year.year` writes it anew.
digest: a line of somebody's mail of that morning. mail: one that could not wait."""
