"""The looks of the past, in the order of time: what was found of each document, and what was said.

A facts row holds a document as a look left it; where the look did something, its journal entry has
what stood there before. Together they give the document as it was found. Nothing here asks
Microsoft 365, and nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync.policies.publication import APPROVED, MODERATION
from sync.state import facts, items, journal_reading, lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync.service import Service
    from sync.state.facts import Facts
    from sync.state.items import ItemRow
    from sync.state.journal import Recorded
    from sync.state.lists import ListRow

FOR_EVER = datetime.max.replace(tzinfo=UTC)
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
class Records:
    """Our own records of all followed lists: facts in time order, items (gone ones, too)."""

    lists: Mapping[str, ListRow]
    facts: tuple[Facts, ...]
    items: tuple[ItemRow, ...]
    verdicts: tuple[Recorded, ...]

    def by_document(self) -> dict[str, list[Facts]]:
        """Return each document's facts, oldest first."""
        found: dict[str, list[Facts]] = defaultdict(list)
        for row in self.facts:
            found[row.document_id].append(row)
        return dict(found)


async def read_records(service: Service, since: datetime, until: datetime) -> Records:
    """Return what is recorded until `until`, with the verdicts given from `since` on (aware)."""
    async with service.state.read() as tx:
        followed = await lists.all_lists(tx)
        rows = [row for one in followed for row in await facts.facts_until(tx, one.id, until)]
        known = [item for one in followed for item in await items.every_item(tx, one.id)]
        asked = journal_reading.Query(kind=VERDICT, since=since, until=until)
        said = await journal_reading.entries(tx, asked)
    return Records(
        lists={one.id: one for one in followed},
        facts=tuple(sorted(rows, key=lambda row: row.valid_from)),
        items=tuple(known),
        verdicts=tuple(said),
    )


def looks_of(records: Records, since: datetime) -> list[Look]:
    """Return every look since `since`, and for each document there then how it stood."""
    said: dict[str, list[Recorded]] = defaultdict(list)
    for entry in records.verdicts:
        said[entry.document_id or ""].append(entry)
    gone = {one.document_id: one.deleted_at for one in records.items if one.deleted_at}
    newest = {one.document_id: one.verdict for one in records.items if not one.deleted_at}
    found = [
        look
        for document_id, rows in records.by_document().items()
        for look in _with_verdict(_looks(rows, said[document_id], since), newest.get(document_id))
        if not ((left := gone.get(document_id)) and left < look.at)
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
