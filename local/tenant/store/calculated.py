"""Calculated columns: worked out when their row is written, stored like any other value.

A formula sees the row by title and by internal name. An error of the formula is stored as its
text ("#VALUE!"), which is what a reader of the column gets.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.tenant.store import formula_rules, formulas
from local.tenant.store.formulas import values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from local.tenant.store.database import Store
    from local.tenant.store.formulas.values import Scalar

_OF_ROW = {
    "ID": "id",
    "FileLeafRef": "name",
    "LinkFilename": "name",
    "LinkFilenameNoMenu": "name",
    "Created": "created",
    "Modified": "modified",
}


def settled(
    store: Store, list_id: str, item: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a row's stored columns with the calculated ones as they now are.

    `item` gives what is not among the columns: id, name, created and modified.
    """
    if not _any(store, list_id):
        return dict(stored)
    return _worked_out(store, _columns(store, list_id), item, stored)


def refresh(store: Store, list_id: str) -> None:
    """Work out every row of a list again, after a column was made, changed or removed.

    No version is made and nothing enters the change log (gk).
    """
    if not _any(store, list_id):
        return
    known = _columns(store, list_id)
    for row in store.all("SELECT * FROM items WHERE list_id=?", list_id):
        before = json.loads(row["fields"])
        after = _worked_out(store, known, dict(row), before)
        if after != before:
            put(store, dict(row), json.dumps(after))


def put(store: Store, item: Mapping[str, Any], fields: str) -> None:
    """Keep a row's columns in its newest version, in place."""
    store.run("UPDATE items SET fields=? WHERE unique_id=?", fields, item["unique_id"])
    store.run(
        "UPDATE versions SET fields=? WHERE unique_id=? AND major=? AND minor=?",
        fields,
        item["unique_id"],
        item["major"],
        item["minor"],
    )


def scope(
    store: Store, list_id: str, item: Mapping[str, Any], stored: Mapping[str, Any], me: str = ""
) -> formulas.Scope:
    """Return what a formula about a row can see."""
    return formulas.Scope(_seen(_columns(store, list_id), item, stored), store.now(), me)


def _any(store: Store, list_id: str) -> bool:
    sql = "SELECT 1 FROM columns WHERE owner=? AND kind='calculated' LIMIT 1"
    return store.one(sql, list_id) is not None


def _columns(store: Store, list_id: str) -> list[tuple[sqlite3.Row, dict[str, Any]]]:
    """Return a list's columns that a formula can read, last first, with their definitions.

    Last first, because of two with one title (Title, LinkTitle) the earlier one is meant.
    """
    rows = store.all("SELECT * FROM columns WHERE owner=? ORDER BY position DESC", list_id)
    found = [(row, json.loads(row["definition"])) for row in rows]
    return [(row, known) for row, known in found if formula_rules.readable(row["kind"], known)]


def _seen(
    known: Sequence[tuple[sqlite3.Row, dict[str, Any]]],
    item: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Scalar]:
    by_title: dict[str, Scalar] = {}
    by_name: dict[str, Scalar] = {}
    for row, definition in known:
        name = str(row["name"])
        raw = item.get(_OF_ROW[name]) if name in _OF_ROW else stored.get(name)
        value = _read(row["kind"], definition, raw)
        by_title[row["display_name"].casefold()] = value
        by_name[name.casefold()] = value
    return by_title | by_name


def _read(kind: str, definition: Mapping[str, Any], raw: Any) -> Scalar:
    """Return a stored value as formulas reckon with it; an empty yes/no column is FALSE."""
    if kind == "calculated":
        kind = str(definition["calculated"].get("outputType") or "text")
    if kind == "boolean":
        return raw is True or str(raw).lower() in {"1", "true"}
    if raw is None or isinstance(raw, list | dict):
        return None
    if kind == "dateTime":
        return _serial(str(raw))
    return str(raw) if kind in {"text", "choice"} or isinstance(raw, str) else float(raw)


def _serial(text: str) -> Scalar:
    """Return a stored date as a number; the text of an error stays what it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return formulas.to_serial(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _worked_out(
    store: Store,
    known: Sequence[tuple[sqlite3.Row, dict[str, Any]]],
    item: Mapping[str, Any],
    stored: Mapping[str, Any],
) -> dict[str, Any]:
    left = [(row, definition) for row, definition in known if row["kind"] == "calculated"]
    names = {str(row["name"]) for row, _ in left}
    fields = {name: value for name, value in stored.items() if name not in names}
    seen, now = _seen(known, item, fields), store.now()
    for row, definition in _ordered(left):
        value = _result(definition["calculated"], formulas.Scope(seen, now))
        fields[str(row["name"])] = value
        read = _read("calculated", definition, value)
        seen |= {row["display_name"].casefold(): read, row["name"].casefold(): read}
    return fields


def _ordered(
    left: list[tuple[sqlite3.Row, dict[str, Any]]],
) -> list[tuple[sqlite3.Row, dict[str, Any]]]:
    """Put those that others are worked out from first (there is no circle: formula_rules)."""
    done: list[tuple[sqlite3.Row, dict[str, Any]]] = []
    while left:
        waiting = {n.casefold() for row, _ in left for n in (row["name"], row["display_name"])}
        ready = [pair for pair in left if not waiting & _used(pair[1])]
        done += ready or left
        left = [pair for pair in left if pair not in done]
    return done


def _used(definition: Mapping[str, Any]) -> set[str]:
    tree = formulas.parse(str(definition["calculated"].get("formula") or ""))
    return {name.casefold() for name in formulas.names(tree)}


def _result(facet: Mapping[str, Any], where: formulas.Scope) -> Any:
    """Work out one column and return its value in stored form, or the text of its error."""
    show = _SHOWN[str(facet.get("outputType") or "text")]
    try:
        return show(formulas.evaluate(str(facet["formula"]), where), facet)
    except formulas.FormulaError as error:
        return error.code


def _number(value: Scalar, _facet: Mapping[str, Any]) -> float:
    found = values.number(value)
    return int(found) if found.is_integer() else found


def _date(value: Scalar, facet: Mapping[str, Any]) -> str:
    """Return a date as Graph shows it; a blank one is 30 December 1899, as SharePoint has it."""
    moment = formulas.from_serial(values.number(value))
    only = facet.get("format") != "dateTime"
    return moment.strftime("%Y-%m-%dT00:00:00Z" if only else "%Y-%m-%dT%H:%M:%SZ")


_SHOWN: dict[str, Callable[[Scalar, Mapping[str, Any]], Any]] = {
    "text": lambda value, _facet: values.text(value),
    "number": _number,
    "currency": _number,
    "dateTime": _date,
    "boolean": lambda value, _facet: values.boolean(value),
}
