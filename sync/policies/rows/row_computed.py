"""What follows from other columns says what follows from them.

A score is likelihood times impact and nothing else; an answer to a request is due when its 20
working days are over. Such a column is filled in and, where somebody typed something else, put
right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import prod
from typing import TYPE_CHECKING

from sharepoint_schema.dates import show_date
from sharepoint_schema.months import add_months
from sharepoint_schema.working_days import add_working_days, working_days_between
from sync.model import Finding, SetColumns, Severity, Status, as_date
from sync.model.rows import number_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sharepoint_schema.registers import Computed
    from sync.model import Item, Value
    from sync.model.rows import RowContext

VERSION = "4"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a note where an empty column is filled in, a finding where a value is put right.

    A computed column may count on another one that stands before it in the register.
    """
    values: dict[str, Value] = {}
    for one in context.register.computed:
        here = _with(row, values)
        said = here.column(one.column)
        wanted = RULES[one.rule](here, one, context)
        moves = _moves_on(here, one, context)
        stands = _same(here, one.column, wanted) if moves else _stands(here, one, wanted)
        if wanted is None or stands:
            continue
        values[one.column] = wanted
        yield _finding(context.title(one.column), "" if moves else said, wanted, one.column)


def _moves_on(row: Item, one: Computed, context: RowContext) -> bool:
    """Whether the day it counts from is a later one than at the last look, and it is still the old.

    A risk reviewed anew is next reviewed by its band, not on the day that has just been kept.
    """
    start, before = one.of[0], context.before
    later = bool(before.get(start)) and row.column(start) > before[start]
    return one.at_most and later and row.column(one.column) == before.get(one.column)


def _stands(row: Item, one: Computed, wanted: Value) -> bool:
    """Whether the column may stay as it is."""
    if one.only_empty and row.column(one.column):
        return True
    if one.at_most and isinstance(wanted, date):
        said = row.date_column(one.column)
        return said is not None and said <= wanted
    return _same(row, one.column, wanted)


def _finding(title: str, said: str, wanted: Value, column: str) -> Finding:
    if not said:
        return Finding(
            says=f"{title} was filled in: {_shown(wanted)}.",
            severity=Severity.NOTE,
            status=Status.IN_ORDER,
            remedies=(SetColumns({column: wanted}),),
        )
    return Finding(
        says=f"{title} said {_shown(as_date(said) or said)}.",
        expected=f"It follows from the other columns and is {_shown(wanted)}.",
        how="Nothing to do: it was put right. Change the columns it follows from instead.",
        status=Status.CORRECTED,
        remedies=(SetColumns({column: wanted}),),
    )


def _product(row: Item, one: Computed, context: RowContext) -> Value:  # noqa: ARG001 - one shape
    """Return the product of whole numbers; what is none is for a person, and is not multiplied."""
    factors = [number_in(row, name) for name in one.of]
    known = [factor for factor in factors if factor is not None and factor.is_integer()]
    return f"{prod(known):g}" if len(known) == len(factors) else None


def _as_said(row: Item, one: Computed, context: RowContext) -> Value:  # noqa: ARG001 - one shape
    return row.fields.get(one.of[0]) or None


def _working_days(row: Item, one: Computed, context: RowContext) -> Value:
    start, days = row.date_column(one.of[0]), _days(one, context)
    if start is None or days is None:
        return None
    due = add_working_days(start, days)
    for since, until in _pauses(row, one):
        if since <= due:  # a clock that has run out does not stand still
            due = add_working_days(due, working_days_between(max(since, start), until))
    return due


def _days(one: Computed, context: RowContext) -> int | None:
    """Return the days that the register's body has set itself, else those of the register."""
    own = next((body.days for body in context.standard.bodies if body.code == context.body), {})
    return own.get(one.days_of, one.days) if one.days_of else one.days


def _pauses(row: Item, one: Computed) -> Iterator[tuple[date, date]]:
    """Yield when the clock stood still, from one day to another, in order and none in another."""
    told = ((row.date_column(since), row.date_column(until)) for since, until in one.paused)
    last = date.min
    for since, until in sorted((a, b) for a, b in told if a and b and a < b):
        if until > last:
            yield max(since, last), until
            last = until


def _months(row: Item, one: Computed, context: RowContext) -> Value:  # noqa: ARG001 - one shape
    if one.by:
        start, count = row.date_column(one.of[0]), one.by.get(row.column(one.of[1]), one.months)
    else:
        known = [day for name in one.of if (day := row.date_column(name))]
        start, count = max(known, default=None), one.months
    return add_months(start, count) if start and count else None


RULES: Mapping[str, Callable[[Item, Computed, RowContext], Value]] = {
    "product": _product,
    "same": _as_said,
    "working_days": _working_days,
    "months": _months,
}


def _with(row: Item, values: Mapping[str, Value]) -> Item:
    return replace(row, fields={**row.fields, **values}) if values else row


def _same(row: Item, column: str, wanted: Value) -> bool:
    if wanted is not None and not isinstance(wanted, str):
        return row.date_column(column) == wanted
    number = number_in(row, column)
    return f"{number:g}" == wanted if number is not None else row.column(column) == wanted


def _shown(value: Value | date) -> str:
    return value if isinstance(value, str) else show_date(value) if value else ""
