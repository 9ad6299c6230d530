"""Whoever an entry concerns from now on is told so, once.

A matter that is escalated to a forum is told to those who prepare the forum's agenda.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.model import Finding, Notify, Severity, Status
from sync.model.rows import is_closed, says

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sharepoint_schema.registers import News
    from sync.model import Item
    from sync.model.rows import RowContext

BODY = "{body}"


def check(row: Item, context: RowContext) -> Iterator[Finding]:
    """Yield a note for each thing that the entry says and that somebody is told of."""
    if is_closed(row, context.register):
        return
    for one in context.register.news:
        if says(row, one.when) and (told := _told(row, one, context)) is not None:
            yield told


def _told(row: Item, one: News, context: RowContext) -> Finding | None:
    """Return what is told to whom; None where the entry names no body to tell."""
    body = context.standard.body_in(row.column(one.body_in)) if one.body_in else None
    if one.body_in and body is None:
        return None
    code = body.code.lower() if body else BODY
    since = row.column(one.again) if one.again else ""
    to = tuple(name.replace(BODY, code) for name in one.to)
    return Finding(
        says=one.says.replace(BODY, body.name if body else ""),
        how=one.how or "",
        severity=Severity.NOTE,
        status=Status.IN_ORDER,
        remedies=(Notify(to, once=f"{one.key}:{code}:{since}", news=True),),
    )
