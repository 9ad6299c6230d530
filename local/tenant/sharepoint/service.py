"""What the door calls: one answer a call, `$batch` taken apart, refusals in SharePoint's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.tenant.deferred import Deferred
from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint import (  # noqa: F401 -- importing a subject puts it on the surface
    access,
    app_catalog,
    attachments,
    changes,
    content_types,
    copy_jobs,
    custom_actions,
    dispatch,
    fields,
    files,
    folders,
    forms,
    groups,
    hubs,
    items,
    lists,
    more_files,
    more_lists,
    more_people,
    more_web,
    moves,
    navigation,
    pages,
    people,
    permissions,
    properties,
    provisioning,
    receivers,
    recycle_bin,
    regional,
    render,
    stream,
    subwebs,
    tags,
    uploads,
    views,
    web,
    web_settings,
    webhooks,
)
from local.tenant.sharepoint.batch import answer_batch

if TYPE_CHECKING:
    from local.tenant.call import Answer, Call
    from local.tenant.sharepoint.batch import Replay


def answer(call: Call, replay: Replay | None = None) -> Answer:
    """Answer one SharePoint REST call; raises Refusal.

    `replay` carries out one part of a `$batch` and never raises: the door passes its own, so that
    every part is metered and throttled by itself. Without it the parts' prices add up in
    `call.cost` and a refused part is rolled back alone.
    """
    if call.path.rstrip("/").lower() != "/_api/$batch":
        return dispatch.answer(call)
    dispatch.admit(call)

    def alone(part: Call) -> Answer:
        result = answer_part(part)
        call.cost += part.cost
        return result

    return answer_batch(call, replay or alone)


def answer_part(call: Call) -> Answer:
    """Carry out one call inside its own savepoint and render its refusal."""
    call.store.run("SAVEPOINT part")
    try:
        result = dispatch.answer(call)
        if isinstance(result, Deferred):
            raise bad_request("A webhook cannot be validated inside a batch.")
    except Refusal as refusal:
        call.store.run("ROLLBACK TO part")
        result = render_refusal(call, refusal)
    call.store.run("RELEASE part")
    return result


def render_refusal(call: Call, refusal: Refusal) -> Answer:
    """Return a refusal in the form the caller accepts: `error` in verbose, else `odata.error`."""
    return render.refusal_answer(call, refusal)
