"""The validation formulas of columns and lists, judged on every write and on check-in.

An upload is let in without (gk: SharePoint judges a file's columns when they are saved), and so is
what a site's owner turns validation on over: the next write of the row is the first to be judged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import not_valid
from local.tenant.store import calculated, formulas, lists
from local.tenant.store.formulas import values

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.store.database import Store


def require(store: Store, list_row: sqlite3.Row, item: Mapping[str, Any]) -> None:
    """Refuse a row (400, -2130575163 for a column, -2130575162 for the list) that is not valid.

    `item` is the row as it would be written, its columns as JSON under `fields`, the calculated
    ones not yet worked out. A formula that ends in an error refuses too.
    """
    rules = _of_columns(store, list_row["id"])
    settings = lists.settings(list_row)
    if not rules and not settings["ValidationFormula"]:
        return
    known = calculated.settled(store, list_row["id"], item, json.loads(item["fields"]))
    where = calculated.scope(store, list_row["id"], item, known)
    for name, rule in rules:
        if not _holds(str(rule["formula"]), where):
            said = (rule.get("descriptions") or [{}])[0].get("displayName") or ""
            raise not_valid(column=name, told=str(said))
    if settings["ValidationFormula"] and not _holds(settings["ValidationFormula"], where):
        raise not_valid(told=str(settings["ValidationMessage"] or ""))


def _of_columns(store: Store, list_id: str) -> list[tuple[str, dict[str, Any]]]:
    rows = store.all(
        "SELECT name, json_extract(definition, '$.validation') AS rule FROM columns"
        " WHERE owner=? AND json_extract(definition, '$.validation.formula')<>''"
        " ORDER BY position",
        list_id,
    )
    return [(str(row["name"]), json.loads(row["rule"])) for row in rows]


def _holds(formula: str, where: formulas.Scope) -> bool:
    try:
        return values.boolean(formulas.evaluate(formula, where))
    except formulas.FormulaError:
        return False
