"""`$batch`: multipart/mixed with change sets; every part is a call of its own (wire.md 4).

Change sets are not atomic in SharePoint, so a refused part leaves the others done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from local.tenant.call import Answer
from local.tenant.errors import bad_request
from local.tenant.sharepoint import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.tenant.call import Call

    type Replay = Callable[[Call], Answer]

MOST_PARTS = 100
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One request inside a batch, with the boundary of the change set it stood in."""

    call: Call
    change_set: str = ""


def answer_batch(call: Call, replay: Replay) -> Answer:
    """Replay the parts in order and return their answers in the same shape, in one 200."""
    digest.check(call)
    parts = read_parts(call)
    boundary = f"batchresponse_{secrets.token_hex(8)}"
    lines = b"".join(_framed(boundary, replay(part.call)) for part in parts)
    body = lines + f"--{boundary}--\r\n".encode()
    return Answer(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})


def read_parts(call: Call) -> list[Part]:
    """Return the calls inside a batch; 400 when it is too large or not a batch."""
    if len(call.body) > MOST_BYTES:
        raise bad_request("The batch is larger than 1 MB")
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/mixed"):
        raise bad_request("A batch is multipart/mixed")
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + call.body)
    parts = list(_leaves(call, message, ""))
    if len(parts) > MOST_PARTS:
        raise bad_request(f"A batch holds at most {MOST_PARTS} operations")
    return parts


def _leaves(call: Call, message: Message, change_set: str) -> Iterator[Part]:
    payload = message.get_payload()
    if not isinstance(payload, list):
        raise bad_request("The batch has no parts")
    for part in payload:
        if not isinstance(part, Message):
            raise bad_request("The batch holds something that is not a part")
        if part.is_multipart():
            yield from _leaves(call, part, str(part.get_boundary()))
        else:
            yield Part(_call(call, part), change_set)


def _call(outer: Call, part: Message) -> Call:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        raise bad_request("A part of the batch has no request")
    text = raw.replace(b"\r\n", b"\n")
    head, _, body = text.partition(b"\n\n")
    first, *rest = head.decode().strip().split("\n")
    method, _, target = first.partition(" ")
    address = urlsplit(target.rsplit(" ", 1)[0])
    headers = dict(outer.headers) | dict(_header(line) for line in rest if ":" in line)
    site, path = split_path(unquote(address.path))
    return replace(
        outer,
        method=method.upper(),
        path=path,
        site_path=site,
        raw_path=address.path,
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers=headers,
        body=body.strip(b"\n"),
        args={},
        cost=0,
    )


def split_path(path: str) -> tuple[str, str]:
    """Cut "/sites/core/_api/Web" into the site ("/sites/core") and the rest ("/_api/Web")."""
    at = path.lower().find("/_api")
    if at < 0:
        raise bad_request(f"{path!r} does not lead to /_api")
    return path[:at], path[at:]


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _framed(boundary: str, answer: Answer) -> bytes:
    reason = HTTPStatus(answer.status).phrase
    head = f"--{boundary}\r\nContent-Type: application/http\r\n"
    head += "Content-Transfer-Encoding: binary\r\n\r\n"
    status = f"HTTP/1.1 {answer.status} {reason}\r\n"
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    body = answer.body if isinstance(answer.body, bytes) else b""
    return (head + status + headers + "\r\n").encode() + body + b"\r\n"
