"""One call of the storage wire, taken apart once; and the pieces an answer is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from starlette.responses import Response

from local.host.storage import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

META = "x-ms-meta-"


@dataclass(frozen=True, slots=True)
class Call:
    """A signed request: `parts` is the path after the account, without empty segments."""

    method: str
    parts: Sequence[str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def need(self, name: str) -> str:
        """Return a query parameter that has to be there."""
        if not (value := self.query.get(name, "")):
            raise errors.missing_parameter(name)
        return value

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        try:
            return int(text) if text else default
        except ValueError as wrong:
            raise errors.invalid_parameter(name, text) from wrong

    def metadata(self) -> dict[str, str]:
        return {
            name.removeprefix(META): value
            for name, value in self.headers.items()
            if name.startswith(META)
        }

    def message_text(self) -> str:
        """Return the text of `<QueueMessage><MessageText>…`."""
        try:
            text = ElementTree.fromstring(self.body).findtext("MessageText")
        except (ElementTree.ParseError, ValueError) as wrong:
            raise errors.invalid_xml() from wrong
        if text is None:
            raise errors.invalid_xml()
        return str(text)


def http_date(moment: float) -> str:
    """Seconds since 1970 as the wire writes them: `Tue, 24 Nov 2026 09:30:00 GMT`."""
    return formatdate(moment, usegmt=True)


def xml(body: str, status: int = 200) -> Response:
    return Response(
        f'<?xml version="1.0" encoding="utf-8"?>{body}', status, None, "application/xml"
    )


def element(name: str, *inner: str, text: object = "") -> str:
    """Return one XML element; `inner` is XML already, `text` is escaped."""
    return f"<{name}>{escape(str(text))}{''.join(inner)}</{name}>"


def empty(status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status_code=status, headers=dict(headers or {}))


def refused(refusal: errors.Refusal) -> Response:
    """Return the refusal as the wire writes it: XML, and the code in a header too."""
    answer = xml(
        element("Error", element("Code", text=refusal.code), element("Message", text=refusal.says)),
        refusal.status,
    )
    answer.headers["x-ms-error-code"] = refusal.code
    return answer
