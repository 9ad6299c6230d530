"""Verger's columns beside a file, written so that no version is made.

ValidateUpdateListItem with bNewDocumentUpdate is the one write that leaves the version list as
staff left it; a PATCH of fields through Graph makes draft 1.1 of a published 1.0 (decision 1; gk).
"""

from __future__ import annotations

import json
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from sync.errors import Rejected, Throttled, Transient, VergerError
from sync.tenant import meter
from sync.tenant.retry import RETRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.model import Document, Value
    from sync.tenant.client import Tenant
    from sync.tenant.shapes import Where
    from sync.tenant.sharepoint import SiteContext

_UNSENT = Throttled("not sent yet")


async def set_columns(
    tenant: Tenant,
    where: Where,
    item_id: str,
    values: Mapping[str, Value],
    *,
    left_by: Document | None = None,
) -> None:
    """Write columns by internal name in one write that makes no version (2 units, assumed).

    A date goes as dd/mm/yyyy (sites are provisioned with the British locale), None empties the
    column. With `left_by`, Modified and Modified By stay as that document shows them, if a person
    with a mailbox modified it. Raises Rejected naming each column SharePoint would not take, Locked
    while somebody edits the file.
    """
    doing = f"set the columns of item {item_id}"
    told = {name: form_value(value) for name, value in values.items()}
    kept = _kept(left_by)

    def write(context: SiteContext) -> None:
        errors = _exceptions(_execute(context, where, item_id, told | kept))
        if kept and errors.keys() & kept.keys():  # whoever it was is no longer in the directory
            errors = _exceptions(_execute(context, where, item_id, told))
        if errors:
            raise _refusal(errors, doing)

    await tenant.sharepoint.call(where.site_url, write, doing=doing, units=meter.WRITE)


def _kept(document: Document | None) -> dict[str, str]:
    """Return the form's Editor and Modified. (gk) Without them they would be the app's and now."""
    if document is None or not document.modified_by.mail or document.modified_at is None:
        return {}
    editor = json.dumps([{"Key": f"i:0#.f|membership|{document.modified_by.mail}"}])
    return {"Editor": editor, "Modified": document.modified_at.astimezone(UTC).isoformat()}


async def set_columns_many(
    tenant: Tenant, where: Where, wanted: Mapping[str, Mapping[str, Value]]
) -> dict[str, VergerError | None]:
    """Write the columns of many items of one list in few requests (2 units an item).

    Returns, by item id, None or what stood in the way. Parts that only came too fast are tried
    again alone; locked or refused ones are not.
    """
    told: dict[str, VergerError | None] = {}

    def write(context: SiteContext) -> None:
        left = [key for key in wanted if isinstance(told.get(key, _UNSENT), RETRIED)]
        forms = {
            key: {name: form_value(value) for name, value in wanted[key].items()} for key in left
        }
        results = [_queue(context, where, key, form) for key, form in forms.items()]
        errors = context.execute_together()
        for key, result, error in zip(left, results, errors, strict=True):
            told[key] = error or _refused(result, f"set the columns of item {key}")
        _raise_retried(told.values())

    doing = f"set the columns of {len(wanted)} items"
    units = meter.WRITE * len(wanted)
    try:
        await tenant.sharepoint.call(where.site_url, write, doing=doing, units=units)
    except Transient:
        if len(told) < len(wanted):
            raise
    return told


def form_value(value: Value) -> str:
    """Return a column's value as a British site's form would send it."""
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return value or ""


def _queue(context: SiteContext, where: Where, item_id: str, form: Mapping[str, str]) -> Any:
    item = context.web.lists.get_by_id(where.id).get_item_by_id(int(item_id))
    return item.validate_update_list_item(dict(form), new_document_update=True, dates_in_utc=True)


def _execute(context: SiteContext, where: Where, item_id: str, form: Mapping[str, str]) -> Any:
    result = _queue(context, where, item_id, form)
    context.execute_query()
    return result


def _exceptions(result: Any) -> dict[str, str]:
    """Return what SharePoint refused of a form, by column: it answers 200 and says so inside."""
    return {one.FieldName: one.ErrorMessage for one in result.value if one.HasException}


def _refused(result: Any, doing: str) -> VergerError | None:
    errors = _exceptions(result)
    return _refusal(errors, doing) if errors else None


def _refusal(errors: Mapping[str, str], doing: str) -> VergerError:
    says = "; ".join(f"{name}: {message}" for name, message in errors.items())
    return Rejected(says, doing=doing, status=200, code="columnRefused")


def _raise_retried(told: Iterable[VergerError | None]) -> None:
    """Hand what only came too fast to the one retry."""
    for error in told:
        if isinstance(error, RETRIED):
            raise error
