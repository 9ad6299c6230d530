"""The Blob service's REST calls that timers and leases need, over `Blobs`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from local.host.storage import errors
from local.host.storage.blobs import Conditions, Content
from local.host.storage.call import META, Call, element, empty, http_date, xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.host.storage.blobs import Blob, Blobs

    type Handler = Callable[[Blobs, Call], Response]


def _names(call: Call) -> tuple[str, str]:
    return call.parts[0], "/".join(call.parts[1:])


def _conditions(call: Call) -> Conditions:
    head = call.headers
    return Conditions(
        head.get("if-match", ""), head.get("if-none-match", ""), head.get("x-ms-lease-id", "")
    )


def _shown(etag: str, modified: float) -> dict[str, str]:
    return {"ETag": etag, "Last-Modified": http_date(modified)}


def create_container(blobs: Blobs, call: Call) -> Response:
    blobs.create(call.parts[0])
    return empty(201, _shown(*blobs.container(call.parts[0])))


def get_container(blobs: Blobs, call: Call) -> Response:
    return empty(200, _shown(*blobs.container(call.parts[0])))


def delete_container(blobs: Blobs, call: Call) -> Response:
    blobs.drop(call.parts[0])
    return empty(202)


def list_blobs(blobs: Blobs, call: Call) -> Response:
    found = blobs.list(call.parts[0], call.query.get("prefix", ""))
    listed = element("Blobs", *(_listed(blob) for blob in found))
    return xml(element("EnumerationResults", listed, element("NextMarker")))


def _listed(blob: Blob) -> str:
    properties = element(
        "Properties",
        element("Last-Modified", text=http_date(blob.modified)),
        element("Etag", text=blob.etag.strip('"')),
        element("Content-Length", text=len(blob.content)),
        element("Content-Type", text=blob.type),
        element("BlobType", text="BlockBlob"),
        element("LeaseState", text="leased" if blob.leased else "available"),
    )
    return element("Blob", element("Name", text=blob.name), properties)


def put_blob(blobs: Blobs, call: Call) -> Response:
    kind = call.headers.get("x-ms-blob-type", "")
    if kind != "BlockBlob":
        raise errors.invalid_header("x-ms-blob-type", kind)
    content = Content(
        call.body,
        call.headers.get("x-ms-blob-content-type") or "application/octet-stream",
        call.metadata(),
    )
    blob = blobs.put(*_names(call), content, _conditions(call))
    return empty(201, {**_shown(blob.etag, blob.modified), "x-ms-request-server-encrypted": "true"})


def get_blob(blobs: Blobs, call: Call) -> Response:
    blob = blobs.get(*_names(call))
    _conditions(call).check(blob)
    headers = _properties(blob)
    wanted = call.headers.get("x-ms-range") or call.headers.get("range", "")
    if not wanted:
        return Response(blob.content, 200, headers)
    first, last = _range(wanted, len(blob.content))
    headers["Content-Range"] = f"bytes {first}-{last}/{len(blob.content)}"
    return Response(blob.content[first : last + 1], 206, headers)


def head_blob(blobs: Blobs, call: Call) -> Response:
    blob = blobs.get(*_names(call))
    _conditions(call).check(blob)
    return empty(200, {**_properties(blob), "Content-Length": str(len(blob.content))})


def _range(text: str, size: int) -> tuple[int, int]:
    hit = re.fullmatch(r"bytes=(\d+)-(\d*)", text)
    if hit is None or int(hit[1]) >= size:
        raise errors.invalid_range()
    return int(hit[1]), min(int(hit[2]), size - 1) if hit[2] else size - 1


def _properties(blob: Blob) -> dict[str, str]:
    return {
        **_shown(blob.etag, blob.modified),
        **{META + key: value for key, value in blob.metadata.items()},
        "Content-Type": blob.type,
        "x-ms-blob-type": "BlockBlob",
        "x-ms-lease-state": "leased" if blob.leased else "available",
        "x-ms-lease-status": "locked" if blob.leased else "unlocked",
    }


def delete_blob(blobs: Blobs, call: Call) -> Response:
    blobs.delete(*_names(call), _conditions(call))
    return empty(202)


def lease_blob(blobs: Blobs, call: Call) -> Response:
    action = call.headers.get("x-ms-lease-action", "").lower()
    handler = LEASES.get(action)
    if handler is None:
        raise errors.invalid_header("x-ms-lease-action", action)
    answer = handler(blobs, call)
    blob = blobs.get(*_names(call))
    answer.headers.update(_shown(blob.etag, blob.modified))
    return answer


def _acquire(blobs: Blobs, call: Call) -> Response:
    text = call.headers.get("x-ms-lease-duration", "")
    if not re.fullmatch(r"-?\d+", text):
        raise errors.invalid_header("x-ms-lease-duration", text)
    proposed = call.headers.get("x-ms-proposed-lease-id", "")
    lease = blobs.acquire(*_names(call), float(text), proposed)
    return empty(201, {"x-ms-lease-id": lease})


def _lease_id(call: Call) -> str:
    if not (lease := call.headers.get("x-ms-lease-id", "")):
        raise errors.missing_header("x-ms-lease-id")
    return lease


def _renew(blobs: Blobs, call: Call) -> Response:
    blobs.renew(*_names(call), _lease_id(call))
    return empty(200, {"x-ms-lease-id": _lease_id(call)})


def _release(blobs: Blobs, call: Call) -> Response:
    blobs.release(*_names(call), _lease_id(call))
    return empty(200)


def _break(blobs: Blobs, call: Call) -> Response:
    return empty(202, {"x-ms-lease-time": str(blobs.break_(*_names(call)))})


LEASES: dict[str, Handler] = {
    "acquire": _acquire,
    "renew": _renew,
    "release": _release,
    "break": _break,
}

CONTAINER: dict[tuple[str, str], Handler] = {
    ("PUT", ""): create_container,
    ("GET", ""): get_container,
    ("HEAD", ""): get_container,
    ("DELETE", ""): delete_container,
    ("GET", "list"): list_blobs,
}

BLOB: dict[tuple[str, str], Handler] = {
    ("PUT", ""): put_blob,
    ("GET", ""): get_blob,
    ("HEAD", ""): head_blob,
    ("DELETE", ""): delete_blob,
    ("PUT", "lease"): lease_blob,
}
"""(method, `comp`) → what serves it; anything else is a loud 501."""


def answer(blobs: Blobs, call: Call) -> Response:
    """Serve one call of the Blob wire; raises Refusal."""
    container = len(call.parts) == 1 and call.query.get("restype") == "container"
    table = CONTAINER if container else BLOB if len(call.parts) > 1 else {}
    handler = table.get((call.method, call.query.get("comp", "")))
    if handler is None:
        raise errors.not_served(call.method, "/".join(call.parts) or "the blob service")
    return handler(blobs, call)
