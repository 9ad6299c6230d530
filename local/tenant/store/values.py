"""What may stand in a column: names are resolved and values checked before anything is written.

Stored form, by internal name: text, number, boolean, ISO date, choice text or list; people and
lookups under `{Name}LookupId`, a number or several; a hyperlink as {"Url", "Description"}.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.store import columns, content_types, formulas, principals, quirks
from local.tenant.store.formulas import values as formulas_values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store

_WRITABLE_BUILTIN = {"contenttype"}
_TEXT_LIMIT = 255


def invalid(name: str, why: str) -> Refusal:
    return Refusal(
        400,
        "invalidRequest",
        f"The value of the column {name} is not valid: {why}",
        -2130575163,
        "Microsoft.SharePoint.SPFieldValueException",
    )


def empty(name: str) -> Refusal:
    """Refuse to clear a required column in a form, in the form's own words (gk)."""
    refusal = invalid(name, "it can't be empty")
    refusal.detail = "You can't leave this blank."
    return refusal


def unknown(name: str) -> Refusal:
    return bad_request(f"Field '{name}' is not recognized")


def clean(store: Store, list_row: sqlite3.Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a client wants written and return it in stored form (None clears a column).

    Raises 400 for an unknown or read-only column and for a value that its type does not take.
    Annotations ("Tags@odata.type") and `id` are passed over.
    """
    stored: dict[str, Any] = {}
    for key, value in given.items():
        if "@" in key or key in {"id", "__metadata"}:
            continue
        row, target = _column(store, list_row["id"], key)
        if row["kind"] == "calculated":
            raise bad_request(f"Field '{key}' is read-only", "accessDenied")
        if row["read_only"] and row["name"].casefold() not in _WRITABLE_BUILTIN:
            raise bad_request(f"Field '{key}' is read-only", "accessDenied")
        stored[target] = None if value is None or value == "" else _checked(row, value)
    return stored


def _column(store: Store, list_id: str, key: str) -> tuple[sqlite3.Row, str]:
    """Return the column a key means and the name its value is stored under."""
    base = key.removesuffix("LookupId") if key.endswith("LookupId") else key
    row = columns.find(store, list_id, base) or columns.find(store, list_id, key)
    if row is None:
        raise unknown(key)
    people = row["kind"] in {"personOrGroup", "lookup"}
    return row, f"{row['name']}LookupId" if people else str(row["name"])


def _checked(row: sqlite3.Row, value: Any) -> Any:
    facet = json.loads(row["definition"]).get(row["kind"]) or {}
    check = _CHECKS.get(row["kind"])
    return value if check is None else check(str(row["name"]), facet, value)


def _text(name: str, facet: dict[str, Any], value: Any) -> Any:
    if not isinstance(value, str):
        raise invalid(name, "text is expected")
    if not facet.get("allowMultipleLines") and len(value) > (facet.get("maxLength") or _TEXT_LIMIT):
        raise invalid(name, f"it is longer than {facet.get('maxLength') or _TEXT_LIMIT} characters")
    return value


def _choice(name: str, facet: dict[str, Any], value: Any) -> Any:
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, str):
            raise invalid(name, "text is expected")
        if entry not in facet.get("choices", []) and not facet.get("allowTextEntry"):
            raise invalid(name, f"{entry!r} is not one of its choices")
    return value


def _number(name: str, facet: dict[str, Any], value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise invalid(name, "a number is expected") from error
    low, high = facet.get("minimum"), facet.get("maximum")
    if (low is not None and number < low) or (high is not None and number > high):
        raise invalid(name, f"it is not between {low} and {high}")
    return int(number) if number.is_integer() else number


def _boolean(name: str, _facet: dict[str, Any], value: Any) -> Any:
    if not isinstance(value, bool):
        raise invalid(name, "true or false is expected")
    return value


def _date(name: str, _facet: dict[str, Any], value: Any) -> Any:
    """ISO 8601 in, UTC with seconds out, as Graph shows it."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise invalid(name, "an ISO 8601 date is expected") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reference(name: str, _facet: dict[str, Any], value: Any) -> Any:
    try:
        return [int(entry) for entry in value] if isinstance(value, list) else int(value)
    except (TypeError, ValueError) as error:
        raise invalid(name, "a LookupId is a whole number") from error


def _link(name: str, _facet: dict[str, Any], value: Any) -> Any:
    if isinstance(value, str):
        return {"Url": value, "Description": value}
    if not isinstance(value, dict) or "Url" not in value:
        raise invalid(name, "an object with Url and Description is expected")
    return {"Url": value["Url"], "Description": value.get("Description") or value["Url"]}


_CHECKS = {
    "text": _text,
    "choice": _choice,
    "number": _number,
    "currency": _number,
    "boolean": _boolean,
    "dateTime": _date,
    "personOrGroup": _reference,
    "lookup": _reference,
    "hyperlinkOrPicture": _link,
}


def fitting(row: sqlite3.Row, text: str) -> Any:
    """Return the stored form of a text from a file's properties, None when it does not fit."""
    try:
        return _checked(row, text) if text else None
    except Refusal:
        return None


def content_type_id(store: Store, list_row: sqlite3.Row, name_or_id: str) -> str:
    """Return the list's content type of that name, id or site id; 400 otherwise."""
    for row in content_types.every(store, list_row["id"]):
        if name_or_id.upper() in {row["id"].upper(), row["parent_id"].upper()} or (
            row["name"].casefold() == name_or_id.casefold()
        ):
            return str(row["id"])
    raise bad_request(f"The content type {name_or_id} is not in the list")


def lacking(store: Store, list_id: str, stored: Mapping[str, Any]) -> str:
    """Return a required column that an upload leaves empty, where that is to matter, else "".

    Uploads through the APIs are let in all the same unless `quirks.REQUIRED_COLUMNS` is set: then
    they are refused (400), or stay checked out to whoever uploaded them (sp-dev-docs#10819).
    """
    answer = quirks.get(store, quirks.REQUIRED_COLUMNS)
    if answer is None:
        return ""
    for row in store.all("SELECT name FROM columns WHERE owner=? AND required=1", list_id):
        name = str(row["name"])
        if name != "FileLeafRef" and not stored.get(name) and not stored.get(f"{name}LookupId"):
            if answer == "refuse":
                raise invalid(name, "it is required and empty")
            return name
    return ""


def defaults(store: Store, list_row: sqlite3.Row, actor: str) -> dict[str, Any]:
    """Return what a new item of this actor ("user:…", "" for nobody) starts with."""
    found = {}
    for row in columns.every(store, list_row["id"]):
        default = json.loads(row["definition"]).get("defaultValue") or {}
        value = default.get("value")
        if formula := default.get("formula") or (value if value in _SPOKEN else None):
            value = _spoken(store, list_row, row, formula, actor)
        if value:
            people = row["kind"] == "personOrGroup"
            name = f"{row['name']}LookupId" if people else str(row["name"])
            found[name] = _default(row, value)
    return found


_SPOKEN = frozenset({"[today]", "[Today]", "[me]", "[Me]"})  # as SchemaXml's <Default> has them


def _default(row: sqlite3.Row, value: Any) -> Any:
    """Return a default in stored form; a yes/no column's is written "1" or "0"."""
    if row["kind"] == "boolean":
        return str(value).lower() in {"1", "true", "yes"}
    return float(value) if row["kind"] == "number" else value


def _spoken(store: Store, list_row: sqlite3.Row, row: sqlite3.Row, formula: str, actor: str) -> Any:
    """Work out a default formula in the column's stored form, None where it ends in an error."""
    if row["kind"] == "personOrGroup":
        known = actor and formula.strip("=[] ").casefold() == "me"
        return principals.ensure_actor(store, list_row["site_id"], actor) if known else None
    me = ""
    if actor:
        number = principals.ensure_actor(store, list_row["site_id"], actor)
        me = str(principals.get(store, list_row["site_id"], number)["title"])
    try:
        value = formulas.evaluate(formula, formulas.Scope({}, store.now(), me))
        if row["kind"] == "dateTime":
            moment = formulas.from_serial(formulas_values.number(value))
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if row["kind"] in {"number", "currency"}:
            return formulas_values.number(value)
    except formulas.FormulaError:
        return None
    return value if row["kind"] == "boolean" else formulas_values.text(value)


def require_unique(
    store: Store, list_row: sqlite3.Row, item_id: int, stored: Mapping[str, Any]
) -> None:
    """Raise 400 (-2130575169) when a column with unique values already holds one of these."""
    for row in store.all("SELECT name FROM columns WHERE owner=? AND is_unique=1", list_row["id"]):
        value = stored.get(row["name"])
        if value is not None and store.one(
            "SELECT 1 FROM items WHERE list_id=? AND id<>? AND state=0"
            f" AND {columns.path_of(row['name'])}=? COLLATE NOCASE",
            list_row["id"],
            item_id,
            value,
        ):
            raise Refusal(
                400,
                "invalidRequest",
                f"The value {value!r} already exists in the column "
                f"{row['name']}, which takes no duplicates.",
                -2130575169,
                "Microsoft.SharePoint.SPDuplicateValuesFoundException",
                column=str(row["name"]),
            )
