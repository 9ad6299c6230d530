"""What a formula may say where it stands: in a calculated column, a validation, a default value.

Which types a formula can read, and the words of the refusals, were measured on a real tenant by
firmfooting/dbml-sharepoint (calculated-operand-probe, July 2026): multi-line text, people, lookups,
links and several choices are refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_formula
from local.tenant.store import formulas

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

_PLAIN = frozenset({"number", "currency", "boolean", "dateTime", "calculated"})
_VOLATILE = frozenset({"today", "me"})
_SYNTAX = "The formula contains a syntax error or is not supported."
_UNKNOWN = (
    "The formula refers to a column that does not exist.  Check the formula for spelling mistakes "
    "or change the non-existing column to an existing column."
)
_TYPE = (
    "One or more column references are not allowed, because the columns are defined as a data type "
    "that is not supported in formulas."
)
_OTHER = (
    "The formula cannot refer to another column.  Check the formula for spelling mistakes or "
    "update the formula to reference only this column."
)
_NOW = "Calculated columns cannot contain volatile functions like Today and Me."
_ROUND = "The formula contains a circular reference, which is not allowed."


def readable(kind: str, definition: Mapping[str, Any]) -> bool:
    """Whether a formula can read a column of this type."""
    if kind == "choice":
        return (definition.get("choice") or {}).get("displayAs") != "checkBoxes"
    if kind == "text":
        return not (definition.get("text") or {}).get("allowMultipleLines")
    return kind in _PLAIN


def check_column(definition: Mapping[str, Any], known: Iterable[sqlite3.Row]) -> None:
    """Refuse a column whose calculation, validation or default formula could not be saved."""
    others = [row for row in known if row["name"].casefold() != definition["name"].casefold()]
    own = {definition["name"].casefold(), str(definition.get("displayName", "")).casefold()}
    calculated = definition.get("calculated")
    if calculated is not None:
        _check_calculated(calculated, own, others)
    if rule := (definition.get("validation") or {}).get("formula"):
        if any(name.casefold() not in own | _VOLATILE for name in _names(rule)):
            raise bad_formula(_OTHER)
        if not readable(_kind(definition), definition):
            raise bad_formula(_TYPE)
    default = (definition.get("defaultValue") or {}).get("formula")
    if default and any(name.casefold() not in _VOLATILE for name in _names(default)):
        raise bad_formula(_OTHER)


def _kind(definition: Mapping[str, Any]) -> str:
    """Return the facet of a definition; one without any is text."""
    kinds = (*_PLAIN, "choice", "personOrGroup", "lookup", "hyperlinkOrPicture", "term")
    return next((kind for kind in kinds if definition.get(kind) is not None), "text")


def _check_calculated(facet: Mapping[str, Any], own: set[str], others: list[sqlite3.Row]) -> None:
    formula = str(facet.get("formula") or "")
    if not formula.strip().removeprefix("="):
        raise bad_formula(_SYNTAX)
    used = {name.casefold() for name in _names(formula)}
    if used & _VOLATILE - {row["display_name"].casefold() for row in others}:
        raise bad_formula(_NOW)
    if used & own or _leads_to(own, used, others):
        raise bad_formula(_ROUND)
    _check_names(used, others)


def _leads_to(own: set[str], used: set[str], others: list[sqlite3.Row]) -> bool:
    """Whether a calculated column that is used is worked out from this one in its turn."""
    met: set[str] = set()
    while used - met:
        met |= used
        rows = [row for row in others if row["kind"] == "calculated" and _named(row) & used]
        used = {name.casefold() for row in rows for name in _names(_formula(row))}
    return bool(met & own)


def _formula(row: sqlite3.Row) -> str:
    return str(json.loads(row["definition"])["calculated"].get("formula") or "")


def check_list(formula: str, known: Iterable[sqlite3.Row]) -> None:
    """Refuse a list's validation that could not be saved."""
    used = {name.casefold() for name in _names(formula)}
    _check_names(used - _VOLATILE, list(known))


def _check_names(used: set[str], known: list[sqlite3.Row]) -> None:
    for name in sorted(used):
        rows = [row for row in known if name in _named(row)]
        if not rows:
            raise bad_formula(_UNKNOWN)
        if not any(readable(row["kind"], json.loads(row["definition"])) for row in rows):
            raise bad_formula(_TYPE)


def _named(row: sqlite3.Row) -> set[str]:
    return {row["name"].casefold(), row["display_name"].casefold()}


def _names(formula: str) -> list[str]:
    try:
        return list(formulas.names(formulas.parse(formula)))
    except formulas.Malformed as error:
        raise bad_formula(_SYNTAX) from error
