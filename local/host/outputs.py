"""What a function returns for its queue outputs, turned into messages as the real host does.

A text that is a JSON array becomes one message per element; a text that looks like JSON and is
not fails the invocation; anything else is one message.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from local.host.errors import InvocationFailed
from local.host.storage.errors import Refusal

if TYPE_CHECKING:
    from local.host.bindings import Function
    from local.host.storage.queues import Queues
    from local.host.worker import Result


def write(queues: Queues, function: Function, result: Result, *, base64_text: bool) -> None:
    """Put every message of a finished invocation, one at a time; raises InvocationFailed."""
    for output in function.outputs:
        data = result.returned if output.param == "$return" else result.outputs.get(output.param)
        for body in messages(data):
            try:
                queues.ensure(output.queue)
                queues.put(output.queue, encode(body) if base64_text else body.decode())
            except (Refusal, UnicodeDecodeError) as wrong:
                raise InvocationFailed(f"{function.name} to {output.queue}: {wrong}") from wrong


def messages(data: Any) -> list[bytes]:
    """Split an output's TypedData into message bodies."""
    kind = None if data is None else data.WhichOneof("data")
    if kind is None:
        return []
    if kind == "bytes":
        return [bytes(data.bytes)]
    if kind in {"string", "json"}:
        return [text.encode() for text in _split(str(getattr(data, kind)))]
    raise InvocationFailed(f"a queue output cannot take {kind} data")


def _split(text: str) -> list[str]:
    if not _looks_like_json(text.strip()):
        return [text]
    try:
        found = json.loads(text)
    except ValueError as wrong:
        raise InvocationFailed(f"a queue output begins like JSON and is not: {wrong}") from wrong
    if not isinstance(found, list):
        return [text]
    return [one if isinstance(one, str) else json.dumps(one) for one in found]


def _looks_like_json(text: str) -> bool:
    return text.startswith("{") or (text.startswith("[") and text.endswith("]"))


def encode(body: bytes) -> str:
    """Bytes as base64 text, host.json's messageEncoding by default."""
    return base64.b64encode(body).decode()


def decode(text: str) -> bytes:
    """Return the bytes of a base64 text; raises ValueError on anything else."""
    return base64.b64decode(text, validate=True)
