"""Rows of registers between SharePoint, the rules and our state: columns as values, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync import recipients, records
from sync.accounts import has_left
from sync.callers import in_list
from sync.model import Item, as_date
from sync.model.identifiers import WITHHELD, withheld
from sync.model.rows import RowContext, Setter
from sync.policies.rows import asks_who, reads
from sync.recipients import body_of
from sync.state import lists, register_rows
from sync.tenant.row_history import history, setter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sharepoint_schema.registers import Register
    from sharepoint_schema.site import Column
    from sync.model import Value
    from sync.places import Place
    from sync.service import Service
    from sync.state.register_rows import RegisterRow
    from sync.tenant.row_history import RowVersion
    from sync.tenant.shapes import ChangedItem

TITLE = "Title"
PEOPLE = frozenset({"user", "lookup"})
"""Kinds of column whose values are numbers of the site, told under `…LookupId`."""
WRITTEN = frozenset({"text", "note"})
"""Kinds of column that people write freely in."""
OWNERS = "owner_left"
"""The rule that asks whether owners are still there."""


def register_of(place: Place) -> Register:
    """Return what a list's rows are kept to; LookupError for a list that is no register."""
    register = place.list.entries
    if register is None:
        raise LookupError(f"the list {place.list.key} has no entries: in its template")
    return register


def item_of(place: Place, row: ChangedItem, document_id: str) -> Item:
    """Put what the feed tells of a row into the words of the model."""
    declared = place.spec.columns_of(place.list)
    return Item(
        site=place.row.site_url,
        list_id=place.row.id,
        item_id=row.id,
        document_id=document_id,
        unique_id=row.unique_id,
        fields={
            TITLE: str(row.fields.get(TITLE) or ""),
            **{one.name: _value(one, row.fields) for one in declared},
        },
        etag=row.etag,
        web_url=row.web_url,
        created_by=row.created_by.person,
        modified_by=row.last_modified_by.person,
        modified_at=row.last_modified_date_time,
    )


def _value(column: Column, fields: Mapping[str, Any]) -> Value:
    told = fields.get(column.name)  # several people stand under the column's own name
    if column.kind in PEOPLE:
        told = fields.get(f"{column.name}LookupId", told)
    if told is None:
        return None
    if column.kind == "date":
        return as_date(str(told))
    if isinstance(told, list):
        return ";".join(str(one.get("LookupId") if isinstance(one, dict) else one) for one in told)
    return f"{told:g}" if isinstance(told, float) else str(told)


def columns_of(item: Item) -> dict[str, str]:
    """Return a row's filled columns as text, dates in ISO form: how they are kept and compared."""
    return {name: item.column(name) for name in item.fields if item.column(name)}


def kept_columns(place: Place, item: Item) -> dict[str, str]:
    """Return what our state keeps of a row's columns: none that holds a patient's number.

    Nor what people wrote where each sees their own rows only.
    """
    told = withheld(columns_of(item))
    if not place.list.own_only:
        return told
    declared = place.spec.columns_of(place.list)
    written = {TITLE, *(one.name for one in declared if one.kind in WRITTEN)}
    return {name: text for name, text in told.items() if name not in written or text == WITHHELD}


def wire_values(place: Place, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return columns as Graph takes them: numbers as numbers, dates in ISO form."""
    kinds = {one.name: one.kind for one in place.spec.columns_of(place.list)}
    return {
        f"{name}LookupId" if kinds.get(name) == "user" else name: _wire(kinds.get(name, ""), value)
        for name, value in values.items()
    }


def _wire(kind: str, value: Value) -> Any:
    if value is None or value == "":
        return None
    if kind == "user":
        return int(str(value))
    if kind == "number":
        return float(str(value))
    if kind == "boolean":
        return str(value) == str(True)
    return value if isinstance(value, str) else value.isoformat()


async def context_of(
    service: Service, place: Place, item: Item, known: RegisterRow | None
) -> RowContext:
    """Return what the rules of this register may know besides the row."""
    wanted = reads(place.area.policies)
    found = await others(service, place, item, wanted) if wanted else {}
    gone = await left_of(service, place, item)
    return RowContext(
        today=service.today(),
        standard=service.standard,
        area=place.area.key,
        register=register_of(place),
        titles={one.name: one.title for one in place.spec.columns_of(place.list)},
        before=known.columns if known else {},
        others=found,
        body=body_of(service, place),
        setters=await setters_of(service, place, item),
        people=await names_of(service, place, item, found),
        left=gone,
        stand_in=await recipients.owners_number(service, place) if gone else "",
    )


async def left_of(service: Service, place: Place, item: Item) -> frozenset[str]:
    """Return the numbers of the row's owners whose account is disabled or gone."""
    if OWNERS not in place.area.policies:
        return frozenset()
    told = {item.column(column) for column in register_of(place).answering}
    numbers = sorted({one for each in told for one in each.split(";") if one})
    mails = {one: await recipients.mailbox(service, place, one) for one in numbers}
    return frozenset([one for one, mail in mails.items() if await has_left(service, mail)])


async def setters_of(service: Service, place: Place, item: Item) -> dict[str, Setter]:
    """Return who filled in the columns that the list's rules ask about (decision 24)."""
    columns = [name for name in asks_who(place.area.policies) if item.column(name)]
    if not columns:
        return {}
    versions = await history(service.tenant, place.row, item.item_id)
    body = body_of(service, place)
    return {one: _setter(service, setter(versions, one), body) for one in columns}


def _setter(service: Service, version: RowVersion, body: str) -> Setter:
    who = in_list(service, version.last_modified_by, body)
    held = frozenset(map(str, who.roles))
    return Setter(who.oid, who.name, held, version.last_modified_date_time)


async def names_of(
    service: Service, place: Place, item: Item, found: Mapping[str, Sequence[Item]]
) -> dict[str, str]:
    """Return the names behind the numbers in person columns, where rules speak of people."""
    told = {
        number
        for area, rows in found.items()
        for column in _people_of(place, area)
        for row in (*rows, item)
        for number in row.column(column).split(";")
        if number
    }
    return await recipients.names(service, place, told) if told else {}


def _people_of(place: Place, area: str) -> list[str]:
    known = [one for one in place.spec.lists if one.key == area]
    return [one.name for each in known for one in place.spec.columns_of(each) if one.kind == "user"]


async def others(
    service: Service, place: Place, item: Item, areas: Collection[str]
) -> dict[str, Sequence[Item]]:
    """Return the rows of other registers: the site's own, else those of every site that has one."""
    async with service.state.read() as tx:
        known = await records.read(tx, areas)
        here = {row.area for row in await lists.all_lists(tx, site_id=place.row.site_id)}
        rows = await register_rows.rows_of(tx, areas)
    kept = [
        row
        for row in rows
        if (row.site_id == place.row.site_id or row.area not in here)
        and (row.list_id, row.item_id) != (item.list_id, item.item_id)
    ]
    return {
        area: known.get(area) or [entry_of(row) for row in kept if row.area == area]
        for area in areas
    }


def entry_of(row: RegisterRow) -> Item:
    """Return a remembered row as the rules read it; dates stand as text in ISO form."""
    return Item(
        site=row.site_id,
        list_id=row.list_id,
        item_id=row.item_id,
        document_id=row.document_id,
        fields=dict(row.columns),
    )
