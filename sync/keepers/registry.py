"""The document registry as staff use it: a row asks for a number, a registrar sets a review date.

A new row with a title gets a number that is kept for its document. What Verger keeps in a row is
put back, with the reason, when somebody changes it; staff's own columns stay as they are. Only a
registrar's review date goes the other way, into the document's own column, once (decision 4). A
row that was removed is made anew: a number once given out stays listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sharepoint_schema.dates import show_date
from sync import letters, ties
from sync.callers import in_list
from sync.facts import document_of
from sync.keepers import Kept, show
from sync.model import SITE_TIME, as_date, parse_number
from sync.registry import asking, home_of, reserving, write
from sync.registry.columns import (
    KEY,
    NOTE,
    NUMBER,
    NUMBER_STATUS,
    OWNED,
    OWNED_UNBOUND,
    REVIEW,
    SERIES,
    STATUS,
    TITLE,
    TYPE,
    differing,
    plain,
)
from sync.state import due, items, journal, notices, numbers, work
from sync.state.registry import (
    RegistryRow,
    find_registry_item,
    find_registry_number,
    put_registry_row,
)
from sync.tenant import documents
from sync.tenant.row_history import history, setter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from sync.callers import Caller
    from sync.cases import Case
    from sync.tenant.row_history import RowVersion
    from sync.tenant.shapes import ChangedItem

WORDS: Mapping[str, str] = {
    TITLE: "Title",
    NUMBER: "Document number",
    KEY: "Document key",
    "DocumentLink": "Document",
    NUMBER_STATUS: "Number",
    "VersionLabel": "Version",
    TYPE: "Document type",
    "DateAdopted": "Date adopted",
    REVIEW: "Review date",
    "ApprovedBy": "Approved by",
    "TargetAudience": "Target audience",
    "DocumentStatus": "Document status",
    STATUS: "Control status",
    "ControlReason": "Control reason",
}


@dataclass(frozen=True, slots=True)
class Look:
    """A row that somebody changed: what we keep of it, its history, what is not as it was."""

    case: Case
    row: ChangedItem
    known: RegistryRow
    versions: Sequence[RowVersion]
    changed: Mapping[str, Any]

    def who(self, column: str) -> Caller:
        return in_list(self.case.service, setter(self.versions, column).last_modified_by)

    def entitled(self, column: str) -> bool:
        caller = self.who(column)
        return caller.person and bool(caller.roles.intersection(asking.MAY))

    @property
    def now_says(self) -> Mapping[str, Any]:
        return self.versions[0].fields


async def keep(case: Case, row: ChangedItem) -> Kept:
    """Keep one row. 0 units when it says what it should, 2 to learn who changed it, 2 to write."""
    async with case.service.state.read() as tx:
        known = await find_registry_item(tx, case.row.list_id, row.id)
    if row.deleted:
        return await _made_anew(case, known) if known else Kept()
    if known is None:
        return await asking.new_row(case, row)
    if known.document_id == known.number:
        return await _unbound(case, row, known)
    look = await _look(case, row, known, OWNED)
    return await _edited(look) if look else Kept()


async def _look(
    case: Case, row: ChangedItem, known: RegistryRow, owned: tuple[str, ...]
) -> Look | None:
    """Return what somebody else changed of what Verger keeps; None when nothing is."""
    if not differing(known.columns, row.fields, owned):
        return None
    versions = await history(case.service.tenant, case.place.row, row.id)
    said = versions[0].fields
    changed = {
        name: value
        for name, value in differing(known.columns, said, owned).items()
        if not asking.is_ours(case, setter(versions, name).last_modified_by)
    }
    return Look(case, row, known, versions, changed) if changed else None


async def _edited(look: Look) -> Kept:
    """Take a registrar's review date to the document; put everything else back."""
    back = dict(look.changed)
    taken: RegistryRow | None = None
    if REVIEW in back and look.entitled(REVIEW):
        taken = await _copy_review(look)
        if taken is not None:
            back.pop(REVIEW)
    if not back:
        return Kept(
            entries=(_entry(look, "review date set", (REVIEW,)),),
            effect=partial(_taken, look, taken),
        )
    told = _put_back_words(look, back)
    etag = await show(look.case, look.row, {**back, NOTE: told})
    entry = _entry(look, "registry put back", tuple(back))
    return Kept(etag, (entry,), partial(_put_back, look, told, taken))


