"""The Queue service's REST calls over `Queues` (Queue service REST reference, 2024 and later)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.host.storage import errors
from local.host.storage.call import META, Call, element, empty, http_date, xml
from local.host.storage.queues import WEEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.responses import Response

    from local.host.storage.queues import Message, Queues

    type Handler = Callable[[Queues, Call], Response]

PAGE = 5000


def list_queues(queues: Queues, call: Call) -> Response:
    most, marker = call.number("maxresults", PAGE), call.query.get("marker", "")
    if not 1 <= most <= PAGE:
        raise errors.out_of_range("maxresults", most)
    found = [pair for pair in queues.names(call.query.get("prefix", "")) if pair[0] >= marker]
    with_metadata = "metadata" in call.query.get("include", "")
    listed = [_queue(name, metadata if with_metadata else {}) for name, metadata in found[:most]]
    following = found[most][0] if len(found) > most else ""
    return xml(
        element(
            "EnumerationResults",
            element("Queues", *listed),
            element("NextMarker", text=following),
        )
    )


def _queue(name: str, metadata: dict[str, str]) -> str:
    pairs = [element(key, text=value) for key, value in metadata.items()]
    return element("Queue", element("Name", text=name), element("Metadata", *pairs))


def create(queues: Queues, call: Call) -> Response:
    return empty(201 if queues.create(call.parts[0], call.metadata()) else 204)


def delete(queues: Queues, call: Call) -> Response:
    queues.delete(call.parts[0])
    return empty(204)


def get_metadata(queues: Queues, call: Call) -> Response:
    name = call.parts[0]
    headers = {META + key: value for key, value in queues.metadata(name).items()}
    return empty(200, {**headers, "x-ms-approximate-messages-count": str(queues.count(name))})


def set_metadata(queues: Queues, call: Call) -> Response:
    queues.set_metadata(call.parts[0], call.metadata())
    return empty(204)


def put_message(queues: Queues, call: Call) -> Response:
    message = queues.put(
        call.parts[0],
        call.message_text(),
        delay=call.number("visibilitytimeout", 0),
        ttl=call.number("messagettl", WEEK),
    )
    return xml(element("QueueMessagesList", _told(message, ("id", "times", "receipt"))), 201)


def get_messages(queues: Queues, call: Call) -> Response:
    most = call.number("numofmessages", 1)
    if call.query.get("peekonly", "").lower() == "true":
        return _listed(queues.peek(call.parts[0], most=most), ("id", "times", "count", "text"))
    hide = call.number("visibilitytimeout", 30)
    taken = queues.get(call.parts[0], most=most, hide=hide)
    return _listed(taken, ("id", "times", "receipt", "count", "text"))


def clear_messages(queues: Queues, call: Call) -> Response:
    queues.clear(call.parts[0])
    return empty(204)


def update_message(queues: Queues, call: Call) -> Response:
    call.need("visibilitytimeout")
    message = queues.update(
        call.parts[0],
        call.parts[2],
        call.need("popreceipt"),
        hide=call.number("visibilitytimeout", 0),
        text=call.message_text() if call.body else None,
    )
    shown = {
        "x-ms-popreceipt": message.receipt,
        "x-ms-time-next-visible": http_date(message.visible),
    }
    return empty(204, shown)


def delete_message(queues: Queues, call: Call) -> Response:
    queues.remove(call.parts[0], call.parts[2], call.need("popreceipt"))
    return empty(204)


def _listed(messages: Iterable[Message], parts: Iterable[str]) -> Response:
    return xml(element("QueueMessagesList", *(_told(message, parts) for message in messages)))


def _told(message: Message, parts: Iterable[str]) -> str:
    """One message with the members this call shows, in the order of the reference."""
    shown = {
        "id": element("MessageId", text=message.id),
        "times": element("InsertionTime", text=http_date(message.inserted))
        + element("ExpirationTime", text=http_date(message.expires)),
        "receipt": element("PopReceipt", text=message.receipt)
        + element("TimeNextVisible", text=http_date(message.visible)),
        "count": element("DequeueCount", text=message.dequeued),
        "text": element("MessageText", text=message.text),
    }
    return element("QueueMessage", *(shown[part] for part in parts))


ROUTES: dict[tuple[str, int, str], Handler] = {
    ("GET", 0, "list"): list_queues,
    ("PUT", 1, ""): create,
    ("DELETE", 1, ""): delete,
    ("GET", 1, "metadata"): get_metadata,
    ("HEAD", 1, "metadata"): get_metadata,
    ("PUT", 1, "metadata"): set_metadata,
    ("POST", 2, ""): put_message,
    ("GET", 2, ""): get_messages,
    ("DELETE", 2, ""): clear_messages,
    ("PUT", 3, ""): update_message,
    ("DELETE", 3, ""): delete_message,
}
"""(method, how many path segments, `comp`) → what serves it; anything else is a loud 501."""


def answer(queues: Queues, call: Call) -> Response:
    """Serve one call of the Queue wire; raises Refusal."""
    handler = ROUTES.get((call.method, len(call.parts), call.query.get("comp", "")))
    if handler is None or (len(call.parts) > 1 and call.parts[1] != "messages"):
        raise errors.not_served(call.method, "/".join(call.parts) or "the queue service")
    return handler(queues, call)
