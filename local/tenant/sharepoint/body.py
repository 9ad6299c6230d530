"""Bodies of `_api` calls: `{"parameters": {…}}`, `{"request": {…}}` or bare, names in any case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request

if TYPE_CHECKING:
    from local.tenant.call import Call

WRAPPERS = {"parameters", "request", "query"}


def read_body(call: Call) -> dict[str, Any]:
    """Return the JSON body's members by lower-case name, bare of OData's own; {} for bytes.

    A file is uploaded with a JSON content type all the same (wire.md 9.2), so what is not a JSON
    object is left to the operation that knows it wants bytes.
    """
    body = _object(call.body)
    inner = [name for name in body if name.lower() in WRAPPERS and isinstance(body[name], dict)]
    if len(inner) == 1 and set(body) <= {inner[0], "__metadata"}:
        body = body[inner[0]]
    return {name.lower(): value for name, value in clean(body).items()}


def members(call: Call) -> dict[str, Any]:
    """Return an entity's members as they are spelled; 400 when the body is no JSON object."""
    if call.body.strip() and not _object(call.body):
        try:
            json.loads(call.body)
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}") from error
    found: dict[str, Any] = clean(_object(call.body))
    return found


def clean(value: Any) -> Any:
    """Drop `__metadata` and `odata.*` and unwrap `{"results": […]}` at every depth."""
    if isinstance(value, dict):
        if isinstance(value.get("results"), list) and set(value) <= {"results", "__metadata"}:
            return [clean(each) for each in value["results"]]
        kept = {k: v for k, v in value.items() if k != "__metadata" and not k.startswith("odata.")}
        return {name: clean(each) for name, each in kept.items()}
    return [clean(each) for each in value] if isinstance(value, list) else value


def _object(raw: bytes) -> dict[str, Any]:
    if not raw.lstrip().startswith(b"{"):
        return {}
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
