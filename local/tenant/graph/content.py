"""Graph: content up and down, by one request or in ranges, and the addresses without a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from local.tenant.call import Answer
from local.tenant.deferred import Deferred
from local.tenant.errors import Refusal, name_exists, not_found
from local.tenant.graph import drive_items, find, rendition
from local.tenant.graph.item_shapes import Shaper, host_address
from local.tenant.routing import Route
from local.tenant.store import access, dates, downloads, files, items, lists, uploads, versions
from local.tenant.store import sites as sites_store
from local.tenant.store.versions import Write

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from local.tenant.call import Call
    from local.tenant.store.ids import Item

_TAKEN = "Another file exists with the same name as the uploaded session."
_BYTES = "application/octet-stream"


def put(call: Call) -> Answer:
    """Upload a whole file: new (201) or a new version (200); replaces unless told otherwise."""
    row, place = find.place(call)
    existing = _may_write(call, row, place)
    if existing is not None:
        find.match(call, existing)
    place, existing = _settle(call, row, place, existing, drive_items.conflict(call, {}, "replace"))
    done = files.upload(call.store, row, place, call.body, Write(call.who))
    return Answer(200 if existing else 201, drive_items.shown(call, row, done))


def _may_write(call: Call, row: sqlite3.Row, place: tuple[str, str]) -> Item | None:
    """Check the right to write there; the file that is there already, if any."""
    existing = items.exists(call.store, row, *place)
    where = existing or _folder(call, row, place[0])
    access.require(call.store, call.who, find.securable(row, where), "write")
    return existing


def _folder(call: Call, row: sqlite3.Row, path: str) -> Item | None:
    """Return the folder to upload to, made with those above it where it is not there yet."""
    where, _, name = path.rpartition("/")
    if not name:
        return None
    found = items.exists(call.store, row, where, name)
    if found is not None:
        return items.folder(call.store, row, path)
    above = _folder(call, row, where)
    access.require(call.store, call.who, find.securable(row, above), "write")
    return items.add(call.store, row, items.NewItem("folder", name, where), Write(call.who))


def _settle(
    call: Call,
    row: sqlite3.Row,
    place: tuple[str, str],
    existing: Item | None,
    behaviour: str,
) -> tuple[tuple[str, str], Item | None]:
    if existing is None or behaviour == "replace":
        return place, existing
    if behaviour == "fail":
        raise name_exists()
    return (place[0], files.free_name(call.store, row, *place)), None


def get(call: Call) -> Answer:
    """302 to an address that gives out the content without a token, drawn as PDF on demand."""
    row, found = find.file(call)
    if found["kind"] != "file":
        raise not_found("A folder has no content.")
    address = Shaper(call, row).download_address(found) + rendition.wanted(call, found)
    return Answer(302, headers={"Location": address})


def version_content(call: Call) -> Answer:
    row, found = find.file(call)
    version = versions.get(call.store, found["unique_id"], call.args["version"])
    label = versions.label(dict(version))
    site = sites_store.by_id(call.store, row["site_id"])
    token = downloads.offer(call.store, found["unique_id"], label)
    return Answer(
        302,
        headers={
            "Location": f"{host_address(call, site)}{site['path']}/_layouts/15/download.aspx"
            f"?UniqueId={found['unique_id']}&tempauth={token}{rendition.wanted(call, found)}"
        },
    )


def download(call: Call) -> Answer:
    """Content by its pre-authenticated address, whole or one range of it, or drawn as PDF."""
    unique_id, version = downloads.claim(call.store, call.query.get("tempauth", ""))
    found: Mapping[str, Any] = items.by_unique(call.store, unique_id)
    if version:
        found = {**found, **versions.state_of(versions.get(call.store, unique_id, version))}
    data = files.read(call.store, found["sha"])
    headers = {
        "Content-Type": _BYTES,
        "Accept-Ranges": "bytes",
        "ETag": f'"{{{unique_id.upper()}}},{found["etag"]}"',
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found['name'])}",
    }
    if call.query.get("format") == rendition.PDF:
        return Deferred(finish=lambda _hands: rendition.drawn(found["name"], data, headers))
    span = call.headers.get("range", "")
    return _part(data, span, headers) if span.startswith("bytes=") else Answer(200, data, headers)


def _part(data: bytes, span: str, headers: dict[str, str]) -> Answer:
    first, _, last = span.removeprefix("bytes=").partition("-")
    start = int(first) if first.isdecimal() else max(0, len(data) - int(last or 0))
    end = min(int(last), len(data) - 1) if first and last.isdecimal() else len(data) - 1
    if start > end or start >= len(data):
        raise Refusal(
            416,
            "invalidRange",
            "The requested range is not satisfiable.",
            headers={"Content-Range": f"bytes */{len(data)}"},
        )
    return Answer(
        206, data[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(data)}"}
    )


def create_session(call: Call) -> Answer:
    """Open an upload session; 412 for a stale If-Match, 409 where a taken name must fail."""
    row, place = find.place(call)
    existing = _may_write(call, row, place)
    if existing is not None:
        find.match(call, existing)
    body = call.json()
    item = body.get("item") or {}
    behaviour = drive_items.conflict(
        call, item, "replace" if existing and "path~" not in call.args["item"] else "fail"
    )
    place, _ = _settle(call, row, place, existing, behaviour)
    session = uploads.open_session(call.store, row["id"], place, behaviour, call.who)
    deferred = bool(body.get("deferCommit"))
    uploads.wish(call.store, session["id"], dates.given(item), deferred=deferred)
    site = sites_store.by_id(call.store, row["site_id"])
    return Answer(
        200, {"uploadUrl": f"{host_address(call, site)}/_upload/{session['id']}", **_state(session)}
    )


def _state(session: sqlite3.Row) -> dict[str, Any]:
    expires = session["expires"].replace("+00:00", "Z")
    return {"expirationDateTime": expires, "nextExpectedRanges": [f"{session['received']}-"]}


def put_range(call: Call) -> Answer:
    """One range of a session: 202 until the last, then 201 or 200 with the file.

    With deferCommit, or a total of "*", the file waits for the POST that commits it.
    """
    session = uploads.get(call.store, call.args["session"])
    part = uploads.Range.parse(call.headers.get("content-range", ""))
    data = uploads.receive(call.store, session, part, call.body)
    if data is None:
        return Answer(202, _state(uploads.get(call.store, session["id"])))
    return _complete(call, session, data)


def commit_session(call: Call) -> Answer:
    """Make the file of what is there, on a POST without content."""
    session = uploads.get(call.store, call.args["session"])
    return _complete(call, session, uploads.content(call.store, session))


def _complete(call: Call, session: sqlite3.Row, data: bytes) -> Answer:
    call.principal = uploads.owner(session)
    row, place = lists.by_id(call.store, session["list_id"]), (session["dir"], session["name"])
    existing = _may_write(call, row, place)
    if existing is not None and session["conflict"] == "fail":
        raise Refusal(409, "upload_name_conflict", _TAKEN)  # driveitem-createuploadsession.md
    place, existing = _settle(call, row, place, existing, session["conflict"])
    done = files.upload(call.store, row, place, data, Write(call.who))
    same = Write(call.who, version=False)
    done = dates.put(call.store, row, done, uploads.dates_of(session), same)
    uploads.close(call.store, session["id"])
    return Answer(200 if existing else 201, drive_items.shown(call, row, done))


def session_state(call: Call) -> Answer:
    return Answer(200, _state(uploads.get(call.store, call.args["session"])))


def cancel_session(call: Call) -> Answer:
    uploads.close(call.store, uploads.get(call.store, call.args["session"])["id"])
    return Answer(204)


_ITEM = "/drives/{drive}/items/{item}"
ROUTES = (
    Route("PUT", f"{_ITEM}/content", put, 2),
    Route("GET", f"{_ITEM}/content", get, 1),
    Route("GET", f"{_ITEM}/versions/{{version}}/content", version_content, 1),
    Route("POST", f"{_ITEM}/createUploadSession", create_session, 2),
)
PREAUTH_ROUTES = (
    Route("GET", "/_layouts/15/download.aspx", download, 0),
    Route("PUT", "/_upload/{session}", put_range, 0),
    Route("GET", "/_upload/{session}", session_state, 0),
    Route("POST", "/_upload/{session}", commit_session, 0),
    Route("DELETE", "/_upload/{session}", cancel_session, 0),
)
