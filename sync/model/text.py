"""Reading one value as people or SharePoint write it: a label, a number, a day."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sharepoint_schema.dates import read_date
from sharepoint_schema.labels import Label
from sharepoint_schema.numbers import Number

Value = str | date | None
"""A column's value: a date for date columns, text for all others, None or "" for an empty one."""

SITE_TIME = ZoneInfo("Europe/London")
"""SharePoint keeps a date-only column as midnight in the site's own time zone, told in UTC."""


def parse_label(text: str) -> Label | None:
    """Read a label as people type it ("V0.3", "v1.0", "1"), else None."""
    return Label.read(text)


def parse_number(text: str) -> Number | None:
    """Read the document number in a text such as "Gov-04", else None."""
    try:
        return Number.parse(text.strip())
    except ValueError:
        return None


def as_date(value: Value) -> date | None:
    """Read a column or a row of the block: a date, ISO (with or without time), a date as typed."""
    if isinstance(value, datetime):
        return value.astimezone(SITE_TIME).date()
    if value is None or isinstance(value, date):
        return value
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:  # not ISO: then as people type it
        return read_date(value)
    return moment.date() if moment.tzinfo is None else moment.astimezone(SITE_TIME).date()