async def _copy_review(look: Look) -> RegistryRow | None:
    """Write a registrar's review date beside the document; None when there is none to write."""
    service, day = look.case.service, as_date(look.now_says.get(REVIEW))
    async with service.state.read() as tx:
        item = await items.item_of(tx, look.known.document_id)
    if day is None or item is None or item.deleted_at is not None:
        return None
    place = await service.place(item.list_id)
    file = await documents.file_facts(service.tenant, place.row, item.item_id)
    if file is None:
        return None
    document = document_of(place, item.item_id, item.document_id, file, None)
    if document.date_column(REVIEW) != day:
        await documents.set_columns(
            service.tenant, place.row, item.item_id, {REVIEW: day}, left_by=document
        )
    return replace(look.known, columns={**look.known.columns, REVIEW: day.isoformat()})


async def _taken(look: Look, taken: RegistryRow | None, tx: AsyncConnection) -> None:
    """Keep the date as the row's own, and have the document judged by it."""
    if taken is None:
        return
    await put_registry_row(tx, taken)
    item = await items.item_of(tx, taken.document_id)
    if item is not None:
        fresh = work.NewWork(list_id=item.list_id, item_id=item.item_id)
        await work.put(tx, [fresh], look.case.service.now())


def _put_back_words(look: Look, back: Mapping[str, Any]) -> str:
    names = ", ".join(WORDS[name] for name in back)
    day = show_date(look.case.service.now().astimezone(SITE_TIME).date())
    review = " Only a registrar may set a review date here." if REVIEW in back else ""
    return (
        f"{day}: changed back: {names}. These columns follow the document; change it there and"
        f" upload it again.{review}"
    )


async def _put_back(look: Look, told: str, taken: RegistryRow | None, tx: AsyncConnection) -> None:
    """Tell everyone whose change did not stand, once for each state of the row."""
    await _taken(look, taken, tx)
    for mail in sorted(
        {setter(look.versions, name).last_modified_by.person.mail for name in look.changed}
    ):
        if mail:
            await notices.queue_notice(tx, _letter(look, mail, told), look.case.service.now())


def _letter(look: Look, mail: str, told: str) -> notices.NewNotice:
    service = look.case.service
    says = {"number": look.known.number or "", "told": told}
    letter = letters.write(service.standard.letters, "registry_put_back", says)
    return letters.notice(service, letter, f"registry:{look.row.etag}:{mail}", mail)


def _entry(look: Look, kind: str, names: tuple[str, ...]) -> journal.Entry:
    said = {name: plain(name, look.now_says.get(name)) for name in names}
    kept = {name: plain(name, look.known.columns.get(name)) for name in names}
    return journal.Entry(
        at=look.case.service.now(),
        kind=kind,
        actor=look.who(names[0]).oid,
        correlation_id=f"{look.case.row.list_id}/{look.row.id}",
        document_id=look.known.document_id,
        list_id=look.case.row.list_id,
        item_id=look.row.id,
        before=kept if kind == "review date set" else said,
        after=said if kind == "review date set" else kept,
        idempotency_key=f"registry:{look.case.row.list_id}:{look.row.etag}:{kind}",
    )


