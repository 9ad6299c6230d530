"""Copy jobs: how SharePoint's own pages and the admin command lines copy and move files.

A job is done when it is made; what went wrong with a file stands in its log, not in the answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.sharepoint import moves
from local.tenant.sharepoint.folders import FILE, find_file, full_path
from local.tenant.sharepoint.surface import Ask, Thing, Value, act
from local.tenant.store import ids, items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.tenant.store.ids import Item

SITE = "SP.Site"
FAIL, REPLACE, RENAME = 0, 1, 2  # SP.MigrationNameConflictBehavior
FINISHED = 0  # JobState: neither queued (2) nor processing (4)


@act(SITE, "CreateCopyJobs")
def create(ask: Ask, _place: Thing) -> Value:
    """Copy or move files to a folder; returns what GetCopyJobProgress wants to know, per file."""
    sources, options = ask.need("exportObjectUris", 99), ask.find("options", 99) or {}
    if not isinstance(sources, list) or not sources:
        raise bad_request("exportObjectUris is a list of addresses")
    names = options.get("CustomizedItemName") or [None] * len(sources)
    made = [_job(ask, str(url), name, options) for url, name in zip(sources, names, strict=True)]
    return Value(made, "SP.CopyMigrationInfo")


@act(SITE, "GetCopyJobProgress")
def progress(ask: Ask, _place: Thing) -> Value:
    """Return a job's state and its log: one JSON text per event."""
    info = ask.need("copyJobInfo", 99)
    said = ask.store.get(f"copy job {info.get('JobId')}") if isinstance(info, dict) else ""
    if not said:
        raise not_found("There is no such copy job.")
    return Value({"JobState": FINISHED, "Logs": json.loads(said)}, "SP.CopyJobProgress")


def _job(ask: Ask, url: str, name: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    job = ids.new_guid()
    try:
        source = find_file(ask, url)
        event = _done(ask, source, name or str(source["name"]), options)
    except Refusal as refusal:
        event = {"Event": "JobError", "Message": refusal.message, "ObjectType": "File"}
    log = [{"Event": "JobStart", "JobId": job}, event | {"JobId": job},
           {"Event": "JobEnd", "JobId": job}]  # fmt: skip
    ask.store.put(f"copy job {job}", json.dumps([json.dumps(each) for each in log]))
    return {"EncryptionKey": "", "JobId": job, "JobQueueUri": "", "SourceListItemUniqueIds": []}


def _done(ask: Ask, source: Item, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Do one file of a job and return the event that tells of it."""
    behaviour = int(options.get("NameConflictBehavior") or FAIL)
    where = full_path(ask, ask.text("destinationUri", 99))
    place = moves.place_at(ask, f"{where}/{name}")
    target = moves.make_room(ask, place, overwrite=behaviour == REPLACE, free=behaviour == RENAME)
    act_on = moves.move if options.get("IsMoveMode") else moves.copy
    act_on(ask, Thing(FILE, source), target)
    made = items.exists(ask.store, target.list_row, target.dir, target.name)
    if made is None:
        raise not_found("The file went away while it was copied.")
    return {
        "Event": "JobFinishedObjectInfo",
        "ObjectType": "File",
        "TargetServerUrl": f"https://{ask.site['host']}",
        "TargetSiteUrl": f"https://{ask.site['host']}{ask.site['path']}",
        "TargetObjectSiteRelativeUrl": f"{target.list_row['name']}{target.dir}/{target.name}",
        "TargetObjectUniqueId": made["unique_id"],
        "TargetListItemUniqueId": made["unique_id"],
    }
