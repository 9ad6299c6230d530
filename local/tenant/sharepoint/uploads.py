"""A file's content in pieces: StartUpload, ContinueUpload, FinishUpload, CancelUpload."""

from __future__ import annotations

from local.tenant.sharepoint.folders import FILE
from local.tenant.sharepoint.items import current, dressed
from local.tenant.sharepoint.surface import Ask, Thing, Value, act
from local.tenant.store import chunks, files, versions

_INT64 = "Edm.Int64"


@act(FILE, "StartUpload")
def start(ask: Ask, place: Thing) -> Value:
    """Begin with the first piece; answers how many bytes there are, as text (Edm.Int64)."""
    _row, item = current(ask, place, "write")
    upload = ask.text("uploadId", 0)
    return Value(str(chunks.start(ask.store, upload, item["unique_id"], ask.call.body)), _INT64)


@act(FILE, "ContinueUpload")
def go_on(ask: Ask, place: Thing) -> Value:
    _row, item = current(ask, place, "write")
    upload, offset = ask.text("uploadId", 0), ask.number("fileOffset", 1)
    guid = item["unique_id"]
    return Value(str(chunks.go_on(ask.store, upload, guid, offset, ask.call.body)), _INT64)


@act(FILE, "FinishUpload")
def finish(ask: Ask, place: Thing) -> Thing:
    """Add the last piece and give the file its content: a new version."""
    row, item = current(ask, place, "write")
    upload, offset = ask.text("uploadId", 0), ask.number("fileOffset", 1)
    chunks.go_on(ask.store, upload, item["unique_id"], offset, ask.call.body)
    data = chunks.finish(ask.store, upload, item["unique_id"])
    made = files.replace(ask.store, row, item, data, versions.Write(ask.who))
    return Thing(FILE, dressed(ask, row, [made])[0])


@act(FILE, "CancelUpload")
def cancel(ask: Ask, place: Thing) -> None:
    _row, item = current(ask, place, "write")
    chunks.cancel(ask.store, ask.text("uploadId", 0), item["unique_id"])