async def _made_anew(case: Case, known: RegistryRow) -> Kept:
    """Make a removed row again, and say in it why."""
    service = case.service
    async with service.state.read() as tx:
        home = await home_of(tx, case.place.row.site_id)
    if home is None:
        return Kept()
    day = show_date(service.now().astimezone(SITE_TIME).date())
    says = f"{day}: this row had been removed. A number once given out stays in the registry."
    item_id = await write(
        service, home, replace(known, list_item_id=None), {**known.columns, NOTE: says}
    )
    fresh = replace(known, list_item_id=item_id, written_at=service.now())
    entry = journal.Entry(
        at=service.now(),
        kind="registry row made anew",
        actor=service.settings.client_id,
        correlation_id=f"{case.row.list_id}/{case.row.item_id}",
        document_id=None if known.document_id == known.number else known.document_id,
        list_id=case.row.list_id,
        item_id=item_id,
        after={"number": known.number},
        idempotency_key=f"registry:{case.row.list_id}:{case.row.item_id}:removed",
    )
    return Kept(entries=(entry,), effect=partial(asking.moved, case, fresh))


async def _unbound(case: Case, row: ChangedItem, known: RegistryRow) -> Kept:
    """Keep the row of a number without a document: it lapses, is withdrawn, or only renamed."""
    number = parse_number(known.number or "")
    service = case.service
    if number is None:
        return Kept()
    async with service.state.read() as tx:
        entry = await numbers.get_number(tx, number)
        until = (await due.promises(tx, case.row.list_id, row.id)).get(reserving.LAPSES)
    if entry is not None and entry.state == "reserved" and until and until <= service.now():
        async with service.state.begin() as tx:
            known = await reserving.lapse(tx, known, number, until)
            await ties.look_again(tx, case, str(number))
    else:
        known = await _decided(case, row, known) or known
    return await _shown(case, row, known)


async def _decided(case: Case, row: ChangedItem, known: RegistryRow) -> RegistryRow | None:
    """Follow a registrar who writes "void" or "reserved" beside a number; None for anyone else."""
    word = str(row.fields.get(NUMBER_STATUS) or "").strip().casefold()
    told = str(known.columns[NUMBER_STATUS]).casefold()
    number = parse_number(known.number or "")
    if number is None or word == told or not word.startswith(("void", "reserved")):
        return None
    look = await _look(case, row, known, (NUMBER_STATUS,))
    if look is None or not look.entitled(NUMBER_STATUS):
        return None
    who = look.who(NUMBER_STATUS).oid
    async with case.service.state.begin() as tx:
        if word.startswith("void"):
            void = await reserving.set_state(tx, known, number, ("void", f"withdrawn by {who}"))
            await ties.look_again(tx, case, str(number))
            return void
        await numbers.set_number_state(tx, number, "reserved", str(row.fields.get(TITLE) or ""))
        await reserving.look_again(tx, case.service.now())
        return await reserving.keep_for(
            tx, case.service, (known.list_id, row.id), number, row.fields
        )


async def _shown(case: Case, row: ChangedItem, known: RegistryRow) -> Kept:
    """Write the owned columns where they differ; remember what the staff expect of the number."""
    back = differing(known.columns, row.fields, OWNED_UNBOUND)
    note = row.fields.get(NOTE) if not back else f"{known.number}: {known.columns[NUMBER_STATUS]}."
    etag = await show(case, row, {**back, STATUS: "", NOTE: note or ""})
    staff = {name: row.fields[name] for name in (TITLE, TYPE, SERIES) if row.fields.get(name)}
    fresh = replace(
        known,
        columns={**{n: known.columns[n] for n in OWNED_UNBOUND if n in known.columns}, **staff},
    )
    return Kept(etag, effect=partial(_kept_unbound, fresh))


async def _kept_unbound(fresh: RegistryRow, tx: AsyncConnection) -> None:
    """Keep the row unless a document has taken the number meanwhile."""
    now = await find_registry_number(tx, fresh.number or "")
    if now is not None and now.document_id == fresh.document_id:
        await put_registry_row(tx, fresh)
