"""What our own records knew at a moment of the past: names, numbers, copies, decisions.

It moves forward only, with the looks that are replayed. What was not written down then is not made
up: a rule that asks for it gets NotKept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from sync import numbering
from sync.kept import Kept, NotKept
from sync.model import SITE_TIME, Holder, Impact, Unclaimed, parse_label
from sync.past import past_from, published_in
from sync.state import assessments, decisions, items, numbers
from sync.state.facts import CHECKED_OUT, history, in_order
from sync.state.items import name_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sharepoint_schema.numbers import Number
    from sharepoint_schema.standard import Standard
    from sync.looks import Look
    from sync.model import Context, Document
    from sync.places import Place
    from sync.state.assessments import Assessment
    from sync.state.facts import Facts
    from sync.state.lists import ListRow
    from sync.state.numbers import NumberRow


STANDING = frozenset({"name", "folder", "content_id", "label"})
"""What others are told of a document that stands."""
PUBLISHED = frozenset({"sharepoint_version", "content_id", "foreign"})
"""What the past of a number is told by, once its document is gone."""


@dataclass(frozen=True, slots=True)
class Records:
    """Our own records of the followed lists, by id; `facts` are read as time moves on.

    `gone` says when which document with which number went; `given` are the numbers given out.
    """

    lists: Mapping[str, ListRow]
    facts: AsyncIterator[Facts]
    gone: Sequence[tuple[datetime, str, str | None]]
    given: Sequence[NumberRow]


class World:
    """What was known; `advance` moves it to a moment, and `under` answers for a look there."""

    def __init__(self, records: Records) -> None:
        """Begin before the first fact."""
        self._records = records
        self._given = {row.number: row for row in records.given}
        issued = (row for row in records.given if row.state == "issued" and row.document_id)
        self._own = {row.document_id: row for row in issued}
        self._next: Facts | None = None
        self._left = 0
        self._past: dict[str, list[Facts]] = {}
        self._now: dict[str, Facts] = {}
        self._names: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._contents: dict[str, set[str]] = defaultdict(set)

    async def advance(self, tx: AsyncConnection, moment: datetime) -> None:
        """Take in every fact that was true by `moment` (aware, UTC)."""
        self._next = self._next or await anext(self._records.facts, None)
        while self._next is not None and self._next.valid_from <= moment:
            self._see(self._next)
            self._next = await anext(self._records.facts, None)
        gone = self._records.gone
        while self._left < len(gone) and gone[self._left][0] <= moment:
            await self._bury(tx, *gone[self._left][1:])
            self._left += 1

    async def _bury(self, tx: AsyncConnection, one: str, number: str | None) -> None:
        """Let a document go; of one with a number, keep what tells its published versions."""
        self._leave(one)
        if number is not None:
            rows = await history(tx, one)
            self._past[one] = [_kept(row, PUBLISHED) for row in rows if published_in(row)]

    def _see(self, row: Facts) -> None:
        row = _kept(row, STANDING)
        self._leave(row.document_id)
        self._now[row.document_id] = row
        self._names[_name(row)].add(row.document_id)
        self._contents[row.facts["content_id"]].add(row.document_id)

    def _leave(self, document_id: str) -> None:
        row = self._now.pop(document_id, None)
        if row is not None:
            self._names[_name(row)].discard(document_id)
            self._contents[row.facts["content_id"]].discard(document_id)

    async def told(self, tx: AsyncConnection, look: Look, place: Place, document: Document) -> Told:
        """Return the document with what was known besides it, whatever the standard says."""
        said = await decisions.decisions_of(tx, look.document_id)
        made = await decisions.publications_of(tx, look.document_id)
        number = self._own.get(look.document_id)
        impact = _impact(look, await assessments.latest(tx, str(number.number))) if number else {}
        known = {
            "today": look.at.astimezone(SITE_TIME).date(),
            "area": place.area,
            "taken": Taken(self._names, document),
            "copies": self._copies(place, document),
            "decisions": tuple(row.decision for row in said if row.at <= look.at),
            "publications": tuple(row.publication for row in made if row.at <= look.at),
            "checked_out_since": _checked_out_since(look),
            **impact,
        }
        return Told(look, place, document, known)

    def under(self, told: Told, standard: Standard) -> Context:
        """Return the whole context as these rules would have had it then."""
        known = {**told.known, "standard": standard, **self._numbers(told, standard)}
        return cast("Context", Kept(**known))

    def _numbers(self, told: Told, standard: Standard) -> dict[str, object]:
        """Return what hangs on the number; nothing where it can't be told which one that was."""
        look, place, document = told.look, told.place, told.document
        try:
            wanted = numbering.named(standard, document)
            number = self._number(told, wanted, standard)
            own = None if isinstance(number, Unclaimed) else number
            return {
                "number": str(own or ""),
                "unclaimed": number if isinstance(number, Unclaimed) else None,
                "holders": self._holders(place, [*wanted, *([own] if own else [])]),
                "past": past_from(look.earlier, self._before(look, own), document),
            }
        except NotKept:  # a rule that needs none of this can still be asked
            return {}

    def _number(
        self, told: Told, wanted: Sequence[Number], standard: Standard
    ) -> Number | Unclaimed | None:
        """Return the number the document had then, by the rules of `numbering.number_of`."""
        own = self._own.get(told.look.document_id)
        if own is not None and own.issued_at <= told.look.at:
            return own.number
        if not (told.place.area.controlled and wanted):
            return None
        return self._claim(wanted[0], standard, told.look)

    def _claim(self, number: Number, standard: Standard, look: Look) -> Number | Unclaimed | None:
        row = self._given.get(number)
        if row is None or row.issued_at > look.at:
            then = [
                one
                for one, other in self._given.items()
                if one.series == number.series and other.issued_at <= look.at
            ]
            top = max(then, key=lambda one: one.nn, default=None)
            far = number.nn > (top.nn if top else 0) + standard.numbering.furthest
            return Unclaimed(str(number), "far", str(top or "")) if far else number
        if row.state in {"lapsed", "void"}:
            return Unclaimed(str(number), "lapsed" if row.state == "lapsed" else "void")
        return number if row.state == "reserved" else None

    def _holders(self, place: Place, bearers: Sequence[Number]) -> dict[str, Holder]:
        found = {}
        for number in bearers:
            row = self._given.get(number)
            state = self._now.get(row.document_id or "") if row else None
            if state is not None:
                found[str(number)] = self._holder(state, str(number), place)
        return found

    def _copies(self, place: Place, document: Document) -> tuple[Holder, ...]:
        if not document.content_id:
            return ()
        same = self._contents[document.content_id] - {document.document_id}
        return tuple(
            self._holder(self._now[one], str(self._own[one].number), place)
            for one in sorted(same)
            if one in self._own
        )

    def _holder(self, row: Facts, number: str, place: Place) -> Holder:
        home = self._records.lists.get(row.list_id)
        return Holder(
            document_id=row.document_id,
            number=number,
            content_id=row.facts["content_id"],
            name=row.facts["name"],
            site=home.site_url if home else place.row.site_url,
            area=home.area if home else "",
            label=parse_label(row.facts.get("label", "")),
        )

    def _before(self, look: Look, number: Number | None) -> list[Facts]:
        """Return the facts of others, gone by then, that bore the number."""
        gone = {
            document_id
            for left, document_id, theirs in self._records.gone[: self._left]
            if number and theirs == str(number) and left <= look.at
        }
        return [row for one in sorted(gone - {look.document_id}) for row in self._past.get(one, ())]


