"""The looks of the past, in the order of time: what was found of each document, and what was said.

A facts row holds a document as a look left it; where the look did something, its journal entry has
what stood there before. Together they give the document as it was found. Nothing here asks
Microsoft 365, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync.policies.publication import APPROVED, MODERATION
from sync.state import facts, items, journal_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.state.facts import Facts
    from sync.state.journal import Recorded
    from sync.state.lists import ListRow

BEGINNING, FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
VERDICT = "verdict"
"""The journal's word for what a look said and did."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a document: as it was found at `at`, and what was said of it.

    `earlier` are the facts known before; `said` is the verdict that stood then, None where it is
    not known any more; `last` marks the document's newest state.
    """

    at: datetime
    found: Facts
    earlier: tuple[Facts, ...]
    said: Mapping[str, Any] | None = None
    last: bool = False

    @property
    def document_id(self) -> str:
        return self.found.document_id


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked back on: the lists by id, `since` to `until` (aware, UTC; `until` not in)."""

    lists: Mapping[str, ListRow]
    since: datetime
    until: datetime


async def looks_of(tx: AsyncConnection, period: Period) -> AsyncIterator[Look]:
    """Walk every look of a period in time order, and first how each document there stood then.

    Only some documents' records are held at a time, however much is recorded.
    """
    since, after = period.since, ""
    while standing := await facts.seen_by(tx, period.lists, since, after):
        for look in await _of_documents(tx, standing, period, facts.Span(BEGINNING, since)):
            yield look
        after = standing[-1]
    while since < period.until:
        span = await _next_span(tx, period, since)
        found = await facts.seen_within(tx, period.lists, span)
        found |= await journal_reading.told_within(tx, VERDICT, span)
        for look in await _of_documents(tx, sorted(found), period, span):
            yield look
        since = span.until


async def _next_span(tx: AsyncConnection, period: Period, since: datetime) -> facts.Span:
    """Return the time in which the next page of looks lies, at most to the period's end."""
    rest = facts.Span(since, period.until)
    seen = await facts.moments(tx, period.lists, rest)
    said = await journal_reading.moments(tx, VERDICT, rest, facts.PAGE)
    both = sorted([*seen, *said])
    return rest if len(both) < facts.PAGE else facts.Span(since, both[facts.PAGE - 1])


async def _of_documents(
    tx: AsyncConnection, ids: Sequence[str], period: Period, span: facts.Span
) -> list[Look]:
    """Return the looks of some documents that lie in a span of the period, in time order."""
    asked = journal_reading.Query(kind=VERDICT, since=period.since, until=period.until)
    said = await journal_reading.about(tx, ids, asked)
    seen = await facts.histories(tx, ids, period.until)
    known = [one for one in await items.of_documents(tx, ids) if one.list_id in period.lists]
    gone = {one.document_id: one.deleted_at for one in known if one.deleted_at}
    newest = {one.document_id: one.verdict for one in known if not one.deleted_at}
    found = []
    for one in ids:
        rows = [row for row in seen.get(one, ()) if row.list_id in period.lists]
        looks = _with_verdict(_looks(rows, said.get(one, ()), period.since), newest.get(one))
        left = gone.get(one)
        found += [
            look
            for look in looks
            if span.after < look.at <= span.until and not (left and left < look.at)
        ]
    return sorted(found, key=lambda look: look.at)


def _with_verdict(looks: Iterable[Look], newest: Mapping[str, Any] | None) -> Iterator[Look]:
    """Let a look that was no news say what was said before it; the last one, the item's verdict."""
    said: Mapping[str, Any] | None = None
    for look in looks:
        said = look.said or said
        known = said or (newest if look.last else None)
        yield replace(look, said=known)


def _looks(rows: Sequence[Facts], said: Iterable[Recorded], since: datetime) -> Iterator[Look]:
    """Yield one document's looks; a row that a verdict goes with is told by the verdict."""
    entries = list(said)
    for at, row in enumerate(rows):
        last = at == len(rows) - 1
        until = FOR_EVER if last else rows[at + 1].valid_from
        mine = [one for one in entries if row.valid_from <= one.at < until]
        if not mine and until > since:
            yield Look(max(row.valid_from, since), row, tuple(rows[:at]), None, last)
        for number, entry in enumerate(mine):
            newest = last and number == len(mine) - 1
            earlier = rows[:at] if number == 0 else rows[: at + 1]
            yield Look(entry.at, as_found(row, entry), tuple(earlier), entry.after, newest)


def as_found(row: Facts, entry: Recorded) -> Facts:
    """Return the facts as they were before what the entry says was done."""
    before = entry.before or {}
    if not before:
        return row
    columns = row.facts["columns"] | before.get("columns", {})
    told = row.facts | {"name": before.get("name", "")}
    told["columns"] = {name: value for name, value in columns.items() if value}
    for step in entry.undo or ():
        if step["do"] == "approve":
            told["sharepoint_version"] = step["version"]
            told["columns"][MODERATION] = APPROVED
    return replace(row, list_id=before.get("list_id", row.list_id), facts=told)
