"""ValidateUpdateListItem: columns sent as text, as a person would type them into the form.

With `bNewDocumentUpdate` no version is made. Modified and Editor become the caller's unless they
are among the values, which is how the office365 client keeps them (its `system_update`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.folders import find_folder
from local.tenant.sharepoint.items import ITEM, current, parse_json
from local.tenant.sharepoint.surface import Ask, Thing, Value, act
from local.tenant.store import columns, files, items, principals, values, versions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.ids import Item

UNITED_STATES = 1033
RESULT = "SP.ListItemFormUpdateValue"
KEPT = {"Editor": "modified_by", "Modified": "modified"}
YES, NO = {"1", "true", "yes"}, {"0", "false", "no", ""}


@dataclass(frozen=True, slots=True)
class Entry:
    """One submitted column: its text, what it means, and what is wrong with it."""

    name: str
    text: str | None
    value: Any = None
    error: Refusal | None = None


@act(ITEM, "ValidateUpdateListItem")
def validate_update(ask: Ask, place: Thing) -> Value:
    """Check every value, write all or none, and return one result per value, errors inside it."""
    row, item = current(ask, place, "write")
    sent = ask.need("formValues")
    if not isinstance(sent, list):
        raise bad_request("formValues is a list of FieldName and FieldValue")
    entries = [_entry(ask, row, each) for each in sent]
    if not any(entry.error for entry in entries):
        entries = _write(ask, row, item, entries)
    return Value([_result(entry, item) for entry in entries], RESULT)


@act("SP.List", "AddValidateUpdateItemUsingPath")
def add_validated(ask: Ask, place: Thing) -> Value:
    """Make a list item from values as text; the results end with the new item's Id."""
    require(ask, place, "write")
    row, sent = place.row, ask.need("formValues")
    if row["is_library"]:
        raise bad_request("To add an item to a document library, use SPFileCollection.Add()")
    if not isinstance(sent, list):
        raise bad_request("formValues is a list of FieldName and FieldValue")
    entries = [_entry(ask, row, each) for each in sent]
    if any(entry.error for entry in entries):
        return Value([_result(entry, {"id": 0}) for entry in entries], RESULT)
    given = {name: value for entry in entries for name, value in dict(entry.value).items()}
    type_name = str(given.pop("ContentType", None) or "")
    type_id = values.content_type_id(ask.store, row, type_name) if type_name else ""
    new = items.NewItem("item", dir=_folder(ask), values=given, content_type=type_id)
    try:
        with ask.store.attempt():
            made = items.add(ask.store, row, new, versions.Write(ask.who))
    except Refusal as refusal:
        return Value([_result(entry, {"id": 0}) for entry in _told(entries, refusal)], RESULT)
    entries.append(Entry("Id", str(made["id"])))
    return Value([_result(entry, made) for entry in entries], RESULT)


def _folder(ask: Ask) -> str:
    """Return the folder inside the list that listItemCreateInfo names, "" for its root."""
    info = ask.find("listItemCreateInfo", 99) or {}
    path = (info.get("FolderPath") or {}).get("DecodedUrl")
    return find_folder(ask, str(path)).dir if path else ""


def _entry(ask: Ask, row: sqlite3.Row, sent: dict[str, Any]) -> Entry:
    name, text = str(sent.get("FieldName", "")), sent.get("FieldValue")
    text = None if text is None else str(text)
    try:
        value = _meaning(ask, row, name, text)
        if name not in KEPT:
            values.clean(ask.store, row, value)
    except Refusal as refusal:
        return Entry(name, text, error=refusal)
    return Entry(name, text, value)


def _meaning(ask: Ask, row: sqlite3.Row, name: str, text: str | None) -> Any:
    """Return {stored name: value} of one column, or the bare value of Editor and Modified."""
    column = columns.find(ask.store, row["id"], name)
    if column is None:
        raise values.unknown(name)
    if not text and (name in KEPT or column["required"]):
        raise values.empty(name)
    if not text:
        return {name: None}
    read = READERS.get(column["kind"])
    value = read(ask, column, text) if read else text
    if name in KEPT:
        return _kept(ask, column, value)
    many = column["kind"] in {"personOrGroup", "lookup"}
    return {f"{name}LookupId" if many else name: value}