@dataclass(frozen=True, slots=True)
class Told:
    """A document as a look found it, and what was known besides, whatever the standard says."""

    look: Look
    place: Place
    document: Document
    known: Mapping[str, Any]


class Taken:
    """The names of the other files of a document's folder at that moment, in lower case."""

    def __init__(self, names: Mapping[tuple[str, str, str], set[str]], document: Document) -> None:
        self._names = names
        self._document = document

    def __contains__(self, name: str) -> bool:
        here = (self._document.list_id, self._document.folder, name_key(name))
        return bool(self._names.get(here, set()) - {self._document.document_id})


def _name(row: Facts) -> tuple[str, str, str]:
    return row.list_id, row.facts.get("folder", ""), name_key(row.facts["name"])


def _impact(look: Look, found: Assessment | None) -> dict[str, Impact | None]:
    """Return the assessment as an attribute; nothing where it was looked at again since."""
    if found is None:
        return {"impact": None}
    kept = look.last or found.seen_at <= look.at
    return {"impact": Impact(found.assessed_on, tuple(found.missing))} if kept else {}


def _checked_out_since(look: Look) -> date | None:
    """Return the day a file was first seen checked out as it was then; None when it was not."""
    since = None
    for row in (look.found, *reversed(look.earlier)):
        if not row.facts.get(CHECKED_OUT):
            break
        since = row.valid_from
    return since.astimezone(SITE_TIME).date() if since else None


def _kept(row: Facts, names: frozenset[str]) -> Facts:
    """Return a row with only the facts that are asked for later: a world holds many."""
    return replace(row, facts={name: row.facts[name] for name in names & row.facts.keys()})


async def read_world(
    tx: AsyncConnection, followed: Mapping[str, ListRow], until: datetime
) -> World:
    """Return a world at the beginning of what is recorded until then; `tx` stays open with it."""
    return World(
        Records(
            lists=followed,
            facts=in_order(tx, followed, until),
            gone=await items.gone(tx, followed),
            given=await numbers.all_numbers(tx),
        )
    )
