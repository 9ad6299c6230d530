"""What the tenant answered, kept on request: somebody holds it against Microsoft's own schema.

Off unless LOCAL_TENANT_WITNESS names a folder (whoever embeds or spawns a tenant sets it). Each
process then appends one JSON line for each answer to a file of its own, before the answer leaves:
a client that has its answer finds the line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from local.tenant.call import Answer, Call

FOLDER = "LOCAL_TENANT_WITNESS"


class Seen(msgspec.Struct, frozen=True):
    """One answer: `operation` names the route; `path` is percent-decoded, from after /v1.0 or host.

    `body` is the JSON that was sent, None when there was none or it was not JSON.
    """

    surface: str
    operation: str
    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: msgspec.Raw | None = None


def note(surface: str, operation: str, call: Call, answer: Answer) -> None:
    """Append one answer to the witness's file, when there is a witness."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    seen = Seen(
        surface, operation, call.method, call.path, answer.status, answer.headers, _json(answer)
    )
    line = msgspec.json.encode(seen) + b"\n"
    with (Path(folder) / f"{os.getpid()}.jsonl").open("ab") as file:
        file.write(line)


def _json(answer: Answer) -> msgspec.Raw | None:
    body = answer.body
    if isinstance(body, bytes):
        kind = next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")
        return msgspec.Raw(body) if body and "json" in kind else None
    return None if body is None else msgspec.Raw(msgspec.json.encode(body))