def _kept(ask: Ask, column: sqlite3.Row, value: Any) -> str:
    """Return Modified as the store's stamp, Editor as an actor."""
    if column["kind"] == "dateTime":
        moment = datetime.fromisoformat(str(value))
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    number = value[0] if isinstance(value, list) else value
    known = principals.get(ask.store, ask.site["id"], number)
    if known["kind"] not in {principals.USER, principals.APP}:
        raise values.invalid(column["name"], "it names no person")
    return f"{known['kind']}:{known['ref']}"


def _date(ask: Ask, column: sqlite3.Row, text: str) -> str:
    """Read an ISO date, or one in the site's order (dd/mm/yyyy, in a US site mm/dd). UTC out."""
    parts = text.strip().split(" ")[0].split("/")
    try:
        if len(parts) == len(("day", "month", "year")):
            first, second, year = (int(part) for part in parts)
            day, month = (second, first) if ask.site["lcid"] == UNITED_STATES else (first, second)
            moment = datetime.combine(date(year, month, day), datetime.min.time(), UTC)
        else:
            moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise values.invalid(column["name"], f"{text!r} is not a date here") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat()


def _number(_ask: Ask, column: sqlite3.Row, text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError as error:
        raise values.invalid(column["name"], "Only numbers can go here.") from error


def _boolean(_ask: Ask, column: sqlite3.Row, text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise values.invalid(column["name"], "Yes or No is expected")
    return word in YES


def _choice(_ask: Ask, column: sqlite3.Row, text: str) -> Any:
    facet = json.loads(column["definition"]).get("choice") or {}
    if facet.get("displayAs") != "checkBoxes":
        return text
    return [part for part in text.split(";#") if part]


def _people(ask: Ask, column: sqlite3.Row, text: str) -> Any:
    """Read `[{"Key": "i:0#.f|membership|…"}]`; the people are added to the site."""
    facet = json.loads(column["definition"]).get("personOrGroup") or {}
    try:
        keys = [str(each["Key"]) for each in parse_json(text)]
    except (ValueError, TypeError, KeyError) as error:
        raise values.invalid(column["name"], "a list of people with a Key is expected") from error
    numbers = [principals.ensure_login(ask.store, ask.site["id"], key) for key in keys]
    if facet.get("allowMultipleSelection"):
        return numbers
    if len(numbers) > 1:
        raise values.invalid(column["name"], "it takes one person")
    return numbers[0] if numbers else None


def _lookup(_ask: Ask, _column: sqlite3.Row, text: str) -> Any:
    return text.partition(";#")[0]


def _url(_ask: Ask, _column: sqlite3.Row, text: str) -> dict[str, str]:
    address, _, words = text.partition(", ")
    return {"Url": address, "Description": words or address}


READERS = {
    "dateTime": _date,
    "number": _number,
    "currency": _number,
    "boolean": _boolean,
    "choice": _choice,
    "personOrGroup": _people,
    "lookup": _lookup,
    "hyperlinkOrPicture": _url,
}


def _write(ask: Ask, row: sqlite3.Row, item: Item, entries: list[Entry]) -> list[Entry]:
    """Write them in one go; a value refused only now (a duplicate) is told on its own column."""
    given: dict[str, Any] = {}
    for entry in entries:
        if entry.name not in KEPT:
            given |= entry.value
    kept = {KEPT[entry.name]: entry.value for entry in entries if entry.name in KEPT}
    quiet = bool(ask.find("bNewDocumentUpdate", 1))
    how = versions.Write(
        ask.who, version=not quiet, touch=not {"modified", "modified_by"} <= set(kept)
    )
    try:
        with ask.store.attempt():
            files.write_columns(ask.store, row, {**item, **kept}, given, how)
    except Refusal as refusal:
        return _told(entries, refusal)
    return entries


def _told(entries: list[Entry], refusal: Refusal) -> list[Entry]:
    """Tell a refused value on its own column, or on all where it is about none that was sent."""
    if refusal.status != HTTPStatus.BAD_REQUEST:  # locks and the like are the whole call's
        raise refusal
    about = {entry.name for entry in entries if entry.name.casefold() == refusal.column.casefold()}
    return [
        Entry(entry.name, entry.text, error=refusal) if not about or entry.name in about else entry
        for entry in entries
    ]


def _result(entry: Entry, item: Mapping[str, Any]) -> dict[str, Any]:
    error = entry.error
    return {
        "ErrorCode": error.hresult if error else 0,
        "ErrorMessage": (error.detail or error.message) if error else None,
        "FieldName": entry.name,
        "FieldValue": entry.text,
        "HasException": error is not None,
        "ItemId": item["id"],
    }
